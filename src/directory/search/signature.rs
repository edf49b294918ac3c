//! What a name must have for a search to match it, as bits: most names are passed over by them alone.

use super::name::is_typed;

/// Bits for what a name has, or what a search needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Signature {
    /// Characters, and letters that units begin with.
    singles: u64,
    /// Letters that may be typed one after the other, and characters that stand so.
    pairs: u128,
}

impl Signature {
    /// Of a name that sounds so and is written so.
    pub(super) fn of_name(sound: &[u8], starts: u64, name: &str) -> Self {
        let mut made = Self::default();
        let mut former: &[u8] = &[];
        let mut at = 0;

        while at < sound.len() {
            let behind = starts & (u64::MAX << at) << 1;
            let end = (behind.trailing_zeros() as usize).min(sound.len());
            let unit = &sound[at..end];
            made.put_single(char::from(unit[0]));
            for pair in unit.windows(2) {
                made.put_pair(char::from(pair[0]), char::from(pair[1]));
            }
            // Any letter may be the last one typed of the unit before.
            for letter in former {
                made.put_pair(char::from(*letter), char::from(unit[0]));
            }
            (former, at) = (unit, end);
        }

        let mut before = None;
        for c in name.chars() {
            made.put_typed(before, c);
            before = Some(c);
        }
        made
    }

    /// What `typed` needs, wherever in a name it stands.
    pub(super) fn of_search(typed: &[char]) -> Self {
        let mut made = Self::default();
        for (at, next) in typed.iter().enumerate() {
            // The first letter may stand inside a word.
            if at > 0 || typed.len() == 1 || !is_typed(*next) {
                made.put_typed(at.checked_sub(1).map(|before| typed[before]), *next);
            }
        }
        made
    }

    /// A character behind another.
    fn put_typed(&mut self, before: Option<char>, c: char) {
        match before {
            Some(before) if is_typed(before) && is_typed(c) => self.put_pair(before, c),
            Some(before) if !is_typed(before) && !is_typed(c) => {
                self.put_single(c);
                self.put_pair(before, c);
            }
            _ => self.put_single(c),
        }
    }

    /// Whether a name that has this may be met by a search that needs `needed`.
    pub(super) const fn may_meet(self, needed: Self) -> bool {
        self.singles & needed.singles == needed.singles && self.pairs & needed.pairs == needed.pairs
    }

    /// What both need.
    pub(super) const fn and(self, other: Self) -> Self {
        Self {
            singles: self.singles | other.singles,
            pairs: self.pairs | other.pairs,
        }
    }

    /// How many characters at least a name that has this lacks of those that are needed.
    pub(super) const fn lacks(self, needed: Self) -> u32 {
        (needed.singles & !self.singles).count_ones()
    }

    fn put_single(&mut self, c: char) {
        self.singles |= 1 << (hash(u32::from(c)) >> 26);
    }

    fn put_pair(&mut self, before: char, c: char) {
        self.pairs |= 1 << (hash(u32::from(before).wrapping_mul(0x0100_0193) ^ u32::from(c)) >> 25);
    }
}

/// Bits for the runs of three characters of a text, or for what such a text must have.
pub(super) fn runs(text: &str) -> u64 {
    let mut made = 0;
    let (mut first, mut second) = (0_u32, 0_u32);
    for (at, c) in text.chars().enumerate() {
        let third = u32::from(c);
        if at >= 2 {
            let run = first.wrapping_mul(0x0100_0193) ^ second;
            made |= 1 << (hash(run.wrapping_mul(0x0100_0193) ^ third) >> 26);
        }
        (first, second) = (second, third);
    }
    made
}

/// The upper bits are well mixed.
fn hash(value: u32) -> u32 {
    value.wrapping_mul(0x9e37_79b1)
}
