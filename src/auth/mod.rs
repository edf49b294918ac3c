//! Who calls and what they may do: bearer tokens, API keys, and their permissions. No I/O.

mod api_key;
mod caller;
mod claims;
mod issuer;
mod known_tokens;
mod numeric_date;
mod permission;
mod refusal;
mod token;
mod trusted_proxies;

pub use api_key::{
    ApiKey, ApiKeySecret, ApiKeyState, ApiKeys, ApiKeysHandle, KEY_PREFIX, KEY_REFUSED, KeyError, KeyUse, MAX_API_KEYS,
    NewApiKey, SecretHash,
};
pub use caller::Caller;
pub use issuer::{Granted, Issuer, IssuerKey, Issuers, KeyFault, SigningAlgorithm};
pub use permission::Permission;
pub use refusal::TokenError;
pub use token::{MAX_LIFETIME, TokenIssuer, TokenVerifier};
pub use trusted_proxies::{Network, TrustedProxies};

/// HMAC-SHA256 is as strong as its key: anything shorter than its output can be guessed more easily than the hash.
pub const MIN_SECRET_BYTES: usize = 32;

/// `iss` of every token.
pub const ISSUER: &str = "dingmirror";

/// `aud` of every token.
pub const AUDIENCE: &str = "dingmirror";
