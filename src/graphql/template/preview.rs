//! Looking at a message template before anybody gets it.

use async_graphql::{Context, InputObject, Object, SimpleObject};

use crate::{
    auth::Permission,
    catalogue::templates::TEMPLATE_OR_CONTENT,
    graphql::{
        error::ApiError,
        guard::require,
        message::{
            content::{MessageContentInput, MessageType},
            content_of::{LinkTarget, content_error, not_found, rewritten, steps, variables_of},
        },
        relay::connection::int,
        scalars::Json,
        services::ContextExt,
        statement::{Statement, as_data, as_text},
        user_error::{UserError, UserErrorCode},
    },
    message::{Content, MAX_BYTES},
};

/// Which template to look at: exactly one of `name` and `content`.
#[derive(InputObject)]
pub struct PreviewMessageTemplateInput {
    /// One that is stored.
    name: Option<String>,
    /// One that is not, say while it is being written.
    content: Option<MessageContentInput>,
    /// The value of each variable by its name.
    variables: Option<Json>,
    /// Where its links would open.
    #[graphql(default_with = "Some(LinkTarget::AsGiven)")]
    open_links_in: Option<LinkTarget>,
    /// Whether each newline of the Markdown would be written as a line break.
    #[graphql(default_with = "Some(false)")]
    keep_line_breaks: Option<bool>,
}

/// A message template with its variables filled in.
#[derive(SimpleObject)]
pub struct MessageTemplatePreview {
    /// DingTalk's message type; null where there is no such template.
    msg_type: Option<MessageType>,
    /// The variables that its texts use, sorted; of an object the parts that are used, say `page.title`.
    variables: Vec<String>,
    /// DingTalk's `msg` object, as it would be sent; null where it can't be rendered.
    msg: Option<Json>,
    /// Bytes of `msg` as JSON; null where it can't be rendered.
    bytes: Option<i32>,
    /// Bytes that DingTalk takes at most.
    max_bytes: i32,
    /// What you should know of it, a sentence each.
    notices: Vec<String>,
    /// The notices as data.
    notice_statements: Vec<Statement>,
    /// Everything that keeps it from being sent, to one recipient at least; empty: it can be. `field` names the part of
    /// the argument, or below `content` the text of the template, of a stored one too.
    problems: Vec<UserError>,
}

/// Queries that render templates.
#[derive(Default)]
pub struct TemplatePreviewQuery;

#[Object]
impl TemplatePreviewQuery {
    /// What a message template becomes with these variables, and what is wrong with it; nothing is sent or stored.
    /// Needs `message:send`.
    #[graphql(tag = "heavy")]
    async fn preview_message_template(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The template and its variables.")] input: PreviewMessageTemplateInput,
    ) -> Option<Result<MessageTemplatePreview, ApiError>> {
        Some(preview(ctx, input).await)
    }
}

async fn preview(ctx: &Context<'_>, input: PreviewMessageTemplateInput) -> Result<MessageTemplatePreview, ApiError> {
    require(ctx, Permission::MessageSend)?;
    let steps = steps(ctx);
    let mut preview = MessageTemplatePreview {
        msg_type: None,
        variables: Vec::new(),
        msg: None,
        bytes: None,
        max_bytes: int(MAX_BYTES),
        notices: Vec::new(),
        notice_statements: Vec::new(),
        problems: Vec::new(),
    };

    let template = match (input.name, input.content) {
        (Some(name), None) => match ctx.services().store.template(&name).await? {
            Some(found) => Ok(found.template.content),
            None => Err(not_found(&["name"], &name)),
        },
        (None, Some(content)) => content.into_content(),
        _ => Err(UserError::at(UserErrorCode::Invalid, ["name"], TEMPLATE_OR_CONTENT {})),
    };

    match (template, variables_of(input.variables, &["variables"])) {
        (Ok(template), Ok(variables)) => {
            preview.msg_type = Some(template.kind().into());
            let target = input.open_links_in.unwrap_or(LinkTarget::AsGiven);
            match template.fill_in(&variables, &steps) {
                Ok(content) => preview.show(&rewritten(content, target, input.keep_line_breaks.unwrap_or(false))),
                Err(problems) => preview.problems = problems.into_iter().map(content_error).collect(),
            }
            preview.variables = template.template_variables(&steps).into_iter().collect();
        }
        (template, variables) => preview.problems = template.err().into_iter().chain(variables.err()).collect(),
    }

    Ok(preview)
}

impl MessageTemplatePreview {
    fn show(&mut self, content: &Content) {
        let msg = content.render();
        self.bytes = Some(int(msg.len()));
        self.msg = serde_json::from_str(&msg).ok().map(Json);
        let notices: Vec<_> = content.lost_line_breaks().into_iter().collect();
        (self.notices, self.notice_statements) = (as_text(&notices), as_data(&notices));
        self.problems = content.validate(1).into_iter().map(content_error).collect();
    }
}
