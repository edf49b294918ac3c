//! What becomes of removals that waited for approval.

use chrono::{DateTime, Utc};

use super::removals::gone;
use crate::directory::{
    Change, ChangeKind, ChangeSet, Department, HeldRemoval, HeldState, RecordId, RecordState, Snapshot, Standing, User,
};

/// What somebody decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// The records are gone.
    Approve,
    /// The records stay, although DingTalk says that they are gone, until they are seen again.
    Reject,
}

/// Carries a decision out on the records that still wait; whoever came back meanwhile is left alone.
pub fn decide(
    snapshot: &Snapshot,
    held: &[HeldRemoval],
    decision: Decision,
    who: &str,
    now: DateTime<Utc>,
) -> ChangeSet {
    let mut set = ChangeSet::default();
    for removal in held.iter().filter(|it| it.state == HeldState::Pending) {
        let decided = match &removal.record {
            RecordId::Department(id) => snapshot.department(*id).and_then(|old| {
                let (standing, change) = outcome(removal, &old.standing, decision)?;
                let facts = old.facts.clone();
                set.departments.push(Department { facts, standing });
                Some(change)
            }),
            RecordId::User(id) => snapshot.user(id.as_str()).and_then(|old| {
                let (standing, change) = outcome(removal, &old.standing, decision)?;
                let facts = old.facts.clone();
                set.users.push(User { facts, standing });
                Some(change)
            }),
        };

        let Some(change) = decided else { continue };
        set.changes.push(change);
        if decision == Decision::Reject {
            set.held.push(HeldRemoval {
                state: HeldState::Rejected,
                decided_at: Some(now),
                decided_by: Some(who.to_owned()),
                ..removal.clone()
            });
        }
    }
    set
}

fn outcome(removal: &HeldRemoval, old: &Standing, decision: Decision) -> Option<(Standing, Change)> {
    if old.state != RecordState::Held {
        return None;
    }
    let (removed, change) = gone(removal.record.clone(), old, removal.cause, false);
    if decision == Decision::Approve {
        return Some((removed, change));
    }

    let kept = Standing {
        state: RecordState::Active,
        cause: None,
        ..old.clone()
    };
    let kind = ChangeKind::Restored;
    Some((kept, Change { kind, ..change }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        catalogue::Statement,
        directory::{
            DeptId, GoneCause, Holds, Observation, Removals,
            fixtures::{department, moment, user},
            plan,
        },
    };

    fn held() -> (Snapshot, Vec<HeldRemoval>) {
        let mirror = Snapshot::build(
            1,
            vec![department(1, None)],
            vec![user("anna", &[1]), user("ben", &[1])],
        );

        let observed = Observation {
            user_causes: [("anna".into(), GoneCause::Left), ("ben".into(), GoneCause::Left)].into(),
            holds: Holds {
                users: [("anna".into(), Some(DeptId(1)))].into(),
                reasons: vec![Statement::other("Too many.")],
                ..Holds::default()
            },
            removals: Removals::Confirmed,
            ..Observation::default()
        };

        let set = plan(&mirror, &observed, moment());
        assert_eq!((set.held.len(), set.changes.len()), (1, 2));
        (mirror.with(2, set.departments, set.users), set.held)
    }

    #[test]
    fn what_is_held_is_served_until_it_is_approved() {
        let (mirror, held) = held();
        assert_eq!(mirror.user_count(), 1, "ben is gone, anna is held");

        let set = decide(&mirror, &held, Decision::Approve, "eve", moment());
        assert_eq!(set.changes[0].kind, ChangeKind::Removed);

        let after = mirror.with(3, set.departments, set.users);
        let anna = after.user("anna").expect("kept as GONE");
        assert_eq!(
            (anna.standing.state, anna.standing.cause),
            (RecordState::Gone, Some(GoneCause::Left))
        );
        assert!(
            decide(&after, &held, Decision::Approve, "eve", moment()).is_empty(),
            "once is enough"
        );
    }

    #[test]
    fn a_rejection_restores_and_is_remembered_and_whoever_came_back_is_left_alone() {
        let (mirror, held) = held();
        let set = decide(&mirror, &held, Decision::Reject, "eve", moment());
        assert_eq!(
            (set.held[0].state, set.held[0].decided_by.as_deref()),
            (HeldState::Rejected, Some("eve"))
        );

        let after = mirror.with(3, set.departments, set.users);
        assert_eq!(
            after.user("anna").expect("they are there").standing.state,
            RecordState::Active
        );
        assert!(decide(&after, &held, Decision::Approve, "eve", moment()).is_empty());
    }
}
