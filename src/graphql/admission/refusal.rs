//! A request that is not run, and why.

use std::time::Duration;

use async_graphql::{ErrorExtensionValues, Pos, ServerError, Value};

/// `extensions.code` of what the edge itself says; a part of the published, closed list of codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    /// The token is missing where one is due, malformed, expired.
    Unauthenticated,
    /// The token lacks a permission that the whole request needs.
    Forbidden,
    /// The request is not one of GraphQL over HTTP or WebSocket.
    BadRequest,
    /// The document is no GraphQL.
    ParseFailed,
    /// The document doesn't fit the schema.
    ValidationFailed,
    /// An argument or a variable has the wrong value.
    BadUserInput,
    /// The document, or the whole request, has too many bytes.
    DocumentTooLarge,
    /// One of [`super::Limits`], named by `extensions.limit`.
    LimitExceeded,
    /// There is no such page.
    NotFound,
    /// No document is known by this hash: the client sends it once more with its text.
    PersistedQueryNotFound,
    /// The server keeps no documents by hash.
    PersistedQueryNotSupported,
    /// Only documents of the operator's list are run.
    DocumentNotTrusted,
    /// The mirror is older than the request allows.
    Stale,
    /// The server has no memory left for this one now; it may be sent again as it is.
    RateLimited,
    /// It took too long.
    Timeout,
    /// A fault of ours; the log has it under `extensions.requestId`.
    Internal,
}

impl Code {
    /// The text that clients see.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unauthenticated => "UNAUTHENTICATED",
            Self::Forbidden => "FORBIDDEN",
            Self::BadRequest => "BAD_REQUEST",
            Self::ParseFailed => "GRAPHQL_PARSE_FAILED",
            Self::ValidationFailed => "GRAPHQL_VALIDATION_FAILED",
            Self::BadUserInput => "BAD_USER_INPUT",
            Self::DocumentTooLarge => "DOCUMENT_TOO_LARGE",
            Self::LimitExceeded => "LIMIT_EXCEEDED",
            Self::NotFound => "NOT_FOUND",
            Self::PersistedQueryNotFound => "PERSISTED_QUERY_NOT_FOUND",
            Self::PersistedQueryNotSupported => "PERSISTED_QUERY_NOT_SUPPORTED",
            Self::DocumentNotTrusted => "DOCUMENT_NOT_TRUSTED",
            Self::Stale => "STALE",
            Self::RateLimited => "RATE_LIMITED",
            Self::Timeout => "TIMEOUT",
            Self::Internal => "INTERNAL_ERROR",
        }
    }
}

/// Why a request is not run; the message is fit for the caller and never repeats their document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Refusal {
    /// The kind.
    pub code: Code,
    /// The name of the limit, with [`Code::LimitExceeded`].
    pub limit: Option<&'static str>,
    /// What is wrong and what to do.
    pub message: String,
    /// Where in the document: line and column, from 1.
    pub at: Option<(usize, usize)>,
    /// What else its `extensions` say.
    pub details: Vec<(&'static str, serde_json::Value)>,
    /// What else is wrong with it.
    pub beside: Vec<Refusal>,
}

impl Refusal {
    /// A refusal without a place.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            limit: None,
            message: message.into(),
            at: None,
            details: Vec::new(),
            beside: Vec::new(),
        }
    }

    /// The request is none of GraphQL over HTTP or WebSocket.
    pub fn bad_request(message: impl Into<String>) -> Self {
        Self::new(Code::BadRequest, message)
    }

    /// A limit was passed: `what` has more than `allowed`.
    pub(super) fn limit(limit: &'static str, what: &str, allowed: usize) -> Self {
        Self {
            code: Code::LimitExceeded,
            limit: Some(limit),
            message: format!("{what}: at most {allowed} are allowed"),
            at: None,
            details: Vec::new(),
            beside: Vec::new(),
        }
    }

    /// An operation had `time` and was not done.
    pub(crate) fn too_slow(time: Duration) -> Self {
        Self::new(
            Code::Timeout,
            format!(
                "the operation took longer than {} s: ask for less at once",
                time.as_secs_f32()
            ),
        )
    }

    /// The first of several with the others beside it.
    pub(super) fn first_of(several: Vec<Self>) -> Option<Self> {
        let mut several = several.into_iter();
        let mut first = several.next()?;
        first.beside.extend(several);
        Some(first)
    }

    /// All of them, as the answer has them.
    pub fn into_errors(mut self) -> Vec<ServerError> {
        let beside = std::mem::take(&mut self.beside);
        std::iter::once(self).chain(beside).map(ServerError::from).collect()
    }

    /// The same, with more in its `extensions`.
    pub(crate) fn with(mut self, name: &'static str, value: impl Into<serde_json::Value>) -> Self {
        self.details.push((name, value.into()));
        self
    }

    /// The same at a place.
    pub(super) fn at(mut self, line: usize, column: usize) -> Self {
        self.at = Some((line, column));
        self
    }
}

impl From<Refusal> for ServerError {
    fn from(refusal: Refusal) -> Self {
        let mut error = Self::new(refusal.message, refusal.at.map(|(line, column)| Pos { line, column }));
        let mut extensions = ErrorExtensionValues::default();
        extensions.set("code", refusal.code.as_str());
        if let Some(limit) = refusal.limit {
            extensions.set("limit", limit);
        }
        for (name, value) in refusal.details {
            extensions.set(name, Value::from_json(value).unwrap_or_default());
        }
        error.extensions = Some(extensions);
        error
    }
}
