//! Whom to send to, and whom not.

use async_graphql::InputObject;

use crate::{
    delivery::{DepartmentRecipients, Exceptions},
    graphql::{identity::resolution::ConfluenceIdentityInput, scalars::BigInt},
    identity::ConfluenceIdentity,
};

/// Everybody of a department.
#[derive(Debug, Clone, InputObject)]
pub struct DepartmentRecipientsInput {
    /// DingTalk's id of the department.
    dept_id: BigInt,
    /// Whether the departments below it count, too.
    #[graphql(default_with = "Some(true)")]
    include_subtree: Option<bool>,
}

/// Who gets nothing, although the message names them or their department.
#[derive(Debug, Default, InputObject)]
pub struct ExceptionsInput {
    /// Confluence users. Whom nobody is found for leaves nobody out, which `notices` say; with `requireAllMatched` it
    /// is an error.
    identities: Option<Vec<ConfluenceIdentityInput>>,
    /// DingTalk users by `userId`. Those whom the mirror does not have are told as Confluence users are whom nobody is
    /// found for.
    user_ids: Option<Vec<String>>,
    /// Departments.
    departments: Option<Vec<DepartmentRecipientsInput>>,
}

/// Whom to send to, in any mix; 1,000 entries at most, and 100,000 people with those whom departments bring. Each
/// DingTalk user gets the message once.
#[derive(Debug, Default, InputObject)]
pub struct RecipientsInput {
    /// Confluence users; they are resolved as `resolve` does it.
    pub(crate) identities: Option<Vec<ConfluenceIdentityInput>>,
    /// DingTalk users by `userId`.
    pub(crate) user_ids: Option<Vec<String>>,
    /// Everybody of these departments.
    pub(crate) departments: Option<Vec<DepartmentRecipientsInput>>,
    /// Minus these, 1,000 entries at most.
    pub(crate) except: Option<ExceptionsInput>,
}

/// Identities as the delivery knows them.
pub(crate) fn identities(given: Option<Vec<ConfluenceIdentityInput>>) -> Vec<ConfluenceIdentity> {
    given.unwrap_or_default().into_iter().map(Into::into).collect()
}

/// Departments as the delivery knows them.
pub(crate) fn departments(given: Option<Vec<DepartmentRecipientsInput>>) -> Vec<DepartmentRecipients> {
    let department = |given: DepartmentRecipientsInput| DepartmentRecipients {
        dept_id: given.dept_id.0,
        include_subtree: given.include_subtree.unwrap_or(true),
    };
    given.unwrap_or_default().into_iter().map(department).collect()
}

impl From<ExceptionsInput> for Exceptions {
    fn from(given: ExceptionsInput) -> Self {
        Self {
            identities: identities(given.identities),
            userids: given.user_ids.unwrap_or_default().into_iter().map(Into::into).collect(),
            departments: departments(given.departments),
        }
    }
}
