//! Traditional characters as simplified ones.

use std::sync::LazyLock;

/// Pairs of a traditional and a simplified character; the file's head names the source.
const PAIRS: &str = include_str!("traditional.txt");

static TABLE: LazyLock<Vec<(char, char)>> = LazyLock::new(|| {
    let lines = PAIRS.lines().filter(|line| !line.starts_with('#'));
    let characters: Vec<char> = lines.flat_map(str::chars).collect();
    let mut table: Vec<_> = characters.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect();
    table.sort_unstable();
    table
});

/// The simplified form of a character; the character itself where it has no other. One form may stand for several
/// traditional ones, so that whoever types 后 finds 後, too.
pub(super) fn simplified(c: char) -> char {
    if u32::from(c) < 0x3400 {
        return c;
    }
    let found = TABLE.binary_search_by_key(&c, |pair| pair.0);
    found.map_or(c, |at| TABLE[at].1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn traditional_characters_have_a_simplified_form_that_stays_itself() {
        for (from, to) in [
            ('偉', '伟'),
            ('張', '张'),
            ('單', '单'),
            ('尉', '尉'),
            ('a', 'a'),
            ('後', '后'),
        ] {
            assert_eq!(simplified(from), to);
        }
        assert!(TABLE.len() > 3_000);
        assert!(TABLE.iter().all(|(_, to)| simplified(*to) == *to));
    }
}
