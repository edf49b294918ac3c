//! One field of many records, packed: found by its beginning in an order of its own, and by any part of it in the
//! records' order.

use memchr::memmem::Finder;

use super::{query::Word, rank::Rank, signature::runs, top::Top};

/// Texts by row. A record has none, one or several rows, which stand in the order of the records.
#[derive(Debug, Default)]
pub(super) struct Column {
    texts: String,
    /// Where each row's text ends.
    ends: Vec<u32>,
    /// Whose each row is.
    owners: Vec<u32>,
    /// Rows in the order of their texts.
    sorted: Vec<u32>,
    /// [`runs`] of each row, where rows are searched by parts.
    runs: Vec<u64>,
}

impl Column {
    pub(super) fn put(&mut self, owner: u32, text: &str) {
        self.texts.push_str(text);
        self.ends.push(u32::try_from(self.texts.len()).unwrap_or(u32::MAX));
        self.owners.push(owner);
    }

    /// Everything is in. `by_parts`: rows are searched by parts.
    pub(super) fn finish(mut self, by_parts: bool) -> Self {
        let mut sorted: Vec<u32> = (0..u32::try_from(self.ends.len()).unwrap_or(u32::MAX)).collect();
        sorted.sort_unstable_by(|one, other| self.get(*one).cmp(self.get(*other)).then(one.cmp(other)));
        self.sorted = sorted;
        if by_parts {
            self.runs = (0..self.ends.len()).map(|row| runs(self.get(row as u32))).collect();
        }

        self.texts.shrink_to_fit();
        self.ends.shrink_to_fit();
        self.owners.shrink_to_fit();
        self
    }

    pub(super) fn get(&self, row: u32) -> &str {
        let row = row as usize;
        let from = row.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.texts[from as usize..self.ends[row] as usize]
    }

    /// Rows that begin with `text`, those that are `text` first.
    pub(super) fn with_prefix(&self, text: &str) -> &[u32] {
        let from = self.sorted.partition_point(|row| self.get(*row) < text);
        let rest = &self.sorted[from..];
        &rest[..rest.partition_point(|row| self.get(*row).starts_with(text))]
    }

    /// Whose row is `text`.
    pub(super) fn put_exact(&self, text: &str, rank: Rank, top: &mut Top<'_>) {
        let rows = self.with_prefix(text).iter();
        for row in rows.take_while(|row| self.get(**row).len() == text.len()) {
            top.put(rank, self.owners[*row as usize]);
        }
    }

    /// Whose row begins with `text`.
    pub(super) fn put_prefix(&self, text: &str, rank: Rank, top: &mut Top<'_>) {
        if top.is_settled(rank) {
            return;
        }
        for row in self.with_prefix(text) {
            top.put(rank, self.owners[*row as usize]);
        }
    }

    /// Whose row has `text` anywhere.
    pub(super) fn put_inside(&self, text: &str, needed: u64, rank: Rank, top: &mut Top<'_>) {
        if top.is_settled(rank) {
            return;
        }
        for owner in self.inside(text, needed) {
            // The records' order is the order of equals.
            if top.refuses(rank, owner) {
                break;
            }
            top.put(rank, owner);
        }
    }

    /// Everybody whose row matches: anywhere, or from its beginning where the word is short.
    pub(super) fn everybody(&self, word: &Word) -> Box<dyn Iterator<Item = u32> + '_> {
        if word.is_inside() {
            return Box::new(self.inside(&word.text, word.runs).collect::<Vec<_>>().into_iter());
        }
        Box::new(
            self.with_prefix(&word.text)
                .iter()
                .map(|row| self.owners[*row as usize]),
        )
    }

    /// Everybody whose row has `text` anywhere.
    pub(super) fn everybody_with<'a>(&'a self, text: &'a str) -> impl Iterator<Item = u32> + use<'a> {
        self.inside(text, runs(text))
    }

    fn inside<'a>(&'a self, text: &'a str, needed: u64) -> impl Iterator<Item = u32> + use<'a> {
        let finder = Finder::new(text);
        let rows = self
            .runs
            .iter()
            .enumerate()
            .filter(move |(_, runs)| *runs & needed == needed);
        rows.filter(move |(row, _)| finder.find(self.get(*row as u32).as_bytes()).is_some())
            .map(|(row, _)| self.owners[row])
    }
}
