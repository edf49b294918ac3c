//! Who has a word in anything but the name.

use memchr::memmem::Finder;

use super::{bits::Bits, column::Column, query::Word, segment::Segment};

/// Records with a word in their numbers, addresses or titles.
pub(super) struct Facts<'a> {
    /// They have it.
    pub(super) sure: Bits,
    /// They may have it inside of a number or an address.
    pub(super) maybe: Bits,
    inside: Vec<(&'a Column, Finder<'a>)>,
    /// Beginnings that so many have that they are not marked until somebody needs it.
    begun: Vec<(&'a Column, &'a str)>,
}

impl Segment {
    /// Who has `word` in anything but the name. `contact`: email addresses and mobile numbers are searched, too.
    pub(super) fn facts<'a>(&'a self, word: &'a Word, contact: bool) -> Facts<'a> {
        let mut facts = Facts {
            sure: Bits::none(self.records.len()),
            maybe: Bits::none(self.records.len()),
            inside: Vec::new(),
            begun: Vec::new(),
        };
        for column in [Some(&self.job_numbers), contact.then_some(&self.emails)]
            .into_iter()
            .flatten()
        {
            if word.is_inside() {
                facts.look_inside(column, &word.text);
            } else if column.is_common(&word.text) {
                facts.begun.push((column, &word.text));
            } else {
                facts.sure.put_all(column.owners_with_prefix(&word.text));
            }
        }
        if let Some(digits) = word.digits.as_deref().filter(|_| contact) {
            facts.look_inside(&self.mobiles, digits);
        }
        for (_, title) in self.titles.matching(word) {
            facts.sure.put_all(self.titles.holders(title).iter().copied());
        }
        facts
    }
}

impl<'a> Facts<'a> {
    fn look_inside(&mut self, column: &'a Column, text: &'a str) {
        column.mark_inside(text, &mut self.maybe);
        self.inside.push((column, Finder::new(text)));
    }

    /// Whether more have it than are marked.
    pub(super) fn is_open(&self) -> bool {
        !self.begun.is_empty()
    }

    /// Marks whoever isn't marked yet.
    pub(super) fn close(&mut self) {
        for (column, text) in self.begun.drain(..) {
            self.sure.put_all(column.owners_with_prefix(text));
        }
    }

    /// Whether a record has it.
    pub(super) fn has(&self, owner: u32) -> bool {
        let is_inside = || {
            self.inside
                .iter()
                .any(|(column, finder)| column.has_inside(owner, finder))
        };
        let begins_so = || self.begun.iter().any(|(column, text)| column.begins(owner, text));
        self.sure.has(owner) || (self.maybe.has(owner) && is_inside()) || begins_so()
    }
}
