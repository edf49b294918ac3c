//! What went wrong with one attempt of a call: `envelope` reads it, `retry` decides by it, `remedy` puts it into words.

use super::{
    codes::{Meaning, Rest},
    error::ErrorKind,
};
use crate::catalogue::{Entry, dingtalk::DINGTALK_FIREWALL_STOPS_REQUEST};

/// What went wrong with one attempt, before it is put into words.
#[derive(Debug, Clone)]
pub(super) struct AttemptFailure {
    pub(super) kind: ErrorKind,
    pub(super) code: Option<String>,
    /// In DingTalk's words, or the operating system's.
    pub(super) said: Option<String>,
    /// Of a throttle: who rests, and how long at least.
    pub(super) rest: Rest,
    /// What happened and the remedy, where the kind's own words don't tell.
    pub(super) says: Option<&'static Entry>,
}

impl AttemptFailure {
    pub(super) fn new(kind: ErrorKind, said: impl Into<String>) -> Self {
        Self::meaning(Meaning::of(kind), None, Some(said.into()))
    }

    pub(super) fn meaning(meaning: Meaning, code: Option<String>, said: Option<String>) -> Self {
        Self {
            kind: meaning.kind,
            code,
            said,
            rest: meaning.rest,
            says: meaning.says,
        }
    }

    /// The same page, where it is this request's alone: nobody is banned.
    pub(super) fn of_one_request(self) -> Self {
        Self {
            kind: ErrorKind::BadRequest,
            says: Some(&DINGTALK_FIREWALL_STOPS_REQUEST),
            ..self
        }
    }

    pub(super) fn banned() -> Self {
        Self::meaning(Meaning::of(ErrorKind::Banned), None, None)
    }
}
