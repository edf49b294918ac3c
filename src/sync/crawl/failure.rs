//! What a failed call means for the crawl: its class decides, and its kind where kinds of one class part.

use std::time::Duration;

use crate::{
    dingtalk::{Class, Error, ErrorKind},
    settings::Api,
    word::word,
};

/// The shortest rest after a throttle: DingTalk's windows are one second long.
const SHORTEST_REST: Duration = Duration::from_secs(1);
/// The longest rest that a throttle's own hint may ask for.
const LONGEST_REST: Duration = Duration::from_secs(60);

/// What to do about a failed call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ReadFailure {
    /// The run can't go on: settings, permissions, network rules.
    Fatal,
    /// Ask again after this rest.
    Rest(Duration),
    /// The record isn't there (60121, 60003).
    NotThere,
    /// The record is there, but lies outside the contact scope (50002, 50004).
    OutOfScope,
    /// Bad luck: worth another try later.
    Luck,
    /// A code that nobody knows: asked once more, and then an entry error. It is evidence of nothing.
    Odd,
    /// This record's own fault: an entry error.
    Record,
}

impl ReadFailure {
    pub(crate) fn of(error: &Error) -> Self {
        match error.class() {
            Class::Application | Class::Token | Class::NextDay | Class::Banned | Class::Cancelled => Self::Fatal,
            Class::Throttled => Self::Rest(
                error
                    .retry_after
                    .unwrap_or(SHORTEST_REST)
                    .clamp(SHORTEST_REST, LONGEST_REST),
            ),
            Class::Gone => Self::NotThere,
            Class::Scope => Self::OutOfScope,
            Class::Transient | Class::UnknownOutcome => Self::Luck,
            Class::Unknown => Self::Odd,
            Class::Request | Class::Content | Class::Recipient | Class::Undecodable => Self::Record,
        }
    }

    /// Whether a refusal that would end a run may pass by itself: a gateway that reloads says 404, a changing address
    /// is not on the list for a moment, and a token may be thrown away twice.
    pub(crate) fn may_pass(error: &Error) -> bool {
        matches!(
            error.kind,
            ErrorKind::WrongUrl | ErrorKind::IpNotAllowed | ErrorKind::BadToken
        )
    }

    /// Whether a refusal that sounds like the application's may be one record's alone, where the same API answers about
    /// others.
    pub(crate) fn may_be_of_one(error: &Error) -> bool {
        let is_ours = matches!(
            error.kind,
            ErrorKind::NotConfigured | ErrorKind::BadCredentials | ErrorKind::QuotaExhausted
        );
        error.class() == Class::Application && !is_ours && error.api != Api::GetToken
    }

    /// Whether nobody answered, or only that it is too much just now: that tells nothing of the record.
    pub(crate) fn is_silence(self) -> bool {
        matches!(self, Self::Luck | Self::Rest(_))
    }

    /// Whether DingTalk answered, if only to say that it can't give this.
    pub(crate) fn is_answer(error: &Error) -> bool {
        matches!(
            error.class(),
            Class::Gone | Class::Scope | Class::Request | Class::Content | Class::Recipient | Class::Unknown
        )
    }

    /// Whether an optional call that fails like this may simply be done without. Without a token nothing may be
    /// concluded.
    pub(super) fn is_unavailable_here(error: &Error) -> bool {
        let here = matches!(
            error.kind,
            ErrorKind::NotConfigured | ErrorKind::MissingPermission | ErrorKind::WrongUrl
        );
        here && error.api != Api::GetToken
    }
}

/// A failure's code where DingTalk gave one, else its kind: what findings group by.
pub(super) fn label(error: &Error) -> String {
    error.code.clone().unwrap_or_else(|| word(&error.kind))
}
