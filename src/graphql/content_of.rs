//! What is to be sent: given as it is, or by a template that is stored.

use async_graphql::{Context, Enum};
use serde_json::{Map, Value};

use super::{
    Services,
    error::ApiError,
    message_content::{MessageContentInput, TemplateContentInput},
    scalars::Json,
    user_error::{UserError, UserErrorCode},
};
use crate::message::{self, Content, FieldProblem, ProblemCode};

/// Where a desktop client opens a message's web links: those of its link fields, and `[text](http…)` in Markdown. Links that
/// are in DingTalk's own form already, pictures and bare addresses in a text stay as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "message::LinkTarget")]
pub enum LinkTarget {
    /// As the links were given: the client decides.
    AsGiven,
    /// In DingTalk's sidebar: `dingtalk://dingtalkclient/page/link?url=…&pc_slide=true`.
    Sidebar,
    /// In the browser: the same with `pc_slide=false`.
    Browser,
}

/// The content that `input` stands for; a template is looked up and filled in, so that what is recorded is what is sent.
pub(super) async fn content_of(
    ctx: &Context<'_>,
    input: MessageContentInput,
) -> Result<Result<Content, Vec<UserError>>, ApiError> {
    let input = match input {
        MessageContentInput::Template(input) => input,
        input => return Ok(input.into_content().map_err(|error| vec![error])),
    };
    let store = &ctx.data_unchecked::<Services>().store;
    Ok(match store.template(&input.name).await? {
        Some(found) => filled(input, &found),
        None => Err(vec![not_found(&["content", "template", "name"], &input.name)]),
    })
}

fn filled(input: TemplateContentInput, found: &message::MessageTemplate) -> Result<Content, Vec<UserError>> {
    let path = ["content", "template", "variables"];
    let variables = variables_of(input.variables, &path).map_err(|error| vec![error])?;
    found.template.content.fill_in(&variables).map_err(|problems| {
        let told = problems.into_iter().map(|it| {
            let message = format!("the template `{}` can't be filled in: {}", input.name, it.message);
            UserError::at(code(it.code), path, message)
        });
        told.collect()
    })
}

pub(super) fn not_found(path: &[&str], name: &str) -> UserError {
    let message = format!(
        "there is no message template `{}`: `messageTemplates` lists their names",
        name.chars().take(64).collect::<String>()
    );
    UserError::at(UserErrorCode::NotFound, path.iter().copied(), message)
}

/// The variables by name; none given is an empty object.
pub(super) fn variables_of(given: Option<Json>, path: &[&str]) -> Result<Map<String, Value>, UserError> {
    match given {
        None | Some(Json(Value::Null)) => Ok(Map::new()),
        Some(Json(Value::Object(variables))) => Ok(variables),
        Some(_) => {
            let message = "variables must be an object: the value of each by its name";
            Err(UserError::at(UserErrorCode::Invalid, path.iter().copied(), message))
        }
    }
}

/// Mistakes in a content that a template gave, told where the caller can mend them: his input has no such field.
pub(super) fn of_template(errors: Vec<UserError>) -> Vec<UserError> {
    let content = ["input".to_owned(), "content".to_owned()];
    let told = errors.into_iter().map(|mut error| {
        if error.field.starts_with(&content) {
            error.field.truncate(content.len());
            error.field.push("template".to_owned());
        }
        error
    });
    told.collect()
}

/// A problem of a content, seen from the argument that holds the content as `content`.
pub(super) fn content_error(problem: FieldProblem) -> UserError {
    let path = std::iter::once("content".to_owned()).chain(problem.path);
    UserError::at(code(problem.code), path, problem.message)
}

pub(super) fn code(code: ProblemCode) -> UserErrorCode {
    match code {
        ProblemCode::Required => UserErrorCode::Required,
        ProblemCode::Invalid => UserErrorCode::Invalid,
        ProblemCode::TooLong => UserErrorCode::TooLong,
    }
}
