//! Remembering whom callers ask for. A request only takes a note; the notes are written in the background.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use arc_swap::ArcSwap;
use chrono::{DateTime, TimeDelta, Utc};

use super::{ConfluenceIdentity, KnownIdentities, KnownIdentity};
use crate::catalogue::{
    Statement,
    matching::{IDENTITIES_FULL, ONLY_LINKED_REMEMBERED},
};

/// Identities that are remembered at most: about 60 MB. Whoever is asked for beyond that is answered and not
/// remembered.
const MOST_KNOWN: usize = 200_000;
/// Bytes of their texts at most. Fields of 255 characters each would make 200,000 of them a gigabyte.
const MOST_KNOWN_BYTES: usize = 32 * 1024 * 1024;
/// Notes that wait to be written at most; beyond that they are dropped, for somebody who is asked for again is noted
/// again.
const MOST_NOTES: usize = 20_000;
/// Bytes of their texts at most.
const MOST_NOTED_BYTES: usize = 4 * 1024 * 1024;
/// An identity that is asked for all day long is written once a day at most.
const FRESH: Duration = Duration::from_hours(24);

/// The identities that are known, and notes of those to remember. Cheap to clone.
#[derive(Clone)]
pub struct IdentityMemory(Arc<MemoryState>);

struct MemoryState {
    /// How long an identity is remembered after it was last asked for; `None`: not at all.
    keep: Option<Duration>,
    /// For how long after it was written an identity is not written again.
    fresh: TimeDelta,
    known: ArcSwap<KnownIdentities>,
    notes: Mutex<Notes>,
}

/// Notes by the surest key.
#[derive(Default)]
struct Notes {
    by_key: HashMap<String, ConfluenceIdentity>,
    bytes: usize,
}

impl Notes {
    fn add(&mut self, key: String, identity: &ConfluenceIdentity) {
        let before = self.by_key.get(&key);
        let noted = before.map_or_else(|| identity.clone(), |it| it.updated_by(identity));
        let bytes = self.bytes - before.map_or(0, ConfluenceIdentity::bytes) + noted.bytes();
        // What does not fit is noted when it is asked for again.
        if bytes > MOST_NOTED_BYTES || before.is_none() && self.by_key.len() >= MOST_NOTES {
            return;
        }
        self.bytes = bytes;
        self.by_key.insert(key, noted);
    }

    fn take(&mut self, key: &str) -> Option<ConfluenceIdentity> {
        let noted = self.by_key.remove(key)?;
        self.bytes -= noted.bytes();
        Some(noted)
    }
}

impl Default for IdentityMemory {
    fn default() -> Self {
        Self::new(None)
    }
}

impl IdentityMemory {
    /// A memory that keeps identities for `keep` after they were last asked for; `None` remembers only those that are
    /// linked.
    pub fn new(keep: Option<Duration>) -> Self {
        // What is asked for all the time must be written well before it would be forgotten.
        let fresh = keep.map_or(FRESH, |keep| FRESH.min(keep / 4));
        Self(Arc::new(MemoryState {
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
    pub fn known(&self) -> Arc<KnownIdentities> {
        self.0.known.load_full()
    }

    /// Whether so many are known that nobody new is remembered.
    pub fn is_full(&self) -> bool {
        let known = self.known();
        known.len() >= MOST_KNOWN || known.bytes() >= MOST_KNOWN_BYTES
    }

    /// What whoever counts or rehearses the known identities should know of their lack; nothing where all are
    /// remembered.
    pub fn gap(&self) -> Option<Statement> {
        match self.0.keep {
            None => Some(ONLY_LINKED_REMEMBERED {}.into()),
            Some(_) if self.is_full() => {
                let count = self.known().len();
                Some(IDENTITIES_FULL { count }.into())
            }
            Some(_) => None,
        }
    }

    /// Puts a newer state in force.
    pub fn publish(&self, known: KnownIdentities) {
        self.0.known.store(Arc::new(known));
    }

    /// Takes note of whoever is not known yet, or was not asked for for a day, or a quarter of the time for which they
    /// are remembered.
    pub fn note(&self, asked: &[ConfluenceIdentity], now: DateTime<Utc>) {
        if self.0.keep.is_none() {
            return;
        }

        let known = self.known();
        let full = self.is_full();
        let is_old = |it: &KnownIdentity| now - it.last_seen > self.0.fresh;

        let news: Vec<(String, &ConfluenceIdentity)> = asked
            .iter()
            .filter(|identity| identity.is_plausible())
            .filter_map(|identity| Some((identity.surest_key()?, identity)))
            .filter_map(|(key, identity)| match known.by_key(&key) {
                // Who is known stays so, and nothing more is learnt of them.
                Some(it) if full => is_old(it).then_some((key, &it.identity)),
                Some(it) => (is_old(it) || it.identity.learns_from(identity)).then_some((key, identity)),
                None => (!full).then_some((key, identity)),
            })
            .collect();
        if news.is_empty() {
            return;
        }

        let mut notes = self.0.notes.lock().unwrap_or_else(PoisonError::into_inner);
        for (key, identity) in news {
            notes.add(key, identity);
        }
    }

    /// Takes the notes, at most `most`.
    pub fn take_notes(&self, most: usize) -> Vec<ConfluenceIdentity> {
        let mut notes = self.0.notes.lock().unwrap_or_else(PoisonError::into_inner);
        let keys: Vec<String> = notes.by_key.keys().take(most).cloned().collect();
        keys.iter().filter_map(|key| notes.take(key)).collect()
    }

    /// Notes that could not be written wait again. What was noted since is newer.
    pub fn put_back(&self, taken: Vec<ConfluenceIdentity>) {
        let mut notes = self.0.notes.lock().unwrap_or_else(PoisonError::into_inner);
        for identity in taken {
            let Some(key) = identity.surest_key() else { continue };
            let newer = notes.take(&key);
            notes.add(key.clone(), &identity);
            if let Some(newer) = newer {
                notes.add(key, &newer);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::identity::{JudgedBy, MatchOutcome, ResolutionStatus};

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
            outcome: MatchOutcome {
                status: ResolutionStatus::Unmatched,
                user: None,
            },
            judged_by: JudgedBy::default(),
        }
    }

    #[test]
    fn each_identity_is_noted_once_with_everything_that_was_said_of_it() {
        let (memory, now) = (IdentityMemory::new(Some(Duration::from_secs(60))), DateTime::UNIX_EPOCH);
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
        let (memory, now) = (IdentityMemory::new(Some(Duration::from_secs(60))), DateTime::UNIX_EPOCH);
        let known = KnownIdentity {
            identity: ConfluenceIdentity {
                display_name: Some("Anna".into()),
                ..named("anna", Some("Anna@x"))
            },
            ..known(1, now)
        };
        memory.publish(KnownIdentities::default().with(1, [known]));

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
            let (memory, seen) = (IdentityMemory::new(Some(minutes(keep))), DateTime::UNIX_EPOCH);
            memory.publish(KnownIdentities::default().with(1, [known(1, seen)]));
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
        let all = KnownIdentities::default().with(7, [known(1, at(9)), known(2, at(10)), linked]);

        let left = all.since(at(10));
        let ids: Vec<_> = left.iter().map(|it| it.id.as_u128()).collect();
        assert_eq!((ids, left.version()), (vec![2, 3], 7));
        assert!(left.by_key("username:1").is_none() && left.by_key("username:2").is_some());
        assert_eq!(all.len(), 3, "who reads on reads what they had");
    }

    /// As long as fields may be.
    fn long(name: usize) -> ConfluenceIdentity {
        let text = format!("{name:0>9}{}", "部".repeat(200));
        ConfluenceIdentity {
            user_key: Some(text.clone()),
            display_name: Some(text.clone()),
            ..named(&text, Some(&text))
        }
    }

    #[test]
    fn memory_is_bound_in_bytes_and_who_is_known_stays_so() {
        let (memory, now) = (
            IdentityMemory::new(Some(Duration::from_hours(24 * 90))),
            DateTime::UNIX_EPOCH,
        );
        let fitting = MOST_KNOWN_BYTES / long(0).bytes();
        let all = |count: usize| {
            (0..count).map(|n| KnownIdentity {
                identity: long(n),
                ..known(n as u128, now)
            })
        };

        memory.publish(KnownIdentities::default().with(1, all(fitting)));
        assert!(!memory.is_full() && memory.gap().is_none());

        let full = memory.known().with(2, all(fitting + 1));
        assert_eq!(full.bytes(), (fitting + 1) * long(0).bytes(), "each counts once");
        memory.publish(full);
        assert!(
            memory.is_full()
                && memory
                    .gap()
                    .is_some_and(|gap| gap.contains(&format!("{} Confluence", fitting + 1)))
        );

        let learnt = ConfluenceIdentity {
            account_id: Some("x".repeat(255)),
            ..long(1)
        };
        let known_now = ConfluenceIdentity {
            display_name: Some("another".into()),
            ..long(1)
        };

        for asked in [learnt, known_now.clone(), long(fitting + 7)] {
            memory.note(&[asked], now);
            assert!(memory.take_notes(10).is_empty());
        }
        memory.note(&[known_now], now + TimeDelta::days(2));
        assert_eq!(memory.take_notes(10), [long(1)], "they are asked for still");

        memory.publish(memory.known().since(now + TimeDelta::days(1)));
        assert_eq!((memory.known().bytes(), memory.is_full()), (0, false));

        let crowd: Vec<_> = (0..MOST_NOTES).map(long).collect();
        memory.note(&crowd, now);
        memory.note(&crowd[..10], now);
        let noted: usize = memory
            .take_notes(usize::MAX)
            .iter()
            .map(ConfluenceIdentity::bytes)
            .sum();
        assert!(noted <= MOST_NOTED_BYTES && noted > MOST_NOTED_BYTES / 2, "{noted}");
        memory.note(&crowd[..10], now);
        assert_eq!(memory.take_notes(usize::MAX).len(), 10, "there is room again");
    }

    #[test]
    fn notes_do_not_grow_without_end_and_a_memory_that_is_off_takes_none() {
        let (memory, now) = (IdentityMemory::new(Some(Duration::from_secs(60))), DateTime::UNIX_EPOCH);
        let crowd: Vec<_> = (0..MOST_NOTES + 7).map(|n| named(&n.to_string(), None)).collect();
        memory.note(&crowd, now);
        assert_eq!(memory.take_notes(usize::MAX).len(), MOST_NOTES);
        let off = IdentityMemory::new(None);
        off.note(&crowd, now);
        assert!(off.take_notes(1).is_empty());
    }
}
