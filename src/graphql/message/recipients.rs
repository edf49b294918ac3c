//! Whom to send to, and recipients of whatever messages.

use std::collections::BTreeSet;

use async_graphql::{Context, ID, InputObject, Object};
use uuid::Uuid;

use super::{
    object::{RecipientCount, count_list, states},
    recipient::{Recipient, RecipientConnection, RecipientState},
};
use crate::{
    auth::Permission,
    delivery::{DepartmentRecipients, Exceptions},
    graphql::{
        admission::list_cost,
        error::ApiError,
        guard::require,
        identity::resolution::ConfluenceIdentityInput,
        relay::{
            ids::{NodeKind, key_of},
            paging::Paging,
        },
        scalars::{BigInt, DateTime},
        services::ContextExt,
    },
    identity::ConfluenceIdentity,
    store::{RecipientPlace, RecipientQuery},
};

/// Name of the list in its cursors.
const FOUND: &str = "foundRecipients";

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

/// Which recipients, of whatever messages. All given conditions must hold.
#[derive(Debug, Clone, Default, InputObject)]
pub struct RecipientFilter {
    /// Of this message.
    message_id: Option<ID>,
    /// In one of these states; any if not given or empty.
    states: Option<Vec<RecipientState>>,
    /// This DingTalk user. Without `directory:read`: where the message named the person, not where a department brought
    /// them.
    user_id: Option<String>,
    /// Of messages of this caller.
    caller: Option<String>,
    /// Of messages that were asked for at this moment or later.
    created_from: Option<DateTime>,
    /// Of messages that were asked for before this moment.
    created_before: Option<DateTime>,
}

impl RecipientFilter {
    fn query(self, ctx: &Context<'_>) -> Result<RecipientQuery, ApiError> {
        Ok(RecipientQuery {
            // Whom a department brought is for those to know who may read the directory: nor may they be looked for.
            named: require(ctx, Permission::DirectoryRead).is_err(),
            message: self
                .message_id
                .map(|id| key_of::<Uuid>(&id, NodeKind::Message, "filter.messageId"))
                .transpose()?,
            states: states(self.states),
            userid: self.user_id.map(Into::into),
            caller: self.caller,
            created_from: self.created_from.map(Into::into),
            created_before: self.created_before.map(Into::into),
        })
    }
}

/// Queries for recipients.
#[derive(Default)]
pub struct RecipientsQuery;

#[Object]
impl RecipientsQuery {
    /// Recipients of whatever messages, those of the newest message first: say, everybody whose delivery failed today.
    /// Needs `message:read`.
    #[graphql(complexity = "list_cost(first.unwrap_or(50), child_complexity)")]
    async fn recipients(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which ones; without it all.")] filter: Option<RecipientFilter>,
        #[graphql(desc = "How many, 1 to 500.", default = 50)] first: Option<i32>,
        #[graphql(desc = "Only those behind this cursor.")] after: Option<String>,
    ) -> Option<Result<RecipientConnection, ApiError>> {
        Some(found(ctx, filter.unwrap_or_default(), first.unwrap_or(50), after.as_deref()).await)
    }

    /// How many recipients of whatever messages are in each state; states without any are left out. Needs
    /// `message:read`.
    #[graphql(complexity = "100 + child_complexity")]
    async fn recipient_counts(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which ones; without it all.")] filter: Option<RecipientFilter>,
    ) -> Option<Result<Vec<RecipientCount>, ApiError>> {
        Some(counts(ctx, filter.unwrap_or_default()).await)
    }
}

async fn counts(ctx: &Context<'_>, filter: RecipientFilter) -> Result<Vec<RecipientCount>, ApiError> {
    require(ctx, Permission::MessageRead)?;
    let store = &ctx.services().store;
    let counts = store.count_states(&filter.query(ctx)?).await?;
    Ok(count_list(counts))
}

async fn found(
    ctx: &Context<'_>,
    filter: RecipientFilter,
    first: i32,
    after: Option<&str>,
) -> Result<RecipientConnection, ApiError> {
    require(ctx, Permission::MessageRead)?;
    let query = filter.query(ctx)?;
    let paging = Paging::<RecipientPlace>::new(FOUND, first, after)?;
    let services = ctx.services();
    let snapshot = services.snapshots.current();

    let page = services.store.find_recipients(&query, paging.request()).await?;
    let messages: BTreeSet<Uuid> = page.items.iter().map(|row| row.message_id).collect();
    let callers = services.store.callers_of(&messages).await?;
    let page = page.map(|row| {
        let caller = callers.get(&row.message_id).cloned().unwrap_or_default();
        Recipient::new(snapshot.clone(), caller, row)
    });

    let listing = paging.listing(page, |recipient| RecipientPlace::At {
        message: recipient.row.message_id,
        position: recipient.row.position,
    });
    Ok(RecipientConnection { listing, extra: query })
}
