//! From what a crawl saw to what the mirror shall write: pure, so that it can be tested to the end and shown before it
//! is done.

mod asked;
mod decide;
mod diff;
mod merge;
mod observation;
mod raw;
mod removals;
#[cfg(test)]
mod tests;
mod withheld;

pub use asked::{AskTimes, AskedAt, Readings, Trace};
use chrono::{DateTime, Utc};
pub use decide::{Decision, decide};
pub use observation::{DepartmentSource, Observation, Removals, UserSource};
use withheld::Silence;
pub use withheld::{people_with, withheld};

use super::{
    Change, ChangeKind, ChangeSet, Department, DepartmentFacts, FieldChange, RecordId, RecordState, Snapshot, Standing,
    User, UserFacts,
};

/// What turns the mirror of `snapshot` into what was observed. Nothing differs: nothing to write.
///
/// A source's silence about what it can't say changes nothing; its silence about what it can say is a value (`None`),
/// unless it fell silent about everybody ([`withheld`]), or about all of a single record's fields that need one
/// permission. Records that were seen but not read stay as they are.
pub fn plan(snapshot: &Snapshot, observed: &Observation, now: DateTime<Utc>) -> ChangeSet {
    let mut set = ChangeSet::default();
    for (facts, source) in observed
        .departments
        .values()
        .filter(|(facts, _)| facts.dept_id.is_company())
    {
        let old = snapshot.department(facts.dept_id);
        if old.is_some_and(|old| observed.has_older_department(facts.dept_id, &old.standing)) {
            continue;
        }

        let facts = merge::department(old.map(|old| &old.facts), facts.clone(), *source);
        let id = RecordId::Department(facts.dept_id);
        let known = old.map(|old| {
            (
                &old.standing,
                diff::department(&old.facts, &facts),
                is_moved(&old.facts, &facts),
            )
        });
        if let Some((standing, change)) = judge(id, known, now) {
            set.departments.push(Department { facts, standing });
            set.changes.push(change);
        }
    }

    // The log's entries stand in the order of the records: all departments first, then people.
    let removes = observed.removals == Removals::Confirmed;
    if removes {
        removals::departments(snapshot, observed, now, &mut set);
    }
    plan_users(snapshot, observed, now, &mut set);
    if removes {
        removals::users(snapshot, observed, now, &mut set);
    }
    set
}

fn plan_users(snapshot: &Snapshot, observed: &Observation, now: DateTime<Utc>, set: &mut ChangeSet) {
    let silence = Silence::of(snapshot, observed);
    for (facts, source) in observed.users.values() {
        let old = snapshot.user(facts.userid.as_str());
        if old.is_some_and(|old| observed.has_older_user(facts.userid.as_str(), &old.standing)) {
            continue;
        }

        let facts = merge::user(old.map(|old| &old.facts), facts.clone(), *source, &silence);
        let id = RecordId::User(facts.userid.clone());
        let known = old.map(|old| {
            (
                &old.standing,
                diff::user(&old.facts, &facts),
                is_transferred(&old.facts, &facts),
            )
        });
        if let Some((standing, change)) = judge(id, known, now) {
            set.users.push(User { facts, standing });
            set.changes.push(change);
        }
    }
}

fn is_moved(old: &DepartmentFacts, new: &DepartmentFacts) -> bool {
    old.parent_id != new.parent_id
}

fn is_transferred(old: &UserFacts, new: &UserFacts) -> bool {
    // Both lists are sorted and hold each department once.
    !old.memberships
        .iter()
        .map(|it| it.dept_id)
        .eq(new.memberships.iter().map(|it| it.dept_id))
}

/// The standing and the log's entry of a record that was read; `None` where nothing differs.
fn judge(
    id: RecordId,
    known: Option<(&Standing, Vec<FieldChange>, bool)>,
    now: DateTime<Utc>,
) -> Option<(Standing, Change)> {
    let active = |first_seen| Standing {
        state: RecordState::Active,
        cause: None,
        revision: 0,
        first_seen,
        last_seen: now,
    };

    let Some((old, fields, moved)) = known else {
        let change = Change {
            entity: id.into(),
            kind: ChangeKind::Created,
            fields: Vec::new(),
        };
        return Some((active(now), change));
    };

    let kind = match old.state {
        RecordState::Gone | RecordState::Held => ChangeKind::Restored,
        RecordState::Active if fields.is_empty() => return None,
        RecordState::Active if moved => ChangeKind::Moved,
        RecordState::Active => ChangeKind::Updated,
    };
    Some((
        active(old.first_seen),
        Change {
            entity: id.into(),
            kind,
            fields,
        },
    ))
}
