//! What a list is sorted by, as bytes: so that one map serves every order, and a place is compared without its record.

use serde::{Deserialize, Serialize};

use super::collation;
use crate::directory::{DeptId, UserId, fold::fold};

/// A record's value in an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum SortValue {
    /// It has none, and stands behind all others, whatever the direction.
    None,
    /// A number.
    Number(i64),
    /// A text.
    Text(String),
}

/// A place in an order: where a record stands, or stood.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place<I>(pub SortValue, pub I);

/// How texts are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TextOrder {
    /// Chinese collation.
    Pinyin,
    /// Runs of digits as numbers: `A9` before `A10`.
    Natural,
}

/// Bytes that compare as the places do: whether there is a value, the value, the id.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct SortKey(Box<[u8]>);

/// First byte of keys with a value.
const VALUED: u8 = 0;
/// First byte of keys without.
const UNVALUED: u8 = 1;
/// Behind a text. None has it.
const END: u8 = 0;
/// In front of a run of digits: where digits stand among other characters.
const DIGITS: u8 = b'0';

impl SortKey {
    pub(crate) fn of<I: SortId + ?Sized>(order: TextOrder, value: &SortValue, id: &I) -> Self {
        let mut bytes = Vec::with_capacity(48);
        match value {
            SortValue::None => bytes.push(UNVALUED),
            SortValue::Number(number) => {
                bytes.push(VALUED);
                bytes.extend(ordered(*number));
            }
            SortValue::Text(text) => {
                bytes.push(VALUED);
                match order {
                    TextOrder::Pinyin => collation::write(text, &mut bytes),
                    TextOrder::Natural => write_natural(text, &mut bytes),
                }
                bytes.push(END);
            }
        }
        id.write(&mut bytes);
        Self(bytes.into())
    }

    /// Whether the record has a value.
    pub(crate) fn is_valued(&self) -> bool {
        self.0.first() == Some(&VALUED)
    }

    /// No key with a value is greater, and none without is less.
    pub(crate) fn first_unvalued() -> Self {
        Self(Box::new([UNVALUED]))
    }
}

/// What tells equal values apart.
pub(crate) trait SortId {
    fn write(&self, bytes: &mut Vec<u8>);
}

impl SortId for str {
    fn write(&self, bytes: &mut Vec<u8>) {
        bytes.extend(self.as_bytes());
    }
}

impl SortId for String {
    fn write(&self, bytes: &mut Vec<u8>) {
        self.as_str().write(bytes);
    }
}

impl SortId for UserId {
    fn write(&self, bytes: &mut Vec<u8>) {
        self.as_str().write(bytes);
    }
}

impl SortId for DeptId {
    fn write(&self, bytes: &mut Vec<u8>) {
        bytes.extend(ordered(self.0));
    }
}

/// Big end first, negative numbers before the others.
fn ordered(number: i64) -> [u8; 8] {
    (number.cast_unsigned() ^ (1 << 63)).to_be_bytes()
}

fn write_natural(text: &str, bytes: &mut Vec<u8>) {
    let folded = fold(text.trim());
    let mut rest = folded.as_str();
    while let Some(first) = rest.chars().next() {
        if !first.is_ascii_digit() {
            let (character, behind) = rest.split_at(first.len_utf8());
            if first != '\0' {
                bytes.extend(character.as_bytes());
            }
            rest = behind;
            continue;
        }

        let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let (run, behind) = rest.split_at(end);
        // A number with more digits is larger.
        let number = run.trim_start_matches('0');
        bytes.push(DIGITS);
        bytes.push(u8::try_from(number.len() + 1).unwrap_or(u8::MAX));
        bytes.extend(number.as_bytes());
        rest = behind;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn natural(text: &str) -> SortKey {
        SortKey::of(TextOrder::Natural, &SortValue::Text(text.into()), "")
    }

    #[test]
    fn runs_of_digits_are_numbers_and_whoever_has_nothing_is_last() {
        let mut numbers = ["A10", "a9", "B1", "007", "12", "A9x", "8"];
        numbers.sort_by_key(|text| natural(text));
        assert_eq!(numbers, ["007", "8", "12", "a9", "A9x", "A10", "B1"]);

        let none = SortKey::of(TextOrder::Natural, &SortValue::None, "");
        assert!(natural("\u{10ffff}") < none && !none.is_valued());
        assert!(natural("z") < SortKey::first_unvalued() && SortKey::first_unvalued() <= none);
    }

    proptest! {
        #[test]
        fn numbers_are_compared_by_value_and_then_by_id(a in any::<i64>(), b in any::<i64>(), x in "[a-c]{0,3}", y in "[a-c]{0,3}") {
            let key = |number, id: &str| SortKey::of(TextOrder::Pinyin, &SortValue::Number(number), id);
            prop_assert_eq!(key(a, &x).cmp(&key(b, &y)), (a, &x).cmp(&(b, &y)));
        }

        #[test]
        fn a_place_is_read_as_it_is_written(number in any::<i64>(), text in "\\PC{0,8}", id in "\\PC{1,8}") {
            for value in [SortValue::None, SortValue::Number(number), SortValue::Text(text.clone())] {
                let place = Place(value, id.clone());
                let written = serde_json::to_string(&place).unwrap();
                prop_assert_eq!(serde_json::from_str::<Place<String>>(&written).unwrap(), place);
            }
        }
    }
}
