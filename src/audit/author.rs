//! Who did something, how that is known, and from where they asked.

use std::{net::IpAddr, sync::Arc};

use uuid::Uuid;

/// Who did something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Author {
    /// A caller's subject; `command line` for a command, a part's name for the program itself.
    pub subject: String,
    /// How that is known.
    pub proof: Proof,
    /// Of a request: where it came from.
    pub origin: Option<Origin>,
}

/// How it is known who somebody is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proof {
    /// A token.
    Token {
        /// Who signed it: its `iss`.
        issuer: Arc<str>,
    },
    /// An API key.
    ApiKey(Uuid),
    /// They run the program on the server's machine.
    CommandLine {
        /// The system's name of their account, or its number.
        account: String,
    },
    /// Nobody asked: the program does it by itself.
    Program,
}

/// Where a request came from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origin {
    /// The other end of the connection, or whom a trusted proxy speaks for.
    pub address: Option<IpAddr>,
    /// The request's id, as its lines of the log have it.
    pub request: Arc<str>,
}

/// A part of the program, by its name.
impl From<&str> for Author {
    fn from(subject: &str) -> Self {
        Self {
            subject: subject.to_owned(),
            proof: Proof::Program,
            origin: None,
        }
    }
}

impl From<&Author> for Author {
    fn from(author: &Author) -> Self {
        author.clone()
    }
}
