//! Why a call failed.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{catalogue::Statement, settings::Api};

/// Why a call failed, after its retries.
#[derive(Debug, Clone, thiserror::Error, Serialize, Deserialize)]
#[error("{}: {message}", api.path())]
pub struct Error {
    /// The call that failed. [`Api::GetToken`] where the call itself was never made for want of a token.
    pub api: Api,
    /// What kind of failure.
    pub kind: ErrorKind,
    /// Effective code: errcode, or sub_code under 88.
    pub code: Option<String>,
    /// Fit for a caller's eyes: what happened and the remedy, with the settings field or permission by name.
    pub message: Statement,
    /// When it makes sense to try again, where that is known.
    pub retry_after: Option<Duration>,
}

impl Error {
    /// The call was never made, because the settings lack something; `message` says what.
    pub(super) fn not_configured(api: Api, message: Statement) -> Self {
        Self {
            api,
            kind: ErrorKind::NotConfigured,
            code: None,
            message,
            retry_after: None,
        }
    }
}

/// What kind of failure. Callers decide by its [class](Self::class), and by the kind where kinds of one class part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ErrorKind {
    /// No URL, key, secret or agent id.
    NotConfigured,
    /// 40096, 40089.
    BadCredentials,
    /// 40014 and kin even after a refresh.
    BadToken,
    /// 60011.
    MissingPermission,
    /// 50002, 50004.
    OutOfScope,
    /// 60121, 33012, 60003, 60111, each of the record that it can be said of.
    NotFound,
    /// 90018, 90002, 90019, …: still after the retries.
    Throttled,
    /// 90020.
    QuotaExhausted,
    /// 60020.
    IpNotAllowed,
    /// HTML page or status 1111: five minutes.
    Banned,
    /// 22, 404: a typo in the URL.
    WrongUrl,
    /// 40056, 41020, …: the agent id isn't the app's.
    WrongAgent,
    /// `gettoken` refuses for whatever other reason: the call that wanted the token never left.
    NoToken,
    /// 40035, 400002, 41, …: our parameters.
    BadRequest,
    /// 34xxx, 40048, 41049, …: what the message says or holds; 41052: a question that has no answer.
    BadContent,
    /// 40031, 81002, …: one of the recipients of the call.
    BadRecipient,
    /// 50003, 50005, 43007, 41044, 70001 …: app or company is off, or lacks an authorisation.
    Refused,
    /// 41045, `daily.call.limit`: no more today.
    DayLimit,
    /// A code that is in no table.
    UnknownCode,
    /// Of a read: -1, 15, 88 with an empty sub_code, 5xx, no answer in time. It may be repeated.
    Unavailable,
    /// Connection refused, DNS, TLS, or no token to send it with: the request did not leave.
    NotSent,
    /// Of a message: no answer that tells its fate after the request left. It may have had its effect.
    OutcomeUnknown,
    /// Of a read: an answer that isn't what DingTalk's documentation says.
    Undecodable,
    /// It was not to be made any more while it waited for a token or a limit: nothing left.
    Cancelled,
}
