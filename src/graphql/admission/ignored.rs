//! What stands between tokens and means nothing (2.1.7): white space, line ends, commas and comments.

/// Where the next token begins, from `at` on, or the text ends.
pub(super) fn behind_ignored(text: &[u8], mut at: usize) -> usize {
    loop {
        match text.get(at) {
            Some(b' ' | b'\t' | b'\n' | b'\r' | b',') => at += 1,
            Some(b'#') => {
                let end = text[at..].iter().position(|&b| b == b'\n' || b == b'\r');
                at = end.map_or(text.len(), |end| at + end);
            }
            _ => return at,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_and_comments_are_passed_over() {
        for (text, at) in [
            ("", 0),
            ("a", 0),
            (" ,\t\r\na", 5),
            ("# { \" \n#\r a", 10),
            ("# no end", 8),
        ] {
            assert_eq!(behind_ignored(text.as_bytes(), 0), at, "{text:?}");
        }
        assert_eq!(behind_ignored(b"a b", 1), 2);
    }
}
