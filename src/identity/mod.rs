//! Who is who: from a Confluence user to a DingTalk user, with the reason. Pure rules over the directory's snapshot.

mod claim;
mod confluence;
mod reason;
mod resolve;
#[cfg(test)]
mod tests;

pub use confluence::{ConfluenceIdentity, Resolution, ResolutionStatus};
pub use resolve::resolve;
