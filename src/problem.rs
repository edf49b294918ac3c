//! What is wrong with a field of what a caller sent.

use crate::catalogue::Statement;

/// One thing that the caller, or an administrator, has to put right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where, in the names of the GraphQL input, list items by their number (`["actionCard", "multi", "buttons", "2",
    /// "title"]`). It begins at what was checked: whoever knows what that lies in says so by [`Self::below`]. Empty:
    /// the whole.
    pub path: Vec<String>,
    /// What kind of problem.
    pub code: ProblemCode,
    /// What is wrong and the remedy.
    pub message: Statement,
    /// What to write instead, where that is known.
    pub suggestion: Option<String>,
}

/// What kind of problem.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ProblemCode {
    /// It is missing or empty.
    Required,
    /// It has the wrong form.
    Invalid,
    /// It is longer, or there are more of it, than allowed.
    TooLong,
    /// The operator's list of hosts doesn't have this one.
    HostNotAllowed,
    /// Nearly DingTalk's path; the message has the right URL.
    Misspelled,
    /// The settings lack what this needs.
    NotConfigured,
    /// It contradicts what is there already: an idempotency key that was used for another request, another link.
    Conflict,
    /// There is no such thing, or nobody was found.
    NotFound,
}

impl Problem {
    /// A problem at `path`.
    pub fn new(code: ProblemCode, path: &[&str], message: impl Into<Statement>) -> Self {
        Self {
            path: path.iter().map(|&part| part.to_owned()).collect(),
            code,
            message: message.into(),
            suggestion: None,
        }
    }

    /// The same, where it is known what to write instead.
    #[must_use]
    pub fn suggesting(self, value: impl Into<String>) -> Self {
        Self {
            suggestion: Some(value.into()),
            ..self
        }
    }

    /// The same, seen from what holds the checked thing at `parents`.
    #[must_use]
    pub fn below(mut self, parents: &[&str]) -> Self {
        self.path.splice(0..0, parents.iter().map(|&part| part.to_owned()));
        self
    }

    /// The path as one word (`recipients.userIds.1`); of what has no lists and no parts, the field's name.
    pub fn field(&self) -> String {
        self.path.join(".")
    }
}
