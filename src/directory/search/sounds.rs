//! How all names sound, in the order of their letters.

use super::{
    align::Lattice,
    name::{Spelling, is_typed},
    signature::Signature,
};

/// Spelled names. A record has as many as its name has readings.
#[derive(Debug, Default)]
pub(super) struct Sounds {
    letters: Vec<u8>,
    /// Where each one's letters end.
    ends: Vec<u32>,
    starts: Vec<u64>,
    pub(super) signatures: Vec<Signature>,
    /// Whose each is.
    pub(super) owners: Vec<u32>,
    /// Whether it is another reading than the first.
    pub(super) is_other: Vec<bool>,
    /// The numbers of each record's spellings, record by record.
    of_owners: Vec<u32>,
    /// Where each record's begin.
    owners_from: Vec<u32>,
}

/// A spelling on its way in.
pub(super) struct SpelledName {
    pub(super) spelling: Spelling,
    pub(super) signature: Signature,
    pub(super) owner: u32,
    pub(super) is_other: bool,
}

impl Sounds {
    pub(super) fn build(mut spelled: Vec<SpelledName>) -> Self {
        spelled.sort_unstable_by(|one, other| {
            let letters = one.spelling.sound.cmp(&other.spelling.sound);
            letters.then((one.owner, one.is_other).cmp(&(other.owner, other.is_other)))
        });

        let (mut built, mut by_owner) = (Self::default(), Vec::with_capacity(spelled.len()));
        for (number, it) in (0..).zip(spelled) {
            built.letters.extend_from_slice(&it.spelling.sound);
            built.ends.push(u32::try_from(built.letters.len()).unwrap_or(u32::MAX));
            built.starts.push(it.spelling.starts);
            built.signatures.push(it.signature);
            built.owners.push(it.owner);
            built.is_other.push(it.is_other);
            by_owner.push((it.owner, number));
        }

        by_owner.sort_unstable();
        for (at, (owner, number)) in (0..).zip(by_owner) {
            built.of_owners.push(number);
            if built.owners_from.len() == owner as usize {
                built.owners_from.push(at);
            }
        }
        built
    }

    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(super) fn sound(&self, number: usize) -> &[u8] {
        let from = number.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.letters[from as usize..self.ends[number] as usize]
    }

    pub(super) fn lattice<'a>(&'a self, number: usize, heads: &'a [char]) -> Lattice<'a> {
        Lattice {
            sound: self.sound(number),
            starts: self.starts[number],
            heads,
        }
    }

    /// Those that begin with these letters, by their numbers.
    pub(super) fn with_prefix(&self, typed: &[u8]) -> std::ops::Range<usize> {
        let from = partition_point(0, self.len(), |number| self.sound(number) < typed);
        let to = partition_point(from, self.len(), |number| self.sound(number).starts_with(typed));
        from..to
    }

    /// The spellings of one record.
    pub(super) fn of(&self, owner: u32) -> impl Iterator<Item = usize> {
        let from = self.owners_from[owner as usize] as usize;
        let next = self.owners_from.get(owner as usize + 1);
        let to = next.map_or(self.of_owners.len(), |next| *next as usize);
        self.of_owners[from..to].iter().map(|number| *number as usize)
    }

    /// What each unit of a spelling is written as, of a name that is written so.
    pub(super) fn heads(&self, number: usize, name: &str, heads: &mut Vec<char>) {
        heads.clear();
        let mut rest = name.chars();
        let lattice = self.lattice(number, &[]);
        let places = lattice.places().map(|(_, at)| at);
        let ends = lattice.places().skip(1).map(|(_, at)| at).chain([lattice.sound.len()]);

        for (at, end) in places.zip(ends) {
            let Some(head) = rest.next() else { break };
            heads.push(head);
            // A word is as long as it sounds.
            for _ in (at + 1..end).filter(|_| is_typed(head)) {
                rest.next();
            }
        }
    }
}

/// The first number from which on `holds` doesn't.
fn partition_point(mut from: usize, mut to: usize, holds: impl Fn(usize) -> bool) -> usize {
    while from < to {
        let middle = usize::midpoint(from, to);
        if holds(middle) {
            from = middle + 1;
        } else {
            to = middle;
        }
    }
    from
}
