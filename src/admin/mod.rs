//! What administrators change: the settings, links by hand, and API keys. Check, compare-and-set, put in force. And the
//! keys that issuers of tokens change by themselves.

mod api_keys;
mod issuer_keys;
mod links;
mod tester;
mod update;

pub use api_keys::{ApiKeyAdmin, CreatedKey, KeyCreationError};
pub use issuer_keys::IssuerKeyFollower;
pub use links::{LinkError, Linking};
pub use update::{Admin, UpdateError};
