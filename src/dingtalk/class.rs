//! What a failure asks for. Whoever calls DingTalk decides by the class, and by the kind where kinds of one class part;
//! the codes behind it are data (`codes`).

use super::error::{Error, ErrorKind};

/// What a failure asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Class {
    /// It passes by itself: it may be asked again. Of a message: nothing was sent.
    Transient,
    /// Too many calls: again after a rest.
    Throttled,
    /// Not before the next day in Beijing.
    NextDay,
    /// The firewall bans this address: nothing is asked for a while.
    Banned,
    /// The access token is refused, a new one too: as [`Class::Application`].
    Token,
    /// The app, its settings or its company: no such call will be answered before somebody acts.
    Application,
    /// The record lies outside what the app may see.
    Scope,
    /// DingTalk says that the record isn't there: evidence of absence.
    Gone,
    /// One of a message's recipients; the others may get it.
    Recipient,
    /// This message's content, or this question: the same will be refused again, another one won't.
    Content,
    /// The parameters of the request: as [`Class::Content`]; where every call meets it, something between us and
    /// DingTalk is wrong, as with [`Class::Application`].
    Request,
    /// A code that nobody knows, or no class of it: this one has failed, and that is evidence of nothing.
    Unknown,
    /// An answer that can't be read.
    Undecodable,
    /// A message that may have arrived.
    UnknownOutcome,
    /// This process ends.
    Cancelled,
}

impl ErrorKind {
    /// What it asks for.
    pub const fn class(self) -> Class {
        match self {
            Self::Unavailable | Self::NotSent => Class::Transient,
            Self::Throttled => Class::Throttled,
            Self::DayLimit => Class::NextDay,
            Self::Banned => Class::Banned,
            Self::BadToken => Class::Token,
            Self::NotConfigured
            | Self::BadCredentials
            | Self::MissingPermission
            | Self::QuotaExhausted
            | Self::IpNotAllowed
            | Self::WrongUrl
            | Self::WrongAgent
            | Self::NoToken
            | Self::Refused => Class::Application,
            Self::OutOfScope => Class::Scope,
            Self::NotFound => Class::Gone,
            Self::BadRecipient => Class::Recipient,
            Self::BadContent => Class::Content,
            Self::BadRequest => Class::Request,
            Self::UnknownCode => Class::Unknown,
            Self::Undecodable => Class::Undecodable,
            Self::OutcomeUnknown => Class::UnknownOutcome,
            Self::Cancelled => Class::Cancelled,
        }
    }
}

impl Error {
    /// What it asks for.
    pub const fn class(&self) -> Class {
        self.kind.class()
    }
}
