//! Why a message was not taken.

use crate::{
    message::{FieldProblem, ProblemCode},
    store::StoreError,
};

/// Why a message was not taken: nothing was recorded and nothing is sent.
#[derive(Debug, thiserror::Error)]
pub enum SubmitError {
    /// Fields that the request got wrong, or what else has to be put right first.
    #[error("the request is invalid")]
    Invalid(Vec<FieldError>),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// One thing that the caller, or an administrator, has to put right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// What kind of problem.
    pub code: FieldErrorCode,
    /// Path below the mutation's `input`, in GraphQL names (`["content", "text", "content"]`); empty: not a field of
    /// it.
    pub field: Vec<String>,
    /// What is wrong and the remedy, a sentence for people.
    pub message: String,
}

impl FieldError {
    pub(super) fn new(code: FieldErrorCode, field: &[&str], message: impl Into<String>) -> Self {
        Self {
            code,
            field: field.iter().map(|&part| part.to_owned()).collect(),
            message: message.into(),
        }
    }
}

/// A problem of the content, seen from the mutation's `input`.
impl From<FieldProblem> for FieldError {
    fn from(problem: FieldProblem) -> Self {
        let mut field = vec!["content".to_owned()];
        field.extend(problem.path);
        Self {
            code: match problem.code {
                ProblemCode::Required => FieldErrorCode::Required,
                ProblemCode::Invalid => FieldErrorCode::Invalid,
                ProblemCode::TooLong => FieldErrorCode::TooLong,
            },
            field,
            message: problem.message,
        }
    }
}

/// What kind of problem.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FieldErrorCode {
    /// It is missing or empty.
    Required,
    /// It has the wrong form.
    Invalid,
    /// It is longer, or there are more of it, than allowed.
    TooLong,
    /// The idempotency key was used for another request.
    Conflict,
    /// The settings lack what sending needs.
    NotConfigured,
    /// There is no such department or template; or no DingTalk user was found, and all had to be matched.
    NotFound,
}
