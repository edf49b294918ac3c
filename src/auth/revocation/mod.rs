//! Tokens that are taken no more before their time: one by its id, or all that somebody was given before a moment.
//!
//! The database has them; those that can still matter are in memory, so that no request waits for the database.

mod handle;
mod list;
mod mark;
mod new;
mod record;

pub use handle::RevocationsHandle;
pub use list::{MAX_REVOCATIONS, Revocations};
pub use mark::{TokenId, TokenMark};
pub use new::NewRevocation;
pub use record::{Revocation, Revoked};
