//! What a caller can expect to go wrong with a mutation: data, not `errors[]`.

use async_graphql::{Enum, SimpleObject};

use super::statement::Statement;
use crate::{
    catalogue,
    problem::{Problem, ProblemCode},
};

/// What is wrong with a mutation's input.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct UserError {
    /// The kind, for programs.
    pub code: UserErrorCode,
    /// Path of the field in the arguments, say `["input", "getTokenUrl"]`; list items by their number.
    pub field: Vec<String>,
    /// What is wrong and what to do, for people.
    pub message: String,
    /// The same as data.
    pub statement: Statement,
    /// What to write instead, where that is known: the right URL where one is misspelled, is that of another call, or
    /// begins with `http://`.
    pub suggestion: Option<String>,
}

/// Kinds of mistakes. New ones may be added: treat an unknown one as `OTHER`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum UserErrorCode {
    /// The field must be given.
    Required,
    /// The value can't be.
    Invalid,
    /// The value, or the whole, is too long.
    TooLong,
    /// It stands at another version than the one that was sent: read it again and repeat.
    VersionConflict,
    /// The URL's host is not one that the operator allows.
    HostNotAllowed,
    /// A known misspelling; `suggestion` has the right URL.
    Misspelled,
    /// The settings lack what this needs.
    NotConfigured,
    /// It contradicts what was asked before, say an idempotency key used for something else.
    Conflict,
    /// It would make somebody another person: rehearse it first.
    NotRehearsed,
    /// There is no such thing.
    NotFound,
    /// DingTalk refused.
    Upstream,
    /// Something else.
    Other,
}

impl UserError {
    /// A mistake at `input.{path}`.
    pub(super) fn at<S: Into<String>>(
        code: UserErrorCode,
        path: impl IntoIterator<Item = S>,
        message: impl Into<catalogue::Statement>,
    ) -> Self {
        let field = std::iter::once("input".to_owned())
            .chain(path.into_iter().map(Into::into))
            .collect();

        Self::told(code, field, message.into())
    }

    /// A mistake at `field`.
    fn told(code: UserErrorCode, field: Vec<String>, message: catalogue::Statement) -> Self {
        Self {
            code,
            field,
            message: message.to_string(),
            statement: message.into(),
            suggestion: None,
        }
    }

    /// A problem of an argument that is no `input`.
    pub(super) fn of_argument(problem: &Problem) -> Self {
        Self {
            suggestion: problem.suggestion.clone(),
            ..Self::told(problem.code.into(), problem.path.clone(), problem.message.clone())
        }
    }
}

/// A problem of the mutation's `input`.
impl From<Problem> for UserError {
    fn from(problem: Problem) -> Self {
        Self {
            suggestion: problem.suggestion,
            ..Self::at(problem.code.into(), problem.path, problem.message)
        }
    }
}

impl From<ProblemCode> for UserErrorCode {
    fn from(code: ProblemCode) -> Self {
        match code {
            ProblemCode::Required => Self::Required,
            ProblemCode::Invalid => Self::Invalid,
            ProblemCode::TooLong => Self::TooLong,
            ProblemCode::HostNotAllowed => Self::HostNotAllowed,
            ProblemCode::Misspelled => Self::Misspelled,
            ProblemCode::NotConfigured => Self::NotConfigured,
            ProblemCode::Conflict => Self::Conflict,
            ProblemCode::NotFound => Self::NotFound,
        }
    }
}
