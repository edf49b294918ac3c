//! The best of what was found so far.

use std::collections::{BTreeSet, HashMap};

use super::{bits::Bits, rank::Rank};

/// The best records of a segment, at most so many; each with the best rank that it was found by.
pub(super) struct Top<'a> {
    most: usize,
    /// Who may be found.
    wanted: Bits,
    /// Whether a record is what it was when the segment was made.
    is_current: &'a dyn Fn(u32) -> bool,
    best: BTreeSet<(Rank, u32)>,
    ranks: HashMap<u32, Rank>,
    /// The worst one, where no more fit.
    worst: Option<(Rank, u32)>,
}

impl<'a> Top<'a> {
    pub(super) fn new(most: usize, wanted: Bits, is_current: &'a dyn Fn(u32) -> bool) -> Self {
        Self {
            most,
            wanted,
            is_current,
            best: BTreeSet::new(),
            ranks: HashMap::new(),
            worst: None,
        }
    }

    /// Whether nothing of this rank can come in, nor of any that is worse.
    pub(super) fn is_settled(&self, rank: Rank) -> bool {
        self.worst.is_some_and(|worst| worst.0 < rank)
    }

    /// Whether this one can't come in, nor any behind it.
    pub(super) fn refuses(&self, rank: Rank, record: u32) -> bool {
        self.worst.is_some_and(|worst| worst <= (rank, record))
    }

    /// Whether a record may be found.
    pub(super) fn wants(&self, record: u32) -> bool {
        self.wanted.has(record)
    }

    /// Who may be found.
    pub(super) fn wanted(&self) -> &Bits {
        &self.wanted
    }

    pub(super) fn put(&mut self, rank: Rank, record: u32) {
        if self.refuses(rank, record) || !self.wants(record) {
            return;
        }
        match self.ranks.get(&record) {
            Some(former) if *former <= rank => return,
            Some(former) => drop(self.best.remove(&(*former, record))),
            None if !(self.is_current)(record) => return,
            None => {}
        }

        self.ranks.insert(record, rank);
        self.best.insert((rank, record));
        if self.best.len() > self.most
            && let Some((_, dropped)) = self.best.pop_last()
        {
            self.ranks.remove(&dropped);
        }
        self.worst = self.best.last().copied().filter(|_| self.best.len() == self.most);
    }

    /// The best first.
    pub(super) fn into_best(self) -> impl Iterator<Item = (Rank, u32)> {
        self.best.into_iter()
    }
}
