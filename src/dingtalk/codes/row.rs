//! One row of the table of codes.

use std::time::Duration;

use crate::{
    catalogue::Entry,
    dingtalk::{config::Waits, error::ErrorKind},
    settings::Api,
};

/// How a code was seen, or is documented. It is accepted in every form all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::dingtalk) enum Form {
    /// As `errcode`.
    Plain,
    /// The gateway's: on `/topapi/…` the `sub_code` of an `errcode` 88.
    Wrapped,
    /// Nobody shows a body.
    Unseen,
    /// `code` beside `message`: the new API.
    Named,
}

/// For how long to rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::dingtalk) enum Long {
    /// DingTalk's window of a second.
    Second,
    /// A minute.
    Minute,
}

impl Long {
    pub(in crate::dingtalk) fn least(self, waits: &Waits) -> Duration {
        match self {
            Self::Second => waits.throttle_floor,
            Self::Minute => waits.throttle_floor * 60,
        }
    }
}

/// Who rests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::dingtalk) enum Rest {
    /// The calls of this API.
    Api(Long),
    /// The calls of this API, which everybody's apps together made too often.
    Platform,
    /// All calls of this host.
    Host(Long),
}

impl Rest {
    pub(in crate::dingtalk) const fn long(self) -> Long {
        match self {
            Self::Api(long) | Self::Host(long) => long,
            Self::Platform => Long::Second,
        }
    }
}

/// What codes mean on certain calls.
#[derive(Debug, Clone, Copy)]
pub(in crate::dingtalk) struct On {
    pub(in crate::dingtalk) apis: &'static [Api],
    pub(in crate::dingtalk) kind: ErrorKind,
    /// What happened and the remedy; `None`: the row's, or the kind's.
    pub(in crate::dingtalk) says: Option<&'static Entry>,
}

/// What codes mean, and where that is known from.
#[derive(Debug, Clone, Copy)]
pub(in crate::dingtalk) struct Row<C: 'static = i64> {
    pub(in crate::dingtalk) codes: &'static [C],
    #[allow(dead_code, reason = "a test holds it against the sheet")]
    pub(in crate::dingtalk) form: Form,
    pub(in crate::dingtalk) kind: ErrorKind,
    /// Where it differs.
    pub(in crate::dingtalk) on: &'static [On],
    /// Where DingTalk's text holds one of these words (in lower case), it means that instead.
    pub(in crate::dingtalk) worded: &'static [(&'static str, ErrorKind)],
    pub(in crate::dingtalk) rest: Rest,
    /// What happened and the remedy, where the kind's own words don't tell.
    pub(in crate::dingtalk) says: Option<&'static Entry>,
    /// As `docs/dingtalk-codes.md` abbreviates it.
    #[allow(dead_code, reason = "a test holds it against the sheet")]
    pub(in crate::dingtalk) source: &'static str,
}

impl<C> Row<C> {
    pub(super) const fn new(codes: &'static [C], form: Form, kind: ErrorKind, source: &'static str) -> Self {
        Self {
            codes,
            form,
            kind,
            on: &[],
            worded: &[],
            rest: Rest::Api(Long::Second),
            says: None,
            source,
        }
    }

    pub(super) const fn on(mut self, on: &'static [On]) -> Self {
        self.on = on;
        self
    }

    pub(super) const fn worded(mut self, worded: &'static [(&'static str, ErrorKind)]) -> Self {
        self.worded = worded;
        self
    }

    pub(super) const fn rest(mut self, rest: Rest) -> Self {
        self.rest = rest;
        self
    }

    pub(super) const fn says(mut self, says: &'static Entry) -> Self {
        self.says = Some(says);
        self
    }
}

/// A kind on certain calls, in the kind's or the row's words.
pub(super) const fn on(apis: &'static [Api], kind: ErrorKind) -> On {
    On { apis, kind, says: None }
}

/// A kind on certain calls, in words of its own.
pub(super) const fn saying(apis: &'static [Api], kind: ErrorKind, says: &'static Entry) -> On {
    On {
        apis,
        kind,
        says: Some(says),
    }
}
