//! Several words, in any order, each of which has to match somewhere.

use super::{names::NameTest, query::Word, rank::Rank, segment::Segment, signature::Signature, top::Top};

impl Segment {
    /// Puts in who matches all of `words`: those whose names do before those who match in whatever fields.
    pub(super) fn ask_words(&self, words: &[Word], contact: bool, top: &mut Top<'_>) {
        if words.is_empty() {
            return;
        }
        if !top.is_settled(Rank::WordsOfName) {
            self.named_by(words).for_each(|owner| top.put(Rank::WordsOfName, owner));
        }
        if top.is_settled(Rank::Words) {
            return;
        }
        for owner in self.described_by(words, contact) {
            if top.refuses(Rank::Words, owner) {
                break;
            }
            top.put(Rank::Words, owner);
        }
    }

    /// Everybody who matches all of `words`.
    pub(super) fn everybody_by(&self, words: &[Word], contact: bool) -> Vec<u32> {
        if words.is_empty() {
            return Vec::new();
        }
        self.named_by(words).chain(self.described_by(words, contact)).collect()
    }

    /// Whose names have all of them, by one way to read them.
    fn named_by<'a>(&'a self, words: &'a [Word]) -> impl Iterator<Item = u32> + use<'a> {
        let needed = words
            .iter()
            .fold(Signature::default(), |all, word| all.and(word.needed));
        let mut tests: Vec<_> = words.iter().map(|word| NameTest::new(self, word)).collect();
        let spelled = self.sounds.signatures.iter().enumerate();
        let named = spelled.filter(move |(number, signature)| {
            signature.may_meet(needed) && tests.iter_mut().all(|test| test.meets(*number))
        });
        named.map(|(number, _)| self.sounds.owners[number])
    }

    /// Who has each of them in some field, and not all in the name, in order.
    fn described_by<'a>(&'a self, words: &'a [Word], contact: bool) -> impl Iterator<Item = u32> + use<'a> {
        let test = |word: &'a Word| (self.by_facts(word, contact), NameTest::new(self, word));
        let mut each: Vec<_> = words.iter().map(test).collect();
        let owners = 0..u32::try_from(self.records.len()).unwrap_or(u32::MAX);
        owners.filter(move |owner| {
            let is_described = each.iter().any(|(met, _)| met[*owner as usize]);
            let mut each = each.iter_mut();
            is_described
                && each
                    .all(|(met, test)| met[*owner as usize] || self.sounds.of(*owner).any(|number| test.meets(number)))
        })
    }
}
