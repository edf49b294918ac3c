//! Message templates: writing them.

use async_graphql::{Context, InputObject, Object, SimpleObject};

use super::object::MessageTemplate;
use crate::{
    auth::Permission,
    catalogue::{Statement, templates as said},
    graphql::{
        error::ApiError,
        guard::{author, require, visible},
        message::{
            content::MessageContentInput,
            content_of::{not_found, steps},
        },
        scalars::BigInt,
        services::ContextExt,
        user_error::{UserError, UserErrorCode},
    },
    message::{MAX_TEMPLATES, NewTemplate},
    store::{StoreError, TemplateChange},
};

/// A message template to keep.
#[derive(InputObject)]
pub struct SaveMessageTemplateInput {
    /// Its name: 1 to 64 letters, digits, `.`, `_` and `-`; `A` is not `a`.
    name: String,
    /// What it is for; at most 500 characters.
    description: Option<String>,
    /// The message. Every text in it is Jinja: `{{ page.title }}`, `{% if … %}`, `{% for … %}`. Values go in as they
    /// are: write `| escape_markdown` behind what other people wrote where Markdown is due, and `| dingtalk_link`
    /// behind a URL for DingTalk's sidebar.
    content: MessageContentInput,
    /// The `version` that you have seen; if somebody changed it since, nothing is written. Without it, or null: there
    /// must be no template of this name yet.
    expected_version: Option<BigInt>,
    /// Comes back unchanged in the payload.
    client_mutation_id: Option<String>,
}

/// Which message template to delete.
#[derive(InputObject)]
pub struct DeleteMessageTemplateInput {
    /// Its name.
    name: String,
    /// The `version` that you have seen; if somebody changed it since, it stays.
    expected_version: BigInt,
    /// Comes back unchanged in the payload.
    client_mutation_id: Option<String>,
}

/// What came of saving or deleting a message template.
#[derive(SimpleObject)]
pub struct MessageTemplatePayload {
    /// The template, as it stands or as it stood; null where nothing was done. One that was deleted needs
    /// `message:send`, as reading it did.
    template: Option<Result<MessageTemplate, ApiError>>,
    /// What is wrong, all of it at once.
    user_errors: Vec<UserError>,
    /// As it was given.
    client_mutation_id: Option<String>,
}

/// Mutations of message templates.
#[derive(Default)]
pub struct TemplateMutation;

#[Object]
impl TemplateMutation {
    /// Keeps a message template under its name, a new one or in the place of the one that stands there. Needs
    /// `settings:write`.
    #[graphql(tag = "heavy")]
    async fn save_message_template(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The template.")] input: SaveMessageTemplateInput,
    ) -> Option<Result<MessageTemplatePayload, ApiError>> {
        Some(save(ctx, input).await)
    }

    /// Deletes a message template; messages that were sent with it stay. Needs `settings:write`.
    async fn delete_message_template(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] input: DeleteMessageTemplateInput,
    ) -> Option<Result<MessageTemplatePayload, ApiError>> {
        Some(delete(ctx, input).await)
    }
}

async fn save(ctx: &Context<'_>, input: SaveMessageTemplateInput) -> Result<MessageTemplatePayload, ApiError> {
    let by = author(ctx, Permission::SettingsWrite)?;
    let client_mutation_id = input.client_mutation_id;
    let content = match input.content.into_content() {
        Ok(content) => content,
        Err(error) => return Ok(refused(vec![error], client_mutation_id)),
    };

    let template = NewTemplate {
        name: input.name,
        description: input.description,
        content,
    };
    let problems = template.check(&steps(ctx));
    if !problems.is_empty() {
        return Ok(refused(
            problems.into_iter().map(Into::into).collect(),
            client_mutation_id,
        ));
    }

    let (services, name) = (ctx.services(), template.name.clone());
    let (expected, now) = (input.expected_version.map(|version| version.0), services.clock.now());
    let done = services.store.save_template(expected, template, now, by);
    let change = AskedChange { expected, name: &name };
    // What they wrote themselves is nothing new to them.
    outcome(ctx, done.await, &change, client_mutation_id, |template| {
        Some(Ok(template))
    })
}

async fn delete(ctx: &Context<'_>, input: DeleteMessageTemplateInput) -> Result<MessageTemplatePayload, ApiError> {
    let by = author(ctx, Permission::SettingsWrite)?;
    let store = &ctx.services().store;
    let done = store.delete_template(&input.name, input.expected_version.0, by).await;
    let change = AskedChange {
        expected: Some(input.expected_version.0),
        name: &input.name,
    };
    outcome(ctx, done, &change, input.client_mutation_id, |template| {
        visible(ctx, Permission::MessageSend, || Some(template))
    })
}

/// What was to be changed.
struct AskedChange<'a> {
    expected: Option<i64>,
    name: &'a str,
}

fn outcome(
    ctx: &Context<'_>,
    done: Result<TemplateChange, StoreError>,
    change: &AskedChange<'_>,
    client_mutation_id: Option<String>,
    shown: impl FnOnce(MessageTemplate) -> Option<Result<MessageTemplate, ApiError>>,
) -> Result<MessageTemplatePayload, ApiError> {
    let name = change.name;
    let error = match done? {
        TemplateChange::Done(template) => {
            return Ok(MessageTemplatePayload {
                template: shown(MessageTemplate::new(*template)),
                user_errors: Vec::new(),
                client_mutation_id,
            });
        }
        TemplateChange::VersionConflict { actual: None } => not_found(&["name"], name),
        TemplateChange::VersionConflict { actual: Some(actual) } => UserError::at(
            UserErrorCode::VersionConflict,
            ["expectedVersion"],
            conflict(ctx, change, actual),
        ),
        TemplateChange::TooMany => UserError::at(
            UserErrorCode::TooLong,
            ["name"],
            said::TEMPLATES_TOO_MANY { most: MAX_TEMPLATES },
        ),
    };

    Ok(refused(vec![error], client_mutation_id))
}

/// Only who may read the template is told its version.
fn conflict(ctx: &Context<'_>, change: &AskedChange<'_>, actual: i64) -> Statement {
    let (name, sent) = (change.name, change.expected);
    if require(ctx, Permission::MessageSend).is_ok() {
        said::TEMPLATE_VERSION { name, actual, sent }.into()
    } else {
        said::TEMPLATE_VERSION_HIDDEN { name, sent }.into()
    }
}

fn refused(user_errors: Vec<UserError>, client_mutation_id: Option<String>) -> MessageTemplatePayload {
    MessageTemplatePayload {
        template: None,
        user_errors,
        client_mutation_id,
    }
}
