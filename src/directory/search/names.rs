//! Whether and how names are met by a word, one name after the other.

use memchr::memmem::Finder;

use super::{align::Aligner, query::Word, rank::Rank, segment::Segment};

/// Looks for a word in names, each by the number of a spelling of it. Holds what that needs.
pub(super) struct NameTest<'a> {
    segment: &'a Segment,
    word: &'a Word,
    written: Option<Finder<'a>>,
    aligner: Aligner,
    heads: Vec<char>,
}

impl<'a> NameTest<'a> {
    pub(super) fn new(segment: &'a Segment, word: &'a Word) -> Self {
        Self {
            segment,
            word,
            written: word.is_inside_name().then(|| Finder::new(&word.text)),
            aligner: Aligner::new(),
            heads: Vec::new(),
        }
    }

    /// Whether the name is met by this spelling, or as it is written.
    pub(super) fn meets(&mut self, number: usize) -> bool {
        let name = self.name(number);
        if name.starts_with(&self.word.text) || self.is_written_in(name) {
            return true;
        }

        self.prepare(number);
        let lattice = self.segment.sounds.lattice(number, &self.heads);
        let mut places = lattice.places();
        places.any(|(unit, at)| self.aligner.align(lattice, unit, at, &self.word.typed).is_some())
    }

    /// How well it is met elsewhere than at its beginning.
    pub(super) fn rank_inside(&mut self, number: usize) -> Option<Rank> {
        let is_other = self.segment.sounds.is_other[number];
        if !is_other && self.is_written_in(self.name(number)) {
            return Some(Rank::NameInside);
        }

        self.prepare(number);
        let lattice = self.segment.sounds.lattice(number, &self.heads);
        let later = lattice.places().skip(1);
        let forms = later.filter_map(|(unit, at)| self.aligner.align(lattice, unit, at, &self.word.typed));
        let form = forms.min()?;
        Some(if is_other {
            Rank::OtherReadingInside
        } else {
            Rank::of_inside(form)
        })
    }

    fn name(&self, number: usize) -> &'a str {
        self.segment.names.get(self.segment.sounds.owners[number])
    }

    fn is_written_in(&self, name: &str) -> bool {
        let mut written = self.written.iter();
        written.any(|finder| finder.find(name.as_bytes()).is_some())
    }

    /// What units are written as is asked by mixed words alone.
    fn prepare(&mut self, number: usize) {
        if self.word.plain.is_none() {
            let name = self.name(number);
            self.segment.sounds.heads(number, name, &mut self.heads);
        }
    }
}
