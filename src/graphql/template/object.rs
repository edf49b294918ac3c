//! Message templates: reading them.

use std::sync::Arc;

use async_graphql::{Context, ID, Object};

use crate::{
    auth::Permission,
    graphql::{
        error::ApiError,
        guard::require,
        message::{content::MessageType, content_json::as_input, content_of::steps},
        relay::{
            connection::{connection, int},
            ids::{NodeKind, global_id},
            paging::{PageArgs, Paging},
        },
        scalars::{BigInt, DateTime, Json},
        services::ContextExt,
    },
    message,
};

/// Name of the list in its cursors.
const TEMPLATES: &str = "messageTemplates";

/// A message template.
#[derive(Clone)]
pub struct MessageTemplate(Arc<message::MessageTemplate>);

impl MessageTemplate {
    pub(crate) fn new(template: message::MessageTemplate) -> Self {
        Self(Arc::new(template))
    }
}

/// A message with variables, kept under a name: `sendMessage` sends it with `content: { template: { name, variables }
/// }`.
#[Object]
impl MessageTemplate {
    /// Global id, for `node`.
    pub(crate) async fn id(&self) -> ID {
        global_id(NodeKind::MessageTemplate, &self.0.template.name)
    }

    /// Its name; `A` is not `a`.
    async fn name(&self) -> &str {
        &self.0.template.name
    }

    /// What it is for.
    async fn description(&self) -> Option<&str> {
        self.0.template.description.as_deref()
    }

    /// DingTalk's message type.
    async fn msg_type(&self) -> MessageType {
        self.0.template.content.kind().into()
    }

    /// The content in the form of a `MessageContentInput`, its texts being Jinja: read it, change it, save it again.
    async fn content(&self) -> Json {
        Json(as_input(&self.0.template.content))
    }

    /// The variables that its texts use, sorted; of an object the parts that are used, say `page.title`.
    async fn variables(&self, ctx: &Context<'_>) -> Vec<String> {
        let variables = self.0.template.content.template_variables(&steps(ctx));
        variables.into_iter().collect()
    }

    /// Goes up by one with each change: the next one's `expectedVersion`.
    async fn version(&self) -> BigInt {
        BigInt(self.0.version)
    }

    /// When it was last changed.
    async fn updated_at(&self) -> DateTime {
        self.0.updated_at.into()
    }

    /// Who changed it last: the `sub` of the token.
    async fn updated_by(&self) -> &str {
        &self.0.updated_by
    }
}

connection! {
    /// A page of message templates.
    MessageTemplateConnection, MessageTemplateEdge, MessageTemplate, (), |_this, ctx| {
        let store = &ctx.services().store;
        store.count_templates().await.map(int).map_err(ApiError::from)
    }
}

/// Queries for message templates.
#[derive(Default)]
pub struct TemplateQuery;

#[Object]
impl TemplateQuery {
    /// The message template of this name; null where there is none. Needs `message:send`.
    #[graphql(tag = "asks")]
    async fn message_template(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its name.")] name: String,
    ) -> Option<Result<MessageTemplate, ApiError>> {
        template(ctx, &name).await.transpose()
    }

    /// The message templates by name; there are at most 500. Needs `message:send`.
    #[graphql(tag = "asks")]
    async fn message_templates(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the front, 1 to 500; 50 if neither `first` nor `last` is given.")]
        first: Option<i32>,
        #[graphql(desc = "Only those behind this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 1 to 500.")] last: Option<i32>,
        #[graphql(desc = "Only those in front of this cursor.")] before: Option<String>,
    ) -> Option<Result<MessageTemplateConnection, ApiError>> {
        Some(templates(ctx, &PageArgs::new(first, after, last, before)).await)
    }
}

/// The template of this name, if the caller may see templates.
pub(crate) async fn template(ctx: &Context<'_>, name: &str) -> Result<Option<MessageTemplate>, ApiError> {
    require(ctx, Permission::MessageSend)?;
    let store = &ctx.services().store;
    Ok(store.template(name).await?.map(MessageTemplate::new))
}

async fn templates(ctx: &Context<'_>, args: &PageArgs) -> Result<MessageTemplateConnection, ApiError> {
    require(ctx, Permission::MessageSend)?;
    let paging = Paging::<String>::new(TEMPLATES, args, 50)?;
    let store = &ctx.services().store;
    let page = store.templates(paging.request()).await?.map(MessageTemplate::new);
    let listing = paging.listing(page, |it| it.0.template.name.clone());
    Ok(MessageTemplateConnection { listing, extra: () })
}
