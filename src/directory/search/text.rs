//! Text as the search compares it, each character with its place in the text that it came from.

use std::{iter::Peekable, str::Chars};

use unicode_normalization::{UnicodeNormalization, char::canonical_combining_class};

use super::simplified::simplified;

/// One compared character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Letter {
    /// Plain width, lower case, simplified.
    pub(super) folded: char,
    /// As it was written: readings belong to it, and not to what it is compared as.
    pub(super) written: char,
    /// Where it begins in the original text, in UTF-16 code units.
    pub(super) from: u32,
    /// Where it ends.
    pub(super) to: u32,
}

/// The compared characters of `text`. Blanks and the dots between names are left out: nobody types them alike.
pub(super) fn letters(text: &str) -> Vec<Letter> {
    let mut found = Vec::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    let mut at = 0;

    while let Some(first) = rest.next() {
        let from = at;
        at += width(first);
        if is_left_out(first) {
            continue;
        }

        let mut put = |folded, to| {
            found.push(Letter {
                folded,
                written: first,
                from,
                to,
            });
        };
        if first.is_ascii() && rest.peek().is_none_or(char::is_ascii) {
            put(first.to_ascii_lowercase(), at);
            continue;
        }

        let whole = with_marks(first, &mut rest, &mut at);
        for folded in whole.nfkc().flat_map(char::to_lowercase).filter(|it| !is_left_out(*it)) {
            put(plain(folded), at);
        }
    }

    found
}

/// The compared characters alone.
pub(super) fn folded(text: &str) -> String {
    if text.is_ascii() {
        let kept = text.chars().filter(|it| !is_left_out(*it));
        return kept.map(|it| it.to_ascii_lowercase()).collect();
    }
    letters(text).into_iter().map(|letter| letter.folded).collect()
}

/// A character with the combining marks behind it, which are one to whoever reads them.
fn with_marks(first: char, rest: &mut Peekable<Chars<'_>>, at: &mut u32) -> String {
    let mut whole = String::from(first);
    while let Some(mark) = rest.next_if(|it| canonical_combining_class(*it) != 0) {
        whole.push(mark);
        *at += width(mark);
    }
    whole
}

/// The letter ü of pinyin is typed as v.
fn plain(c: char) -> char {
    if c == 'ü' { 'v' } else { simplified(c) }
}

fn is_left_out(c: char) -> bool {
    // Chats leave zero-width characters in what is copied from them.
    let is_zero_width = matches!(c, '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}');
    c.is_whitespace() || c.is_control() || is_zero_width || matches!(c, '·' | '•' | '・' | '‧')
}

fn width(c: char) -> u32 {
    if u32::from(c) > 0xffff { 2 } else { 1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn width_case_and_form_of_characters_are_one() {
        for (raw, compared) in [
            ("王伟", "王伟"),
            ("王偉", "王伟"),
            (" 王 　伟 ", "王伟"),
            ("王\u{200b}伟\u{feff}", "王伟"),
            ("ＷａｎｇＷｅｉ", "wangwei"),
            ("迪丽热巴·迪力木拉提", "迪丽热巴迪力木拉提"),
            ("Jose\u{301}", "jos\u{e9}"),
            ("Lü", "lv"),
            ("", ""),
        ] {
            assert_eq!(folded(raw), compared, "{raw:?}");
        }
    }

    #[test]
    fn places_are_counted_as_javascript_counts() {
        let places: Vec<_> = letters("a 𠮷e\u{301}王").iter().map(|it| (it.from, it.to)).collect();
        assert_eq!(places, [(0, 1), (2, 4), (4, 6), (6, 7)]);
    }
}
