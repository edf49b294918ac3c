//! Slots for those whom nobody knows yet. Whoever comes always gets one: when all are taken, the slot of who has had
//! it for longest without asking for anything. A health check that asks at once is answered however many others wait,
//! and somebody who takes many slots takes them from themselves first.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio_util::sync::CancellationToken;

/// So many slots, and so many for one address.
pub(in crate::http) struct ConnectionSlots {
    slots: usize,
    an_address: usize,
    occupied: Mutex<Occupied>,
}

#[derive(Default)]
struct Occupied {
    next: u64,
    /// In the order in which they came or last asked for something.
    all: BTreeMap<u64, Occupant>,
    by_address: HashMap<IpAddr, BTreeSet<u64>>,
}

struct Occupant {
    address: IpAddr,
    leave: CancellationToken,
}

impl Occupied {
    fn remove(&mut self, number: u64) -> Option<Occupant> {
        let occupant = self.all.remove(&number)?;
        if let Some(numbers) = self.by_address.get_mut(&occupant.address) {
            numbers.remove(&number);
            if numbers.is_empty() {
                self.by_address.remove(&occupant.address);
            }
        }
        Some(occupant)
    }

    fn insert(&mut self, occupant: Occupant) -> u64 {
        self.next += 1;
        self.by_address.entry(occupant.address).or_default().insert(self.next);
        self.all.insert(self.next, occupant);
        self.next
    }

    fn send_away(&mut self, number: Option<u64>) -> bool {
        let occupant = number.and_then(|number| self.remove(number));
        occupant.map(|occupant| occupant.leave.cancel()).is_some()
    }
}

impl ConnectionSlots {
    pub(in crate::http) fn new(slots: usize, an_address: usize) -> Arc<Self> {
        Arc::new(Self {
            slots: slots.max(1),
            an_address: an_address.max(1),
            occupied: Mutex::default(),
        })
    }

    /// Takes a slot. `leave` is cancelled when it is given to somebody else.
    pub(in crate::http) fn occupy(self: &Arc<Self>, address: IpAddr, leave: CancellationToken) -> ConnectionSlot {
        let address = whose(address);
        let mut occupied = self.occupied();

        let own = occupied.by_address.get(&address);
        if own.is_some_and(|own| own.len() >= self.an_address) {
            let oldest = own.and_then(|own| own.first().copied());
            occupied.send_away(oldest);
        } else if occupied.all.len() >= self.slots {
            let oldest = occupied.all.keys().next().copied();
            occupied.send_away(oldest);
        }

        let number = occupied.insert(Occupant { address, leave });
        ConnectionSlot {
            slots: self.clone(),
            number: Mutex::new(number),
        }
    }

    /// Sends away who has been here for longest; false if nobody is here.
    pub(in crate::http) fn free_oldest(&self) -> bool {
        let mut occupied = self.occupied();
        let oldest = occupied.all.keys().next().copied();
        occupied.send_away(oldest)
    }

    fn occupied(&self) -> MutexGuard<'_, Occupied> {
        self.occupied.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One slot, free again when this is dropped.
pub(in crate::http) struct ConnectionSlot {
    slots: Arc<ConnectionSlots>,
    number: Mutex<u64>,
}

impl ConnectionSlot {
    /// They asked for something: whoever waits for longer goes first.
    pub(in crate::http) fn renew(&self) {
        let mut number = self.number.lock().unwrap_or_else(PoisonError::into_inner);
        let mut occupied = self.slots.occupied();
        if let Some(occupant) = occupied.remove(*number) {
            *number = occupied.insert(occupant);
        }
    }
}

impl Drop for ConnectionSlot {
    fn drop(&mut self) {
        let number = *self.number.lock().unwrap_or_else(PoisonError::into_inner);
        self.slots.occupied().remove(number);
    }
}

/// Whose address it is: a network has at least 2^64 of version 6.
pub(in crate::http) fn whose(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6((u128::from(address) >> 64 << 64).into()),
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn occupy(slots: &Arc<ConnectionSlots>, address: &str) -> (ConnectionSlot, CancellationToken) {
        let leave = CancellationToken::new();
        (slots.occupy(address.parse().unwrap(), leave.clone()), leave)
    }

    #[test]
    fn the_newcomer_gets_the_place_of_who_waits_for_longest() {
        let slots = ConnectionSlots::new(2, 2);
        let (first, first_leaves) = occupy(&slots, "10.0.0.1");
        let (_second, second_leaves) = occupy(&slots, "10.0.0.2");
        first.renew();

        let (third, third_leaves) = occupy(&slots, "10.0.0.3");
        assert!(!first_leaves.is_cancelled() && second_leaves.is_cancelled());
        drop(third);
        let (_fourth, _) = occupy(&slots, "10.0.0.4");
        assert!(
            !first_leaves.is_cancelled() && !third_leaves.is_cancelled(),
            "a place was free"
        );

        assert!(slots.free_oldest());
        assert!(first_leaves.is_cancelled());
    }

    #[test]
    fn an_address_takes_places_from_itself() {
        let slots = ConnectionSlots::new(10, 2);
        let (_other, other_leaves) = occupy(&slots, "10.0.0.9");
        let occupants: Vec<_> = (0..8).map(|_| occupy(&slots, "10.0.0.1")).collect();
        let gone = occupants.iter().filter(|(_, leave)| leave.is_cancelled()).count();
        assert_eq!((gone, other_leaves.is_cancelled()), (6, false));
        drop(occupants);
        assert_eq!(slots.occupied().by_address.len(), 1);
    }

    #[test]
    fn a_network_of_version_6_is_one_address() {
        let slots = ConnectionSlots::new(10, 1);
        let (_first, first_leaves) = occupy(&slots, "2001:db8:1:2::1");
        let (_second, _) = occupy(&slots, "2001:db8:1:2:ffff::9");
        assert!(first_leaves.is_cancelled());
        let (_mapped, mapped_leaves) = occupy(&slots, "::ffff:10.0.0.1");
        let (_same, _) = occupy(&slots, "10.0.0.1");
        assert!(mapped_leaves.is_cancelled());
    }
}
