//! What made an identity somebody else between two looks at everybody.

use std::{collections::BTreeSet, sync::Arc};

use uuid::Uuid;

use super::grounds::Grounds;
use crate::{
    directory::UserId,
    identity::{ConfluenceIdentity, JudgedBy, KnownIdentities, Links, MatchOutcome, OutcomeChange, Resolution, judge},
};

/// What everybody was judged by, and as what they were known.
#[derive(Clone)]
pub(super) struct Look {
    pub(super) grounds: Grounds,
    pub(super) known: Arc<KnownIdentities>,
}

impl Look {
    /// The versions of everything: the same look again shows nothing new.
    pub(super) fn stands_at(&self) -> (JudgedBy, i64) {
        (self.grounds.judged_by(), self.known.version())
    }

    /// Who of the known identities is somebody else than was last recorded.
    pub(super) fn judge(&self) -> Vec<OutcomeChange> {
        let Grounds {
            snapshot,
            links,
            settings,
        } = &self.grounds;

        judge(
            snapshot,
            links,
            settings.matching_method,
            &self.known,
            self.grounds.judged_by(),
        )
    }
}

/// Without what an identity would not be who it is now.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Why {
    /// The record of one of these people changed.
    Directory(BTreeSet<UserId>),
    /// Links changed: by whom those that are there were made, and which are gone.
    Links {
        made_by: BTreeSet<String>,
        removed: BTreeSet<Uuid>,
    },
    /// The matching method.
    Method,
    /// The identity was asked for otherwise.
    Identity,
    /// Nobody had looked before, or several things would each have done it.
    Unknown,
}

/// What made `change` between the look `before` and the look `now`: whatever it needed, one thing put back at a time.
/// Where it needed several, what people did comes first, for they did it on top of the rest.
pub(super) fn why(before: Option<&Look>, now: &Look, change: &OutcomeChange) -> Why {
    let Some(before) = before else { return Why::Unknown };
    let (Some(then), Some(it)) = (before.known.get(change.id), now.known.get(change.id)) else {
        return Why::Unknown;
    };
    let (then, it) = (&then.identity, &it.identity);
    if MatchOutcome::from(&before.grounds.resolve(then)) != change.before {
        // Another process has looked since.
        return Why::Unknown;
    }

    let put_back = |grounds: Grounds, identity| {
        let found = grounds.resolve(identity);
        (MatchOutcome::from(&found) != change.after).then_some(found)
    };
    let present = || now.grounds.clone();
    let (links, settings) = (before.grounds.links.clone(), before.grounds.settings.clone());
    let snapshot = before.grounds.snapshot.clone();

    if put_back(Grounds { links, ..present() }, it).is_some() {
        return links_between(&before.grounds.links, &now.grounds.links, [then, it]);
    }
    if put_back(Grounds { settings, ..present() }, it).is_some() {
        return Why::Method;
    }
    if put_back(present(), then).is_some() {
        return Why::Identity;
    }
    match put_back(Grounds { snapshot, ..present() }, it) {
        Some(found) => Why::Directory(people(found).chain(people(present().resolve(it))).collect()),
        None => Why::Unknown,
    }
}

/// Everybody whom an answer depends on.
fn people(found: Resolution) -> impl Iterator<Item = UserId> {
    found.candidates.into_iter().chain(found.user)
}

fn links_between(before: &Links, now: &Links, of: [&ConfluenceIdentity; 2]) -> Why {
    let ids: BTreeSet<Uuid> = [before, now]
        .into_iter()
        .flat_map(|links| of.into_iter().flat_map(|identity| links.sharing_a_key(identity)))
        .map(|link| link.id)
        .collect();

    let (mut made_by, mut removed) = (BTreeSet::new(), BTreeSet::new());
    for id in ids {
        match now.get(id) {
            Some(link) if before.get(id) == Some(link) => {}
            Some(link) => drop(made_by.insert(link.by.clone())),
            None => drop(removed.insert(id)),
        }
    }
    Why::Links { made_by, removed }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::{
        directory::{RecordState, Snapshot, User, fixtures},
        identity::{IdentityLink, KnownIdentity, ResolutionStatus},
        settings::{MatchingMethod, Settings},
    };

    fn named(email: &str) -> ConfluenceIdentity {
        ConfluenceIdentity {
            username: Some("0102".into()),
            email: Some(email.into()),
            ..Default::default()
        }
    }

    fn person(id: &str, email: &str, job_number: &str, state: RecordState) -> User {
        let mut made = fixtures::user(id, &[1]);
        made.facts.email = Some(email.into());
        made.facts.job_number = Some(job_number.into());
        made.standing = fixtures::standing(state);
        made
    }

    fn link(number: u128, userid: &str, by: &str) -> IdentityLink {
        IdentityLink {
            id: Uuid::from_u128(number),
            identity: ConfluenceIdentity {
                username: Some("0102".into()),
                ..Default::default()
            },
            userid: userid.into(),
            reason: None,
            at: DateTime::UNIX_EPOCH,
            by: by.into(),
        }
    }

    /// Of the moment when nothing has happened: 0102 is anna by her email address, and would be ben by their job
    /// number.
    #[derive(Clone)]
    struct Moment {
        anna: RecordState,
        links: Vec<IdentityLink>,
        method: MatchingMethod,
        email: &'static str,
    }

    impl Moment {
        fn first() -> Self {
            Self {
                anna: RecordState::Active,
                links: Vec::new(),
                method: MatchingMethod::EmailToEmail,
                email: "anna@x",
            }
        }

        fn look(&self) -> Look {
            let mut settings = Settings::defaults();
            settings.matching_method = self.method;
            let people = vec![
                person("anna", "anna@x", "0101", self.anna),
                person("ben", "ben@x", "0102", RecordState::Active),
            ];

            let known = KnownIdentity {
                id: Uuid::from_u128(1),
                identity: named(self.email),
                first_seen: DateTime::UNIX_EPOCH,
                last_seen: DateTime::UNIX_EPOCH,
                linked: false,
                outcome: MatchOutcome {
                    status: ResolutionStatus::Unmatched,
                    user: None,
                },
                judged_by: JudgedBy::default(),
            };

            Look {
                grounds: Grounds {
                    snapshot: Arc::new(Snapshot::build(1, Vec::new(), people)),
                    links: Arc::new(Links::new(1, self.links.clone())),
                    settings: Arc::new(settings),
                },
                known: Arc::new(KnownIdentities::default().with(1, [known])),
            }
        }

        fn outcome(&self) -> MatchOutcome {
            MatchOutcome::from(&self.look().grounds.resolve(&named(self.email)))
        }
    }

    fn between(before: &Moment, now: &Moment) -> Why {
        let change = OutcomeChange {
            id: Uuid::from_u128(1),
            before: before.outcome(),
            after: now.outcome(),
            judged_by: JudgedBy::default(),
        };
        assert_ne!(change.before, change.after);
        why(Some(&before.look()), &now.look(), &change)
    }

    fn by_link(made_by: &[&str], removed: &[u128]) -> Why {
        Why::Links {
            made_by: made_by.iter().map(ToString::to_string).collect(),
            removed: removed.iter().map(|number| Uuid::from_u128(*number)).collect(),
        }
    }

    #[test]
    fn each_change_is_put_down_to_what_it_needed() {
        let first = Moment::first();
        let of = |change: fn(&mut Moment)| {
            let mut now = first.clone();
            change(&mut now);
            between(&first, &now)
        };

        assert_eq!(of(|it| it.email = "ben@x"), Why::Identity);
        assert_eq!(of(|it| it.method = MatchingMethod::UsernameToJobNumber), Why::Method);
        assert_eq!(
            of(|it| it.links = vec![link(1, "ben", "alice")]),
            by_link(&["alice"], &[])
        );

        let people = BTreeSet::from(["anna".into()]);
        assert_eq!(of(|it| it.anna = RecordState::Gone), Why::Directory(people));

        let linked = Moment {
            links: vec![link(1, "ben", "alice")],
            ..first.clone()
        };
        assert_eq!(between(&linked, &first), by_link(&[], &[1]));
    }

    #[test]
    fn what_happened_meanwhile_and_was_not_needed_is_not_named() {
        let first = Moment::first();
        let linked = Moment {
            anna: RecordState::Gone,
            links: vec![link(1, "ben", "alice")],
            ..first.clone()
        };
        assert_eq!(between(&first, &linked), by_link(&["alice"], &[]));

        let both_would_do = Moment {
            links: vec![link(1, "ben", "alice")],
            email: "ben@x",
            ..first.clone()
        };
        assert_eq!(between(&first, &both_would_do), Why::Unknown);
    }

    #[test]
    fn where_nobody_looked_before_or_somebody_else_looked_since_it_is_not_known() {
        let first = Moment::first();
        let gone = Moment {
            anna: RecordState::Gone,
            ..first.clone()
        };
        let change = OutcomeChange {
            id: Uuid::from_u128(1),
            before: first.outcome(),
            after: gone.outcome(),
            judged_by: JudgedBy::default(),
        };
        assert_eq!(why(None, &gone.look(), &change), Why::Unknown);

        let otherwise = OutcomeChange {
            before: Moment {
                email: "ben@x",
                ..first.clone()
            }
            .outcome(),
            ..change.clone()
        };
        assert_eq!(why(Some(&first.look()), &gone.look(), &otherwise), Why::Unknown);

        let unseen = OutcomeChange {
            id: Uuid::from_u128(2),
            ..change
        };
        assert_eq!(why(Some(&first.look()), &gone.look(), &unseen), Why::Unknown);
    }
}
