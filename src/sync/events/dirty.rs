//! Whose records are to be read again, and which events are over when they were. In memory: the events themselves are
//! durable.

use std::collections::{BTreeSet, HashMap};

use tokio::time::{Duration, Instant};

use crate::{
    backoff::Backoff,
    dingtalk::Error,
    directory::RecordId,
    sync::{crawl::Failure, refresh::Claims},
};

/// A record is read when nothing more was heard of it for so long (a hire is followed by a modification at once) …
const QUIET: Duration = Duration::from_millis(150);
/// … or so long after the first word, however much is heard of it.
const PATIENCE: Duration = Duration::from_secs(3);
/// In a storm both are as much longer as it takes to read what waits, up to this: what can't be read soon anyway may as
/// well wait until nothing more is heard of it, instead of being read time and again.
const LONGEST: Duration = Duration::from_secs(60);
/// Where a record's answer doesn't tell it is tried so often; then it is the reconciliation's. Only answers count.
const TRIES: u32 = 10;
/// What wasn't answered waits longer each time, and so many times the usual wait at most.
const LONGEST_WAIT: u32 = 15;
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
    /// How often nobody answered.
    silences: u32,
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
    pub(super) subject: RecordId,
    tries: u32,
    silences: u32,
    events: BTreeSet<i64>,
    is_urgent: bool,
    is_bulk: bool,
}

#[derive(Debug)]
pub(super) struct Dirty {
    /// Records that can be read in a second.
    per_second: usize,
    /// Between two tries of a record that wasn't told.
    between_tries: Duration,
    subjects: HashMap<RecordId, Entry>,
    /// Events that aren't over.
    open: HashMap<i64, Open>,
    newest: i64,
}

impl Dirty {
    /// Nothing waits. `per_second`: records that can be read; `between_tries`: of one that wasn't told.
    pub(super) fn new(per_second: usize, between_tries: Duration) -> Self {
        Self {
            per_second: per_second.max(1),
            between_tries,
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
    pub(super) fn add(&mut self, seq: i64, key: String, subjects: Vec<RecordId>, now: Instant) -> Option<i64> {
        self.newest = self.newest.max(seq);
        let subjects: BTreeSet<RecordId> = subjects.into_iter().collect();
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
                silences: 0,
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
    pub(super) fn hasten(&mut self, subjects: &[RecordId]) {
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

    /// Takes out what is due and what nobody reads: what was named alone before a crowd, of that what is urgent, then
    /// what was quiet for longest; in a storm the others are named again before long.
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

    fn take_out(&mut self, subject: RecordId) -> Option<Taken> {
        let entry = self.subjects.remove(&subject)?;
        Some(Taken {
            subject,
            tries: entry.tries,
            silences: entry.silences,
            events: entry.events,
            is_urgent: entry.is_urgent,
            is_bulk: entry.is_bulk,
        })
    }

    /// Takes out what was read along with a batch, asked for at these times, unless more was heard of it since.
    pub(super) fn take_along(&mut self, read: HashMap<RecordId, Instant>, untold: &[(RecordId, Error)]) -> Vec<Taken> {
        let told = read
            .into_iter()
            .filter(|(subject, _)| !untold.iter().any(|(untold, _)| untold == subject));
        let told: Vec<_> = told.collect();

        let is_old = |dirty: &Self, subject: &RecordId, asked: Instant| {
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

    /// A batch was read: the events that are over with it. What DingTalk didn't tell waits for another try, and what it
    /// didn't even answer for as long as it takes.
    pub(super) fn settle(&mut self, batch: Vec<Taken>, untold: &[(RecordId, Error)], now: Instant) -> Vec<i64> {
        let mut over = Vec::new();
        for taken in batch {
            let error = untold.iter().find(|(subject, _)| *subject == taken.subject);
            match error.map(|(_, error)| Failure::of(error)) {
                Some(failure) if failure.is_silence() => {
                    let wait = self.silence(taken.silences);
                    let silences = taken.silences.saturating_add(1);
                    self.put_back(Taken { silences, ..taken }, now + wait);
                    continue;
                }
                // What is outside the scope stays there; any other answer may be another one next time.
                Some(failure) if failure != Failure::OutOfScope && taken.tries + 1 < TRIES => {
                    let tries = taken.tries + 1;
                    self.put_back(Taken { tries, ..taken }, now + self.between_tries);
                    continue;
                }
                _ => {}
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

    /// How long a record waits that wasn't answered for another time.
    fn silence(&self, before: u32) -> Duration {
        let longest = self.between_tries * LONGEST_WAIT;
        Backoff::new(self.between_tries, longest).delay(before)
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
            silences: taken.silences,
            events: BTreeSet::new(),
            is_urgent: false,
            is_bulk: taken.is_bulk,
        });

        entry.is_urgent |= taken.is_urgent;
        entry.not_before = Some(until);
        entry.tries = entry.tries.max(taken.tries);
        entry.silences = entry.silences.max(taken.silences);
        entry.events.extend(taken.events);
    }
}

#[cfg(test)]
pub(super) mod tests;
