//! The debounce of events: whose records are to be read again and when, and which events are over when they were. In
//! memory: the events themselves are durable.

use std::collections::{BTreeSet, HashMap};

use tokio::time::{Duration, Instant};

use crate::{
    backoff::Backoff,
    dingtalk::Error,
    directory::RecordId,
    sync::{crawl::ReadFailure, refresh::ReadClaims},
};

/// A record is read when nothing more was heard of it for so long (a hire is followed by a modification at once) …
const DEBOUNCE: Duration = Duration::from_millis(150);
/// … or so long after the first word, however much is heard of it.
const MAX_WAIT: Duration = Duration::from_secs(3);
/// In a storm both are as much longer as it takes to read what waits, up to this (backpressure): what can't be read
/// soon anyway may as well wait until nothing more is heard of it, instead of being read time and again.
const LONGEST: Duration = Duration::from_secs(60);
/// Where a record's answer doesn't tell it is tried so often; then it is the reconciliation's. Only answers count.
const TRIES: u32 = 10;
/// What wasn't answered waits longer each time, and so many times the usual wait at most.
const LONGEST_WAIT: u32 = 15;
/// An event that names more than this is about a crowd.
const CROWD: usize = 200;
/// So many events are named as a change's cause.
const NAMED: usize = 10;

/// A record that waits to be read.
#[derive(Debug)]
struct PendingRecord {
    /// When it was named first and last.
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
struct ReadTime {
    all: Duration,
    small: Duration,
}

impl PendingRecord {
    fn due(&self, read_time: ReadTime) -> Instant {
        // Whoever comes or goes waits for no crowd, and whoever was named alone only for others like that.
        let storm = match (self.is_urgent, self.is_bulk) {
            (true, _) => Duration::ZERO,
            (false, false) => read_time.small,
            (false, true) => read_time.all,
        };
        let quiet = (self.last + DEBOUNCE + storm).min(self.first + MAX_WAIT + storm * 2);
        self.not_before.map_or(quiet, |at| at.max(quiet))
    }
}

/// An event that isn't over.
#[derive(Debug)]
struct PendingEvent {
    /// How many of its records are still to be read.
    left: usize,
    key: String,
    taken_in: Instant,
}

/// A record that is being read.
#[derive(Debug)]
pub(super) struct InFlightRecord {
    pub(super) record: RecordId,
    tries: u32,
    silences: u32,
    events: BTreeSet<i64>,
    is_urgent: bool,
    is_bulk: bool,
}

/// Records that wait, each read once however many events name it.
#[derive(Debug)]
pub(super) struct Debouncer {
    /// Records that can be read in a second.
    per_second: usize,
    /// Between two tries of a record that wasn't told.
    between_tries: Duration,
    records: HashMap<RecordId, PendingRecord>,
    /// Events that aren't over.
    open: HashMap<i64, PendingEvent>,
    newest: i64,
}

impl Debouncer {
    /// Nothing waits. `per_second`: records that can be read; `between_tries`: of one that wasn't told.
    pub(super) fn new(per_second: usize, between_tries: Duration) -> Self {
        Self {
            per_second: per_second.max(1),
            between_tries,
            records: HashMap::new(),
            open: HashMap::new(),
            newest: 0,
        }
    }

    fn read_time(&self) -> ReadTime {
        let of = |count: usize| {
            let beyond = count.saturating_sub(self.per_second);
            let seconds = beyond as f64 / self.per_second as f64;
            Duration::from_secs_f64(seconds.min(LONGEST.as_secs_f64()))
        };
        ReadTime {
            all: of(self.records.len()),
            small: of(self.records.values().filter(|pending| !pending.is_bulk).count()),
        }
    }

    /// Records that wait.
    pub(super) fn len(&self) -> usize {
        self.records.len()
    }

    /// Events that were taken in and aren't over.
    pub(super) fn open(&self) -> usize {
        self.open.len()
    }

    /// Whether this event was taken in and isn't over.
    pub(super) fn knows(&self, seq: i64) -> bool {
        self.open.contains_key(&seq)
    }

    /// The watermark of the events: the newest that was taken in.
    pub(super) fn newest(&self) -> i64 {
        self.newest
    }

    /// Takes an event in; gives its number back where there is nothing to do for it.
    pub(super) fn add(&mut self, seq: i64, key: String, records: Vec<RecordId>, now: Instant) -> Option<i64> {
        self.newest = self.newest.max(seq);
        let records: BTreeSet<RecordId> = records.into_iter().collect();
        if records.is_empty() {
            return Some(seq);
        }

        let is_bulk = records.len() > CROWD;
        let (left, taken_in) = (records.len(), now);
        self.open.insert(seq, PendingEvent { left, key, taken_in });

        for record in records {
            let pending = self.records.entry(record).or_insert_with(|| PendingRecord {
                first: now,
                last: now,
                not_before: None,
                tries: 0,
                silences: 0,
                events: BTreeSet::new(),
                is_urgent: false,
                is_bulk,
            });
            // Who is named alone once isn't one of a crowd any more.
            pending.is_bulk &= is_bulk;
            pending.last = now;
            pending.events.insert(seq);
        }
        None
    }

    /// These come before the others.
    pub(super) fn hasten(&mut self, records: &[RecordId]) {
        for record in records {
            if let Some(pending) = self.records.get_mut(record) {
                pending.is_urgent = true;
            }
        }
    }

    /// Forgets events that were taken in longer ago than this, and the records that only they name.
    pub(super) fn forget(&mut self, age: Duration) {
        let old = |open: &PendingEvent| open.taken_in.elapsed() > age;
        self.open.retain(|_, open| !old(open));
        let open = &self.open;
        self.records.retain(|_, pending| {
            pending.events.retain(|seq| open.contains_key(seq));
            !pending.events.is_empty()
        });
    }

    /// When the next record is due that nobody reads.
    pub(super) fn due(&self, claims: &ReadClaims) -> Option<Instant> {
        let read_time = self.read_time();
        let free = self.records.iter().filter(|(record, _)| !claims.has(record));
        free.map(|(_, pending)| pending.due(read_time)).min()
    }

    /// Takes out what is due and what nobody reads: what was named alone before a crowd, of that what is urgent, then
    /// what was quiet for longest; in a storm the others are named again before long.
    pub(super) fn take(&mut self, now: Instant, most: usize, claims: &ReadClaims) -> Vec<InFlightRecord> {
        let read_time = self.read_time();
        let due = self.records.iter().filter(|(_, pending)| pending.due(read_time) <= now);
        let free = due.filter(|(record, _)| !claims.has(record));
        let mut free: Vec<_> = free
            .map(|(record, pending)| (pending.is_bulk, !pending.is_urgent, pending.last, record.clone()))
            .collect();
        free.sort_unstable();

        let taken = free.into_iter().take(most);
        taken.filter_map(|(.., record)| self.take_out(record)).collect()
    }

    fn take_out(&mut self, record: RecordId) -> Option<InFlightRecord> {
        let pending = self.records.remove(&record)?;
        Some(InFlightRecord {
            record,
            tries: pending.tries,
            silences: pending.silences,
            events: pending.events,
            is_urgent: pending.is_urgent,
            is_bulk: pending.is_bulk,
        })
    }

    /// Takes out what was read along with a batch, asked for at these times, unless more was heard of it since.
    pub(super) fn take_along(
        &mut self,
        read: HashMap<RecordId, Instant>,
        untold: &[(RecordId, Error)],
    ) -> Vec<InFlightRecord> {
        let told = read
            .into_iter()
            .filter(|(record, _)| !untold.iter().any(|(untold, _)| untold == record));
        let told: Vec<_> = told.collect();

        // What was heard behind the question may not be in the answer.
        let is_old = |debouncer: &Self, record: &RecordId, asked: Instant| {
            debouncer
                .records
                .get(record)
                .is_some_and(|pending| pending.last < asked)
        };

        told.into_iter()
            .filter_map(|(record, asked)| {
                if is_old(self, &record, asked) {
                    self.take_out(record)
                } else {
                    None
                }
            })
            .collect()
    }

    /// What a change by this batch is put down to.
    pub(super) fn keys_of(&self, batch: &[InFlightRecord]) -> String {
        let events: BTreeSet<i64> = batch.iter().flat_map(|taken| taken.events.iter().copied()).collect();
        let keys = events
            .iter()
            .filter_map(|seq| self.open.get(seq))
            .map(|open| open.key.as_str());
        keys.take(NAMED).collect::<Vec<_>>().join(",")
    }

    /// A batch was read: the events that are over with it. What DingTalk didn't tell waits for another try, and what it
    /// didn't even answer for as long as it takes.
    pub(super) fn settle(
        &mut self,
        batch: Vec<InFlightRecord>,
        untold: &[(RecordId, Error)],
        now: Instant,
    ) -> Vec<i64> {
        let mut over = Vec::new();
        for taken in batch {
            let error = untold.iter().find(|(record, _)| *record == taken.record);
            match error.map(|(_, error)| ReadFailure::of(error)) {
                // No try: whoever isn't answered says nothing of the record.
                Some(failure) if failure.is_silence() => {
                    let wait = self.silence(taken.silences);
                    let silences = taken.silences.saturating_add(1);
                    self.put_back(InFlightRecord { silences, ..taken }, now + wait);
                    continue;
                }
                // What is outside the scope stays there; any other answer may be another one next time.
                Some(failure) if failure != ReadFailure::OutOfScope && taken.tries + 1 < TRIES => {
                    let tries = taken.tries + 1;
                    self.put_back(InFlightRecord { tries, ..taken }, now + self.between_tries);
                    continue;
                }
                // It was told, or will not be: its events needn't wait for it.
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

    pub(super) fn put_all_back(&mut self, batch: Vec<InFlightRecord>, until: Instant) {
        for taken in batch {
            self.put_back(taken, until);
        }
    }

    /// Nothing is lost by that: an event that came meanwhile is joined.
    fn put_back(&mut self, taken: InFlightRecord, until: Instant) {
        // Where it was named again meanwhile, the new event's times stay: only the wait is added.
        let pending = self.records.entry(taken.record).or_insert_with(|| PendingRecord {
            first: until,
            last: until,
            not_before: None,
            tries: taken.tries,
            silences: taken.silences,
            events: BTreeSet::new(),
            is_urgent: false,
            is_bulk: taken.is_bulk,
        });

        pending.is_urgent |= taken.is_urgent;
        pending.not_before = Some(until);
        pending.tries = pending.tries.max(taken.tries);
        pending.silences = pending.silences.max(taken.silences);
        pending.events.extend(taken.events);
    }
}

#[cfg(test)]
pub(super) mod tests;
