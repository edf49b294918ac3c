//! What is asked of an issuer's tokens, and what they open.

use std::collections::BTreeSet;

use chrono::TimeDelta;

use super::key::IssuerKey;
use crate::auth::permission::Permission;

/// An issuer whose tokens are taken beside this server's own.
#[derive(Debug)]
pub struct Issuer {
    /// `iss` of its tokens.
    pub name: String,
    /// Its tokens' `aud` has to name one of these.
    pub audiences: Vec<String>,
    /// What checks its signatures, and by which algorithm.
    pub key: IssuerKey,
    /// What its tokens open.
    pub granted: Granted,
    /// How much its clock and this server's may differ.
    pub leeway: TimeDelta,
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
