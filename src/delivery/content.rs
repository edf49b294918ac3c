//! What a caller wants sent: a content as it is, or what a stored template makes of variables.

use serde::Serialize;
use serde_json::{Map, Value};

use super::{
    error::{FieldError, FieldErrorCode, SubmitError},
    service::Delivery,
};
use crate::message::{Content, LinkTarget, unknown_template};

/// What to send, as it was asked for. An idempotency key stands for this, not for what becomes of it: a job that is retried
/// finds its message even if the template was changed or deleted since.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum AskedContent {
    /// As it is.
    Given(Content),
    /// A stored template, filled in.
    Template {
        /// The template's name.
        template: String,
        /// The value of each variable by its name.
        variables: Map<String, Value>,
        /// Where a desktop client opens the links.
        links: LinkTarget,
    },
}

impl From<Content> for AskedContent {
    fn from(content: Content) -> Self {
        Self::Given(content)
    }
}

impl AskedContent {
    /// What can be said to be wrong without looking anything up.
    pub(super) fn check(&self, recipients: usize) -> Vec<FieldError> {
        match self {
            Self::Given(content) => content.validate(recipients).into_iter().map(FieldError::from).collect(),
            Self::Template { .. } => Vec::new(),
        }
    }
}

impl Delivery {
    /// The content that is asked for; a template's is checked as if it had been given.
    pub(super) async fn content(&self, asked: AskedContent, recipients: usize) -> Result<Content, SubmitError> {
        let (name, variables, links) = match asked {
            AskedContent::Given(content) => return Ok(content),
            AskedContent::Template {
                template,
                variables,
                links,
            } => (template, variables, links),
        };
        let Some(found) = self.shared().store.template(&name).await? else {
            let field = ["content", "template", "name"];
            let error = FieldError::new(FieldErrorCode::NotFound, &field, unknown_template(&name));
            return Err(SubmitError::Invalid(vec![error]));
        };
        let content = match found.template.content.fill_in(&variables) {
            Ok(content) => content.open_links_in(links),
            Err(problems) => {
                let told = problems.into_iter().map(|problem| {
                    let mut error = in_template(problem.into(), &["variables"]);
                    error.message = format!("the template `{name}` can't be filled in: {}", error.message);
                    error
                });
                return Err(SubmitError::Invalid(told.collect()));
            }
        };
        let problems = content.validate(recipients);
        if problems.is_empty() {
            Ok(content)
        } else {
            let told = problems.into_iter().map(|problem| in_template(problem.into(), &[]));
            Err(SubmitError::Invalid(told.collect()))
        }
    }
}

/// A mistake told where the caller can mend it: his input has no such field.
pub(super) fn in_template(mut error: FieldError, part: &[&str]) -> FieldError {
    error.field = ["content", "template"]
        .iter()
        .chain(part)
        .map(|&it| it.to_owned())
        .collect();
    error
}
