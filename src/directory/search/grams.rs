//! Which texts have some characters side by side: what may have a text inside is found without looking at all.

use super::lists::Lists;

/// Buckets for the runs of characters, at most.
const MOST_BUCKETS: usize = 1 << 13;
/// What more than this part of all texts have tells too little to be kept.
const COMMON: usize = 8;
/// Lists that are cut, at most: a few leave hardly anything to look at.
const MOST_CUT: usize = 3;

/// Texts by the runs of so many characters in them.
#[derive(Debug, Default)]
pub(super) struct Grams {
    length: usize,
    buckets: usize,
    rows: Lists,
    is_common: Vec<bool>,
}

impl Grams {
    /// Of `count` texts, `text` gives each.
    pub(super) fn build<'a>(length: usize, count: usize, text: impl Fn(u32) -> &'a str) -> Self {
        let buckets = count.next_power_of_two().clamp(64, MOST_BUCKETS);
        let most = (count / COMMON).max(64);
        let (rows, is_common) = Lists::build(buckets, most, |visit| {
            for row in 0..u32::try_from(count).unwrap_or(u32::MAX) {
                each(length, buckets, text(row), |bucket| visit(bucket, row));
            }
        });
        Self {
            length,
            buckets,
            rows,
            is_common,
        }
    }

    /// Rows that may have `text` inside, in order. `None`: any may.
    pub(super) fn may_have(&self, text: &str) -> Option<Vec<u32>> {
        let mut lists: Vec<&[u32]> = Vec::new();
        each(self.length, self.buckets, text, |bucket| {
            if !self.is_common[bucket] {
                lists.push(self.rows.of(bucket));
            }
        });
        lists.sort_unstable_by_key(|list| list.len());

        let (rarest, others) = lists.split_first()?;
        let mut left = rarest.to_vec();
        for mut other in others.iter().copied().take(MOST_CUT - 1) {
            left.retain(|row| {
                other = &other[other.iter().take_while(|it| *it < row).count()..];
                other.first() == Some(row)
            });
        }
        Some(left)
    }
}

fn each(length: usize, buckets: usize, text: &str, mut visit: impl FnMut(usize)) {
    let mut ends = text.char_indices().skip(length).map(|(at, _)| at).chain([text.len()]);
    let mut starts = text.char_indices().map(|(at, _)| at);
    if text.chars().count() < length {
        return;
    }
    while let (Some(from), Some(to)) = (starts.next(), ends.next()) {
        let run = text[from..to].chars().fold(0, |run: u32, c| {
            (run ^ u32::from(c)).wrapping_mul(0x9e37_79b1).rotate_right(15)
        });
        // The upper bits are well mixed.
        visit((run.wrapping_mul(0x9e37_79b1) >> 16) as usize & (buckets - 1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_a_text_inside_is_among_what_may_have_it() {
        let texts = ["王伟", "王伟雨", "伟王", "", "雨", "a王伟b"];
        for length in 1..=3 {
            let grams = Grams::build(length, texts.len(), |row| texts[row as usize]);
            for wanted in ["王伟", "伟", "王伟雨", "雨", "王伟b"] {
                let may = grams.may_have(wanted);
                for (row, text) in (0..).zip(texts) {
                    let is_told = may.as_ref().is_none_or(|may| may.contains(&row));
                    assert!(is_told || !text.contains(wanted), "{wanted} in {text} by {length}");
                }
            }
        }
        let grams = Grams::build(2, texts.len(), |row| texts[row as usize]);
        assert_eq!(grams.may_have("王伟"), Some(vec![0, 1, 5]));
        assert_eq!(grams.may_have("雨"), None);
    }
}
