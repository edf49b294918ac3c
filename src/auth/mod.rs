//! Who calls and what he may do: bearer tokens and their permissions. No I/O.

mod caller;
mod permission;
mod token;

pub use caller::Caller;
pub use permission::Permission;
pub use token::{AUDIENCE, ISSUER, MIN_SECRET_BYTES, TokenError, TokenIssuer, TokenVerifier};
