//! placeholder contract: HS256 bearer tokens (the lead implements this).
#![allow(missing_docs, unused_variables, dead_code, clippy::todo)]
use super::*;
use crate::clock::Clock;
use secrecy::SecretString;
#[derive(Clone)]
pub struct TokenIssuer {
    x: (),
}
impl TokenIssuer {
    pub fn new(secret: &SecretString, clock: Clock) -> Self {
        todo!()
    }
    pub fn issue(&self, subject: &str, permissions: &[Permission], valid_for: std::time::Duration) -> String {
        todo!()
    }
}
#[derive(Clone)]
pub struct TokenVerifier {
    x: (),
}
impl TokenVerifier {
    pub fn new(secret: &SecretString, clock: Clock) -> Self {
        todo!()
    }
    /// `token`: without the `Bearer ` prefix.
    pub fn verify(&self, token: &str) -> Result<Caller, TokenError> {
        todo!()
    }
}
/// Why a token was refused; the text is fit for the caller.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    #[error("the token is not a JWT signed with this server's secret")]
    Invalid,
    #[error("the token has expired: get a new one, say with `dingmirror token`")]
    Expired,
    #[error("the token is not valid yet: compare the clocks of this server and its issuer")]
    NotYetValid,
    #[error("the token lacks or has a wrong `{0}` claim")]
    Claim(&'static str),
}
