//! Who is who: from a Confluence user to a DingTalk user, with the reason. Pure rules over the directory's snapshot.

mod by_link;
mod census;
mod confluence;
mod csv;
mod handle;
mod holders;
mod importing;
mod judge;
mod key_holders;
mod known;
mod link;
mod linking;
mod memory;
mod reason;
mod rehearsal;
mod rehired;
mod resolution;
mod resolve;
mod rule;
#[cfg(test)]
mod tests;

pub use census::{Census, UserKeys, is_within, shared_keys};
pub use confluence::{ConfluenceIdentity, KeyKind};
pub use csv::{CsvLine, read_links, write_links};
pub use handle::{Identities, LinksHandle};
pub use holders::holders;
pub use importing::{ImportPlan, ImportedLine};
pub use judge::judge;
pub use known::{JudgedBy, KnownIdentities, KnownIdentity, MatchOutcome, OutcomeChange};
pub use link::{IdentityLink, Links};
pub use linking::{LinkAction, LinkChange, LinkHistoryEntry, LinkPlan, LinkRequest, Linker};
pub use memory::IdentityMemory;
pub use rehearsal::{Moved, Rehearsal};
pub use rehired::rehired;
pub use resolution::{Resolution, ResolutionStatus};
pub use resolve::resolve;
pub use rule::Rule;
