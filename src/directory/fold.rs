//! How texts are compared: one normalisation for the indexes, the search and whoever explains a match.

use unicode_normalization::UnicodeNormalization;

/// Text as the search compares it: NFKC (full-width forms become plain ones), then lower case.
///
/// Lower case is Unicode's without a locale: a dotted capital İ becomes `i` and a combining dot, so it never equals `i`.
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    text.nfkc().flat_map(char::to_lowercase).collect()
}

/// A key as the indexes compare it: trimmed and folded. `None`: nothing is left, and blank keys match nobody.
///
/// Job numbers and user names are folded too, because Confluence keeps user names in lower case; leading zeros stay.
pub fn fold_key(text: &str) -> Option<String> {
    let folded = fold(text);
    let trimmed = folded.trim();
    match trimmed.len() {
        0 => None,
        same if same == folded.len() => Some(folded),
        _ => Some(trimmed.to_owned()),
    }
}

/// A mobile number as the index compares it: folded, without the blanks and hyphens that people write.
pub fn fold_mobile(text: &str) -> Option<String> {
    let folded: String = fold(text).chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
    (!folded.is_empty()).then_some(folded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_trimmed_folded_and_full_width_forms_become_plain() {
        for (raw, key) in [
            (" Zhang.San@Example.COM ", Some("zhang.san@example.com")),
            ("ｚｈａｎｇ＠ｅｘａｍｐｌｅ．ｃｏｍ", Some("zhang@example.com")),
            ("００１２３", Some("00123")),
            ("\u{3000}A7\u{3000}", Some("a7")),
            ("İ@x", Some("i\u{307}@x")),
            ("a+b@x", Some("a+b@x")),
            ("\u{3000} ", None),
            ("", None),
        ] {
            assert_eq!(fold_key(raw).as_deref(), key, "{raw:?}");
        }
        assert_eq!(fold_mobile(" 138-0000 0000").as_deref(), Some("13800000000"));
        assert_eq!(fold_mobile(" - "), None);
    }
}
