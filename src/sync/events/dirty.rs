//! Whose records are to be read again, and which events are over when they were. In memory: the events themselves are durable.

use std::collections::{BTreeSet, HashMap};

use tokio::time::{Duration, Instant};

use crate::{dingtalk::Error, sync::crawl::Failure, sync::refresh::Subject};

/// A record is read when nothing more was heard of it for so long (a hire is followed by a modification at once) …
const QUIET: Duration = Duration::from_millis(150);
/// … or so long after the first word, however much is heard of it.
const PATIENCE: Duration = Duration::from_secs(3);
/// In a storm both are as much longer as it takes to read what waits, up to this: what can't be read soon anyway may as well
/// wait until nothing more is heard of it, instead of being read time and again.
const LONGEST: Duration = Duration::from_secs(60);
/// Where a record is out of luck it is tried so often; then it is the reconciliation's.
const TRIES: u32 = 10;
const BETWEEN_TRIES: Duration = Duration::from_secs(20);
/// So many events are named as a change's cause.
const NAMED: usize = 10;

#[derive(Debug)]
struct Entry {
    first: Instant,
    last: Instant,
    not_before: Option<Instant>,
    tries: u32,
    events: BTreeSet<i64>,
}

impl Entry {
    fn due(&self, storm: Duration) -> Instant {
        let quiet = (self.last + QUIET + storm).min(self.first + PATIENCE + storm * 2);
        self.not_before.map_or(quiet, |at| at.max(quiet))
    }
}

/// A record that is being read.
#[derive(Debug)]
pub(super) struct Taken {
    pub(super) subject: Subject,
    tries: u32,
    events: BTreeSet<i64>,
}

#[derive(Debug)]
pub(super) struct Dirty {
    /// Records that can be read in a second.
    per_second: usize,
    subjects: HashMap<Subject, Entry>,
    /// Events that aren't over: how many of their records are still to be read, and their key.
    open: HashMap<i64, (usize, String)>,
    newest: i64,
}

impl Dirty {
    /// Nothing waits. `per_second`: records that can be read.
    pub(super) fn new(per_second: usize) -> Self {
        Self {
            per_second: per_second.max(1),
            subjects: HashMap::new(),
            open: HashMap::new(),
            newest: 0,
        }
    }

    /// How long it takes to read what waits, beyond a second's worth.
    fn storm(&self) -> Duration {
        let beyond = self.subjects.len().saturating_sub(self.per_second);
        let seconds = beyond as f64 / self.per_second as f64;
        Duration::from_secs_f64(seconds.min(LONGEST.as_secs_f64()))
    }

    /// Records that wait.
    pub(super) fn len(&self) -> usize {
        self.subjects.len()
    }

    /// Events that were taken in and aren't over.
    pub(super) fn open(&self) -> usize {
        self.open.len()
    }

    /// Whether this event was taken in and isn't over.
    pub(super) fn knows(&self, seq: i64) -> bool {
        self.open.contains_key(&seq)
    }

    /// The newest event that was taken in.
    pub(super) fn newest(&self) -> i64 {
        self.newest
    }

    /// Takes an event in; gives its number back where there is nothing to do for it.
    pub(super) fn add(&mut self, seq: i64, key: String, subjects: Vec<Subject>, now: Instant) -> Option<i64> {
        self.newest = self.newest.max(seq);
        let subjects: BTreeSet<Subject> = subjects.into_iter().collect();
        if subjects.is_empty() {
            return Some(seq);
        }
        self.open.insert(seq, (subjects.len(), key));
        for subject in subjects {
            let entry = self.subjects.entry(subject).or_insert_with(|| Entry {
                first: now,
                last: now,
                not_before: None,
                tries: 0,
                events: BTreeSet::new(),
            });
            entry.last = now;
            entry.events.insert(seq);
        }
        None
    }

    /// When the next record is due.
    pub(super) fn due(&self) -> Option<Instant> {
        let storm = self.storm();
        self.subjects.values().map(|entry| entry.due(storm)).min()
    }

    /// Takes out what is due, what was quiet for longest first: in a storm the others are named again before long.
    pub(super) fn take(&mut self, now: Instant, most: usize) -> Vec<Taken> {
        let storm = self.storm();
        let due = self.subjects.iter().filter(|(_, entry)| entry.due(storm) <= now);
        let mut due: Vec<(Instant, Subject)> = due.map(|(subject, entry)| (entry.last, subject.clone())).collect();
        due.sort_unstable();
        let taken = due.into_iter().take(most).filter_map(|(_, subject)| {
            let entry = self.subjects.remove(&subject)?;
            Some(Taken {
                subject,
                tries: entry.tries,
                events: entry.events,
            })
        });
        taken.collect()
    }

    /// What a change by this batch is put down to.
    pub(super) fn keys_of(&self, batch: &[Taken]) -> String {
        let events: BTreeSet<i64> = batch.iter().flat_map(|taken| taken.events.iter().copied()).collect();
        let keys = events
            .iter()
            .filter_map(|seq| self.open.get(seq))
            .map(|(_, key)| key.as_str());
        keys.take(NAMED).collect::<Vec<_>>().join(",")
    }

    /// A batch was read: the events that are over with it. What was out of luck waits for another try.
    pub(super) fn settle(&mut self, batch: Vec<Taken>, untold: &[(Subject, Error)], now: Instant) -> Vec<i64> {
        let mut over = Vec::new();
        for taken in batch {
            let error = untold.iter().find(|(subject, _)| *subject == taken.subject);
            let is_unlucky = error.is_some_and(|(_, error)| Failure::of(error) == Failure::Luck);
            if is_unlucky && taken.tries + 1 < TRIES {
                let tries = taken.tries + 1;
                self.put_back(Taken { tries, ..taken }, now + BETWEEN_TRIES);
                continue;
            }
            for seq in taken.events {
                if let Some((left, _)) = self.open.get_mut(&seq) {
                    *left -= 1;
                    if *left == 0 {
                        self.open.remove(&seq);
                        over.push(seq);
                    }
                }
            }
        }
        over
    }

    pub(super) fn put_all_back(&mut self, batch: Vec<Taken>, until: Instant) {
        for taken in batch {
            self.put_back(taken, until);
        }
    }

    /// Nothing is lost by that: an event that came meanwhile is joined.
    fn put_back(&mut self, taken: Taken, until: Instant) {
        let entry = self.subjects.entry(taken.subject).or_insert_with(|| Entry {
            first: until,
            last: until,
            not_before: None,
            tries: taken.tries,
            events: BTreeSet::new(),
        });
        entry.not_before = Some(until);
        entry.tries = entry.tries.max(taken.tries);
        entry.events.extend(taken.events);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{dingtalk::ErrorKind, settings::Api};

    fn user(id: &str) -> Subject {
        Subject::User(id.into())
    }

    fn error(kind: ErrorKind) -> Error {
        Error {
            api: Api::UserGet,
            kind,
            code: None,
            message: String::new(),
            retry_after: None,
        }
    }

    #[tokio::test(start_paused = true)]
    async fn ten_events_for_one_person_are_one_reading_and_are_over_together() {
        let mut dirty = Dirty::new(20);
        let start = Instant::now();
        for seq in 1..=10 {
            assert_eq!(dirty.add(seq, format!("e{seq}"), vec![user("a")], start), None);
        }
        assert_eq!(
            dirty.add(11, "e11".into(), Vec::new(), start),
            Some(11),
            "nothing to do for it"
        );
        assert!(dirty.take(start, 20).is_empty(), "more may follow at once");
        let batch = dirty.take(start + QUIET, 20);
        assert_eq!((batch.len(), dirty.newest()), (1, 11));
        assert!(dirty.keys_of(&batch).starts_with("e1,e2,"));
        assert_eq!(dirty.settle(batch, &[], start), (1..=10).collect::<Vec<_>>());
        assert!(dirty.open.is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn an_event_during_the_reading_leads_to_another_reading() {
        let mut dirty = Dirty::new(20);
        let start = Instant::now();
        dirty.add(1, "e1".into(), vec![user("a"), user("b")], start);
        let batch = dirty.take(start + QUIET, 20);
        dirty.add(2, "e2".into(), vec![user("a")], start + QUIET);
        assert_eq!(dirty.settle(batch, &[], start + QUIET), [1]);
        let again = dirty.take(start + QUIET * 2, 20);
        assert_eq!(again.iter().map(|it| &it.subject).collect::<Vec<_>>(), [&user("a")]);
        assert_eq!(dirty.settle(again, &[], start), [2]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_person_who_is_named_on_and_on_is_read_all_the_same() {
        let mut dirty = Dirty::new(20);
        let start = Instant::now();
        let mut seq = 0;
        let read = loop {
            seq += 1;
            let now = start + Duration::from_millis(100) * seq;
            dirty.add(i64::from(seq), "e".into(), vec![user("a")], now);
            if !dirty.take(now, 20).is_empty() {
                break now - start;
            }
        };
        assert!(read <= PATIENCE + Duration::from_millis(200), "{read:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_storm_of_ten_thousand_events_for_a_thousand_people_is_about_a_thousand_readings() {
        let mut dirty = Dirty::new(20);
        let start = Instant::now();
        let (mut readings, mut seq, mut now) = (0, 0, start);
        // 200 events a second for fifty seconds, everybody in turn; twenty records are read a second.
        for tick in 0.. {
            now = start + Duration::from_millis(50) * tick;
            for _ in 0..10 {
                if seq < 10_000 {
                    seq += 1;
                    dirty.add(seq, "e".into(), vec![user(&format!("u{}", seq % 1_000))], now);
                }
            }
            readings += dirty.take(now, 1).len();
            if seq == 10_000 && dirty.len() == 0 {
                break;
            }
        }
        assert!((1_000..1_100).contains(&readings), "{readings} readings");
        assert!(now - start < Duration::from_secs(180), "{:?}", now - start);
    }

    #[tokio::test(start_paused = true)]
    async fn who_is_out_of_luck_is_tried_again_and_who_is_outside_the_scope_is_not() {
        let mut dirty = Dirty::new(20);
        let mut now = Instant::now();
        dirty.add(1, "e1".into(), vec![user("a")], now);
        dirty.add(2, "e2".into(), vec![user("b")], now);
        now += QUIET;
        let untold = [
            (user("a"), error(ErrorKind::Unavailable)),
            (user("b"), error(ErrorKind::OutOfScope)),
        ];
        let batch = dirty.take(now, 20);
        assert_eq!(dirty.settle(batch, &untold, now), [2]);
        let mut over = Vec::new();
        for _ in 1..TRIES {
            assert!(dirty.take(now, 20).is_empty());
            now = dirty.due().expect("it waits");
            let batch = dirty.take(now, 20);
            over = dirty.settle(batch, &untold, now);
        }
        assert_eq!(over, [1], "then it is the reconciliation's");
        assert_eq!(dirty.len(), 0);
    }
}
