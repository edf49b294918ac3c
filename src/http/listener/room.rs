//! Places for those whom nobody knows yet. Whoever comes always gets one: when all are taken, the place of who has had
//! it for longest without asking for anything. A health check that asks at once is answered however many others wait,
//! and somebody who takes many places takes them from themselves first.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio_util::sync::CancellationToken;

/// So many places, and so many for one address.
pub(in crate::http) struct Room {
    places: usize,
    an_address: usize,
    taken: Mutex<Taken>,
}

#[derive(Default)]
struct Taken {
    next: u64,
    /// In the order in which they came or last asked for something.
    all: BTreeMap<u64, Guest>,
    by_address: HashMap<IpAddr, BTreeSet<u64>>,
}

struct Guest {
    address: IpAddr,
    leave: CancellationToken,
}

impl Taken {
    fn remove(&mut self, number: u64) -> Option<Guest> {
        let guest = self.all.remove(&number)?;
        if let Some(numbers) = self.by_address.get_mut(&guest.address) {
            numbers.remove(&number);
            if numbers.is_empty() {
                self.by_address.remove(&guest.address);
            }
        }
        Some(guest)
    }

    fn insert(&mut self, guest: Guest) -> u64 {
        self.next += 1;
        self.by_address.entry(guest.address).or_default().insert(self.next);
        self.all.insert(self.next, guest);
        self.next
    }

    fn send_away(&mut self, number: Option<u64>) -> bool {
        let guest = number.and_then(|number| self.remove(number));
        guest.map(|guest| guest.leave.cancel()).is_some()
    }
}

impl Room {
    pub(in crate::http) fn new(places: usize, an_address: usize) -> Arc<Self> {
        Arc::new(Self {
            places: places.max(1),
            an_address: an_address.max(1),
            taken: Mutex::default(),
        })
    }

    /// Takes a place. `leave` is cancelled when it is given to somebody else.
    pub(in crate::http) fn enter(self: &Arc<Self>, address: IpAddr, leave: CancellationToken) -> Place {
        let address = whose(address);
        let mut taken = self.taken();

        let own = taken.by_address.get(&address);
        if own.is_some_and(|own| own.len() >= self.an_address) {
            let oldest = own.and_then(|own| own.first().copied());
            taken.send_away(oldest);
        } else if taken.all.len() >= self.places {
            let oldest = taken.all.keys().next().copied();
            taken.send_away(oldest);
        }

        let number = taken.insert(Guest { address, leave });
        Place {
            room: self.clone(),
            number: Mutex::new(number),
        }
    }

    /// Sends away who has been here for longest; false if nobody is here.
    pub(in crate::http) fn make_room(&self) -> bool {
        let mut taken = self.taken();
        let oldest = taken.all.keys().next().copied();
        taken.send_away(oldest)
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One place, free again when this is dropped.
pub(in crate::http) struct Place {
    room: Arc<Room>,
    number: Mutex<u64>,
}

impl Place {
    /// They asked for something: whoever waits for longer goes first.
    pub(in crate::http) fn renew(&self) {
        let mut number = self.number.lock().unwrap_or_else(PoisonError::into_inner);
        let mut taken = self.room.taken();
        if let Some(guest) = taken.remove(*number) {
            *number = taken.insert(guest);
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let number = *self.number.lock().unwrap_or_else(PoisonError::into_inner);
        self.room.taken().remove(number);
    }
}

/// Whose address it is: a network has at least 2^64 of version 6.
fn whose(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6((u128::from(address) >> 64 << 64).into()),
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn enter(room: &Arc<Room>, address: &str) -> (Place, CancellationToken) {
        let leave = CancellationToken::new();
        (room.enter(address.parse().unwrap(), leave.clone()), leave)
    }

    #[test]
    fn the_newcomer_gets_the_place_of_who_waits_for_longest() {
        let room = Room::new(2, 2);
        let (first, first_leaves) = enter(&room, "10.0.0.1");
        let (_second, second_leaves) = enter(&room, "10.0.0.2");
        first.renew();

        let (third, third_leaves) = enter(&room, "10.0.0.3");
        assert!(!first_leaves.is_cancelled() && second_leaves.is_cancelled());
        drop(third);
        let (_fourth, _) = enter(&room, "10.0.0.4");
        assert!(
            !first_leaves.is_cancelled() && !third_leaves.is_cancelled(),
            "a place was free"
        );

        assert!(room.make_room());
        assert!(first_leaves.is_cancelled());
    }

    #[test]
    fn an_address_takes_places_from_itself() {
        let room = Room::new(10, 2);
        let (_other, other_leaves) = enter(&room, "10.0.0.9");
        let guests: Vec<_> = (0..8).map(|_| enter(&room, "10.0.0.1")).collect();
        let gone = guests.iter().filter(|(_, leave)| leave.is_cancelled()).count();
        assert_eq!((gone, other_leaves.is_cancelled()), (6, false));
        drop(guests);
        assert_eq!(room.taken().by_address.len(), 1);
    }

    #[test]
    fn a_network_of_version_6_is_one_address() {
        let room = Room::new(10, 1);
        let (_first, first_leaves) = enter(&room, "2001:db8:1:2::1");
        let (_second, _) = enter(&room, "2001:db8:1:2:ffff::9");
        assert!(first_leaves.is_cancelled());
        let (_mapped, mapped_leaves) = enter(&room, "::ffff:10.0.0.1");
        let (_same, _) = enter(&room, "10.0.0.1");
        assert!(mapped_leaves.is_cancelled());
    }
}
