//! Who calls and what they may do: bearer tokens, API keys, and their permissions. No I/O.

mod api_key;
mod caller;
mod claims;
mod forge;
mod forge_fault;
mod issuer;
mod jose_header;
mod known_tokens;
mod numeric_date;
mod permission;
mod raw_claims;
mod refusal;
mod revocation;
mod token;
mod token_issuer;
mod trusted_proxies;

pub use api_key::{
    ApiKey, ApiKeySecret, ApiKeyState, ApiKeys, ApiKeysHandle, KEY_PREFIX, KEY_REFUSED, KeyError, KeyUse, MAX_API_KEYS,
    NewApiKey, SecretHash,
};
pub use caller::Caller;
pub use forge::{APP_ARI, FORGE_ISSUER};
pub use forge_fault::ForgeFault;
pub use issuer::{
    Current, Granted, Issuer, IssuerKey, IssuerKeys, IssuerKind, Issuers, KeyFault, KeySet, KeySetFault, PublishedKeys,
    ReadKeySet, SigningAlgorithm, UnusableKey,
};
pub use permission::Permission;
pub use refusal::TokenError;
pub use revocation::{
    MAX_REVOCATIONS, NewRevocation, Revocation, Revocations, RevocationsHandle, Revoked, TokenId, TokenMark,
};
pub use token::{MAX_LIFETIME, TokenVerifier};
pub use token_issuer::{IssuedToken, TokenIssuer};
pub use trusted_proxies::{Network, TrustedProxies};

/// HMAC-SHA256 is as strong as its key: anything shorter than its output can be guessed more easily than the hash.
pub const MIN_SECRET_BYTES: usize = 32;

/// `iss` of every token.
pub const ISSUER: &str = "dingmirror";

/// `aud` of every token.
pub const AUDIENCE: &str = "dingmirror";
