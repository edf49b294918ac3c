//! What is asked of an issuer's tokens, and what they open.

use std::{collections::BTreeSet, time::Duration};

use chrono::TimeDelta;

use super::{key::IssuerKey, published::PublishedKeys};
use crate::auth::permission::Permission;

/// An issuer whose tokens are taken beside this server's own.
#[derive(Debug)]
pub struct Issuer {
    /// `iss` of its tokens.
    pub name: String,
    /// Its tokens' `aud` has to name one of these.
    pub audiences: Vec<String>,
    /// How its tokens say who calls.
    pub kind: IssuerKind,
    /// What checks its signatures, and by which algorithm.
    pub keys: IssuerKeys,
    /// Claims that its tokens have to have beside `iss`, `aud` and `exp`.
    pub required: BTreeSet<String>,
    /// How long its tokens may live, where that is shorter than what holds for all.
    pub max_lifetime: Option<Duration>,
    /// What its tokens open.
    pub granted: Granted,
    /// How much its clock and this server's may differ.
    pub leeway: TimeDelta,
}

/// How an issuer's tokens say who calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IssuerKind {
    /// By `sub`, as RFC 7519 has it.
    Plain,
    /// As Atlassian's Forge does, for one of its apps: by the installation, and where somebody uses the app by their
    /// account.
    Forge {
        /// The sites that may call; none: each that has the app.
        cloud_ids: Vec<String>,
    },
}

/// Where an issuer's keys come from.
#[derive(Debug)]
pub enum IssuerKeys {
    /// A file has the one that there is.
    Held(Box<IssuerKey>),
    /// The issuer publishes them.
    Published(PublishedKeys),
}

/// What tokens of an issuer open.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Granted {
    /// Each of them.
    pub always: BTreeSet<Permission>,
    /// The claim that names what it opens beyond that: a list of texts, or one text with spaces between them, as
    /// OAuth's `scope`.
    pub by_claim: Option<String>,
}

/// The issuers by name.
#[derive(Debug, Default)]
pub struct Issuers(Vec<Issuer>);

impl Issuers {
    /// These issuers, each of its own name.
    pub fn new(issuers: Vec<Issuer>) -> Self {
        Self(issuers)
    }

    /// The issuer of this name.
    pub fn named(&self, name: &str) -> Option<&Issuer> {
        self.0.iter().find(|issuer| issuer.name == name)
    }

    /// Those that publish their keys, by name.
    pub fn published(&self) -> impl Iterator<Item = (&str, &PublishedKeys)> {
        self.0.iter().filter_map(|issuer| match &issuer.keys {
            IssuerKeys::Published(keys) => Some((issuer.name.as_str(), keys)),
            IssuerKeys::Held(_) => None,
        })
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Issuer {
    /// Who `sub` is among all callers: others give the same names.
    pub fn subject(&self, sub: &str) -> String {
        format!("{sub}@{}", self.name)
    }
}
