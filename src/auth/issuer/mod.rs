//! Other issuers of tokens than this server: an identity provider, a gateway, a plugin with a key of its own. Each with
//! its key, its audiences, and what its tokens open.

mod algorithm;
mod jwk;
mod key;
mod key_set;
mod published;
mod rules;

pub use algorithm::SigningAlgorithm;
pub use jwk::UnusableKey;
pub use key::{IssuerKey, KeyFault};
pub use key_set::{KeySet, KeySetFault, ReadKeySet};
pub use published::{Current, PublishedKeys};
pub use rules::{Granted, Issuer, IssuerKeys, IssuerKind, Issuers};

/// A key's id that is longer is none.
pub(super) const LONGEST_KEY_ID: usize = jwk::LONGEST_ID;
