//! Why a token is refused, in words for whoever sent it.

use super::{forge_fault::ForgeFault, issuer::SigningAlgorithm};

/// Why a token was refused; the text is fit for the caller and for the log: it never repeats what the token says.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Not three parts of base64url with a JSON object in front.
    #[error("the token is not a JWT: it has to be three parts of base64url, divided by dots")]
    NotJwt,
    /// Another algorithm than HS256.
    #[error("the token has to be signed with HS256: its header (`alg`, `crit`) asks for something else")]
    Algorithm,
    /// Another signature.
    #[error(
        "the token is not signed with this server's secret: get one where the server runs and with its configuration, say with \
         `dingmirror token`"
    )]
    Signature,
    /// Another algorithm than that of the issuer's key.
    #[error("a token of this issuer has to be signed with {0}: its header (`alg`, `crit`) asks for something else")]
    IssuersAlgorithm(SigningAlgorithm),
    /// None of the algorithms of an issuer that publishes its keys.
    #[error(
        "the token's header (`alg`, `crit`) asks for something else than the algorithms that are taken of its issuer"
    )]
    IssuersAlgorithms,
    /// No `kid`, or one that can't be one.
    #[error("the token's header has to name its key: its `kid` is missing, no text, or too long")]
    KeyId,
    /// The issuer publishes no such key.
    #[error("the token's `kid` is none of the keys that its issuer publishes, as far as they are known here")]
    KeyUnknown,
    /// Another signature than the issuer's.
    #[error("the token is not signed with the key that the operator has for its issuer")]
    IssuersSignature,
    /// A claim is missing that the operator wants.
    #[error("the token lacks the `{0}` claim, which the operator wants of its issuer's tokens")]
    IssuersRequired(String),
    /// What a token of Forge says.
    #[error(transparent)]
    Forge(#[from] ForgeFault),
    /// Another audience than the operator's.
    #[error("the token's `aud` claim names none of the audiences that the operator has for its issuer")]
    IssuersAudience,
    /// The claim of the issuer's permissions has another form.
    #[error(
        "the claim that names the token's permissions has to be a list of texts, or one text with spaces between them"
    )]
    IssuersPermissions,
    /// The signature is good, and what was signed is no JSON object.
    #[error("the token's payload is not a JSON object")]
    Payload,
    /// A claim that has to be there is not, or is null.
    #[error("the token lacks the `{0}` claim: it needs `iss`, `aud`, `sub` and `exp`")]
    Missing(&'static str),
    /// A claim is there, with a value that it can't have here.
    #[error("the token's `{0}` claim is wrong: {because}", because = expected(.0))]
    Wrong(&'static str),
    /// It was revoked, by its id or with all that its subject had.
    #[error("the token was revoked: get a new one")]
    Revoked,
    /// `exp` has passed.
    #[error("the token has expired: get a new one, say with `dingmirror token`")]
    Expired,
    /// `nbf` is to come.
    #[error("the token is not valid yet: compare the clocks of this server and its issuer")]
    NotYetValid,
    /// `exp` is farther away than the operator allows.
    #[error(
        "the token lives too long: `exp` may be at most {days} after it was issued \
         (`exp` is in seconds, not milliseconds; the operator sets the limit with DINGMIRROR_TOKEN_MAX_LIFETIME)",
        days = days(*.0)
    )]
    TooLong(std::time::Duration),
}

fn expected(claim: &str) -> &'static str {
    match claim {
        "iss" | "aud" => "it has to be `dingmirror`",
        "sub" => "it has to be a text that is not blank",
        "permissions" => "it has to be a list of texts",
        _ => "it has to be a number, the seconds since 1970",
    }
}

fn days(life: std::time::Duration) -> String {
    let seconds = life.as_secs();
    match (seconds % 86_400, seconds % 3_600) {
        (0, _) => format!("{} d", seconds / 86_400),
        (_, 0) => format!("{} h", seconds / 3_600),
        _ => format!("{seconds} s"),
    }
}
