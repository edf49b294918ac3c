//! Who calls and what he may do: bearer tokens and their permissions. No I/O.

mod caller;
mod permission;
mod token;

pub use caller::Caller;
pub use permission::Permission;
pub use token::{TokenError, TokenIssuer, TokenVerifier};
