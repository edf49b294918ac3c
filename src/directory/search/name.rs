//! A name as a sequence of units, each a character or a word, with how they sound.

use super::{
    reading::readings,
    text::{Letter, folded, letters},
};

/// So many letters of a name are searched by their sound; all of it is searched as it is written.
pub(super) const MOST_SOUND: usize = 63;

/// Sounds like nothing that can be typed.
const SILENT: u8 = 1;

/// A name, taken apart.
#[derive(Debug, Clone)]
pub(super) struct Name {
    pub(super) letters: Vec<Letter>,
    /// Characters, and words of letters and digits.
    pub(super) units: Vec<Unit>,
    /// The first is the one by which the name is found first.
    pub(super) spellings: Vec<Spelling>,
}

/// Some of a name's letters, by their places.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Unit {
    pub(super) from: usize,
    pub(super) to: usize,
}

/// How a name sounds, in one reading of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Spelling {
    /// ASCII letters and digits.
    pub(super) sound: Vec<u8>,
    /// Bit `n`: a unit begins with letter `n`.
    pub(super) starts: u64,
}

impl Name {
    /// `text`, taken apart. `is_person`: it begins with a surname.
    pub(super) fn new(text: &str, is_person: bool) -> Self {
        let letters = letters(text);
        let units = units(&letters);
        let written: Vec<char> = units.iter().map(|unit| letters[unit.from].written).collect();

        let readings = readings(&written, is_person);
        let spellings = readings.iter().map(|reading| spelling(&letters, &units, reading));
        Self {
            spellings: spellings.collect(),
            units,
            letters,
        }
    }

    /// As it is compared.
    pub(super) fn folded(&self) -> String {
        self.letters.iter().map(|letter| letter.folded).collect()
    }

    /// What each unit is written as, where it is one character.
    pub(super) fn heads(&self) -> Vec<char> {
        let head = |unit: &Unit| self.letters[unit.from].folded;
        self.units.iter().map(head).collect()
    }
}

/// Whether a character is typed by its own key, and not by its sound.
pub(super) fn is_typed(c: char) -> bool {
    c.is_ascii_alphanumeric()
}

fn units(letters: &[Letter]) -> Vec<Unit> {
    let mut units: Vec<Unit> = Vec::new();
    for (at, letter) in letters.iter().enumerate() {
        let goes_on = at > 0 && is_typed(letter.folded) && is_typed(letters[at - 1].folded);
        match units.last_mut() {
            // A blank that was left out ends a word.
            Some(word) if goes_on && letters[at - 1].to == letter.from => word.to = at + 1,
            _ => units.push(Unit { from: at, to: at + 1 }),
        }
    }
    units
}

fn spelling(letters: &[Letter], units: &[Unit], readings: &[Option<&'static str>]) -> Spelling {
    let mut sound: Vec<u8> = Vec::new();
    let mut starts = 0;

    for (unit, reading) in units.iter().zip(readings) {
        let first = letters[unit.from].folded;
        let begin = sound.len();
        if is_typed(first) {
            let word = &letters[unit.from..unit.to];
            sound.extend(word.iter().filter_map(|letter| u8::try_from(letter.folded).ok()));
        } else if let Some(reading) = reading {
            let typed = folded(reading);
            sound.extend(typed.bytes().filter(u8::is_ascii_lowercase));
        }
        if sound.len() == begin {
            sound.push(SILENT);
        }

        if sound.len() > MOST_SOUND {
            sound.truncate(begin);
            break;
        }
        starts |= 1 << begin;
    }

    Spelling { sound, starts }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spelled(text: &str, is_person: bool) -> Vec<String> {
        let name = Name::new(text, is_person);
        let spelled = name.spellings.iter().map(|spelling| {
            let letters = spelling.sound.iter().enumerate();
            let parts = letters.map(|(at, letter)| {
                let mark = if at > 0 && spelling.starts >> at & 1 == 1 {
                    "'"
                } else {
                    ""
                };
                format!("{mark}{}", char::from(*letter))
            });
            parts.collect()
        });
        spelled.collect()
    }

    #[test]
    fn surnames_are_read_as_surnames_first_and_given_names_as_is_common() {
        for (name, expected) in [
            ("王超超", vec!["wang'chao'chao"]),
            ("单雄信", vec!["shan'xiong'xin", "dan'xiong'xin"]),
            ("單雄信", vec!["shan'xiong'xin", "dan'xiong'xin"]),
            ("尉迟恭", vec!["yu'chi'gong"]),
            ("万俟卨", vec!["mo'qi'xie"]),
            ("单于", vec!["shan'yu", "dan'yu"]),
            ("单于飞", vec!["chan'yu'fei"]),
            ("吕布", vec!["lv'bu"]),
            ("王乐", vec!["wang'le", "wang'yue"]),
            ("Anna Smith", vec!["anna'smith"]),
            ("王Tom2", vec!["wang'tom2"]),
            ("", vec![""]),
        ] {
            assert_eq!(spelled(name, true), expected, "{name}");
        }
        assert_eq!(spelled("单", false), ["dan", "shan"]);
        assert_eq!(spelled("重庆", false), ["zhong'qing", "chong'qing"]);
    }

    #[test]
    fn a_long_name_is_spelled_as_far_as_it_goes() {
        let name = Name::new(&"装".repeat(60), false);
        assert_eq!(name.spellings[0].sound.len(), 60);
        assert_eq!(name.spellings[0].starts.count_ones(), 10);
    }
}
