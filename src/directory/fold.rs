//! How texts are compared: one normalisation for the indexes, the search and whoever explains a match.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;

/// Text as the search compares it: NFKC (full-width forms become plain ones), then lower case.
///
/// Lower case is Unicode's without a locale: a dotted capital İ becomes `i` and a combining dot, so it never equals
/// `i`.
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    text.nfkc().flat_map(char::to_lowercase).collect()
}

/// Characters that Unicode's normal forms make ASCII ones of: the Kelvin sign `K`, the Greek question mark `;`, and the
/// Greek grave accent. To people they are other characters, so in keys they stay what they are.
const DOUBLES: [char; 3] = ['\u{212a}', '\u{37e}', '\u{1fef}'];

/// A key as the indexes compare it: trimmed, full-width forms made plain, lower case. `None`: nothing is left, and
/// blank keys match nobody.
///
/// Job numbers and user names are folded too, because Confluence keeps user names in lower case; leading zeros stay.
/// Unlike [`fold`] it takes no look-alikes for equal: NFKC would make `1` of `①` and `a` of `𝐚`, and so match by
/// appearance.
pub fn fold_key(text: &str) -> Option<Cow<'_, str>> {
    let trimmed = text.trim();
    // What could not be decoded is not what else could not be.
    if trimmed.contains(char::REPLACEMENT_CHARACTER) {
        return None;
    }
    if trimmed.is_ascii() {
        return match trimmed.bytes().any(|it| it.is_ascii_uppercase()) {
            _ if trimmed.is_empty() => None,
            false => Some(trimmed.into()),
            true => Some(trimmed.to_ascii_lowercase().into()),
        };
    }

    let mut folded = String::with_capacity(trimmed.len());
    for piece in trimmed.split_inclusive(DOUBLES) {
        let text = piece.strip_suffix(DOUBLES).unwrap_or(piece);
        let plain = text.chars().map(plain_width).nfc().flat_map(char::to_lowercase).nfc();
        folded.extend(plain);
        folded.push_str(&piece[text.len()..]);
    }

    let folded = folded.trim();
    (!folded.is_empty()).then(|| folded.to_owned().into())
}

/// Full-width forms are what a Chinese input method writes for the same key.
fn plain_width(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        '\u{3000}' => ' ',
        _ => c,
    }
}

/// A mobile number as the index compares it: folded, without the blanks and hyphens that people write.
pub fn fold_mobile(text: &str) -> Option<String> {
    let folded: String = fold(text).chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
    (!folded.is_empty() && !folded.contains('\u{fffd}')).then_some(folded)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_folded_key_folds_to_itself(text in "(\\PC|[\u{212a}\u{37e}\u{1fef}\u{301}\u{327}eK]){0,12}") {
            if let Some(key) = fold_key(&text) {
                prop_assert_eq!(fold_key(&key), Some(key.clone()));
            }
        }
    }

    /// Full-width forms and plain letters alone may become ASCII.
    #[test]
    fn no_other_character_becomes_an_ascii_one() {
        let others = ('\u{80}'..=char::MAX).filter(|c| plain_width(*c) == *c);
        let became = others.filter(|c| fold_key(&c.to_string()).is_some_and(|key| key.is_ascii()));
        assert_eq!(became.collect::<Vec<_>>(), Vec::<char>::new());
    }

    #[test]
    fn keys_are_trimmed_folded_and_full_width_forms_become_plain() {
        for (raw, key) in [
            (" Zhang.San@Example.COM ", Some("zhang.san@example.com")),
            ("ｚｈａｎｇ＠ｅｘａｍｐｌｅ．ｃｏｍ", Some("zhang@example.com")),
            ("００１２３", Some("00123")),
            ("\u{3000}A7\u{3000}", Some("a7")),
            ("İ@x", Some("i\u{307}@x")),
            ("a+b@x", Some("a+b@x")),
            ("①", Some("①")),
            ("x²", Some("x²")),
            ("𝐚@x", Some("𝐚@x")),
            ("e\u{301}", Some("\u{e9}")),
            ("\u{212a}A\u{212a}e\u{301}@X", Some("\u{212a}a\u{212a}\u{e9}@x")),
            ("a\u{37e}b", Some("a\u{37e}b")),
            ("a\u{1fef}b", Some("a\u{1fef}b")),
            ("\u{212b}", Some("\u{e5}")),
            ("\u{3000} ", None),
            ("a\u{fffd}", None),
            ("", None),
        ] {
            assert_eq!(fold_key(raw).as_deref(), key, "{raw:?}");
        }

        assert_eq!(fold_mobile(" 138-0000 0000").as_deref(), Some("13800000000"));
        assert_eq!(fold_mobile(" - "), None);
        assert_eq!(fold_mobile("138\u{fffd}"), None);
    }
}
