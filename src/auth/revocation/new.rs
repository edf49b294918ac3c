//! A revocation that somebody asks for.

use chrono::{DateTime, Utc};

use super::{mark::TokenId, record::Revoked};
use crate::{
    auth::ISSUER,
    catalogue::tokens as said,
    problem::{Problem, ProblemCode},
};

/// Bytes of each text.
const LONGEST: usize = 1_024;

/// Which tokens shall be taken no more, by the names of the GraphQL input.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewRevocation {
    /// `jti` of one token.
    pub token_id: Option<String>,
    /// `iss` of that token; without it one of this server's own.
    pub issuer: Option<String>,
    /// Whose tokens.
    pub subject: Option<String>,
    /// Those that were issued before; without it now.
    pub issued_before: Option<DateTime<Utc>>,
}

impl NewRevocation {
    /// What it revokes, or everything that is wrong with it.
    pub fn check(self, now: DateTime<Utc>) -> Result<Revoked, Vec<Problem>> {
        let mut problems = Vec::new();
        let texts = [
            ("tokenId", &self.token_id),
            ("issuer", &self.issuer),
            ("subject", &self.subject),
        ];
        for (field, text) in texts {
            let Some(text) = text else { continue };
            if text.trim().is_empty() {
                problems.push(Problem::new(ProblemCode::Required, &[field], said::REVOCATION_BLANK {}));
            }
            if text.len() > LONGEST {
                let message = said::REVOCATION_TOO_LONG { most: LONGEST };
                problems.push(Problem::new(ProblemCode::TooLong, &[field], message));
            }
        }

        if self.token_id.is_some() == self.subject.is_some() {
            problems.push(Problem::new(
                ProblemCode::Invalid,
                &["tokenId"],
                said::REVOCATION_OF_ONE {},
            ));
        }
        if self.issuer.is_some() && self.token_id.is_none() {
            problems.push(Problem::new(
                ProblemCode::Invalid,
                &["issuer"],
                said::REVOCATION_ISSUER {},
            ));
        }
        if self.issued_before.is_some() && self.subject.is_none() {
            let message = said::REVOCATION_MOMENT {};
            problems.push(Problem::new(ProblemCode::Invalid, &["issuedBefore"], message));
        }
        // It would refuse tokens that nobody has issued yet.
        if self.issued_before.is_some_and(|at| at > now) {
            let message = said::REVOCATION_TO_COME { at: now };
            problems.push(Problem::new(ProblemCode::Invalid, &["issuedBefore"], message));
        }

        match (self.token_id, self.subject) {
            _ if !problems.is_empty() => Err(problems),
            (Some(id), _) => Ok(Revoked::Token(TokenId {
                issuer: self.issuer.unwrap_or_else(|| ISSUER.to_owned()),
                id,
            })),
            (None, subject) => Ok(Revoked::Subject {
                subject: subject.unwrap_or_default(),
                issued_before: self.issued_before.unwrap_or(now),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000, 0).unwrap()
    }

    fn text(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    #[test]
    fn one_token_or_one_person_is_named() {
        let token = NewRevocation {
            token_id: text("7"),
            ..NewRevocation::default()
        };
        let id = |issuer: &str| TokenId {
            issuer: issuer.to_owned(),
            id: "7".to_owned(),
        };
        assert_eq!(token.clone().check(now()), Ok(Revoked::Token(id("dingmirror"))));
        let of_issuer = NewRevocation {
            issuer: text("idp"),
            ..token
        };
        assert_eq!(of_issuer.check(now()), Ok(Revoked::Token(id("idp"))));

        let anna = NewRevocation {
            subject: text("anna"),
            ..NewRevocation::default()
        };
        let before = |issued_before| Revoked::Subject {
            subject: "anna".to_owned(),
            issued_before,
        };
        assert_eq!(anna.clone().check(now()), Ok(before(now())));
        let earlier = now() - TimeDelta::days(1);
        let of_before = NewRevocation {
            issued_before: Some(earlier),
            ..anna
        };
        assert_eq!(of_before.check(now()), Ok(before(earlier)));
    }

    #[test]
    fn what_is_wrong_is_told_by_its_field() {
        let wrong = |new: NewRevocation| {
            let problems = new.check(now()).unwrap_err();
            problems.iter().map(Problem::field).collect::<Vec<_>>()
        };
        let none = NewRevocation::default;
        assert_eq!(wrong(none()), ["tokenId"]);
        assert_eq!(
            wrong(NewRevocation {
                token_id: text("7"),
                subject: text("anna"),
                ..none()
            }),
            ["tokenId"]
        );
        assert_eq!(
            wrong(NewRevocation {
                token_id: text(" "),
                ..none()
            }),
            ["tokenId"]
        );
        assert_eq!(
            wrong(NewRevocation {
                subject: text(&"a".repeat(1_025)),
                ..none()
            }),
            ["subject"]
        );
        assert_eq!(
            wrong(NewRevocation {
                issuer: text("idp"),
                subject: text("anna"),
                ..none()
            }),
            ["issuer"]
        );
        let moment = Some(now());
        assert_eq!(
            wrong(NewRevocation {
                token_id: text("7"),
                issued_before: moment,
                ..none()
            }),
            ["issuedBefore"]
        );
        let later = Some(now() + TimeDelta::seconds(1));
        assert_eq!(
            wrong(NewRevocation {
                subject: text("anna"),
                issued_before: later,
                ..none()
            }),
            ["issuedBefore"]
        );
    }
}
