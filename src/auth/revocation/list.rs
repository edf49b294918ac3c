//! The revocations that can still matter.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};

use super::{
    mark::{TokenId, TokenMark},
    record::{Revocation, Revoked},
};
use crate::auth::refusal::TokenError;

/// So many at a time: this many are in memory, some hundred bytes each.
pub const MAX_REVOCATIONS: u64 = 10_000;

/// Revocations, by what they refuse.
#[derive(Debug, Default)]
pub struct Revocations {
    tokens: HashSet<TokenId>,
    subjects: HashMap<String, DateTime<Utc>>,
}

impl Revocations {
    /// These.
    pub fn new(revocations: impl IntoIterator<Item = Revocation>) -> Self {
        let mut all = Self::default();
        for Revocation { revoked, .. } in revocations {
            match revoked {
                Revoked::Token(id) => drop(all.tokens.insert(id)),
                Revoked::Subject { subject, issued_before } => {
                    let before = all.subjects.entry(subject).or_insert(issued_before);
                    *before = issued_before.max(*before);
                }
            }
        }
        all
    }

    /// Whether a token of `subject` is taken no more.
    pub fn check(&self, subject: &str, token: &TokenMark) -> Result<(), TokenError> {
        let is_named = !self.tokens.is_empty() && token.id.as_ref().is_some_and(|id| self.tokens.contains(id));
        // A token that doesn't say when it was issued may have been issued before.
        let is_of_before = self
            .subjects
            .get(subject)
            .is_some_and(|before| token.issued_at.is_none_or(|at| at < *before));
        if is_named || is_of_before {
            return Err(TokenError::Revoked);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + seconds, 0).unwrap()
    }

    fn id(issuer: &str, id: &str) -> TokenId {
        TokenId {
            issuer: issuer.to_owned(),
            id: id.to_owned(),
        }
    }

    fn all(revoked: impl IntoIterator<Item = Revoked>) -> Revocations {
        let record = |revoked| Revocation {
            id: Uuid::nil(),
            revoked,
            revoked_at: at(0),
            revoked_by: "admin".to_owned(),
            over_at: at(100),
        };
        Revocations::new(revoked.into_iter().map(record))
    }

    #[test]
    fn an_id_is_one_issuers() {
        let all = all([Revoked::Token(id("dingmirror", "7"))]);
        let of = |id| TokenMark { id, issued_at: None };
        assert_eq!(
            all.check("anna", &of(Some(id("dingmirror", "7")))),
            Err(TokenError::Revoked)
        );
        for other in [Some(id("idp", "7")), Some(id("dingmirror", "8")), None] {
            assert_eq!(all.check("anna", &of(other)), Ok(()));
        }
    }

    #[test]
    fn of_one_person_those_of_before_the_latest_moment_end() {
        let before = |seconds| Revoked::Subject {
            subject: "anna".to_owned(),
            issued_before: at(seconds),
        };
        let all = all([before(10), before(20), before(15)]);
        let of = |issued_at| TokenMark { id: None, issued_at };
        assert_eq!(all.check("anna", &of(Some(at(19)))), Err(TokenError::Revoked));
        assert_eq!(all.check("anna", &of(None)), Err(TokenError::Revoked));
        assert_eq!(all.check("anna", &of(Some(at(20)))), Ok(()));
        assert_eq!(all.check("Anna", &of(Some(at(0)))), Ok(()));
    }
}
