//! Between the directory's values and the rows that hold them.

use sea_orm::Set;

use super::{
    entity::{department, membership, user},
    error::{StoreError, corrupt},
    text::{by_name, by_name_opt, from_json, json, name_of, without_nul, without_nul_opt},
};
use crate::directory::{
    Department, DepartmentFacts, DeptId, Membership, Raw, Revision, SharedText, Standing, User, UserFacts, UserId,
};

pub(super) fn department_row(record: &Department, revision: Revision) -> department::ActiveModel {
    let (facts, standing) = (&record.facts, &record.standing);

    department::ActiveModel {
        dept_id: Set(facts.dept_id.0),
        parent_id: Set(facts.parent_id.map(|id| id.0)),
        name: Set(without_nul(facts.name.as_str())),
        sort_order: Set(facts.order),
        hide_dept: Set(facts.hide_dept),
        outer_dept: Set(facts.outer_dept),
        create_dept_group: Set(facts.create_dept_group),
        auto_add_user: Set(facts.auto_add_user),
        manager_userids: Set(json(&facts.manager_userids)),
        org_dept_owner: Set(facts.org_dept_owner.as_ref().map(|id| without_nul(id.as_str()))),
        dept_group_chat_id: Set(without_nul_opt(facts.dept_group_chat_id.as_ref())),
        source_identifier: Set(without_nul_opt(facts.source_identifier.as_ref())),
        brief: Set(without_nul_opt(facts.brief.as_ref())),
        raw: Set(facts.raw.text()),
        state: Set(name_of(&standing.state)),
        gone_cause: Set(standing.cause.as_ref().map(name_of)),
        revision: Set(revision),
        first_seen: Set(standing.first_seen),
        last_seen: Set(standing.last_seen),
    }
}

pub(super) fn department(row: department::Model) -> Result<Department, StoreError> {
    Ok(Department {
        facts: DepartmentFacts {
            dept_id: DeptId(row.dept_id),
            parent_id: row.parent_id.map(DeptId),
            name: row.name,
            order: row.sort_order,
            hide_dept: row.hide_dept,
            outer_dept: row.outer_dept,
            create_dept_group: row.create_dept_group,
            auto_add_user: row.auto_add_user,
            manager_userids: from_json("departments.manager_userids", &row.manager_userids)?,
            org_dept_owner: row.org_dept_owner.map(UserId::from),
            dept_group_chat_id: row.dept_group_chat_id,
            source_identifier: row.source_identifier,
            brief: row.brief,
            raw: raw("departments.raw", &row.raw)?,
        },
        standing: Standing {
            state: by_name("departments.state", &row.state)?,
            cause: by_name_opt("departments.gone_cause", row.gone_cause.as_deref())?,
            revision: row.revision,
            first_seen: row.first_seen,
            last_seen: row.last_seen,
        },
    })
}

pub(super) fn user_row(record: &User, revision: Revision) -> user::ActiveModel {
    let (facts, standing) = (&record.facts, &record.standing);

    user::ActiveModel {
        userid: Set(without_nul(facts.userid.as_str())),
        unionid: Set(without_nul_opt(facts.unionid.as_ref())),
        name: Set(without_nul(facts.name.as_str())),
        avatar: Set(without_nul_opt(facts.avatar.as_ref())),
        state_code: Set(without_nul_opt(facts.state_code.as_ref())),
        mobile: Set(without_nul_opt(facts.mobile.as_ref())),
        hide_mobile: Set(facts.hide_mobile),
        telephone: Set(without_nul_opt(facts.telephone.as_ref())),
        job_number: Set(without_nul_opt(facts.job_number.as_ref())),
        title: Set(without_nul_opt(facts.title.as_ref())),
        email: Set(without_nul_opt(facts.email.as_ref())),
        org_email: Set(without_nul_opt(facts.org_email.as_ref())),
        work_place: Set(without_nul_opt(facts.work_place.as_ref())),
        remark: Set(without_nul_opt(facts.remark.as_ref())),
        extension: Set(without_nul_opt(facts.extension.as_ref())),
        hired_date: Set(facts.hired_date),
        active: Set(facts.active),
        real_authed: Set(facts.real_authed),
        senior: Set(facts.senior),
        admin: Set(facts.admin),
        boss: Set(facts.boss),
        exclusive_account: Set(facts.exclusive_account),
        manager_userid: Set(facts.manager_userid.as_ref().map(|id| without_nul(id.as_str()))),
        raw: Set(facts.raw.text()),
        state: Set(name_of(&standing.state)),
        gone_cause: Set(standing.cause.as_ref().map(name_of)),
        revision: Set(revision),
        first_seen: Set(standing.first_seen),
        last_seen: Set(standing.last_seen),
    }
}

/// `memberships` in any order: a user's are sorted by department.
pub(super) fn user(row: user::Model, mut memberships: Vec<Membership>) -> Result<User, StoreError> {
    memberships.sort_by_key(|membership| membership.dept_id);
    memberships.shrink_to_fit();

    Ok(User {
        facts: UserFacts {
            userid: UserId::from(row.userid),
            unionid: row.unionid.map(SharedText::from),
            name: row.name.into(),
            avatar: row.avatar.map(SharedText::from),
            state_code: row.state_code.map(SharedText::from),
            mobile: row.mobile.map(SharedText::from),
            hide_mobile: row.hide_mobile,
            telephone: row.telephone.map(SharedText::from),
            job_number: row.job_number.map(SharedText::from),
            title: row.title.map(SharedText::from),
            email: row.email.map(SharedText::from),
            org_email: row.org_email.map(SharedText::from),
            work_place: row.work_place.map(SharedText::from),
            remark: row.remark.map(SharedText::from),
            extension: row.extension.map(SharedText::from),
            hired_date: row.hired_date,
            active: row.active,
            real_authed: row.real_authed,
            senior: row.senior,
            admin: row.admin,
            boss: row.boss,
            exclusive_account: row.exclusive_account,
            manager_userid: row.manager_userid.map(UserId::from),
            memberships,
            raw: raw("users.raw", &row.raw)?,
        },
        standing: Standing {
            state: by_name("users.state", &row.state)?,
            cause: by_name_opt("users.gone_cause", row.gone_cause.as_deref())?,
            revision: row.revision,
            first_seen: row.first_seen,
            last_seen: row.last_seen,
        },
    })
}

pub(super) fn membership_row(user: &UserId, membership: &Membership) -> membership::ActiveModel {
    membership::ActiveModel {
        userid: Set(without_nul(user.as_str())),
        dept_id: Set(membership.dept_id.0),
        sort_order: Set(membership.order),
        leader: Set(membership.leader),
    }
}

pub(super) fn membership(row: &membership::Model) -> Membership {
    Membership {
        dept_id: DeptId(row.dept_id),
        order: row.sort_order,
        leader: row.leader,
    }
}

/// Packed as it stands there.
fn raw(column: &str, text: &str) -> Result<Raw, StoreError> {
    Raw::from_text(text).map_err(|error| corrupt(column, error))
}
