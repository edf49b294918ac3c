//! Records for the tests of every room that reads the directory.

use super::*;
use chrono::{DateTime, Utc};

/// A moment.
pub(crate) fn moment() -> DateTime<Utc> {
    DateTime::from_timestamp(1_700_000_000, 0).expect("a valid time")
}

/// A record's standing in this state.
pub(crate) fn standing(state: RecordState) -> Standing {
    let cause = (state == RecordState::Gone).then_some(GoneCause::Left);
    Standing {
        state,
        cause,
        revision: 1,
        first_seen: moment(),
        last_seen: moment(),
    }
}

/// A department that says nothing but its name and parent.
pub(crate) fn department_facts(id: i64, parent: Option<i64>) -> DepartmentFacts {
    DepartmentFacts {
        parent_id: parent.map(DeptId),
        name: format!("部门{id}"),
        ..DepartmentFacts::unsaid(DeptId(id))
    }
}

/// An ACTIVE department.
pub(crate) fn department(id: i64, parent: Option<i64>) -> Department {
    Department {
        facts: department_facts(id, parent),
        standing: standing(RecordState::Active),
    }
}

/// A user who says nothing but their name and departments.
pub(crate) fn user_facts(id: &str, departments: &[i64]) -> UserFacts {
    let membership = |id: &i64| Membership {
        dept_id: DeptId(*id),
        order: None,
        leader: None,
    };

    UserFacts {
        name: format!("员工{id}").into(),
        memberships: departments.iter().map(membership).collect(),
        ..UserFacts::unsaid(id.into())
    }
}

/// An ACTIVE user.
pub(crate) fn user(id: &str, departments: &[i64]) -> User {
    User {
        facts: user_facts(id, departments),
        standing: standing(RecordState::Active),
    }
}

/// A run that has just begun.
pub(crate) fn run(at: DateTime<Utc>) -> SyncRun {
    SyncRun {
        id: uuid::Uuid::nil(),
        number: None,
        trigger: RunTrigger::Request,
        mode: RunMode::Full,
        requested_by: None,
        strategy: None,
        phase: RunPhase::Planning,
        phases: Vec::new(),
        state: RunState::Running,
        verdict: None,
        findings: Vec::new(),
        evidence: None,
        resumed: 0,
        started_at: at,
        finished_at: None,
        progress: RunProgress::default(),
        counts: RunCounts::default(),
        revision: None,
        shown_from: None,
        error: None,
    }
}
