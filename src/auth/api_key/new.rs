//! A key that somebody asks for.

use std::{collections::BTreeSet, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};

use crate::{
    auth::{caller::Caller, permission::Permission},
    catalogue::api_keys as said,
    problem::{Problem, ProblemCode},
};

/// Characters of a name.
const LONGEST_NAME: usize = 64;

/// What somebody wants a key to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewApiKey {
    /// Whom it is for.
    pub name: String,
    /// What it shall open.
    pub permissions: BTreeSet<Permission>,
    /// Until when.
    pub expires_at: DateTime<Utc>,
}

impl NewApiKey {
    /// Everything that is wrong with it, by the names of the GraphQL input. `longest`: how long a key may live.
    pub fn check(&self, now: DateTime<Utc>, longest: Duration) -> Vec<Problem> {
        let mut problems = Vec::new();
        if self.name.trim().is_empty() {
            problems.push(Problem::new(
                ProblemCode::Required,
                &["name"],
                said::API_KEY_NAME_MISSING {},
            ));
        }
        let length = self.name.chars().count();
        if length > LONGEST_NAME {
            let most = LONGEST_NAME;
            let message = said::API_KEY_NAME_TOO_LONG { length, most };
            problems.push(Problem::new(ProblemCode::TooLong, &["name"], message));
        }
        if self.name.chars().any(char::is_control) {
            problems.push(Problem::new(
                ProblemCode::Invalid,
                &["name"],
                said::API_KEY_NAME_CONTROL {},
            ));
        }

        if self.permissions.is_empty() {
            let message = said::API_KEY_OPENS_NOTHING {};
            problems.push(Problem::new(ProblemCode::Required, &["permissions"], message));
        }

        let longest = TimeDelta::from_std(longest).unwrap_or(TimeDelta::MAX);
        if self.expires_at <= now {
            let message = said::API_KEY_OVER { at: now };
            problems.push(Problem::new(ProblemCode::Invalid, &["expiresAt"], message));
        } else if self.expires_at - now > longest {
            let message = said::API_KEY_TOO_LONG {
                until: now.checked_add_signed(longest).unwrap_or(DateTime::<Utc>::MAX_UTC),
            };
            problems.push(Problem::new(ProblemCode::TooLong, &["expiresAt"], message));
        }
        problems
    }

    /// What is wrong with `caller` giving it: nobody gives what they don't have, and a key makes no keys, so that one
    /// that leaked ends with its revocation.
    pub fn check_giver(&self, caller: &Caller) -> Vec<Problem> {
        if caller.key.is_some() {
            return vec![Problem::new(ProblemCode::Invalid, &[], said::API_KEY_MAKES_NO_KEY {})];
        }

        let beyond = self.permissions.difference(&caller.permissions);
        let told = |permission: &Permission| {
            let permission = permission.to_string();
            Problem::new(
                ProblemCode::Invalid,
                &["permissions"],
                said::API_KEY_BEYOND_GIVER { permission },
            )
        };
        beyond.map(told).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000, 0).unwrap()
    }

    fn good() -> NewApiKey {
        NewApiKey {
            name: "知识库 plugin".to_owned(),
            permissions: [Permission::MessageSend].into(),
            expires_at: now() + TimeDelta::days(90),
        }
    }

    fn wrong(new: &NewApiKey) -> Vec<String> {
        let problems = new.check(now(), Duration::from_secs(365 * 86_400));
        problems.iter().map(Problem::field).collect()
    }

    #[test]
    fn what_is_wrong_is_told_by_its_field() {
        assert!(wrong(&good()).is_empty());
        let named = |name: &str| NewApiKey {
            name: name.to_owned(),
            ..good()
        };
        let until = |expires_at| NewApiKey { expires_at, ..good() };

        assert_eq!(wrong(&named(" ")), ["name"]);
        assert_eq!(wrong(&named("a\nb")), ["name"]);
        assert_eq!(wrong(&named(&"键".repeat(65))), ["name"]);
        assert!(wrong(&named(&"键".repeat(64))).is_empty());
        assert_eq!(wrong(&until(now())), ["expiresAt"]);
        assert!(wrong(&until(now() + TimeDelta::days(365))).is_empty());
        assert_eq!(wrong(&until(now() + TimeDelta::days(366))), ["expiresAt"]);
        assert_eq!(wrong(&until(DateTime::<Utc>::MAX_UTC)), ["expiresAt"]);
        let nothing = NewApiKey {
            name: String::new(),
            permissions: [].into(),
            expires_at: now(),
        };
        assert_eq!(wrong(&nothing), ["name", "permissions", "expiresAt"]);
    }

    #[test]
    fn nobody_gives_what_they_lack_and_a_key_gives_nothing() {
        let mut caller = Caller {
            subject: "admin".to_owned(),
            permissions: [Permission::SettingsWrite, Permission::MessageSend].into(),
            expires_at: now(),
            key: None,
            issuer: None,
            token: None,
            leeway: TimeDelta::zero(),
        };
        assert!(good().check_giver(&caller).is_empty());

        let more = NewApiKey {
            permissions: [Permission::MessageSend, Permission::SyncRun].into(),
            ..good()
        };
        let told = more.check_giver(&caller);
        assert_eq!(told.len(), 1);
        assert!(told[0].message.to_string().contains("sync:run"), "{told:?}");

        caller.key = Some(uuid::Uuid::from_u128(1));
        assert_eq!(good().check_giver(&caller).len(), 1);
    }
}
