//! Who is who: from a Confluence user to a DingTalk user, with the reason. Pure rules over the directory's snapshot.

mod by_link;
mod claim;
mod confluence;
mod handle;
mod known;
mod link;
mod memory;
mod reason;
mod resolve;
mod rule;
#[cfg(test)]
mod tests;

pub use confluence::{ConfluenceIdentity, KeyKind, Resolution, ResolutionStatus};
pub use handle::{Identities, LinksHandle};
pub use known::{JudgedBy, Known, KnownIdentity, Outcome};
pub use link::{IdentityLink, Links};
pub use memory::Memory;
pub use resolve::resolve;
pub use rule::{Rule, method_name};
