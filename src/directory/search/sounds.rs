//! How all names sound: found by the beginning in the order of their letters, and by any unit of them.

use std::ops::Range;

use super::{
    align::Lattice,
    bits::Bits,
    name::{Spelling, is_typed},
    units::Units,
};

/// Spelled names, by their numbers. The first reading of a record's name has the record's number; behind all of these
/// stand the other readings, in the order of the records.
#[derive(Debug, Default)]
pub(super) struct Sounds {
    letters: Vec<u8>,
    /// Where each one's letters end.
    ends: Vec<u32>,
    starts: Vec<u64>,
    /// Whose each of the other readings is.
    others: Vec<u32>,
    /// So many records.
    records: usize,
    /// Numbers in the order of the letters.
    sorted: Vec<u32>,
    pub(super) units: Units,
}

impl Sounds {
    /// Of the first reading of each record, and of the others with their records, both in the records' order.
    pub(super) fn build(first: Vec<Spelling>, others: Vec<(u32, Spelling)>) -> Self {
        let mut built = Self {
            records: first.len(),
            ..Self::default()
        };
        first.into_iter().for_each(|spelling| built.put(&spelling));
        for (owner, spelling) in others {
            built.put(&spelling);
            built.others.push(owner);
        }
        built.letters.shrink_to_fit();

        let mut sorted: Vec<u32> = (0..u32::try_from(built.len()).unwrap_or(u32::MAX)).collect();
        sorted.sort_unstable_by(|one, other| {
            let letters = built.sound(*one).cmp(built.sound(*other));
            letters.then(one.cmp(other))
        });
        built.sorted = sorted;
        built.units = Units::build(built.len(), |number, visit| {
            let lattice = built.lattice(number, &[]);
            lattice.places().for_each(|(_, at)| visit(lattice.unit(at)));
        });
        built
    }

    fn put(&mut self, spelling: &Spelling) {
        self.letters.extend_from_slice(&spelling.sound);
        self.ends.push(u32::try_from(self.letters.len()).unwrap_or(u32::MAX));
        self.starts.push(spelling.starts);
    }

    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(super) fn sound(&self, number: u32) -> &[u8] {
        let number = number as usize;
        let from = number.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.letters[from as usize..self.ends[number] as usize]
    }

    pub(super) fn lattice<'a>(&'a self, number: u32, heads: &'a [char]) -> Lattice<'a> {
        Lattice {
            sound: self.sound(number),
            starts: self.starts[number as usize],
            heads,
        }
    }

    /// Whether it is another reading than the first.
    pub(super) fn is_other(&self, number: u32) -> bool {
        number as usize >= self.records
    }

    /// Whose it is.
    pub(super) fn owner(&self, number: u32) -> u32 {
        let other = (number as usize).checked_sub(self.records);
        other.map_or(number, |other| self.others[other])
    }

    /// The numbers of the other readings, with their records.
    pub(super) fn others(&self) -> impl Iterator<Item = (u32, u32)> {
        let numbers = u32::try_from(self.records).unwrap_or(u32::MAX)..;
        numbers.zip(self.others.iter().copied())
    }

    /// All numbers of one record.
    pub(super) fn of(&self, owner: u32) -> impl Iterator<Item = u32> {
        let from = self.others.partition_point(|it| *it < owner);
        let count = self.others[from..].partition_point(|it| *it == owner);
        let numbers = self.records + from..self.records + from + count;
        std::iter::once(owner).chain(numbers.map(|number| u32::try_from(number).unwrap_or(u32::MAX)))
    }

    /// Of a set of records the numbers, too.
    pub(super) fn with_others(&self, owners: &Bits) -> Bits {
        let mut numbers = Bits::none(self.len());
        numbers.join(owners);
        let others = self.others().filter(|(_, owner)| owners.has(*owner));
        numbers.put_all(others.map(|(number, _)| number));
        numbers
    }

    /// The records of a set of numbers.
    pub(super) fn owners(&self, numbers: &Bits) -> Bits {
        let mut owners = Bits::all(self.records);
        owners.keep(numbers);
        owners.put_all(numbers.from(self.records).map(|number| self.owner(number)));
        owners
    }

    /// Those that begin with these letters, those that have no others first.
    pub(super) fn with_prefix(&self, typed: &[u8]) -> &[u32] {
        &self.sorted[self.narrowed(0..self.sorted.len(), 0, typed)]
    }

    /// By places in the order of the letters: those of `range`, which have so many letters in common, that go on with
    /// `typed`.
    pub(super) fn narrowed(&self, range: Range<usize>, depth: usize, typed: &[u8]) -> Range<usize> {
        let places = &self.sorted[range.clone()];
        let from = places.partition_point(|number| self.behind(*number, depth) < typed);
        let count = places[from..].partition_point(|number| self.behind(*number, depth).starts_with(typed));
        range.start + from..range.start + from + count
    }

    /// The different letters that the ones of `range` go on with, each with its part of it.
    pub(super) fn branches(&self, range: Range<usize>, depth: usize) -> impl Iterator<Item = (u8, Range<usize>)> + '_ {
        let ended = self.sorted[range.clone()].partition_point(|number| self.behind(*number, depth).is_empty());
        let mut rest = range.start + ended..range.end;
        std::iter::from_fn(move || {
            let letter = *self.behind(*self.sorted[rest.clone()].first()?, depth).first()?;
            let branch = self.narrowed(rest.clone(), depth, &[letter]);
            rest.start = branch.end;
            Some((letter, branch))
        })
    }

    /// The numbers at places in the order of the letters.
    pub(super) fn at(&self, range: Range<usize>) -> &[u32] {
        &self.sorted[range]
    }

    fn behind(&self, number: u32, depth: usize) -> &[u8] {
        self.sound(number).get(depth..).unwrap_or_default()
    }

    /// What each unit of a spelling is written as, of a name that is written so.
    pub(super) fn heads(&self, number: u32, name: &str, heads: &mut Vec<char>) {
        heads.clear();
        let mut rest = name.chars();
        let lattice = self.lattice(number, &[]);
        for (_, at) in lattice.places() {
            let Some(head) = rest.next() else { break };
            heads.push(head);
            // A word is as long as it sounds.
            for _ in (1..lattice.unit(at).len()).filter(|_| is_typed(head)) {
                rest.next();
            }
        }
    }
}
