//! Who is who: from a Confluence user to a DingTalk user, with the reason. Pure rules over the directory's snapshot.

mod identity;
mod resolve;

pub use identity::{ConfluenceIdentity, Resolution, ResolutionStatus};
pub use resolve::resolve;
