//! Who has each of many things, packed one list behind the other.

/// Lists of numbers by key, each in order and without doubles.
#[derive(Debug, Default)]
pub(super) struct Lists {
    /// Where each key's list ends.
    ends: Vec<u32>,
    numbers: Vec<u32>,
}

impl Lists {
    /// `tell` tells all pairs of a key below `keys` and a number, numbers in order, and the same each time. A list of
    /// more than `most` is left empty.
    pub(super) fn build(keys: usize, most: usize, tell: impl Fn(&mut dyn FnMut(usize, u32))) -> (Self, Vec<bool>) {
        // Told twice, so that the pairs are never there as such: they are far larger than the lists.
        let mut counts = vec![0_u32; keys];
        each_once(keys, &tell, &mut |key, _| counts[key] += 1);

        let is_left_out: Vec<bool> = counts.iter().map(|count| *count as usize > most).collect();
        let mut ends = Vec::with_capacity(keys);
        let mut next = Vec::with_capacity(keys);
        let mut end = 0;
        for (count, is_left_out) in counts.into_iter().zip(&is_left_out) {
            next.push(end);
            end += if *is_left_out { 0 } else { count };
            ends.push(end);
        }

        let mut numbers = vec![0; end as usize];
        each_once(keys, &tell, &mut |key, number| {
            if !is_left_out[key] {
                numbers[next[key] as usize] = number;
                next[key] += 1;
            }
        });
        (Self { ends, numbers }, is_left_out)
    }

    /// One key's list.
    pub(super) fn of(&self, key: usize) -> &[u32] {
        self.of_keys(key..key + 1)
    }

    /// The lists of keys that stand side by side, one behind the other.
    pub(super) fn of_keys(&self, keys: std::ops::Range<usize>) -> &[u32] {
        let end = |key: usize| key.checked_sub(1).map_or(0, |before| self.ends[before]) as usize;
        &self.numbers[end(keys.start)..end(keys.end)]
    }
}

fn each_once(keys: usize, tell: &impl Fn(&mut dyn FnMut(usize, u32)), visit: &mut dyn FnMut(usize, u32)) {
    let mut last = vec![u32::MAX; keys];
    tell(&mut |key, number| {
        if last[key] != number {
            last[key] = number;
            visit(key, number);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_key_has_its_numbers_once_and_in_order() {
        let pairs = [(2, 0), (0, 1), (2, 1), (2, 1), (3, 1), (0, 5), (2, 7)];
        let tell = |visit: &mut dyn FnMut(usize, u32)| pairs.iter().for_each(|(key, number)| visit(*key, *number));
        let (lists, left_out) = Lists::build(4, 2, tell);
        assert_eq!(lists.of(0), [1, 5]);
        assert_eq!(lists.of(1), [0; 0]);
        assert_eq!(lists.of(2), [0; 0], "it is too long");
        assert_eq!(lists.of(3), [1]);
        assert_eq!(lists.of_keys(0..4), [1, 5, 1]);
        assert_eq!(left_out, [false, false, true, false]);
    }
}
