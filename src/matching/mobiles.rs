//! Asking DingTalk whose mobile number it is: only when a caller asks for just that, seldom, and once for the same
//! number.
//!
//! Whoever may try numbers as fast as they like learns who has which, and eats up the calls that a sync needs.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, PoisonError},
};

use chrono::{DateTime, TimeDelta, Utc};

use crate::{
    catalogue::Statement,
    clock::Clock,
    dingtalk::{self, Client, Connection},
    directory::UserId,
    settings::SettingsHandle,
};

/// An answer is good for this long: a page that is shown twice asks once, and a number that changes hands is soon seen.
const KEEP: TimeDelta = TimeDelta::seconds(60);
/// Answers kept at most.
const MOST_ANSWERS: usize = 1_000;
/// Questions of one caller within [`WINDOW`], of this process.
const MOST_QUESTIONS: usize = 30;
const WINDOW: TimeDelta = TimeDelta::seconds(60);
/// Callers counted at most; beyond that the one who asked longest ago is counted anew.
const MOST_CALLERS: usize = 1_000;

/// Looks mobile numbers up. Cheap to clone.
#[derive(Clone)]
pub struct Mobiles {
    client: Client,
    settings: SettingsHandle,
    clock: Clock,
    lookups: Arc<Mutex<MobileLookups>>,
}

#[derive(Default)]
struct MobileLookups {
    /// By number and settings' version: other settings may ask another company.
    answers: HashMap<(String, i64), (DateTime<Utc>, Option<UserId>)>,
    asked: HashMap<String, VecDeque<DateTime<Utc>>>,
    /// Who asks for the same number at the same time waits for whoever was first, and finds their answer.
    under_way: HashMap<(String, i64), Arc<tokio::sync::Mutex<()>>>,
}

/// Whose number it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MobileAnswer {
    /// DingTalk's answer: the `userid`, or nobody.
    pub userid: Option<UserId>,
    /// When DingTalk was asked.
    pub asked_at: DateTime<Utc>,
}

/// Why there is no answer.
#[derive(Debug)]
pub enum MobileError {
    /// The settings lack these fields.
    NotConfigured(Statement),
    /// The caller has asked too often; again in this many seconds.
    TooOften(i64),
    /// DingTalk.
    DingTalk(dingtalk::Error),
}

impl Mobiles {
    /// A look-up over these parts.
    pub fn new(client: Client, settings: SettingsHandle, clock: Clock) -> Self {
        Self {
            client,
            settings,
            clock,
            lookups: Arc::default(),
        }
    }

    /// Whose number `mobile` is, as `getbymobile` takes it. `caller` is who asks.
    pub async fn ask(&self, mobile: &str, caller: &str) -> Result<MobileAnswer, MobileError> {
        let settings = self.settings.current();
        let connection = Connection::from_settings(&settings)
            .map_err(|missing| MobileError::NotConfigured(settings.incomplete(&missing)))?;

        let key = (mobile.to_owned(), settings.version);
        let turn = self.lock().turn(&key);
        let _turn = turn.lock().await;
        let now = self.clock.now();
        if let Some(answer) = self.lock().admit(&key, caller, now).map_err(MobileError::TooOften)? {
            return Ok(answer);
        }

        let asked = self.client.with(Arc::new(connection)).user_get_by_mobile(mobile).await;
        let userid = asked.map_err(MobileError::DingTalk)?;
        self.lock().keep(key, now, userid.clone());
        Ok(MobileAnswer { userid, asked_at: now })
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, MobileLookups> {
        self.lookups.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl MobileLookups {
    /// Whoever holds it asks for this number.
    fn turn(&mut self, key: &(String, i64)) -> Arc<tokio::sync::Mutex<()>> {
        self.under_way.retain(|_, turn| Arc::strong_count(turn) > 1);
        self.under_way.entry(key.clone()).or_default().clone()
    }

    /// The answer that is still good; else the caller's question is counted, or refused with the seconds to wait.
    fn admit(&mut self, key: &(String, i64), caller: &str, now: DateTime<Utc>) -> Result<Option<MobileAnswer>, i64> {
        if let Some((at, userid)) = self.answers.get(key).filter(|(at, _)| now - *at < KEEP) {
            return Ok(Some(MobileAnswer {
                userid: userid.clone(),
                asked_at: *at,
            }));
        }

        if self.asked.len() >= MOST_CALLERS && !self.asked.contains_key(caller) {
            let idle = self.asked.iter().min_by_key(|(_, times)| times.back().copied());
            if let Some(idle) = idle.map(|(caller, _)| caller.clone()) {
                self.asked.remove(&idle);
            }
        }

        let times = self.asked.entry(caller.to_owned()).or_default();
        while times.front().is_some_and(|at| now - *at >= WINDOW) {
            times.pop_front();
        }
        if times.len() >= MOST_QUESTIONS {
            let free = times.front().map_or(now, |at| *at + WINDOW);
            return Err((free - now).num_seconds().max(1));
        }
        times.push_back(now);
        Ok(None)
    }

    fn keep(&mut self, key: (String, i64), now: DateTime<Utc>, userid: Option<UserId>) {
        if self.answers.len() >= MOST_ANSWERS {
            self.answers.retain(|_, (at, _)| now - *at < KEEP);
        }
        if self.answers.len() < MOST_ANSWERS {
            self.answers.insert(key, (now, userid));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_700_000_000 + seconds, 0).unwrap()
    }

    fn number(n: usize) -> (String, i64) {
        (n.to_string(), 1)
    }

    #[test]
    fn a_caller_may_ask_so_often_a_minute_and_others_are_not_held_up_by_him() {
        let mut lookups = MobileLookups::default();
        for n in 0..MOST_QUESTIONS {
            assert_eq!(lookups.admit(&number(n), "alice", at(0)), Ok(None));
        }
        assert_eq!(lookups.admit(&number(99), "alice", at(20)), Err(40));
        assert_eq!(lookups.admit(&number(99), "bob", at(20)), Ok(None));
        assert_eq!(lookups.admit(&number(99), "alice", at(60)), Ok(None));
    }

    #[test]
    fn an_answer_is_kept_for_a_minute_and_costs_no_question() {
        let mut lookups = MobileLookups::default();
        lookups.keep(number(1), at(0), Some("u1".into()));
        for _ in 0..2 * MOST_QUESTIONS {
            let answer = lookups.admit(&number(1), "alice", at(59)).unwrap().unwrap();
            assert_eq!((answer.userid, answer.asked_at), (Some("u1".into()), at(0)));
        }

        assert_eq!(lookups.admit(&number(1), "alice", at(60)), Ok(None));
        assert_eq!(
            lookups.admit(&("1".into(), 2), "alice", at(1)),
            Ok(None),
            "other settings"
        );
    }

    #[test]
    fn nothing_here_grows_without_end() {
        let mut lookups = MobileLookups::default();
        for n in 0..2 * MOST_ANSWERS {
            lookups.keep(number(n), at(0), None);
            let _ = lookups.admit(&number(n + 1), &n.to_string(), at(0));
        }
        assert!(lookups.answers.len() <= MOST_ANSWERS && lookups.asked.len() <= MOST_CALLERS);

        for n in 0..2 * MOST_ANSWERS {
            drop(lookups.turn(&number(n)));
        }
        assert_eq!(lookups.under_way.len(), 1);
    }
}
