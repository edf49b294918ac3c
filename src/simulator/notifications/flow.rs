//! Flow control: what is dropped in silence after the call was answered with "ok".

use std::collections::{HashMap, HashSet, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use super::ReceiverOutcome;
use crate::simulator::limits::beijing;

/// Notifications of one app to one person in a calendar day.
const PER_PERSON_AND_DAY: u32 = 500;
/// Messages to everybody in a calendar day.
const TO_ALL_PER_DAY: u32 = 3;

#[derive(Debug, Default)]
struct PersonDay {
    count: u32,
    contents: HashSet<u64>,
}

/// Counts of today (in Beijing) and of the last minute.
#[derive(Debug)]
pub(crate) struct Flow {
    /// Receivers of the app in a minute.
    per_minute: u32,
    today: Option<NaiveDate>,
    people: HashMap<String, PersonDay>,
    to_all: u32,
    minute: VecDeque<DateTime<Utc>>,
}

impl Flow {
    /// Nothing sent yet.
    pub(crate) fn new(per_minute: u32) -> Self {
        Self {
            per_minute,
            today: None,
            people: HashMap::new(),
            to_all: 0,
            minute: VecDeque::new(),
        }
    }

    fn turn_the_page(&mut self, now: DateTime<Utc>) {
        let today = beijing(now).date_naive();
        if self.today != Some(today) {
            self.today = Some(today);
            self.people.clear();
            self.to_all = 0;
        }
        while self.minute.front().is_some_and(|at| now - *at >= TimeDelta::minutes(1)) {
            self.minute.pop_front();
        }
    }

    /// Counts a message to everybody, unless today's are used up.
    pub(crate) fn may_send_to_all(&mut self, now: DateTime<Utc>) -> bool {
        self.turn_the_page(now);
        self.to_all += 1;
        self.to_all <= TO_ALL_PER_DAY
    }

    /// What becomes of this content for this person.
    pub(crate) fn admit(&mut self, now: DateTime<Utc>, userid: &str, content: &str) -> ReceiverOutcome {
        self.turn_the_page(now);
        let forbidden = |code, count| ReceiverOutcome::Forbidden { code, count };
        let mut hasher = DefaultHasher::new();
        content.hash(&mut hasher);
        let content = hasher.finish();

        let day = self.people.entry(userid.to_owned()).or_default();
        if day.contents.contains(&content) {
            return forbidden(143_106, 1);
        }
        if day.count >= PER_PERSON_AND_DAY {
            return forbidden(143_105, PER_PERSON_AND_DAY);
        }
        if self.minute.len() >= self.per_minute as usize {
            return forbidden(143_103, self.per_minute);
        }

        day.contents.insert(content);
        day.count += 1;
        self.minute.push_back(now);
        ReceiverOutcome::Delivered
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        DateTime::parse_from_rfc3339(text).unwrap().to_utc()
    }

    #[test]
    fn the_same_content_reaches_a_person_once_a_beijing_day() {
        let mut flow = Flow::new(5_000);
        let evening = at("2026-11-23T23:59:59+08:00");
        assert_eq!(flow.admit(evening, "a", "hi"), ReceiverOutcome::Delivered);
        assert_eq!(
            flow.admit(evening, "a", "hi"),
            ReceiverOutcome::Forbidden {
                code: 143_106,
                count: 1
            }
        );

        assert_eq!(flow.admit(evening, "b", "hi"), ReceiverOutcome::Delivered);
        assert_eq!(
            flow.admit(at("2026-11-24T00:00:00+08:00"), "a", "hi"),
            ReceiverOutcome::Delivered
        );
    }

    #[test]
    fn a_person_gets_five_hundred_a_day_and_the_app_reaches_five_thousand_a_minute() {
        let mut flow = Flow::new(5_000);
        let morning = at("2026-11-23T09:00:00+08:00");

        for number in 0..500 {
            assert_eq!(
                flow.admit(morning, "a", &number.to_string()),
                ReceiverOutcome::Delivered
            );
        }
        assert_eq!(
            flow.admit(morning, "a", "one more"),
            ReceiverOutcome::Forbidden {
                code: 143_105,
                count: 500
            }
        );

        for number in 500..5_000 {
            assert_eq!(
                flow.admit(morning, &number.to_string(), "x"),
                ReceiverOutcome::Delivered
            );
        }
        assert_eq!(
            flow.admit(morning, "b", "x"),
            ReceiverOutcome::Forbidden {
                code: 143_103,
                count: 5_000
            }
        );

        assert_eq!(
            flow.admit(morning + TimeDelta::minutes(1), "b", "x"),
            ReceiverOutcome::Delivered
        );
    }
}
