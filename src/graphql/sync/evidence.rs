//! What a run's verdict rests on.

use async_graphql::SimpleObject;

use crate::{
    catalogue,
    directory::{FieldGroup, RunEvidence},
    graphql::{relay::connection::int, statement::Statement},
};

/// Departments that could not be listed, for one reason.
#[derive(Debug, Clone, SimpleObject)]
pub struct UnreadableDepartments {
    /// DingTalk's code, say `50004`, or the kind of failure where it gave none.
    code: String,
    /// How many.
    departments: i32,
}

/// Fields that DingTalk no longer says of anybody, because a permission is probably missing.
#[derive(Debug, Clone, SimpleObject)]
pub struct WithheldFields {
    /// The permission, by its name in DingTalk's developer console.
    permission: String,
    /// Of how many people who were read the mirror keeps such a field from before.
    users: i32,
}

/// What a run's verdict rests on: both sides of every cross-check.
#[derive(Debug, Clone, SimpleObject)]
pub struct SyncEvidence {
    /// Departments that anything named, the home-school directory left out.
    departments_seen: i32,
    /// Departments whose children and people could both be listed.
    departments_readable: i32,
    /// Departments that could not be listed, by reason.
    departments_unreadable: Vec<UnreadableDepartments>,
    /// Departments of the home-school directory, skipped.
    home_school_departments: i32,
    /// Departments whose parent was not found.
    orphan_departments: i32,
    /// People whom the departments' lists name, each once.
    users_by_departments: i32,
    /// People who were read, by a department's list or by their own record.
    users_read: i32,
    /// Of those, how many by a department's list alone, because nothing pointed at a change: what only `user/get` tells
    /// of them (the manager, the roles) is as it was when their own record was last read.
    users_by_list_alone: i32,
    /// People whose own departments and the departments' lists do not agree.
    one_sided_users: i32,
    /// Of these: whom a department's list names, and their own record doesn't name that department. Somebody who moved
    /// meanwhile may count on either side. Null in runs from before this was kept, as other numbers by side or kind.
    users_only_in_lists: Option<i32>,
    /// Of these: whose own record names a department, and its list doesn't name them.
    users_only_in_records: Option<i32>,
    /// People who were listed, but whose record could not be read.
    users_unreadable: i32,
    /// People who were listed, but lie outside the app's contact scope.
    users_out_of_scope: i32,
    /// DingTalk's own count of the company's people, whatever the scope; null where it could not be asked.
    user_count: Option<i32>,
    /// People whom the mirror had before the run.
    users_in_mirror: i32,
    /// Departments that the mirror had before the run.
    departments_in_mirror: i32,
    /// Records of the mirror that the run did not come across.
    absent: i32,
    /// Of those: people.
    absent_users: Option<i32>,
    /// Of those: departments.
    absent_departments: Option<i32>,
    /// Of those, how many DingTalk says are gone, each asked for by its id. Only these can be removed.
    confirmed_gone: i32,
    /// Of those: people.
    confirmed_gone_users: Option<i32>,
    /// Of those: departments.
    confirmed_gone_departments: Option<i32>,
    /// Permissions that are probably missing: DingTalk no longer says their fields of anybody.
    fields_withheld: Vec<String>,
    /// The same as data: FIELDS_WITHHELD, with the permission and the fields that it opens.
    fields_withheld_statements: Vec<Statement>,
    /// The same permissions with the people behind them. Null in runs from before these were counted.
    withheld: Option<Vec<WithheldFields>>,
}

impl SyncEvidence {
    pub(crate) fn new(evidence: &RunEvidence) -> Self {
        let unreadable = evidence.departments_unreadable.iter();
        let withheld = evidence.users_withheld.as_ref();
        let withheld = withheld.map(|withheld| {
            let withheld = withheld.iter().map(|(permission, users)| WithheldFields {
                permission: permission.clone(),
                users: int(*users),
            });
            withheld.collect()
        });
        Self {
            departments_seen: int(evidence.departments_seen),
            departments_readable: int(evidence.departments_readable),
            departments_unreadable: unreadable
                .map(|(code, departments)| UnreadableDepartments {
                    code: code.clone(),
                    departments: int(*departments),
                })
                .collect(),
            home_school_departments: int(evidence.home_school_departments),
            orphan_departments: int(evidence.orphan_departments),
            users_by_departments: int(evidence.users_by_departments),
            users_read: int(evidence.users_read),
            users_by_list_alone: int(evidence.users_by_list_alone),
            one_sided_users: int(evidence.one_sided_users),
            users_only_in_lists: evidence.users_only_in_lists.map(int),
            users_only_in_records: evidence.users_only_in_records.map(int),
            users_unreadable: int(evidence.users_unreadable),
            users_out_of_scope: int(evidence.users_out_of_scope),
            user_count: evidence.user_count.map(int),
            users_in_mirror: int(evidence.users_in_mirror),
            departments_in_mirror: int(evidence.departments_in_mirror),
            absent: int(evidence.absent),
            absent_users: evidence.absent_users.map(int),
            absent_departments: evidence.absent_departments.map(int),
            confirmed_gone: int(evidence.confirmed_gone),
            confirmed_gone_users: evidence.confirmed_gone_users.map(int),
            confirmed_gone_departments: evidence.confirmed_gone_departments.map(int),
            fields_withheld: evidence.fields_withheld.clone(),
            fields_withheld_statements: evidence
                .fields_withheld
                .iter()
                .map(|it| withheld_statement(it))
                .collect(),
            withheld,
        }
    }
}

/// That DingTalk says nobody's fields any more that this permission opens.
fn withheld_statement(permission: &str) -> Statement {
    let group = FieldGroup::of_permission(permission);
    let said = group.map_or_else(|| catalogue::Statement::other(permission), FieldGroup::withheld);
    said.into()
}
