//! The links in force.

use std::sync::Arc;

use arc_swap::ArcSwap;

use super::{IdentityMemory, Links};

/// The links in force, swapped as the snapshot is; cheap to clone.
#[derive(Clone, Default)]
pub struct LinksHandle(Arc<ArcSwap<Links>>);

impl LinksHandle {
    /// A handle that starts with `links`.
    pub fn new(links: Links) -> Self {
        Self(Arc::new(ArcSwap::from_pointee(links)))
    }

    /// The links in force. Keep them for the whole of one answer.
    pub fn current(&self) -> Arc<Links> {
        self.0.load_full()
    }

    /// Puts newer links in force; older ones are ignored, so that late readers do no harm.
    pub fn publish(&self, links: Links) {
        let newer = Arc::new(links);
        self.0.rcu(|current| {
            if newer.version() > current.version() {
                newer.clone()
            } else {
                current.clone()
            }
        });
    }
}

/// What everybody who resolves identities shares. Cheap to clone. The default has no links and remembers nobody.
#[derive(Clone, Default)]
pub struct Identities {
    /// The links by hand in force.
    pub links: LinksHandle,
    /// The identities that are known, and notes of those to remember.
    pub memory: IdentityMemory,
}
