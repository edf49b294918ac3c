//! Where something stands in a document.

/// Line and column, from 1, of what begins at byte `at`. Lines end as the specification says (2.1.2): at a carriage
/// return by itself, too.
pub(super) fn place(document: &str, at: usize) -> (usize, usize) {
    let (mut line, mut column) = (1, 1);
    let mut characters = document.char_indices().peekable();
    while let Some((_, character)) = characters.next_if(|(begins, _)| *begins < at) {
        match character {
            // Its line feed ends the line.
            '\r' if characters.peek().is_some_and(|(_, next)| *next == '\n') => {}
            '\r' | '\n' => (line, column) = (line + 1, 1),
            _ => column += 1,
        }
    }
    (line, column)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_terminator_ends_one_line() {
        for (text, found) in [
            ("", (1, 1)),
            ("ab", (1, 3)),
            ("é\n", (2, 1)),
            ("a\r", (2, 1)),
            ("a\r\nb", (2, 2)),
            ("\r\r\n\n", (4, 1)),
            ("\n\r", (3, 1)),
        ] {
            assert_eq!(place(text, text.len()), found, "{text:?}");
        }
        assert_eq!(place("a\r\nb", 2), (1, 2), "in the midst of one");
    }
}
