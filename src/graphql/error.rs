//! `errors[]`: a closed list of codes, and never an internal text.

use crate::{
    dingtalk,
    store::{FaultKind, StoreError},
};

/// What somebody is told who has shown no token where one is due.
pub(crate) const NO_TOKEN: &str = "send `Authorization: Bearer <token>`, over a WebSocket as `authorization` in the \
    payload of `connection_init`; `dingmirror token` issues one";

/// A field's error. Deliberately not `Display`: the library turns anything that is into a message for the client, so
/// that a `?` would show the database's own words. What is shown is decided here.
#[derive(Debug, Clone)]
pub struct ApiError {
    code: &'static str,
    message: String,
    dingtalk_code: Option<String>,
}

impl ApiError {
    fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            dingtalk_code: None,
        }
    }

    /// There is no token.
    pub fn unauthenticated() -> Self {
        Self::new("UNAUTHENTICATED", NO_TOKEN)
    }

    /// The token lacks a permission.
    pub fn forbidden(permission: crate::auth::Permission) -> Self {
        Self::new("FORBIDDEN", format!("the token lacks the permission `{permission}`"))
    }

    /// An argument has a value that it can't have; the message names the argument and the remedy.
    pub fn bad_input(message: impl Into<String>) -> Self {
        Self::new("BAD_USER_INPUT", message)
    }

    /// The settings lack these fields.
    pub fn not_configured(missing: &[String]) -> Self {
        Self::new(
            "NOT_CONFIGURED",
            format!("fill in the settings first: {}", missing.join(", ")),
        )
    }

    /// The caller asks too often; the message says when they may again.
    pub fn rate_limited(message: impl Into<String>) -> Self {
        Self::new("RATE_LIMITED", message)
    }

    /// It would take too long; the message says what to ask for instead.
    pub fn too_long(message: impl Into<String>) -> Self {
        Self::new("TIMEOUT", message)
    }

    /// The database; without its own words, which the log has.
    fn database(kind: FaultKind) -> Self {
        let told = kind.told();
        if kind.may_pass() {
            Self::new("DATABASE_UNAVAILABLE", format!("{told}; try again in a moment"))
        } else {
            Self::database_failed(told)
        }
    }

    fn database_failed(told: &str) -> Self {
        Self::new(
            "DATABASE_FAILED",
            format!("{told}; the server's operator has to put that right, its log tells what"),
        )
    }

    /// A fault of ours: the log has it, the caller a fixed sentence.
    pub fn internal(error: &dyn std::fmt::Display) -> Self {
        tracing::error!(%error, "a resolver failed");
        Self::new(
            "INTERNAL_ERROR",
            "the server failed; its log tells more under this request's id",
        )
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error {
            // The caller's cursor, and nothing wrong with the database.
            StoreError::Forgotten | StoreError::OtherEpoch => Self::bad_input(error.to_string()),
            StoreError::TooLong | StoreError::TooManyToUndo { .. } => Self::too_long(error.to_string()),
            StoreError::TooManyQuestions => Self::rate_limited(error.to_string()),
            StoreError::Unavailable => Self::database(FaultKind::Away),
            StoreError::Fault { kind, said } => {
                tracing::error!(
                    said,
                    "the database failed a resolver: {}; {}",
                    kind.told(),
                    kind.remedy()
                );
                Self::database(kind)
            }
            // Files that vanished, say, or a row of another version's: nothing that asking again would mend.
            error @ (StoreError::Connect(_) | StoreError::Corrupt(_)) => {
                tracing::error!(%error, "the database failed a resolver");
                Self::database_failed("the database can't be used")
            }
            error => Self::internal(&error),
        }
    }
}

impl From<dingtalk::Error> for ApiError {
    /// The client's messages are written for callers.
    fn from(error: dingtalk::Error) -> Self {
        let code = match error.kind {
            dingtalk::ErrorKind::NotConfigured => "NOT_CONFIGURED",
            dingtalk::ErrorKind::Throttled => "RATE_LIMITED",
            _ => "UPSTREAM_FAILED",
        };

        Self {
            code,
            message: error.message,
            dingtalk_code: error.code,
        }
    }
}

impl From<ApiError> for async_graphql::Error {
    fn from(error: ApiError) -> Self {
        use async_graphql::ErrorExtensions;
        async_graphql::Error::new(error.message).extend_with(|_, extensions| {
            extensions.set("code", error.code);
            if let Some(code) = error.dingtalk_code {
                extensions.set("dingtalkCode", code);
            }
        })
    }
}
