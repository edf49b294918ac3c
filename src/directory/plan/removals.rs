//! Records that are gone: removed, or held until somebody approves.

use chrono::{DateTime, Utc};

use crate::{
    catalogue::Statement,
    directory::{
        Change, ChangeKind, ChangeSet, Department, DeptId, GoneCause, HeldRemoval, HeldState, Observation, RecordId,
        RecordState, Snapshot, Standing, User,
    },
};

/// Adds the departments that have a cause and were not read after all. What is gone or held already stays so.
pub(super) fn departments(snapshot: &Snapshot, observed: &Observation, now: DateTime<Utc>, set: &mut ChangeSet) {
    for (id, cause) in &observed.department_causes {
        let old = snapshot.department(*id).filter(|_| !observed.has_department(*id));
        if let Some(old) =
            old.filter(|old| is_still_there(&old.standing) && !observed.has_older_department(*id, &old.standing))
        {
            let hold = observed.holds.departments.get(id);
            let record = RecordId::Department(*id);
            let (standing, change) = gone(record.clone(), &old.standing, *cause, hold.is_some());

            set.held
                .extend(hold.map(|top| waiting(record, *cause, *top, observed, now)));
            set.departments.push(Department {
                facts: old.facts.clone(),
                standing,
            });
            set.changes.push(change);
        }
    }
}

/// As [`departments`], of people.
pub(super) fn users(snapshot: &Snapshot, observed: &Observation, now: DateTime<Utc>, set: &mut ChangeSet) {
    for (id, cause) in &observed.user_causes {
        let old = snapshot.user(id.as_str()).filter(|_| !observed.has_user(id.as_str()));
        if let Some(old) =
            old.filter(|old| is_still_there(&old.standing) && !observed.has_older_user(id.as_str(), &old.standing))
        {
            let hold = observed.holds.users.get(id);
            let record = RecordId::User(id.clone());
            let (standing, change) = gone(record.clone(), &old.standing, *cause, hold.is_some());

            set.held
                .extend(hold.map(|top| waiting(record, *cause, *top, observed, now)));
            set.users.push(User {
                facts: old.facts.clone(),
                standing,
            });
            set.changes.push(change);
        }
    }
}

fn is_still_there(standing: &Standing) -> bool {
    standing.state == RecordState::Active
}

fn waiting(
    record: RecordId,
    cause: GoneCause,
    department: Option<DeptId>,
    observed: &Observation,
    now: DateTime<Utc>,
) -> HeldRemoval {
    HeldRemoval {
        record,
        cause,
        state: HeldState::Pending,
        department,
        reason: Statement::several(observed.holds.reasons.iter().cloned()),
        held_at: now,
        decided_at: None,
        decided_by: None,
    }
}

/// A record made GONE, or HELD.
pub(super) fn gone(record: RecordId, old: &Standing, cause: GoneCause, held: bool) -> (Standing, Change) {
    let (state, kind) = if held {
        (RecordState::Held, ChangeKind::Held)
    } else {
        (RecordState::Gone, ChangeKind::Removed)
    };

    let standing = Standing {
        state,
        cause: Some(cause),
        ..old.clone()
    };
    let change = Change {
        entity: record.into(),
        kind,
        fields: Vec::new(),
    };

    (standing, change)
}
