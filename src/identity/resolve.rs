//! placeholder contract
#![allow(missing_docs, unused_variables, clippy::todo)]
use super::*;
use crate::{directory::Snapshot, settings::MatchingMethod};
pub fn resolve(snapshot: &Snapshot, method: MatchingMethod, identity: &ConfluenceIdentity) -> Resolution {
    todo!()
}
