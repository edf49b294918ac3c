//! Remembering whom callers ask for. A request only takes a note; the notes are written in the background.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use arc_swap::ArcSwap;
use chrono::{DateTime, TimeDelta, Utc};

use super::{ConfluenceIdentity, Known};

/// Identities that are remembered at most: about 60 MB. Whoever is asked for beyond that is answered and not remembered.
const MOST_KNOWN: usize = 200_000;
/// Notes that wait to be written at most; beyond that they are dropped, for somebody who is asked for again is noted again.
const MOST_NOTES: usize = 20_000;
/// An identity that is asked for all day long is written once a day at most.
const FRESH: Duration = Duration::from_hours(24);

/// The identities that are known, and notes of those to remember. Cheap to clone.
#[derive(Clone)]
pub struct Memory(Arc<Inner>);

struct Inner {
    /// How long an identity is remembered after it was last asked for; `None`: not at all.
    keep: Option<Duration>,
    /// For how long after it was written an identity is not written again.
    fresh: TimeDelta,
    known: ArcSwap<Known>,
    notes: Mutex<HashMap<String, ConfluenceIdentity>>,
}

impl Default for Memory {
    fn default() -> Self {
        Self::new(None)
    }
}

impl Memory {
    /// A memory that keeps identities for `keep` after they were last asked for; `None` remembers only those that are linked.
    pub fn new(keep: Option<Duration>) -> Self {
        // What is asked for all the time must be written well before it would be forgotten.
        let fresh = keep.map_or(FRESH, |keep| FRESH.min(keep / 4));
        Self(Arc::new(Inner {
            keep,
            fresh: TimeDelta::from_std(fresh).unwrap_or(TimeDelta::days(1)),
            known: ArcSwap::default(),
            notes: Mutex::default(),
        }))
    }

    /// How long an identity is remembered; `None`: not at all.
    pub fn keep(&self) -> Option<Duration> {
        self.0.keep
    }

    /// The identities that are known.
    pub fn known(&self) -> Arc<Known> {
        self.0.known.load_full()
    }

    /// Whether so many are known that nobody new is remembered.
    pub fn is_full(&self) -> bool {
        self.known().len() >= MOST_KNOWN
    }

    /// What whoever counts or rehearses the known identities should know of their lack; nothing where all are remembered.
    pub fn gap(&self) -> Option<String> {
        match self.0.keep {
            None => Some(
                "This server remembers only Confluence identities that are linked by hand (DINGMIRROR_REMEMBER_IDENTITIES is 0): \
                 all others are missing here."
                    .to_owned(),
            ),
            Some(_) if self.is_full() => Some(format!(
                "{MOST_KNOWN} Confluence identities are known, and no more are remembered: whoever was first asked for since is \
                 missing here."
            )),
            Some(_) => None,
        }
    }

    /// Puts a newer state in force.
    pub fn publish(&self, known: Known) {
        self.0.known.store(Arc::new(known));
    }

    /// Takes note of whoever is not known yet, or was not asked for for a day, or a quarter of the time for which they are remembered.
    pub fn note(&self, asked: &[ConfluenceIdentity], now: DateTime<Utc>) {
        if self.0.keep.is_none() {
            return;
        }
        let known = self.known();
        let full = self.is_full();
        let news: Vec<(String, &ConfluenceIdentity)> = asked
            .iter()
            .filter(|identity| identity.is_plausible())
            .filter_map(|identity| Some((identity.surest_key()?, identity)))
            .filter(|(key, identity)| match known.by_key(key) {
                Some(it) => now - it.last_seen > self.0.fresh || it.identity.learns_from(identity),
                None => !full,
            })
            .collect();
        if news.is_empty() {
            return;
        }
        let mut notes = self.0.notes.lock().unwrap_or_else(PoisonError::into_inner);
        for (key, identity) in news {
            if let Some(noted) = notes.get_mut(&key) {
                *noted = noted.updated_by(identity);
            } else if notes.len() < MOST_NOTES {
                notes.insert(key, identity.clone());
            }
        }
    }

    /// Takes the notes, at most `most`.
    pub fn take_notes(&self, most: usize) -> Vec<ConfluenceIdentity> {
        let mut notes = self.0.notes.lock().unwrap_or_else(PoisonError::into_inner);
        let keys: Vec<String> = notes.keys().take(most).cloned().collect();
        keys.iter().filter_map(|key| notes.remove(key)).collect()
    }

    /// Notes that could not be written wait again. What was noted since is newer.
    pub fn put_back(&self, taken: Vec<ConfluenceIdentity>) {
        let mut notes = self.0.notes.lock().unwrap_or_else(PoisonError::into_inner);
        for identity in taken {
            let Some(key) = identity.surest_key() else { continue };
            if let Some(newer) = notes.get_mut(&key) {
                *newer = identity.updated_by(newer);
            } else if notes.len() < MOST_NOTES {
                notes.insert(key, identity);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::identity::{JudgedBy, KnownIdentity, Outcome, ResolutionStatus};

    fn named(username: &str, email: Option<&str>) -> ConfluenceIdentity {
        ConfluenceIdentity {
            username: Some(username.into()),
            email: email.map(Into::into),
            ..Default::default()
        }
    }

    /// Known by its number as user name.
    fn known(id: u128, seen: DateTime<Utc>) -> KnownIdentity {
        KnownIdentity {
            id: Uuid::from_u128(id),
            identity: named(&id.to_string(), None),
            first_seen: seen,
            last_seen: seen,
            linked: false,
            outcome: Outcome {
                status: ResolutionStatus::Unmatched,
                user: None,
            },
            judged_by: JudgedBy::default(),
        }
    }

    #[test]
    fn each_identity_is_noted_once_with_everything_that_was_said_of_it() {
        let (memory, now) = (Memory::new(Some(Duration::from_secs(60))), DateTime::UNIX_EPOCH);
        memory.note(
            &[named("anna", None), named(" Anna ", Some("anna@x")), named(" ", None)],
            now,
        );
        let notes = memory.take_notes(10);
        assert_eq!(notes.len(), 1);
        assert_eq!(notes[0].email.as_deref(), Some("anna@x"));
        assert!(memory.take_notes(10).is_empty());
    }

    #[test]
    fn another_spelling_is_no_news_and_another_address_or_name_is() {
        let (memory, now) = (Memory::new(Some(Duration::from_secs(60))), DateTime::UNIX_EPOCH);
        let known = KnownIdentity {
            identity: ConfluenceIdentity {
                display_name: Some("Anna".into()),
                ..named("anna", Some("Anna@x"))
            },
            ..known(1, now)
        };
        memory.publish(Known::default().with(1, [known]));
        let called = |name: &str| ConfluenceIdentity {
            display_name: Some(name.into()),
            ..named("anna", None)
        };
        let noted = |asked: ConfluenceIdentity| {
            memory.note(&[asked], now);
            memory.take_notes(10).len()
        };
        for spelling in ["anna@x", " ANNA@X ", "ａｎｎａ@x", " "] {
            assert_eq!(noted(named("Anna", Some(spelling))), 0, "{spelling}");
        }
        assert_eq!((noted(called("ANNA ")), noted(named("anna", None))), (0, 0));
        assert_eq!((noted(called("Anne")), noted(named("anna", Some("anne@x")))), (1, 1));
    }

    #[test]
    fn whoever_is_asked_for_all_the_time_is_written_again_before_he_would_be_forgotten() {
        let day = 24 * 60;
        for (keep, fresh) in [
            (90 * day, day),
            (4 * day, day),
            (2 * day, day / 2),
            (day, day / 4),
            (60, 15),
            (4, 1),
        ] {
            let minutes = |count: u64| Duration::from_secs(60 * count);
            let (memory, seen) = (Memory::new(Some(minutes(keep))), DateTime::UNIX_EPOCH);
            memory.publish(Known::default().with(1, [known(1, seen)]));
            let noted = |at| {
                memory.note(&[named("1", None)], at);
                memory.take_notes(10).len()
            };
            let forgotten = seen + minutes(keep);
            assert_eq!(noted(seen + minutes(fresh)), 0, "{keep}");
            assert_eq!(noted(seen + minutes(fresh) + Duration::from_secs(1)), 1, "{keep}");
            assert!(seen + minutes(fresh) + minutes(fresh) < forgotten, "{keep}");
        }
    }

    #[test]
    fn whom_nobody_asked_for_since_the_moment_is_forgotten_unless_a_link_names_him() {
        let at = |seconds: i64| DateTime::from_timestamp(seconds, 0).unwrap();
        let linked = KnownIdentity {
            linked: true,
            ..known(3, at(0))
        };
        let all = Known::default().with(7, [known(1, at(9)), known(2, at(10)), linked]);
        let left = all.since(at(10));
        let ids: Vec<_> = left.iter().map(|it| it.id.as_u128()).collect();
        assert_eq!((ids, left.version()), (vec![2, 3], 7));
        assert!(left.by_key("username:1").is_none() && left.by_key("username:2").is_some());
        assert_eq!(all.len(), 3, "who reads on reads what they had");
    }

    #[test]
    fn notes_do_not_grow_without_end_and_a_memory_that_is_off_takes_none() {
        let (memory, now) = (Memory::new(Some(Duration::from_secs(60))), DateTime::UNIX_EPOCH);
        let crowd: Vec<_> = (0..MOST_NOTES + 7).map(|n| named(&n.to_string(), None)).collect();
        memory.note(&crowd, now);
        assert_eq!(memory.take_notes(usize::MAX).len(), MOST_NOTES);
        let off = Memory::new(None);
        off.note(&crowd, now);
        assert!(off.take_notes(1).is_empty());
    }
}
