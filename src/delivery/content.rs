//! What a caller wants sent: a content as it is, or what a stored template makes of variables.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};
use serde_json::{Map, Number, Value};

use super::{error::SubmitError, service::Delivery};
use crate::{
    catalogue::templates::TEMPLATE_NOT_FILLED,
    message::{Content, LinkTarget, Steps, unknown_template},
    problem::{Problem, ProblemCode},
};

/// What to send, as it was asked for. An idempotency key stands for this, not for what becomes of it: a job that is
/// retried finds its message even if the template was changed or deleted since.
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
        #[serde(serialize_with = "as_meant")]
        variables: Map<String, Value>,
        /// Where the links open.
        links: LinkTarget,
        /// Whether newlines of Markdown are line breaks. Left out where they aren't, as it was before this could be
        /// asked for.
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        keep_line_breaks: bool,
    },
}

/// Variables in one form for all ways of writing them: fields in order, none that are null, and whole numbers without a
/// point. One client writes what another leaves out, and the request is the same.
fn as_meant<S: Serializer>(variables: &Map<String, Value>, serializer: S) -> Result<S::Ok, S::Error> {
    meant(&Value::Object(variables.clone())).serialize(serializer)
}

fn meant(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let there = fields.iter().filter(|(_, value)| !value.is_null());
            let sorted: BTreeMap<_, _> = there.map(|(name, value)| (name.clone(), meant(value))).collect();
            Value::Object(sorted.into_iter().collect())
        }
        Value::Array(items) => Value::Array(items.iter().map(meant).collect()),
        Value::Number(number) if number.is_f64() => whole(number).map_or_else(|| value.clone(), Value::from),
        value => value.clone(),
    }
}

/// The integer that a number with a point is, where every number up to it has one.
fn whole(number: &Number) -> Option<i64> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    let float = number.as_f64().filter(|it| it.fract() == 0.0 && it.abs() < EXACT)?;
    format!("{float:.0}").parse().ok()
}

impl From<Content> for AskedContent {
    fn from(content: Content) -> Self {
        Self::Given(content)
    }
}

impl AskedContent {
    /// What can be said to be wrong without looking anything up.
    pub(super) fn check(&self) -> Vec<Problem> {
        match self {
            // For how many people it is, is known only when they are found.
            Self::Given(content) => content.validate(1).into_iter().map(in_content).collect(),
            Self::Template { .. } => Vec::new(),
        }
    }
}

impl Delivery {
    /// The content that is asked for; a template's is checked as if it had been given.
    pub(super) async fn content(&self, asked: AskedContent, steps: &Steps) -> Result<Content, SubmitError> {
        let (name, variables, links, keep_line_breaks) = match asked {
            AskedContent::Given(content) => return Ok(content),
            AskedContent::Template {
                template,
                variables,
                links,
                keep_line_breaks,
            } => (template, variables, links, keep_line_breaks),
        };

        let Some(found) = self.context().store.template(&name).await? else {
            let field = ["content", "template", "name"];
            let error = Problem::new(ProblemCode::NotFound, &field, unknown_template(&name));
            return Err(SubmitError::Invalid(vec![error]));
        };

        let content = match found.template.content.fill_in(&variables, steps) {
            Ok(content) if keep_line_breaks => content.open_links_in(links).keep_line_breaks(),
            Ok(content) => content.open_links_in(links),
            Err(problems) => {
                let told = problems.into_iter().map(|problem| {
                    let mut problem = in_template(problem, &["variables"]);
                    problem.message = TEMPLATE_NOT_FILLED {
                        name: &name,
                        why: problem.message,
                    }
                    .into();
                    problem
                });
                return Err(SubmitError::Invalid(told.collect()));
            }
        };

        let problems = content.validate(1);
        if problems.is_empty() {
            Ok(content)
        } else {
            let told = problems.into_iter().map(|problem| in_template(problem, &[]));
            Err(SubmitError::Invalid(told.collect()))
        }
    }
}

/// A problem of the content, seen from the mutation's `input`.
pub(super) fn in_content(problem: Problem) -> Problem {
    problem.below(&["content"])
}

/// A problem told where the caller can mend it: their input has no such field.
pub(super) fn in_template(problem: Problem, part: &[&str]) -> Problem {
    Problem {
        path: Vec::new(),
        ..problem
    }
    .below(&[&["content", "template"], part].concat())
}
