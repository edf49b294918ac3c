//! Other issuers of tokens than this server: an identity provider, a gateway, a plugin with a key of its own. Each with
//! its key, its audiences, and what its tokens open.

mod algorithm;
mod key;
mod rules;

pub use algorithm::SigningAlgorithm;
pub use key::{IssuerKey, KeyFault};
pub use rules::{Granted, Issuer, Issuers};
