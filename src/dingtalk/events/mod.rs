//! Events: how they are encrypted, and what they say.

mod crypto;
mod parse;

pub use crypto::{DecryptError, DecryptedPush, EventKeys};
pub use parse::{Pushed, failed_entry, pushed, streamed};
