//! Whose records are to be read again, and which events are over when they were. In memory: the events themselves are durable.

use std::collections::{BTreeSet, HashMap};

use tokio::time::{Duration, Instant};

use crate::{
    dingtalk::Error,
    sync::{
        crawl::Failure,
        refresh::{Claims, Subject},
    },
};

/// A record is read when nothing more was heard of it for so long (a hire is followed by a modification at once) …
const QUIET: Duration = Duration::from_millis(150);
/// … or so long after the first word, however much is heard of it.
const PATIENCE: Duration = Duration::from_secs(3);
/// In a storm both are as much longer as it takes to read what waits, up to this: what can't be read soon anyway may as well
/// wait until nothing more is heard of it, instead of being read time and again.
const LONGEST: Duration = Duration::from_secs(60);
/// Where a record's answer doesn't tell it is tried so often; then it is the reconciliation's.
const TRIES: u32 = 10;
const BETWEEN_TRIES: Duration = Duration::from_secs(20);
/// An event that names more than this is about a crowd.
const CROWD: usize = 200;
/// So many events are named as a change's cause.
const NAMED: usize = 10;

#[derive(Debug)]
struct Entry {
    first: Instant,
    last: Instant,
    not_before: Option<Instant>,
    tries: u32,
    events: BTreeSet<i64>,
    /// It is read before the others, storm or not.
    is_urgent: bool,
    /// Only events name it that name a crowd: it doesn't keep those waiting that were named alone.
    is_bulk: bool,
}

/// How long it takes to read what waits, beyond a second's worth: all of it, and what was named alone.
#[derive(Clone, Copy)]
struct Storms {
    all: Duration,
    small: Duration,
}

impl Entry {
    fn due(&self, storms: Storms) -> Instant {
        let storm = match (self.is_urgent, self.is_bulk) {
            (true, _) => Duration::ZERO,
            (false, false) => storms.small,
            (false, true) => storms.all,
        };
        let quiet = (self.last + QUIET + storm).min(self.first + PATIENCE + storm * 2);
        self.not_before.map_or(quiet, |at| at.max(quiet))
    }
}

/// An event that isn't over.
#[derive(Debug)]
struct Open {
    /// How many of its records are still to be read.
    left: usize,
    key: String,
    taken_in: Instant,
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
    /// Events that aren't over.
    open: HashMap<i64, Open>,
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

    fn storms(&self) -> Storms {
        let of = |count: usize| {
            let beyond = count.saturating_sub(self.per_second);
            let seconds = beyond as f64 / self.per_second as f64;
            Duration::from_secs_f64(seconds.min(LONGEST.as_secs_f64()))
        };
        Storms {
            all: of(self.subjects.len()),
            small: of(self.subjects.values().filter(|entry| !entry.is_bulk).count()),
        }
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
        let is_bulk = subjects.len() > CROWD;
        let (left, taken_in) = (subjects.len(), now);
        self.open.insert(seq, Open { left, key, taken_in });
        for subject in subjects {
            let entry = self.subjects.entry(subject).or_insert_with(|| Entry {
                first: now,
                last: now,
                not_before: None,
                tries: 0,
                events: BTreeSet::new(),
                is_urgent: false,
                is_bulk,
            });
            entry.is_bulk &= is_bulk;
            entry.last = now;
            entry.events.insert(seq);
        }
        None
    }

    /// These come before the others.
    pub(super) fn hasten(&mut self, subjects: &[Subject]) {
        for subject in subjects {
            if let Some(entry) = self.subjects.get_mut(subject) {
                entry.is_urgent = true;
            }
        }
    }

    /// Forgets events that were taken in longer ago than this, and the records that only they name.
    pub(super) fn forget(&mut self, age: Duration) {
        let old = |open: &Open| open.taken_in.elapsed() > age;
        self.open.retain(|_, open| !old(open));
        let open = &self.open;
        self.subjects.retain(|_, entry| {
            entry.events.retain(|seq| open.contains_key(seq));
            !entry.events.is_empty()
        });
    }

    /// When the next record is due that nobody reads.
    pub(super) fn due(&self, claims: &Claims) -> Option<Instant> {
        let storms = self.storms();
        let free = self.subjects.iter().filter(|(subject, _)| !claims.has(subject));
        free.map(|(_, entry)| entry.due(storms)).min()
    }

    /// Takes out what is due and what nobody reads: what was named alone before a crowd, of that what is urgent, then what was quiet for longest; in a storm the others are
    /// named again before long.
    pub(super) fn take(&mut self, now: Instant, most: usize, claims: &Claims) -> Vec<Taken> {
        let storms = self.storms();
        let due = self.subjects.iter().filter(|(_, entry)| entry.due(storms) <= now);
        let free = due.filter(|(subject, _)| !claims.has(subject));
        let mut free: Vec<_> = free
            .map(|(subject, entry)| (entry.is_bulk, !entry.is_urgent, entry.last, subject.clone()))
            .collect();
        free.sort_unstable();
        let taken = free.into_iter().take(most);
        taken.filter_map(|(.., subject)| self.take_out(subject)).collect()
    }

    fn take_out(&mut self, subject: Subject) -> Option<Taken> {
        let entry = self.subjects.remove(&subject)?;
        Some(Taken {
            subject,
            tries: entry.tries,
            events: entry.events,
        })
    }

    /// Takes out what was read along with a batch, asked for at these times, unless more was heard of it since.
    pub(super) fn take_along(&mut self, read: HashMap<Subject, Instant>, untold: &[(Subject, Error)]) -> Vec<Taken> {
        let told = read
            .into_iter()
            .filter(|(subject, _)| !untold.iter().any(|(untold, _)| untold == subject));
        let told: Vec<_> = told.collect();
        let is_old = |dirty: &Self, subject: &Subject, asked: Instant| {
            dirty.subjects.get(subject).is_some_and(|entry| entry.last < asked)
        };
        told.into_iter()
            .filter_map(|(subject, asked)| {
                if is_old(self, &subject, asked) {
                    self.take_out(subject)
                } else {
                    None
                }
            })
            .collect()
    }

    /// What a change by this batch is put down to.
    pub(super) fn keys_of(&self, batch: &[Taken]) -> String {
        let events: BTreeSet<i64> = batch.iter().flat_map(|taken| taken.events.iter().copied()).collect();
        let keys = events
            .iter()
            .filter_map(|seq| self.open.get(seq))
            .map(|open| open.key.as_str());
        keys.take(NAMED).collect::<Vec<_>>().join(",")
    }

    /// A batch was read: the events that are over with it. What was out of luck waits for another try.
    pub(super) fn settle(&mut self, batch: Vec<Taken>, untold: &[(Subject, Error)], now: Instant) -> Vec<i64> {
        let mut over = Vec::new();
        for taken in batch {
            let error = untold.iter().find(|(subject, _)| *subject == taken.subject);
            // What is outside the scope stays there; any other answer may be another one next time.
            let is_untold = error.is_some_and(|(_, error)| Failure::of(error) != Failure::OutOfScope);
            if is_untold && taken.tries + 1 < TRIES {
                let tries = taken.tries + 1;
                self.put_back(Taken { tries, ..taken }, now + BETWEEN_TRIES);
                continue;
            }
            for seq in taken.events {
                if let Some(open) = self.open.get_mut(&seq) {
                    open.left -= 1;
                    if open.left == 0 {
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
            is_urgent: false,
            is_bulk: false,
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
    async fn a_crowd_keeps_nobody_waiting_who_was_named_alone() {
        let mut dirty = Dirty::new(20);
        let start = Instant::now();
        let crowd: Vec<Subject> = (0..12_001).map(|n| user(&format!("u{n:05}"))).collect();
        dirty.add(1, "e1".into(), crowd.clone(), start);
        dirty.hasten(&crowd);
        let later = start + Duration::from_secs(1);
        dirty.add(2, "e2".into(), vec![user("zoe")], later);
        dirty.add(3, "e3".into(), vec![user("u00007")], later);
        let batch = dirty.take(later + QUIET, 20, &Claims::default());
        let first: Vec<&Subject> = batch.iter().take(2).map(|taken| &taken.subject).collect();
        assert_eq!(first, [&user("u00007"), &user("zoe")]);
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
        assert!(
            dirty.take(start, 20, &Claims::default()).is_empty(),
            "more may follow at once"
        );
        let batch = dirty.take(start + QUIET, 20, &Claims::default());
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
        let batch = dirty.take(start + QUIET, 20, &Claims::default());
        dirty.add(2, "e2".into(), vec![user("a")], start + QUIET);
        assert_eq!(dirty.settle(batch, &[], start + QUIET), [1]);
        let again = dirty.take(start + QUIET * 2, 20, &Claims::default());
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
            if !dirty.take(now, 20, &Claims::default()).is_empty() {
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
            readings += dirty.take(now, 1, &Claims::default()).len();
            if seq == 10_000 && dirty.len() == 0 {
                break;
            }
        }
        assert!((1_000..1_100).contains(&readings), "{readings} readings");
        assert!(now - start < Duration::from_secs(180), "{:?}", now - start);
    }

    #[tokio::test(start_paused = true)]
    async fn who_is_out_of_luck_is_tried_again_and_who_is_outside_the_scope_is_not() {
        for odd in [
            ErrorKind::Unavailable,
            ErrorKind::UnknownCode,
            ErrorKind::BadRequest,
            ErrorKind::Undecodable,
        ] {
            tried_again_after(odd);
        }
    }

    fn tried_again_after(odd: ErrorKind) {
        let mut dirty = Dirty::new(20);
        let mut now = Instant::now();
        dirty.add(1, "e1".into(), vec![user("a")], now);
        dirty.add(2, "e2".into(), vec![user("b")], now);
        now += QUIET;
        let untold = [(user("a"), error(odd)), (user("b"), error(ErrorKind::OutOfScope))];
        let batch = dirty.take(now, 20, &Claims::default());
        assert_eq!(dirty.settle(batch, &untold, now), [2]);
        let mut over = Vec::new();
        for _ in 1..TRIES {
            assert!(dirty.take(now, 20, &Claims::default()).is_empty());
            now = dirty.due(&Claims::default()).expect("it waits");
            let batch = dirty.take(now, 20, &Claims::default());
            over = dirty.settle(batch, &untold, now);
        }
        assert_eq!(over, [1], "then it is the reconciliation's");
        assert_eq!(dirty.len(), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn what_could_not_be_acted_upon_for_long_is_forgotten_with_its_records() {
        let (mut dirty, nobody) = (Dirty::new(20), Claims::default());
        dirty.add(1, "e1".into(), vec![user("a"), user("b")], Instant::now());
        let batch = dirty.take(Instant::now() + QUIET, 1, &nobody);
        tokio::time::advance(Duration::from_secs(60)).await;
        dirty.add(2, "e2".into(), vec![user("b")], Instant::now());
        dirty.add(
            3,
            "e3".into(),
            vec![user("c")],
            Instant::now() - Duration::from_secs(50),
        );
        dirty.forget(Duration::from_secs(30));
        assert_eq!((dirty.open(), dirty.len()), (1, 1), "b is named by another, c by none");
        // Whoever was being read meanwhile is put back, or settled, in peace.
        dirty.put_all_back(batch, Instant::now());
        let batch = dirty.take(Instant::now() + PATIENCE, 20, &nobody);
        assert_eq!((batch.len(), dirty.settle(batch, &[], Instant::now())), (2, vec![2]));
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_comes_or_goes_passes_a_storm() {
        let (mut dirty, nobody) = (Dirty::new(2), Claims::default());
        let start = Instant::now();
        for n in 0..20 {
            dirty.add(n, format!("e{n}"), vec![user(&format!("u{n}"))], start);
        }
        dirty.add(21, "e21".into(), vec![user("hire")], start);
        dirty.hasten(&[user("hire")]);
        let batch = dirty.take(start + QUIET, 2, &nobody);
        assert_eq!(batch.iter().map(|it| &it.subject).collect::<Vec<_>>(), [&user("hire")]);
    }

    #[tokio::test(start_paused = true)]
    async fn who_is_read_along_is_read_once_unless_more_is_heard_of_him() {
        let (mut dirty, claims) = (Dirty::new(20), std::sync::Arc::new(Claims::default()));
        let claim = crate::sync::refresh::Claim {
            claims: claims.clone(),
            turn: 1,
        };
        let start = Instant::now();
        dirty.add(1, "e1".into(), vec![user("a"), user("b"), user("c")], start);
        tokio::time::advance(QUIET).await;
        for id in ["a", "b", "c"] {
            claim.add(&user(id));
            claim.begin(&user(id));
        }
        assert!(
            dirty.take(Instant::now(), 20, &claims).is_empty(),
            "they are being read"
        );
        assert_eq!(dirty.due(&claims), None);
        tokio::time::advance(QUIET).await;
        dirty.add(2, "e2".into(), vec![user("b")], Instant::now());
        let along = dirty.take_along(claims.release(1), &[(user("c"), error(ErrorKind::Unavailable))]);
        assert_eq!(along.len(), 1);
        assert!(dirty.settle(along, &[], Instant::now()).is_empty());
        let batch = dirty.take(Instant::now() + PATIENCE, 20, &claims);
        assert_eq!((batch.len(), dirty.settle(batch, &[], Instant::now())), (2, vec![1, 2]));
    }
}
