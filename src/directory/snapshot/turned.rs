//! A list in DingTalk's order the other way round.

/// A list from its last item to its first, but for those that have no order of their own: they stand behind the others
/// in either direction.
#[derive(Debug, Clone, Copy)]
pub(super) struct Turned {
    /// How many have an order. They stand in front.
    ordered: usize,
    len: usize,
}

impl Turned {
    pub(super) fn new(ordered: usize, len: usize) -> Self {
        Self {
            ordered: ordered.min(len),
            len,
        }
    }

    /// Which item of the list is at `at`, where the list may be turned.
    pub(super) fn item_at(turned: Option<Self>, at: usize) -> usize {
        turned.map_or(at, |turned| turned.item(at))
    }

    /// Which item of the list is at `at` when it is turned.
    fn item(self, at: usize) -> usize {
        if at < self.ordered {
            self.ordered - 1 - at
        } else {
            self.ordered + (self.len - 1).saturating_sub(at)
        }
    }

    /// How many stand in front of a place when the list is turned. `up_to_it`: how many do in the list; the item that
    /// is there is among them where it doesn't count when the list is turned.
    pub(super) fn in_front(self, is_ordered: bool, up_to_it: usize) -> usize {
        if is_ordered {
            self.ordered.saturating_sub(up_to_it)
        } else {
            self.len - up_to_it.clamp(self.ordered, self.len) + self.ordered
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_order_stays_behind() {
        let turned = Turned::new(3, 5);
        assert_eq!((0..5).map(|at| turned.item(at)).collect::<Vec<_>>(), [2, 1, 0, 4, 3]);
        assert_eq!((0..2).map(|at| Turned::new(0, 2).item(at)).collect::<Vec<_>>(), [1, 0]);

        // In front of the item 1, and behind it.
        assert_eq!((turned.in_front(true, 2), turned.in_front(true, 1)), (1, 2));
        // In front of the item 3, and behind it.
        assert_eq!((turned.in_front(false, 4), turned.in_front(false, 3)), (4, 5));
    }
}
