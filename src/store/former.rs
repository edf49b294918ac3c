//! Servers of former epochs.
//!
//! An old primary that nobody stopped still takes writes from whoever has a connection to it, and they are lost when
//! somebody stops it at last. It is told by its epoch, which the processes that followed the failover have left.

use std::collections::HashSet;

use crate::directory::Epoch;

/// The epochs that this process met.
#[derive(Debug, Default)]
pub(super) struct MetEpochs {
    present: Epoch,
    left: HashSet<Epoch>,
}

impl MetEpochs {
    /// Whether `epoch`, which was begun at the server that told it, is a former one. Only those count as left that a
    /// later one followed: a restored backup may count anew.
    pub(super) fn meets(&mut self, epoch: &str) -> bool {
        let epoch = Epoch::new(epoch);
        if self.left.contains(&epoch) {
            return true;
        }
        if epoch == self.present {
            return false;
        }

        let before = std::mem::replace(&mut self.present, epoch);
        if before.number() < self.present.number() {
            self.left.insert(before);
        }
        false
    }

    /// Another server, or copy, than the one where `epoch` was begun goes on from it: the next one begins there. Where
    /// it was begun it is over.
    pub(super) fn leaves(&mut self, epoch: &str) {
        self.left.insert(Epoch::new(epoch));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_epoch_that_was_left_is_known_again() {
        let mut met = MetEpochs::default();
        let meets = ["1-a", "1-a", "2-b", "1-a", "2-b", "3-c", "2-b"].map(|epoch| met.meets(epoch));
        assert_eq!(meets, [false, false, false, true, false, false, true]);
    }

    #[test]
    fn an_epoch_that_goes_on_elsewhere_is_over_where_it_began() {
        let mut met = MetEpochs::default();
        assert!(!met.meets("1-a"));
        met.leaves("1-a");
        assert_eq!(["1-a", "2-b", "1-a"].map(|epoch| met.meets(epoch)), [true, false, true]);
    }

    #[test]
    fn a_restored_backup_that_counts_anew_is_not_taken_for_a_former_server() {
        let mut met = MetEpochs::default();
        let meets = ["4-a", "5-b", "3-c", "3-c", "4-d"].map(|epoch| met.meets(epoch));
        assert_eq!(meets, [false; 5]);
        assert!(met.meets("3-c"));
    }
}
