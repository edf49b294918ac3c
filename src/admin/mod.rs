//! What administrators change: the settings, links by hand, API keys, and which tokens are
//! revoked. Check, compare-and-set, put in force. And the
//! keys that issuers of tokens change by themselves.

mod api_keys;
mod issuer_keys;
mod links;
mod tester;
mod tokens;
mod update;

pub use api_keys::{ApiKeyAdmin, CreatedKey, KeyCreationError};
pub use issuer_keys::IssuerKeyFollower;
pub use links::{LinkError, Linking};
pub use tokens::{RevocationError, TokenAdmin};
pub use update::{Admin, UpdateError};
