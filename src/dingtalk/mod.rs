//! DingTalk's wire: one client, one `send`, every oddity of its answers in one place.
#![allow(missing_docs, unused_variables, dead_code, clippy::todo)]

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use secrecy::SecretString;
use url::Url;

use crate::{clock::Clock, directory::*, settings::Api};

/// What is needed to call DingTalk, from the settings in force. `None` URL: that optional call isn't configured.
#[derive(Debug, Clone)]
pub struct Connection {
    pub app_key: String,
    pub app_secret: SecretString,
    pub agent_id: Option<i64>,
    pub urls: BTreeMap<Api, Url>,
}

pub struct ClientConfig {
    pub connect_timeout: Duration,
    pub timeout: Duration,
    pub calls_per_second: u32,
    pub max_attempts: u32,
}

/// Cheap to clone; holds the token cache (per app key, single flight), the per-API limits and the HTTP pool.
#[derive(Clone)]
pub struct Client {
    inner: Arc<()>,
}

impl Client {
    pub fn new(config: ClientConfig, clock: Clock) -> Result<Self, ClientBuildError> {
        todo!()
    }
    /// A view of the client with these credentials and URLs.
    pub fn with(&self, connection: Arc<Connection>) -> Session {
        todo!()
    }
    /// Calls made and throttles met since the start, by API, for runs and metrics.
    pub fn stats(&self) -> CallStats {
        todo!()
    }
}
#[derive(Debug, thiserror::Error)]
#[error("the HTTP client could not be built: {0}")]
pub struct ClientBuildError(pub String);

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CallStats {
    pub calls: BTreeMap<Api, u64>,
    pub throttled: u64,
}

#[derive(Clone)]
pub struct Session {
    client: Client,
    connection: Arc<Connection>,
}

impl Session {
    pub fn is_configured(&self, api: Api) -> bool {
        todo!()
    }
    pub async fn auth_scopes(&self) -> Result<Scopes, Error> {
        todo!()
    }
    /// Direct children, as listsub says them.
    pub async fn department_list_sub(&self, dept: DeptId) -> Result<Vec<DepartmentFacts>, Error> {
        todo!()
    }
    pub async fn department_get(&self, dept: DeptId) -> Result<DepartmentFacts, Error> {
        todo!()
    }
    pub async fn user_list_id(&self, dept: DeptId) -> Result<Vec<UserId>, Error> {
        todo!()
    }
    pub async fn user_get(&self, user: &UserId) -> Result<UserFacts, Error> {
        todo!()
    }
    /// One page of `user/list`; memberships of each user: every id of `dept_id_list`, order and leader known for this department only.
    pub async fn user_list(&self, dept: DeptId, cursor: i64) -> Result<UserPage, Error> {
        todo!()
    }
    pub async fn user_count(&self, only_active: bool) -> Result<u64, Error> {
        todo!()
    }
    /// `Ok(None)`: no current employee has it.
    pub async fn user_get_by_mobile(&self, mobile: &str) -> Result<Option<UserId>, Error> {
        todo!()
    }
    /// `msg` is the rendered JSON object, sent byte for byte. Exactly one HTTP attempt unless the former provably did not arrive.
    pub async fn async_send(&self, users: &[UserId], msg: &str) -> Result<i64 /* task_id */, Error> {
        todo!()
    }
    pub async fn get_send_progress(&self, task_id: i64) -> Result<SendProgress, Error> {
        todo!()
    }
    pub async fn get_send_result(&self, task_id: i64) -> Result<SendResult, Error> {
        todo!()
    }
}

pub struct Scopes {
    pub departments: Vec<DeptId>,
    pub users: Vec<UserId>,
}
pub struct UserPage {
    pub users: Vec<UserFacts>,
    pub next_cursor: Option<i64>,
}
pub struct SendProgress {
    pub percent: u8,
    pub status: i64,
}
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SendResult {
    pub invalid: Vec<UserId>,
    pub failed: Vec<UserId>,
    pub read: Vec<UserId>,
    pub unread: Vec<UserId>,
    pub forbidden: Vec<Forbidden>,
}
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Forbidden {
    pub userid: UserId,
    pub code: Option<String>,
}

/// Why a call failed, after its retries.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{api:?}: {message}")]
pub struct Error {
    pub api: Api,
    pub kind: ErrorKind,
    /// effective code: errcode, or sub_code under 88
    pub code: Option<String>,
    /// fit for a caller's eyes: what happened and the remedy, with the settings field or permission by name
    pub message: String,
    pub retry_after: Option<Duration>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
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
    /// 60121, 33012, 60003, 60111.
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
    /// 40035, 400002, 34xxx, 40056, …: our parameters.
    BadRequest,
    /// 50003, 50005, 43007, 52010, 70001 …: app or company is off.
    Refused,
    /// -1, 15, 88 with an empty sub_code, 5xx: busy; the call may be repeated where it is a read.
    Unavailable,
    /// Connection refused, DNS, TLS: the request did not leave.
    NotSent,
    /// Time-out or broken connection after the request left: it may have had its effect.
    OutcomeUnknown,
    /// An answer that isn't what the sheet says.
    Undecodable,
    /// Shutdown while waiting.
    Cancelled,
}
