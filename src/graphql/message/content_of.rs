//! What is to be sent: given as it is, or by a template that is stored.

use async_graphql::{Context, Enum};
use serde_json::{Map, Value};

use super::content::MessageContentInput;
use crate::{
    catalogue::templates::VARIABLES_FORM,
    delivery::AskedContent,
    graphql::{
        scalars::Json,
        user_error::{UserError, UserErrorCode},
    },
    message::{self, Steps},
    problem::Problem,
};

/// Where a message's web links open: those of its link fields, and `[text](http…)` in Markdown. Links that are in
/// DingTalk's own form already, pictures and bare addresses in a text stay as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "message::LinkTarget")]
pub enum LinkTarget {
    /// As the links were given: the client decides.
    AsGiven,
    /// In DingTalk's sidebar: `dingtalk://dingtalkclient/page/link?url=…&pc_slide=true`.
    Sidebar,
    /// In the browser, on desktops: the same with `pc_slide=false`. Phones open such a link inside DingTalk.
    Browser,
    /// In the browser, on desktops and on phones:
    /// `dingtalk://dingtalkclient/action/open_platform_link?pcLink=…&mobileLink=…`, which carries the address twice.
    /// That is long: of a button's URL, which may have 500 characters, some 120 are left.
    BrowserEverywhere,
}

/// What `input` asks for. A template is filled in by the delivery, after it has looked whether the message was sent
/// before.
pub(crate) fn content_of(
    input: MessageContentInput,
    links: LinkTarget,
    keep_line_breaks: bool,
) -> Result<AskedContent, UserError> {
    match input {
        MessageContentInput::Template(input) => Ok(AskedContent::Template {
            variables: variables_of(input.variables, &["content", "template", "variables"])?,
            template: input.name,
            links: links.into(),
            keep_line_breaks,
        }),
        input => Ok(rewritten(input.into_content()?, links, keep_line_breaks).into()),
    }
}

/// The content with its links and line breaks as they were asked for.
pub(crate) fn rewritten(content: message::Content, links: LinkTarget, keep_line_breaks: bool) -> message::Content {
    let content = content.open_links_in(links.into());
    if keep_line_breaks {
        content.keep_line_breaks()
    } else {
        content
    }
}

/// What templates may still cost in this request.
pub(crate) fn steps(ctx: &Context<'_>) -> Steps {
    ctx.data_opt::<Steps>().cloned().unwrap_or_default()
}

pub(crate) fn not_found(path: &[&str], name: &str) -> UserError {
    UserError::at(
        UserErrorCode::NotFound,
        path.iter().copied(),
        message::unknown_template(name),
    )
}

/// The variables by name; none given is an empty object.
pub(crate) fn variables_of(given: Option<Json>, path: &[&str]) -> Result<Map<String, Value>, UserError> {
    match given {
        None | Some(Json(Value::Null)) => Ok(Map::new()),
        Some(Json(Value::Object(variables))) => Ok(variables),
        Some(_) => {
            let path = path.iter().copied();
            Err(UserError::at(UserErrorCode::Invalid, path, VARIABLES_FORM {}))
        }
    }
}

/// A problem of a content, seen from the argument that holds the content as `content`.
pub(crate) fn content_error(problem: Problem) -> UserError {
    problem.below(&["content"]).into()
}
