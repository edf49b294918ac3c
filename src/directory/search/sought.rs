//! A word with the names that it may meet: few enough to be looked at one by one.

use std::cell::OnceCell;

use super::{
    align::Form,
    bits::Bits,
    query::{Piece, Word},
    segment::Segment,
};

/// A word on its way through the names of a segment. What it needs several times is found once.
pub(super) struct Sought<'a> {
    segment: &'a Segment,
    pub(super) word: &'a Word,
    spelled: [OnceCell<Bits>; 3],
    written: OnceCell<Bits>,
}

impl<'a> Sought<'a> {
    pub(super) fn new(segment: &'a Segment, word: &'a Word) -> Self {
        Self {
            segment,
            word,
            spelled: Default::default(),
            written: OnceCell::new(),
        }
    }

    /// The numbers of all names whose best way to be laid along by it is `form`, and of others.
    pub(super) fn spelled(&self, form: Form) -> &Bits {
        self.spelled[form as usize].get_or_init(|| self.find_spelled(form))
    }

    /// The records of all names that have it inside as it is written, and of others.
    pub(super) fn written(&self) -> &Bits {
        self.written.get_or_init(|| match self.word.is_inside_name() {
            true => self.segment.may_have_written(&self.word.text),
            false => Bits::none(self.segment.records.len()),
        })
    }

    /// The numbers of all names that it meets anywhere, and of others.
    pub(super) fn may_be_met(&self) -> Bits {
        let mut owners = self.written().clone();
        if !self.word.is_inside_name() {
            owners.put_all(self.segment.names.with_prefix(&self.word.text).iter().copied());
        }
        let mut numbers = self.segment.sounds.with_others(&owners);
        numbers.join(self.spelled(Form::Abbreviated));
        numbers
    }

    fn find_spelled(&self, form: Form) -> Bits {
        let sounds = &self.segment.sounds;
        let pieces = &self.word.pieces;
        let is_typing = pieces.last().is_some_and(|last| matches!(last, Piece::Letters(_)));
        let has_letters = pieces.iter().any(|piece| matches!(piece, Piece::Letters(_)));
        if !has_letters || (form == Form::Typing && !is_typing) {
            return Bits::none(sounds.len());
        }

        let mut names = Bits::all(sounds.len());
        for (at, piece) in pieces.iter().enumerate() {
            // What is behind ends what is being typed.
            let form = match form {
                Form::Typing if at + 1 < pieces.len() => Form::Complete,
                form => form,
            };
            names.keep(&match piece {
                Piece::Letters(letters) => sounds.units.may_be_met(letters, form),
                Piece::Written(text) => sounds.with_others(&self.segment.may_have_written(text)),
            });
        }
        names
    }
}
