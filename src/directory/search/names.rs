//! Whether and how names are met by a word, one name after the other.

use memchr::memmem::Finder;

use super::{
    align::{Aligner, Form},
    query::Word,
    rank::Rank,
    segment::Segment,
};

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
    pub(super) fn meets(&mut self, number: u32) -> bool {
        if self.name(number).starts_with(&self.word.text) || self.is_written_in(number) {
            return true;
        }

        self.prepare(number);
        let lattice = self.segment.sounds.lattice(number, &self.heads);
        let mut places = lattice.places();
        places.any(|(unit, at)| self.aligner.align(lattice, unit, at, &self.word.typed).is_some())
    }

    /// Whether it stands in the name as it is written.
    pub(super) fn is_written_in(&self, number: u32) -> bool {
        let name = self.name(number);
        let mut written = self.written.iter();
        written.any(|finder| finder.find(name.as_bytes()).is_some())
    }

    /// How well the name is spelled from its beginning.
    pub(super) fn rank_at_head(&mut self, number: u32) -> Option<Rank> {
        self.prepare(number);
        let lattice = self.segment.sounds.lattice(number, &self.heads);
        if lattice.sound.is_empty() {
            return None;
        }
        let form = self.aligner.align(lattice, 0, 0, &self.word.typed)?;
        let is_all = form == Form::Complete && self.aligner.steps.len() == lattice.starts.count_ones() as usize;
        Some(if is_all { Rank::SoundExact } else { Rank::of_head(form) })
    }

    /// Whether the name is spelled from its beginning by letters that cut it short.
    pub(super) fn is_abbreviated(&mut self, number: u32) -> bool {
        let lattice = self.segment.sounds.lattice(number, &[]);
        let begins_so = lattice.sound.first() == self.word.plain.as_ref().and_then(|plain| plain.first());
        begins_so && self.aligner.cut_short(lattice, 0, 0, &self.word.typed)
    }

    /// How it is spelled from elsewhere than its beginning.
    pub(super) fn form_inside(&mut self, number: u32) -> Option<Form> {
        self.prepare(number);
        let lattice = self.segment.sounds.lattice(number, &self.heads);
        let later = lattice.places().skip(1);
        let forms = later.filter_map(|(unit, at)| self.aligner.align(lattice, unit, at, &self.word.typed));
        forms.min()
    }

    fn name(&self, number: u32) -> &'a str {
        self.segment.names.get(self.segment.sounds.owner(number))
    }

    /// What units are written as is asked by mixed words alone.
    fn prepare(&mut self, number: u32) {
        if self.word.plain.is_none() {
            let name = self.name(number);
            self.segment.sounds.heads(number, name, &mut self.heads);
        }
    }
}
