//! placeholder contract
#![allow(missing_docs, unused_variables, dead_code, clippy::todo)]
use super::*;
use secrecy::SecretString;
/// AEAD over aws-lc-rs, key of 32 bytes derived from DINGMIRROR_SECRET_KEY (or a 0600 file in the data directory, made by the composition root).
#[derive(Clone)]
pub struct Sealer {
    x: (),
}
impl Sealer {
    pub fn new(key: &SecretString) -> Self {
        todo!()
    }
    pub fn seal(&self, secret: &SecretString) -> String {
        todo!()
    }
    pub fn open(&self, sealed: &str) -> Option<SecretString> {
        todo!()
    }
}
/// host or host:port list; default: oapi.dingtalk.com, api.dingtalk.com, oapi.dingtalk.io, api.dingtalk.io. http is allowed for loopback hosts only.
#[derive(Debug, Clone)]
pub struct AllowedHosts {
    x: (),
}
impl AllowedHosts {
    pub fn dingtalk() -> Self {
        todo!()
    }
    pub fn parse(list: &str) -> Result<Self, String> {
        todo!()
    }
}
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingsError {
    /// the form's field, e.g. "getTokenUrl"
    pub field: &'static str,
    pub code: SettingsErrorCode,
    pub message: String,
}
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SettingsErrorCode {
    Required,
    Invalid,
    TooLong,
    HostNotAllowed,
    Misspelled,
}
impl Settings {
    /// The defaults: DingTalk's real URLs (optional ones included), EMAIL_TO_EMAIL, disabled.
    pub fn defaults() -> Self {
        todo!()
    }
    /// Fields without which a sync (or a send) can't run: "appKey", "appSecret", "agentId" (sending only).
    pub fn missing(&self) -> Vec<&'static str> {
        todo!()
    }
}
