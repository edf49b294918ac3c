//! Everybody who has the key that a method decided by. An answer lists some of them only.

use std::sync::Arc;

use super::{Resolution, Rule};
use crate::directory::{Snapshot, User, UserId};

/// The people whom `found` is about: for whoever looks for one of them among all, not among those few that are shown.
pub fn holders<'a>(snapshot: &'a Snapshot, found: &'a Resolution) -> impl Iterator<Item = &'a UserId> {
    let key = found.key.as_deref().unwrap_or_default();
    let (by_key, listed): (&[Arc<User>], &[UserId]) = match found.rule {
        Some(Rule::Email | Rule::OrgEmail) => (snapshot.users_by_email_key(key), &[]),
        Some(Rule::JobNumber) => (snapshot.users_by_job_number_key(key), &[]),
        // Links are as many as an identity has keys: all of them are candidates.
        Some(Rule::Link) | None => (&[], &found.candidates),
    };
    let by_key = by_key.iter().map(|user| &user.facts.userid);
    found.user.iter().chain(by_key).chain(listed)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::{
        directory::{RecordState, fixtures},
        identity::{ConfluenceIdentity, Links, resolve},
        settings::MatchingMethod,
    };

    #[test]
    fn more_people_than_are_shown_have_a_key() {
        let mut users: Vec<_> = (0..25).map(|n| fixtures::user(&format!("u{n:02}"), &[1])).collect();
        for (n, user) in users.iter_mut().enumerate() {
            match n {
                0 => user.facts.org_email = Some("All@x".into()),
                _ => user.facts.email = Some("all@x".into()),
            }
            user.facts.job_number = Some("7".into());
        }
        users[24].standing = fixtures::standing(RecordState::Gone);
        let snapshot = Snapshot::build(1, Vec::new(), users);

        let all: BTreeSet<_> = (0..25).map(|n| format!("u{n:02}")).collect();
        let asked = ConfluenceIdentity {
            username: Some("7".into()),
            email: Some("ALL@x".into()),
            ..Default::default()
        };

        for method in [MatchingMethod::EmailToEmail, MatchingMethod::UsernameToJobNumber] {
            let found = resolve(&snapshot, &Links::default(), method, &asked);
            assert_eq!(found.candidates.len(), 20, "{method:?}");
            let people: BTreeSet<_> = holders(&snapshot, &found).map(ToString::to_string).collect();
            assert_eq!(people, all, "{method:?}");
        }
    }
}
