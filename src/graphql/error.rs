//! `errors[]`: a closed list of codes, and never an internal text.

use crate::{
    catalogue::{Statement, errors as said},
    dingtalk,
    store::{FaultKind, StoreError},
};

/// What somebody is told who has shown no token where one is due.
pub(crate) static NO_TOKEN: &str = said::NOT_SIGNED_IN.template;

/// A field's error. Deliberately not `Display`: the library turns anything that is into a message for the client, so
/// that a `?` would show the database's own words. What is shown is decided here.
#[derive(Debug, Clone)]
pub struct ApiError {
    code: &'static str,
    message: Message,
    dingtalk_code: Option<String>,
}

/// What is wrong.
#[derive(Debug, Clone)]
enum Message {
    /// What is wrong with the request, in words that are about this very one.
    Words(String),
    /// Something of the catalogue: told as data, too.
    Statement(Statement),
}

impl From<&str> for Message {
    fn from(words: &str) -> Self {
        Self::Words(words.to_owned())
    }
}

impl From<Statement> for Message {
    fn from(statement: Statement) -> Self {
        Self::Statement(statement)
    }
}

impl ApiError {
    fn new(code: &'static str, message: impl Into<Message>) -> Self {
        Self {
            code,
            message: message.into(),
            dingtalk_code: None,
        }
    }

    /// There is no token.
    pub fn unauthenticated() -> Self {
        Self::new("UNAUTHENTICATED", Statement::from(said::NOT_SIGNED_IN {}))
    }

    /// The token lacks a permission.
    pub fn forbidden(permission: crate::auth::Permission) -> Self {
        let permission = permission.to_string();
        Self::new("FORBIDDEN", Statement::from(said::PERMISSION_LACKING { permission }))
    }

    /// An argument has a value that it can't have; the message names the argument and the remedy.
    pub fn bad_input(message: impl Into<String>) -> Self {
        Self::new("BAD_USER_INPUT", Message::Words(message.into()))
    }

    /// The settings lack something, which `lacking` says.
    pub fn not_configured(lacking: Statement) -> Self {
        Self::new("NOT_CONFIGURED", lacking)
    }

    /// The caller asks too often; the message says when they may again.
    pub fn rate_limited(message: impl Into<String>) -> Self {
        Self::new("RATE_LIMITED", Message::Words(message.into()))
    }

    /// The caller has asked for too many mobile numbers.
    pub fn asked_for_too_many_mobiles(seconds: i64) -> Self {
        Self::new(
            "RATE_LIMITED",
            Statement::from(said::MOBILE_ASKED_TOO_OFTEN { seconds }),
        )
    }

    /// It would take too long; the message says what to ask for instead.
    pub fn too_long(message: impl Into<String>) -> Self {
        Self::new("TIMEOUT", Message::Words(message.into()))
    }

    /// The database; without its own words, which the log has.
    fn database(kind: FaultKind) -> Self {
        let told = kind.told();
        if kind.may_pass() {
            let passing = said::DATABASE_TROUBLE_PASSING { fault: told };
            Self::new("DATABASE_UNAVAILABLE", Statement::from(passing))
        } else {
            Self::database_failed(told)
        }
    }

    fn database_failed(fault: &str) -> Self {
        Self::new("DATABASE_FAILED", Statement::from(said::DATABASE_TROUBLE { fault }))
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
            error @ (StoreError::Connect(_) | StoreError::InUse(_) | StoreError::Corrupt(_)) => {
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
            message: Message::Statement(error.message),
            dingtalk_code: error.code,
        }
    }
}

impl From<ApiError> for async_graphql::Error {
    fn from(error: ApiError) -> Self {
        use async_graphql::ErrorExtensions;
        let (message, statement) = match error.message {
            Message::Words(words) => (words, None),
            Message::Statement(statement) => (statement.to_string(), Some(statement)),
        };

        async_graphql::Error::new(message).extend_with(|_, extensions| {
            extensions.set("code", error.code);
            if let Some(statement) = statement
                && let Ok(data) = async_graphql::Value::from_json(statement.json())
            {
                extensions.set("statement", data);
            }
            if let Some(code) = error.dingtalk_code {
                extensions.set("dingtalkCode", code);
            }
        })
    }
}
