//! The keys that may be used, in memory.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::{record::ApiKey, refusal::KeyError, secret::ApiKeySecret};
use crate::auth::caller::Caller;

/// As many keys may be in use at a time: this many are in memory, a few hundred bytes each.
pub const MAX_API_KEYS: u64 = 1_000;

/// A use is written down at most so often for each key, in seconds.
const BETWEEN_WRITES: i64 = 60;

/// The keys that may be used.
#[derive(Debug, Default)]
pub struct ApiKeys(HashMap<Uuid, HeldKey>);

#[derive(Debug)]
struct HeldKey {
    key: ApiKey,
    used: Arc<Uses>,
}

/// When a key was used, in seconds since 1970; 0: never.
#[derive(Debug, Default)]
struct Uses {
    last: AtomicI64,
    /// What of it is in the database.
    written: AtomicI64,
    /// When that was written.
    written_at: AtomicI64,
}

/// A use of a key that isn't written down yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyUse {
    /// Which key.
    pub id: Uuid,
    /// When.
    pub at: DateTime<Utc>,
}

impl ApiKeys {
    /// These keys; what `former` knows of their use stays.
    pub fn new(keys: impl IntoIterator<Item = ApiKey>, former: &Self) -> Self {
        let held = |key: ApiKey| {
            let used = former.0.get(&key.id).map_or_else(Arc::default, |it| it.used.clone());
            (key.id, HeldKey { key, used })
        };
        Self(keys.into_iter().map(held).collect())
    }

    /// Whether this key is among them.
    pub fn has(&self, id: Uuid) -> bool {
        self.0.contains_key(&id)
    }

    /// Who shows `text`, a key. Notes the use.
    pub fn verify(&self, text: &str, now: DateTime<Utc>) -> Result<Caller, KeyError> {
        let shown = ApiKeySecret::read(text).ok_or(KeyError::Form)?;
        let held = self.0.get(&shown.id).ok_or(KeyError::Unknown(shown.id))?;
        if !held.key.hash.is_of(&shown) {
            return Err(KeyError::Secret(shown.id));
        }
        if held.key.expires_at <= now {
            return Err(KeyError::Expired(shown.id));
        }

        held.used.last.fetch_max(now.timestamp(), Ordering::Relaxed);
        Ok(Caller {
            subject: held.key.subject(),
            permissions: held.key.permissions.clone(),
            expires_at: held.key.expires_at,
            key: Some(held.key.id),
            issuer: None,
            token: None,
            leeway: TimeDelta::zero(),
        })
    }

    /// The uses that are to be written down now. `all`: also those of keys of which one was written less than a minute
    /// ago.
    pub fn unwritten(&self, now: DateTime<Utc>, all: bool) -> Vec<KeyUse> {
        let due = |(id, held): (&Uuid, &HeldKey)| {
            let used = &held.used;
            let last = used.last.load(Ordering::Relaxed);
            let is_new = last > used.written.load(Ordering::Relaxed);
            let is_due = all || now.timestamp() - used.written_at.load(Ordering::Relaxed) >= BETWEEN_WRITES;
            let at = DateTime::from_timestamp(last, 0)?;
            (is_new && is_due).then_some(KeyUse { id: *id, at })
        };
        self.0.iter().filter_map(due).collect()
    }

    /// These uses are written down.
    pub fn written(&self, uses: &[KeyUse], now: DateTime<Utc>) {
        for KeyUse { id, at } in uses {
            if let Some(held) = self.0.get(id) {
                held.used.written.fetch_max(at.timestamp(), Ordering::Relaxed);
                held.used.written_at.store(now.timestamp(), Ordering::Relaxed);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;
    use crate::auth::Permission;

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000, 0).unwrap()
    }

    fn made(id: u128) -> (ApiKey, String) {
        let secret = ApiKeySecret::make(Uuid::from_u128(id)).unwrap();
        let key = ApiKey {
            id: secret.id,
            name: "plugin".to_owned(),
            permissions: [Permission::MessageSend].into(),
            hash: secret.hash(),
            created_at: now(),
            created_by: "admin".to_owned(),
            expires_at: now() + TimeDelta::hours(1),
            last_used_at: None,
            revoked_at: None,
            revoked_by: None,
        };
        (key, secret.text().expose_secret().to_owned())
    }

    #[test]
    fn a_key_opens_what_it_is_for_until_its_time_is_over_to_the_moment() {
        let (key, text) = made(1);
        let keys = ApiKeys::new([key], &ApiKeys::default());
        let caller = keys.verify(&text, now()).unwrap();
        assert_eq!(caller.subject, "key:plugin");
        assert!(caller.may(Permission::MessageSend) && !caller.may(Permission::MessageRead));
        assert_eq!(caller.refused_from(), now() + TimeDelta::hours(1));

        let last = now() + TimeDelta::hours(1) - TimeDelta::milliseconds(1);
        assert!(keys.verify(&text, last).is_ok());
        let over = now() + TimeDelta::hours(1);
        assert_eq!(keys.verify(&text, over), Err(KeyError::Expired(Uuid::from_u128(1))));
    }

    #[test]
    fn the_secret_of_another_key_and_a_key_that_is_gone_are_refused() {
        let ((one, text), (two, other)) = (made(1), made(2));
        let keys = ApiKeys::new([one], &ApiKeys::default());
        let mixed = format!("{}{}", &text[..36], &other[36..]);
        assert_eq!(keys.verify(&mixed, now()), Err(KeyError::Secret(Uuid::from_u128(1))));
        assert_eq!(keys.verify(&other, now()), Err(KeyError::Unknown(Uuid::from_u128(2))));
        assert_eq!(keys.verify("dm_", now()), Err(KeyError::Form));

        let later = ApiKeys::new([two], &keys);
        assert!(!later.has(Uuid::from_u128(1)) && later.verify(&text, now()).is_err());
        assert!(later.verify(&other, now()).is_ok());
    }

    #[test]
    fn a_use_is_written_at_once_and_then_once_a_minute() {
        let (key, text) = made(1);
        let keys = ApiKeys::new([key.clone()], &ApiKeys::default());
        let seconds = |n| now() + TimeDelta::seconds(n);
        let used_at = |n| KeyUse {
            id: key.id,
            at: seconds(n),
        };
        assert!(keys.unwritten(now(), true).is_empty(), "it was never used");

        keys.verify(&text, seconds(0)).unwrap();
        let first = keys.unwritten(seconds(1), false);
        assert_eq!(first, [used_at(0)]);
        // Until it is written it is due.
        assert_eq!(keys.unwritten(seconds(2), false), first);
        keys.written(&first, seconds(2));
        assert!(keys.unwritten(seconds(300), false).is_empty());

        keys.verify(&text, seconds(30)).unwrap();
        assert!(keys.unwritten(seconds(61), false).is_empty());
        assert_eq!(keys.unwritten(seconds(31), true), [used_at(30)]);
        // Other keys come and go meanwhile.
        let keys = ApiKeys::new([key.clone(), made(2).0], &keys);
        assert_eq!(keys.unwritten(seconds(62), false), [used_at(30)]);

        // A use that was refused is none.
        keys.written(&[used_at(30)], seconds(62));
        let wrong = format!("{}{}", &text[..36], "0".repeat(64));
        assert!(keys.verify(&wrong, seconds(100)).is_err());
        assert!(keys.unwritten(seconds(1_000), true).is_empty());
    }
}
