//! Several words, in any order, each of which has to match somewhere.

use super::{
    bits::Bits, facts::Facts, names::NameTest, query::Word, rank::Rank, segment::Segment, sought::Sought, top::Top,
};

/// So few are looked at one by one.
const FEW: usize = 1_000;

/// A word with everybody whom it may meet.
struct Lookout<'a> {
    word: &'a Word,
    /// Numbers of names.
    names: Bits,
}

impl Segment {
    /// Puts in who matches all of `words`: those whose names do before those who match in whatever fields.
    pub(super) fn ask_words(&self, words: &[Word], contact: bool, top: &mut Top<'_>) {
        if words.is_empty() || top.is_settled(Rank::WordsOfName) {
            return;
        }
        let words = self.lookouts(words);
        let named = self.may_be_named(&words);
        let mut tests = self.tests(&words);
        let mut meets = |number: u32| tests.iter_mut().all(|test| test.meets(number));
        self.walk(&named, Rank::WordsOfName, top, |number| {
            meets(number).then_some(Rank::WordsOfName)
        });
        self.walk_others(&named, Rank::WordsOfName, top, meets);
        if top.is_settled(Rank::Words) {
            return;
        }

        let Some((described, facts)) = self.may_be_described(&words, contact, top.wanted()) else {
            return;
        };
        let mut tests = self.tests(&words);
        self.walk(&described, Rank::Words, top, |owner| {
            self.is_described(owner, &facts, &mut tests).then_some(Rank::Words)
        });
    }

    /// Everybody who matches all of `words`.
    pub(super) fn everybody_by(&self, words: &[Word], contact: bool) -> Vec<u32> {
        if words.is_empty() {
            return Vec::new();
        }
        let words = self.lookouts(words);
        let named = self.may_be_named(&words);
        let mut tests = self.tests(&words);
        let named = named
            .from(0)
            .filter(|number| tests.iter_mut().all(|test| test.meets(*number)));
        let mut met: Vec<u32> = named.map(|number| self.sounds.owner(number)).collect();

        let everybody = Bits::all(self.records.len());
        if let Some((described, facts)) = self.may_be_described(&words, contact, &everybody) {
            let mut tests = self.tests(&words);
            met.extend(
                described
                    .from(0)
                    .filter(|owner| self.is_described(*owner, &facts, &mut tests)),
            );
        }
        met
    }

    fn lookouts<'a>(&'a self, words: &'a [Word]) -> Vec<Lookout<'a>> {
        let lookout = |word| Lookout {
            names: Sought::new(self, word).may_be_met(),
            word,
        };
        words.iter().map(lookout).collect()
    }

    fn tests<'a>(&'a self, words: &[Lookout<'a>]) -> Vec<NameTest<'a>> {
        words.iter().map(|it| NameTest::new(self, it.word)).collect()
    }

    /// Numbers of names that may have all of them, by one way to read them.
    fn may_be_named(&self, words: &[Lookout<'_>]) -> Bits {
        let mut named = Bits::all(self.sounds.len());
        words.iter().for_each(|it| named.keep(&it.names));
        named
    }

    /// Who of `wanted` may have each of them in some field, and not all in the name. `None`: nobody has.
    fn may_be_described<'a>(
        &'a self,
        words: &[Lookout<'a>],
        contact: bool,
        wanted: &Bits,
    ) -> Option<(Bits, Vec<Facts<'a>>)> {
        let mut facts: Vec<_> = words.iter().map(|it| self.facts(it.word, contact)).collect();
        let mut by_facts = Bits::none(self.records.len());
        let mut described = wanted.clone();
        // What many have is looked for among the few whom the other words leave.
        for is_open in [false, true] {
            for (it, found) in words
                .iter()
                .zip(&mut facts)
                .filter(|(_, found)| found.is_open() == is_open)
            {
                if is_open && described.from(0).nth(FEW).is_none() {
                    by_facts.join(&described);
                    continue;
                }
                found.close();
                let mut met = self.sounds.owners(&it.names);
                for more in [&found.sure, &found.maybe] {
                    met.join(more);
                    by_facts.join(more);
                }
                described.keep(&met);
                if described.is_empty() {
                    return None;
                }
            }
        }
        described.keep(&by_facts);
        Some((described, facts))
    }

    fn is_described(&self, owner: u32, facts: &[Facts<'_>], tests: &mut [NameTest<'_>]) -> bool {
        let mut is_by_fact = false;
        let mut each = facts.iter().zip(tests);
        let is_met = each.all(|(facts, test)| {
            let has_fact = facts.has(owner);
            is_by_fact |= has_fact;
            has_fact || self.sounds.of(owner).any(|number| test.meets(number))
        });
        is_met && is_by_fact
    }
}
