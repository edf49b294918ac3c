//! One field of many records, packed: found by its beginning in an order of its own, and by any part of it in the
//! records' order.

use memchr::memmem::Finder;

use super::{bits::Bits, grams::Grams, rank::Rank, top::Top};

/// A beginning that more than this part of all rows have is looked for row by row: the first few are enough.
const COMMON: usize = 16;

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
    /// Rows by runs of three characters, where rows are searched by parts.
    parts: Grams,
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
            self.parts = self.grams(3);
        }

        self.texts.shrink_to_fit();
        self.ends.shrink_to_fit();
        self.owners.shrink_to_fit();
        self
    }

    /// The rows by runs of so many characters.
    pub(super) fn grams(&self, length: usize) -> Grams {
        Grams::build(length, self.ends.len(), |row| self.get(row))
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
        if !self.is_common(text) {
            self.with_prefix(text)
                .iter()
                .for_each(|row| top.put(rank, self.owners[*row as usize]));
            return;
        }
        let begins_so = |row: &u32| self.get(*row).starts_with(text);
        self.put_in_order(self.rows().filter(begins_so), rank, top);
    }

    /// Whose row has `text` anywhere.
    pub(super) fn put_inside(&self, text: &str, rank: Rank, top: &mut Top<'_>) {
        if top.is_settled(rank) {
            return;
        }
        let finder = Finder::new(text);
        let has_it = |row: &u32| finder.find(self.get(*row).as_bytes()).is_some();
        match self.parts.may_have(text) {
            Some(rows) => self.put_in_order(rows.into_iter().filter(has_it), rank, top),
            None => self.put_in_order(self.rows().filter(has_it), rank, top),
        }
    }

    /// The records' order is the order of equals.
    fn put_in_order(&self, rows: impl Iterator<Item = u32>, rank: Rank, top: &mut Top<'_>) {
        for owner in rows.map(|row| self.owners[row as usize]) {
            if top.refuses(rank, owner) {
                break;
            }
            top.put(rank, owner);
        }
    }

    /// Whether so many rows begin with `text` that a look at a few finds some.
    pub(super) fn is_common(&self, text: &str) -> bool {
        self.with_prefix(text).len() > self.ends.len() / COMMON
    }

    /// Everybody whose row begins with `text`.
    pub(super) fn owners_with_prefix(&self, text: &str) -> impl Iterator<Item = u32> {
        self.with_prefix(text).iter().map(|row| self.owners[*row as usize])
    }

    /// Marks everybody whose row may have `text` anywhere.
    pub(super) fn mark_inside(&self, text: &str, owners: &mut Bits) {
        match self.parts.may_have(text) {
            Some(rows) => owners.put_all(rows.into_iter().map(|row| self.owners[row as usize])),
            None => owners.put_all(self.owners.iter().copied()),
        }
    }

    /// Whether a row of `owner` has a text anywhere.
    pub(super) fn has_inside(&self, owner: u32, text: &Finder<'_>) -> bool {
        self.of(owner).any(|text_of| text.find(text_of.as_bytes()).is_some())
    }

    /// Whether a row of `owner` begins with a text.
    pub(super) fn begins(&self, owner: u32, text: &str) -> bool {
        self.of(owner).any(|text_of| text_of.starts_with(text))
    }

    /// The rows of `owner`.
    fn of(&self, owner: u32) -> impl Iterator<Item = &str> {
        let from = self.owners.partition_point(|it| *it < owner);
        let owned = self.owners[from..].iter().take_while(move |it| **it == owner).count();
        (from..from + owned).map(|row| self.get(row as u32))
    }

    fn rows(&self) -> impl Iterator<Item = u32> + use<> {
        0..u32::try_from(self.ends.len()).unwrap_or(u32::MAX)
    }
}
