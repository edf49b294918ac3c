//! Messages by filter.

use async_graphql::{Context, ID, InputObject, Object};
use uuid::Uuid;

use super::{
    object::{Message, MessageConnection, MessageState},
    recipient::{RecipientState, states},
    recipient_count::count_list,
};
use crate::{
    auth::Permission,
    graphql::{
        error::ApiError,
        guard::require,
        relay::{
            ids::{NodeKind, key_of},
            paging::{PageArgs, Paging},
        },
        scalars::DateTime,
        services::ContextExt,
    },
    store::MessageQuery,
};

/// Name of the list in its cursors.
const MESSAGES: &str = "messages";

/// Which messages. All given conditions must hold.
#[derive(Debug, Clone, Default, InputObject)]
pub struct MessageFilter {
    /// In one of these states; any if not given or empty.
    states: Option<Vec<MessageState>>,
    /// To this DingTalk user. Without `directory:read`: where the message named the person, not where a department
    /// brought them.
    user_id: Option<String>,
    /// With this key.
    idempotency_key: Option<String>,
    /// Of this caller.
    caller: Option<String>,
    /// With a recipient in one of these states; any if not given or empty.
    recipient_states: Option<Vec<RecipientState>>,
    /// That send this message again.
    resend_of: Option<ID>,
    /// Asked for at this moment or later.
    created_from: Option<DateTime>,
    /// Asked for before this moment.
    created_before: Option<DateTime>,
}

impl MessageFilter {
    fn query(self, ctx: &Context<'_>) -> Result<MessageQuery, ApiError> {
        let filter = self;
        let resend_of = filter.resend_of.as_ref();
        Ok(MessageQuery {
            // Whom a department brought is for those to know who may read the directory: nor may they be looked for.
            named: require(ctx, Permission::DirectoryRead).is_err(),
            states: filter.states.unwrap_or_default().into_iter().map(Into::into).collect(),
            userid: filter.user_id.map(Into::into),
            idempotency_key: filter.idempotency_key,
            caller: filter.caller,
            recipient_states: states(filter.recipient_states),
            resend_of: resend_of
                .map(|id| key_of::<Uuid>(id, NodeKind::Message, "filter.resendOf"))
                .transpose()?,
            created_from: filter.created_from.map(Into::into),
            created_before: filter.created_before.map(Into::into),
        })
    }
}

/// Queries for messages.
#[derive(Default)]
pub struct MessagesQuery;

#[Object]
impl MessagesQuery {
    /// One message; null where there is none. Needs `message:read`.
    #[graphql(tag = "asks")]
    async fn message(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Global id.")] id: ID,
    ) -> Option<Result<Message, ApiError>> {
        message(ctx, &id).await.transpose()
    }

    /// Messages, newest first. Needs `message:read`.
    #[graphql(tag = "asks")]
    async fn messages(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which ones; without it all.")] filter: Option<MessageFilter>,
        #[graphql(desc = "How many from the front, 1 to 500; 50 if neither `first` nor `last` is given.")]
        first: Option<i32>,
        #[graphql(desc = "Only those behind this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 1 to 500.")] last: Option<i32>,
        #[graphql(desc = "Only those in front of this cursor.")] before: Option<String>,
    ) -> Option<Result<MessageConnection, ApiError>> {
        Some(
            messages(
                ctx,
                filter.unwrap_or_default(),
                &PageArgs::new(first, after, last, before),
            )
            .await,
        )
    }
}

async fn message(ctx: &Context<'_>, id: &ID) -> Result<Option<Message>, ApiError> {
    require(ctx, Permission::MessageRead)?;
    let id = key_of::<Uuid>(id, NodeKind::Message, "id")?;
    Ok(ctx.services().store.message(id).await?.map(Message::new))
}

async fn messages(ctx: &Context<'_>, filter: MessageFilter, args: &PageArgs) -> Result<MessageConnection, ApiError> {
    require(ctx, Permission::MessageRead)?;
    let paging = Paging::<Uuid>::new(MESSAGES, args, 50)?;
    let store = &ctx.services().store;
    let query = filter.query(ctx)?;
    let page = store.messages(&query, paging.request()).await?;

    // One statement for the page instead of one a message, and none where nobody asks.
    let asked = ctx.look_ahead().field("nodes").field("recipientCounts").exists()
        || ctx
            .look_ahead()
            .field("edges")
            .field("node")
            .field("recipientCounts")
            .exists();
    let ids: Vec<Uuid> = page.items.iter().map(|row| row.id).collect();
    let mut counts = if asked {
        store.recipient_counts(&ids).await?
    } else {
        Default::default()
    };

    let page = page.map(|row| {
        let of_message = asked.then(|| count_list(counts.remove(&row.id).unwrap_or_default()));
        Message {
            row,
            counts: of_message,
        }
    });
    let listing = paging.listing(page, |message| message.row.id);
    Ok(MessageConnection { listing, extra: query })
}
