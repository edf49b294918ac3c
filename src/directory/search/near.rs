//! What is forgiven where nothing else is found: one typo, and other characters of the same sound.

use std::{collections::BTreeSet, ops::Range};

use super::{
    align::Form,
    bits::Bits,
    name::is_typed,
    query::{MOST_TYPED, Word},
    rank::Rank,
    reading::{common_reading, may_be_read},
    segment::Segment,
    sounds::Sounds,
    top::Top,
};

/// Letters from which on a typo is forgiven; of fewer too much is near.
const LETTERS: usize = 5;
/// Characters from which on one may be another.
const CHARACTERS: usize = 3;

/// What a search may have meant.
#[derive(Debug, Clone)]
pub(super) struct Near {
    /// What the characters sound like, where they are characters alone.
    pub(super) sound: Option<Vec<u8>>,
    /// Letters, one of which may be wrong.
    letters: Option<Vec<u8>>,
    /// Characters, one of which may be wrong.
    characters: Option<Vec<char>>,
}

impl Near {
    pub(super) fn of(word: &Word) -> Self {
        let are_characters = word.typed.iter().all(|c| !is_typed(*c));
        let readings = || word.typed.iter().map(|c| common_reading(*c));
        let sound: Option<String> = if are_characters && word.typed.len() > 1 {
            readings().collect()
        } else {
            None
        };

        Self {
            sound: sound.map(|sound| super::text::folded(&sound).into_bytes()),
            letters: word.plain.clone().filter(|letters| letters.len() >= LETTERS),
            characters: (are_characters && word.typed.len() >= CHARACTERS).then(|| word.typed.clone()),
        }
    }

    /// Whether a name that sounds so is spelled with one typo. A rare reading of its characters is none.
    pub(super) fn is_misspelled(&self, sound: &[u8], name: &str) -> bool {
        let mut letters = self.letters.iter();
        letters.any(|letters| is_near(letters, sound) && !may_be_read(name, letters))
    }

    /// Whether a name is written with one wrong character.
    pub(super) fn is_miswritten(&self, name: &str) -> bool {
        self.characters.as_ref().is_some_and(|typed| {
            // A name of another length is another one, but for one character.
            let mut characters = ['\0'; MOST_TYPED + 2];
            let mut length = 0;
            for (slot, c) in characters.iter_mut().zip(name.chars()) {
                *slot = c;
                length += 1;
            }
            length <= typed.len() + 1 && is_near(typed, &characters[..length])
        })
    }
}

impl Segment {
    /// Puts in what may have been meant.
    pub(super) fn ask_near(&self, near: &Near, top: &mut Top<'_>) {
        if let Some(typed) = &near.sound {
            for number in self.sounds.with_prefix(typed) {
                if self.sounds.lattice(*number, &[]).plain(0, typed) == Some(Form::Complete) {
                    top.put(Rank::SoundsAlike, self.sounds.owner(*number));
                }
            }
        }
        if let Some(letters) = &near.letters {
            self.put_misspelled(near, letters, top);
        }
        if let Some(characters) = &near.characters {
            self.put_miswritten(near, characters, top);
        }
    }

    fn put_misspelled(&self, near: &Near, letters: &[u8], top: &mut Top<'_>) {
        let mut numbers = Bits::none(self.sounds.len());
        self.sounds.near(letters, |places| {
            numbers.put_all(self.sounds.at(places).iter().copied())
        });
        self.walk(&numbers, Rank::Typo, top, |number| {
            let is_met = near.is_misspelled(self.sounds.sound(number), self.names.get(number));
            is_met.then_some(Rank::Typo)
        });
    }

    fn put_miswritten(&self, near: &Near, characters: &[char], top: &mut Top<'_>) {
        let names = self.with_all_but_one(characters);
        self.walk(&names, Rank::Typo, top, |owner| {
            near.is_miswritten(self.names.get(owner)).then_some(Rank::Typo)
        });
    }

    /// The records whose names may have all of these characters but one.
    fn with_all_but_one(&self, characters: &[char]) -> Bits {
        let mut all = Bits::all(self.records.len());
        let mut but_one = Bits::none(self.records.len());
        let different: BTreeSet<char> = characters.iter().copied().collect();
        for c in different {
            let with_it = self.may_have_written(c.encode_utf8(&mut [0; 4]));
            but_one.keep(&with_it);
            let mut without = all.clone();
            without.lose(&with_it);
            but_one.join(&without);
            all.keep(&with_it);
        }
        but_one.join(&all);
        but_one
    }
}

impl Sounds {
    /// Calls `found` with the places of the sounds that begin with what is one typo from `typed`.
    fn near(&self, typed: &[u8], mut found: impl FnMut(Range<usize>)) {
        // Those that begin with what was typed before the typo.
        let mut begun = self.narrowed(0..self.len(), 0, &[]);
        for at in 0..typed.len() {
            let (here, behind) = (&typed[at..], &typed[at + 1..]);
            if behind.is_empty() {
                found(begun);
                return;
            }

            // Needless.
            found(self.narrowed(begun.clone(), at, behind));
            for (letter, branch) in self.branches(begun.clone(), at) {
                // Wrong, and missing.
                found(self.narrowed(branch.clone(), at + 1, behind));
                found(self.narrowed(branch.clone(), at + 1, here));
                // Swapped with the next.
                if letter == behind[0] {
                    let swapped = self.narrowed(branch, at + 1, &here[..1]);
                    found(self.narrowed(swapped, at + 2, &behind[1..]));
                }
            }
            begun = self.narrowed(begun, at, &here[..1]);
            if begun.is_empty() {
                return;
            }
        }
    }
}

/// Whether `text` begins with what is one wrong, missing or needless letter, or two swapped ones, from `typed`.
fn is_near<T: PartialEq>(typed: &[T], text: &[T]) -> bool {
    let same = typed.iter().zip(text).take_while(|(typed, text)| typed == text).count();
    let (typed, text) = (&typed[same..], &text[same..]);
    let begins =
        |text: Option<&[T]>, typed: Option<&[T]>| text.zip(typed).is_some_and(|(text, typed)| text.starts_with(typed));

    typed.len() <= 1
        || begins(text.get(1..), typed.get(1..))
        || begins(text.get(1..), Some(typed))
        || begins(Some(text), typed.get(1..))
        || (text.len() > 1 && typed[0] == text[1] && typed[1] == text[0] && text[2..].starts_with(&typed[2..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_typo_is_near_and_two_are_not() {
        for (typed, near) in [
            ("wangwei", true),
            ("wagnwei", true),
            ("wangwie", true),
            ("wanwei", true),
            ("wanggwei", true),
            ("qangwei", true),
            ("angwei", true),
            ("wangweu", true),
            ("wangweii", true),
            ("wangwe", true),
            ("wagwie", false),
            ("qangwie", false),
            ("nawgwei", false),
        ] {
            assert_eq!(is_near(typed.as_bytes(), b"wangwei"), near, "{typed}");
        }
        assert!(is_near(b"wangwie", b"wangweiyu"));
    }
}
