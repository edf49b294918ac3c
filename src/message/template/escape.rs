//! Somebody else's words in Markdown.

/// `text` as one line that Markdown shows letter by letter: marks get a backslash, line breaks become spaces.
pub(super) fn escape_markdown(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + text.len() / 8);
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    // At a line's beginning more is a mark: a list's `-`, `+` and `1.`, a heading's `=`.
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();

    for (index, character) in line.char_indices() {
        let mark = match character {
            '\\' | '`' | '*' | '_' | '[' | ']' | '(' | ')' | '<' | '>' | '#' | '~' | '|' | '&' | '!' => true,
            '-' | '+' | '=' => index == 0,
            '.' => digits > 0 && index == digits,
            _ => false,
        };
        if mark {
            escaped.push('\\');
        }
        escaped.push(character);
    }

    escaped
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn marks_get_a_backslash_and_words_stay() {
        for (given, expected) in [
            ("Q3 计划 2026-11-23, 1.5 Mio", "Q3 计划 2026-11-23, 1.5 Mio"),
            ("[x](http://a)", r"\[x\]\(http://a\)"),
            ("a*b*_c_ `d`", r"a\*b\*\_c\_ \`d\`"),
            ("# a\n\n- b", r"\# a - b"),
            ("- a", r"\- a"),
            ("1. a", r"1\. a"),
            (r"\*", r"\\\*"),
        ] {
            assert_eq!(escape_markdown(given), expected);
        }
    }

    proptest! {
        #[test]
        fn without_its_backslashes_it_is_the_text_on_one_line(text in any::<String>()) {
            let escaped = escape_markdown(&text);
            let mut back = String::new();
            let mut characters = escaped.chars();
            while let Some(character) = characters.next() {
                back.push(if character == '\\' { characters.next().expect("something is escaped") } else { character });
            }
            prop_assert_eq!(back, text.split_whitespace().collect::<Vec<_>>().join(" "));
        }
    }
}
