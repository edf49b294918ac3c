//! Recipients of whatever messages, by filter.

use std::collections::BTreeSet;

use async_graphql::{Context, ID, InputObject, Object};
use uuid::Uuid;

use super::{
    recipient::{Recipient, RecipientConnection, RecipientState, states},
    recipient_count::{RecipientCount, count_list},
};
use crate::{
    auth::Permission,
    graphql::{
        error::ApiError,
        guard::require,
        identity::resolution::{ConfluenceIdentityInput, ResolutionStatus},
        relay::{
            ids::{NodeKind, key_of},
            paging::{PageArgs, Paging},
        },
        scalars::DateTime,
        services::ContextExt,
    },
    identity::{ConfluenceIdentity, KeyKind},
    store::{RecipientPlace, RecipientQuery},
};

/// Name of the list in its cursors.
const FOUND: &str = "foundRecipients";

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
    /// This Confluence user: whoever was named by any of these keys, an id exactly, a user name or an email address
    /// whatever the case of its letters; `displayName` names nobody. The email address needs `directory:contact`.
    identity: Option<ConfluenceIdentityInput>,
    /// Those Confluence users of whom resolving gave one of these; any recipient if not given or empty.
    resolution_statuses: Option<Vec<ResolutionStatus>>,
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
            identity: self
                .identity
                .map(|identity| keys(ctx, identity))
                .transpose()?
                .unwrap_or_default(),
            resolutions: self
                .resolution_statuses
                .unwrap_or_default()
                .into_iter()
                .map(Into::into)
                .collect(),
            userid: self.user_id.map(Into::into),
            caller: self.caller,
            created_from: self.created_from.map(Into::into),
            created_before: self.created_before.map(Into::into),
        })
    }
}

/// By what recipients are looked for.
fn keys(ctx: &Context<'_>, given: ConfluenceIdentityInput) -> Result<Vec<(KeyKind, String)>, ApiError> {
    let identity = ConfluenceIdentity::from(given);
    // An address that may not be read may not be tested either.
    if identity.email.is_some() {
        require(ctx, Permission::DirectoryContact)?;
    }

    let keys: Vec<_> = identity.keys().map(|(kind, key)| (kind, key.into_owned())).collect();
    if keys.is_empty() {
        let why = "`filter.identity` has no key: give an accountId, a userKey, a username or an email";
        return Err(ApiError::bad_input(why));
    }
    Ok(keys)
}

/// Queries for recipients.
#[derive(Default)]
pub struct RecipientsQuery;

#[Object]
impl RecipientsQuery {
    /// Recipients of whatever messages, those of the newest message first: say, everybody whose delivery failed today.
    /// Needs `message:read`.
    #[graphql(tag = "asks")]
    async fn recipients(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which ones; without it all.")] filter: Option<RecipientFilter>,
        #[graphql(desc = "How many from the front, 1 to 500; 50 if neither `first` nor `last` is given.")]
        first: Option<i32>,
        #[graphql(desc = "Only those behind this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 1 to 500.")] last: Option<i32>,
        #[graphql(desc = "Only those in front of this cursor.")] before: Option<String>,
    ) -> Option<Result<RecipientConnection, ApiError>> {
        Some(
            found(
                ctx,
                filter.unwrap_or_default(),
                &PageArgs::new(first, after, last, before),
            )
            .await,
        )
    }

    /// How many recipients of whatever messages are in each state; states without any are left out. Needs
    /// `message:read`.
    #[graphql(tag = "asks")]
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

async fn found(ctx: &Context<'_>, filter: RecipientFilter, args: &PageArgs) -> Result<RecipientConnection, ApiError> {
    require(ctx, Permission::MessageRead)?;
    let query = filter.query(ctx)?;
    let paging = Paging::<RecipientPlace>::new(FOUND, args, 50)?;
    let services = ctx.services();
    let snapshot = ctx.snapshot();

    let page = services.store.find_recipients(&query, paging.request()).await?;
    let messages: BTreeSet<Uuid> = page.items.iter().map(|row| row.message_id).collect();
    let namers = services.store.namers_of(&messages).await?;
    let page = page.map(|row| {
        let namer = namers.get(&row.message_id).cloned().unwrap_or_default();
        Recipient::new(snapshot.clone(), namer, row)
    });

    let listing = paging.listing(page, |recipient| RecipientPlace::At {
        message: recipient.row.message_id,
        position: recipient.row.position,
    });
    Ok(RecipientConnection { listing, extra: query })
}
