//! Sets of small numbers: a segment's records, or the spellings of their names.

/// A set, one bit for each number: two are cut in microseconds, however many are in them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Bits(Vec<u64>);

impl Bits {
    /// None of the numbers below `size`.
    pub(super) fn none(size: usize) -> Self {
        Self(vec![0; size.div_ceil(64)])
    }

    /// All numbers below `size`.
    pub(super) fn all(size: usize) -> Self {
        let mut all = Self(vec![u64::MAX; size.div_ceil(64)]);
        if let (Some(last), rest @ 1..) = (all.0.last_mut(), size % 64) {
            *last = (1 << rest) - 1;
        }
        all
    }

    pub(super) fn put(&mut self, number: u32) {
        self.0[number as usize / 64] |= 1 << (number % 64);
    }

    pub(super) fn put_all(&mut self, numbers: impl IntoIterator<Item = u32>) {
        numbers.into_iter().for_each(|number| self.put(number));
    }

    pub(super) fn has(&self, number: u32) -> bool {
        let word = self.0.get(number as usize / 64);
        word.is_some_and(|word| word >> (number % 64) & 1 == 1)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }

    /// Leaves what the other has, too. Numbers that the other has no room for go.
    pub(super) fn keep(&mut self, other: &Self) {
        let others = other.0.iter().copied().chain(std::iter::repeat(0));
        self.0.iter_mut().zip(others).for_each(|(word, other)| *word &= other);
    }

    /// Leaves what the other doesn't have.
    pub(super) fn lose(&mut self, other: &Self) {
        self.0
            .iter_mut()
            .zip(&other.0)
            .for_each(|(word, other)| *word &= !other);
    }

    /// Takes in what the other has, as far as there is room.
    pub(super) fn join(&mut self, other: &Self) {
        self.0.iter_mut().zip(&other.0).for_each(|(word, other)| *word |= other);
    }

    /// Its numbers from `from` on, in order.
    pub(super) fn from(&self, from: usize) -> impl Iterator<Item = u32> + use<'_> {
        let words = self.0.iter().enumerate().skip(from / 64);
        let cut = words.map(move |(at, word)| {
            let is_first = at == from / 64;
            (
                at,
                if is_first {
                    word & u64::MAX << (from % 64)
                } else {
                    *word
                },
            )
        });
        cut.flat_map(|(at, mut word)| {
            std::iter::from_fn(move || {
                let bit = word.trailing_zeros();
                (word != 0).then(|| {
                    word &= word - 1;
                    (at * 64) as u32 + bit
                })
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_are_cut_joined_and_told_in_order() {
        let of = |size: usize, numbers: &[u32]| {
            let mut made = Bits::none(size);
            made.put_all(numbers.iter().copied());
            made
        };
        let mut set = of(200, &[199, 0, 63, 64, 130]);
        assert_eq!(set.from(0).collect::<Vec<_>>(), [0, 63, 64, 130, 199]);
        assert_eq!(set.from(64).collect::<Vec<_>>(), [64, 130, 199]);
        assert_eq!(set.from(131).collect::<Vec<_>>(), [199]);
        assert!(set.has(130) && !set.has(131) && !set.has(1_000));

        set.keep(&of(140, &[63, 130, 139]));
        set.join(&of(300, &[1, 299]));
        assert_eq!(set.from(0).collect::<Vec<_>>(), [1, 63, 130]);
        for size in [0, 1, 64, 65] {
            assert_eq!(Bits::all(size).from(0).count(), size);
            assert!(Bits::none(size).is_empty());
        }
    }
}
