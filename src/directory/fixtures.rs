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
        dept_id: DeptId(id),
        parent_id: parent.map(DeptId),
        name: format!("部门{id}"),
        order: None,
        hide_dept: None,
        outer_dept: None,
        create_dept_group: None,
        auto_add_user: None,
        manager_userids: Vec::new(),
        org_dept_owner: None,
        dept_group_chat_id: None,
        source_identifier: None,
        brief: None,
        raw: Raw::default(),
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
        userid: id.into(),
        unionid: None,
        name: format!("员工{id}").into(),
        avatar: None,
        state_code: None,
        mobile: None,
        hide_mobile: None,
        telephone: None,
        job_number: None,
        title: None,
        email: None,
        org_email: None,
        work_place: None,
        remark: None,
        extension: None,
        hired_date: None,
        active: None,
        real_authed: None,
        senior: None,
        admin: None,
        boss: None,
        exclusive_account: None,
        manager_userid: None,
        memberships: departments.iter().map(membership).collect(),
        raw: Raw::default(),
    }
}

/// An ACTIVE user.
pub(crate) fn user(id: &str, departments: &[i64]) -> User {
    User {
        facts: user_facts(id, departments),
        standing: standing(RecordState::Active),
    }
}
