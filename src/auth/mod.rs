//! Who calls and what they may do: bearer tokens, API keys, and their permissions. No I/O.

mod api_key;
mod caller;
mod claims;
mod known_tokens;
mod numeric_date;
mod permission;
mod refusal;
mod token;

pub use api_key::{
    ApiKey, ApiKeySecret, ApiKeyState, ApiKeys, ApiKeysHandle, KEY_PREFIX, KEY_REFUSED, KeyError, KeyUse, MAX_API_KEYS,
    NewApiKey, SecretHash,
};
pub use caller::Caller;
pub use permission::Permission;
pub use refusal::TokenError;
pub use token::{MAX_LIFETIME, MIN_SECRET_BYTES, TokenIssuer, TokenVerifier};

/// `iss` of every token.
pub const ISSUER: &str = "dingmirror";

/// `aud` of every token.
pub const AUDIENCE: &str = "dingmirror";
