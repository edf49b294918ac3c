//! Between the directory's values and the rows that hold them.

use sea_orm::Set;

use super::{
    column::{CleanText, JsonText, Named, RawText},
    entity::{department, membership, user},
};
use crate::directory::{
    Department, DepartmentFacts, DeptId, Membership, Revision, SharedText, Standing, User, UserFacts, UserId,
};

pub(super) fn department_row(record: &Department, revision: Revision) -> department::ActiveModel {
    let (facts, standing) = (&record.facts, &record.standing);

    department::ActiveModel {
        dept_id: Set(facts.dept_id.0),
        parent_id: Set(facts.parent_id.map(|id| id.0)),
        name: Set(CleanText::from(facts.name.as_str())),
        sort_order: Set(facts.order),
        hide_dept: Set(facts.hide_dept),
        outer_dept: Set(facts.outer_dept),
        create_dept_group: Set(facts.create_dept_group),
        auto_add_user: Set(facts.auto_add_user),
        manager_userids: Set(JsonText(facts.manager_userids.clone())),
        org_dept_owner: Set(facts.org_dept_owner.as_ref().map(|id| CleanText::from(id.as_str()))),
        dept_group_chat_id: Set(CleanText::of(facts.dept_group_chat_id.as_ref())),
        source_identifier: Set(CleanText::of(facts.source_identifier.as_ref())),
        brief: Set(CleanText::of(facts.brief.as_ref())),
        raw: Set(RawText(facts.raw.clone())),
        state: Set(Named(standing.state)),
        gone_cause: Set(standing.cause.map(Named)),
        revision: Set(revision),
        first_seen: Set(standing.first_seen),
        last_seen: Set(standing.last_seen),
    }
}

pub(super) fn department(row: department::Model) -> Department {
    Department {
        facts: DepartmentFacts {
            dept_id: DeptId(row.dept_id),
            parent_id: row.parent_id.map(DeptId),
            name: row.name.into(),
            order: row.sort_order,
            hide_dept: row.hide_dept,
            outer_dept: row.outer_dept,
            create_dept_group: row.create_dept_group,
            auto_add_user: row.auto_add_user,
            manager_userids: row.manager_userids.0,
            org_dept_owner: row.org_dept_owner.map(UserId::from),
            dept_group_chat_id: row.dept_group_chat_id.map(String::from),
            source_identifier: row.source_identifier.map(String::from),
            brief: row.brief.map(String::from),
            raw: row.raw.0,
        },
        standing: Standing {
            state: row.state.0,
            cause: row.gone_cause.map(|cause| cause.0),
            revision: row.revision,
            first_seen: row.first_seen,
            last_seen: row.last_seen,
        },
    }
}

pub(super) fn user_row(record: &User, revision: Revision) -> user::ActiveModel {
    let (facts, standing) = (&record.facts, &record.standing);

    user::ActiveModel {
        userid: Set(CleanText::from(facts.userid.as_str())),
        unionid: Set(CleanText::of(facts.unionid.as_ref())),
        name: Set(CleanText::from(facts.name.as_str())),
        avatar: Set(CleanText::of(facts.avatar.as_ref())),
        state_code: Set(CleanText::of(facts.state_code.as_ref())),
        mobile: Set(CleanText::of(facts.mobile.as_ref())),
        hide_mobile: Set(facts.hide_mobile),
        telephone: Set(CleanText::of(facts.telephone.as_ref())),
        job_number: Set(CleanText::of(facts.job_number.as_ref())),
        title: Set(CleanText::of(facts.title.as_ref())),
        email: Set(CleanText::of(facts.email.as_ref())),
        org_email: Set(CleanText::of(facts.org_email.as_ref())),
        work_place: Set(CleanText::of(facts.work_place.as_ref())),
        remark: Set(CleanText::of(facts.remark.as_ref())),
        extension: Set(CleanText::of(facts.extension.as_ref())),
        hired_date: Set(facts.hired_date),
        active: Set(facts.active),
        real_authed: Set(facts.real_authed),
        senior: Set(facts.senior),
        admin: Set(facts.admin),
        boss: Set(facts.boss),
        exclusive_account: Set(facts.exclusive_account),
        manager_userid: Set(facts.manager_userid.as_ref().map(|id| CleanText::from(id.as_str()))),
        raw: Set(RawText(facts.raw.clone())),
        state: Set(Named(standing.state)),
        gone_cause: Set(standing.cause.map(Named)),
        revision: Set(revision),
        first_seen: Set(standing.first_seen),
        last_seen: Set(standing.last_seen),
    }
}

/// `memberships` in any order: a user's are sorted by department.
pub(super) fn user(row: user::Model, mut memberships: Vec<Membership>) -> User {
    memberships.sort_by_key(|membership| membership.dept_id);
    memberships.shrink_to_fit();

    User {
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
            raw: row.raw.0,
        },
        standing: Standing {
            state: row.state.0,
            cause: row.gone_cause.map(|cause| cause.0),
            revision: row.revision,
            first_seen: row.first_seen,
            last_seen: row.last_seen,
        },
    }
}

pub(super) fn membership_row(user: &UserId, membership: &Membership) -> membership::ActiveModel {
    membership::ActiveModel {
        userid: Set(CleanText::from(user.as_str())),
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
