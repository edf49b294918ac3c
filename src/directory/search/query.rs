//! What somebody typed into a search.

use super::{name::is_typed, text::folded};
use crate::directory::DeptId;

/// Characters of a search at most: more than any name has.
pub const MOST_TYPED: usize = 64;

/// A number or an address is searched inside from so many characters on: fewer are in everybody's.
pub(super) const INSIDE_FROM: usize = 3;

/// A search, as it is compared.
#[derive(Debug, Clone)]
pub struct Query {
    /// As it was typed, without the blanks around it: an id is compared exactly.
    pub(super) raw: String,
    /// All of it, without blanks.
    pub(super) whole: Word,
    /// The words, where there are several.
    pub(super) words: Vec<Word>,
}

/// Something without blanks that a field may have.
#[derive(Debug, Clone)]
pub(super) struct Word {
    pub(super) text: String,
    pub(super) typed: Vec<char>,
    /// Where it is letters and digits alone: the same, as sounds are kept.
    pub(super) plain: Option<Vec<u8>>,
    /// The same, taken apart where letters and other characters meet.
    pub(super) pieces: Vec<Piece>,
    /// Where it may be one: the digits of a mobile number.
    pub(super) digits: Option<String>,
}

/// A part of a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    /// Letters and digits: a sound, or as they are.
    Letters(Vec<u8>),
    /// Characters, as they are.
    Written(String),
}

impl Query {
    /// `typed`, as it is compared. `None`: nothing was typed. Characters behind [`MOST_TYPED`] are left out.
    pub fn new(typed: &str) -> Option<Self> {
        let raw: String = typed.trim().chars().take(MOST_TYPED).collect();
        let whole = Word::new(&raw)?;
        let words: Vec<Word> = raw.split_whitespace().filter_map(Word::new).collect();
        Some(Self {
            whole,
            words: if words.len() > 1 { words } else { Vec::new() },
            raw,
        })
    }

    /// As it was typed, without the blanks around it.
    pub fn raw(&self) -> &str {
        &self.raw
    }

    /// The department whose id this is.
    pub(crate) fn dept_id(&self) -> Option<DeptId> {
        let is_number = self.raw.bytes().all(|it| it.is_ascii_digit());
        self.raw.parse().ok().filter(|_| is_number).map(DeptId)
    }
}

impl Word {
    fn new(raw: &str) -> Option<Self> {
        // Compatibility forms may be many characters.
        let typed: Vec<char> = folded(raw).chars().take(MOST_TYPED).collect();
        let text: String = typed.iter().collect();
        if text.is_empty() {
            return None;
        }

        let letter = |c: &char| u8::try_from(*c).ok().filter(|_| is_typed(*c));
        Some(Self {
            pieces: pieces(&typed),
            digits: digits(&text),
            plain: typed.iter().map(letter).collect(),
            typed,
            text,
        })
    }

    /// Whether it may stand inside a number or an address.
    pub(super) fn is_inside(&self) -> bool {
        self.typed.len() >= INSIDE_FROM
    }

    /// Whether it may stand inside a name, in the middle of a word: one letter would be in every other.
    pub(super) fn is_inside_name(&self) -> bool {
        self.typed.len() > 1 || !is_typed(self.typed[0])
    }

    /// Whether it mixes characters and letters.
    pub(super) fn is_mixed(&self) -> bool {
        self.plain.is_none() && self.typed.iter().any(|c| is_typed(*c))
    }
}

fn pieces(typed: &[char]) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    for c in typed {
        let letter = u8::try_from(*c).ok().filter(|_| is_typed(*c));
        match (pieces.last_mut(), letter) {
            (Some(Piece::Letters(letters)), Some(letter)) => letters.push(letter),
            (Some(Piece::Written(text)), None) => text.push(*c),
            (_, Some(letter)) => pieces.push(Piece::Letters(vec![letter])),
            (_, None) => pieces.push(Piece::Written(c.to_string())),
        }
    }
    pieces
}

/// A mobile number as it is compared: its digits alone.
pub(super) fn digits_of(mobile: &str) -> String {
    folded(mobile).chars().filter(char::is_ascii_digit).collect()
}

/// The digits of what may be a part of a mobile number.
fn digits(text: &str) -> Option<String> {
    let text = text.strip_prefix("+86").unwrap_or(text);
    let is_number = text
        .chars()
        .all(|c| c.is_ascii_digit() || matches!(c, '-' | '+' | '(' | ')'));
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    (is_number && digits.len() >= INSIDE_FROM).then_some(digits)
}
