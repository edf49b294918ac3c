//! Keys that look alike and differ: told to people, never matched.

use unicode_normalization::UnicodeNormalization;
use unicode_security::confusable_detection::skeleton;

/// The plain ASCII that a folded key looks like; `None` where it is plain already, or looks like nothing in ASCII.
///
/// By the confusables of Unicode's UTS 39 (Cyrillic `а` for `a`), NFKC (`①` for `1`), without combining and invisible
/// signs.
pub fn looks_like(key: &str) -> Option<String> {
    if key.is_ascii() {
        return None;
    }

    let mut plain = String::with_capacity(key.len());
    for c in key.nfkd().filter(|c| !is_invisible(*c)) {
        if c.is_ascii() {
            plain.push(c.to_ascii_lowercase());
            continue;
        }
        let mut text = [0; 4];
        let before = plain.len();
        plain.extend(skeleton(c.encode_utf8(&mut text)));
        if !plain[before..].is_ascii() {
            return None;
        }
    }

    let plain = plain.trim().to_ascii_lowercase();
    (!plain.is_empty()).then_some(plain)
}

/// The first character that is not what it seems, with its number: `"а" (U+0430)`.
pub fn odd_character(key: &str) -> Option<String> {
    let c = key.chars().find(|c| !c.is_ascii())?;
    Some(if is_invisible(c) {
        format!("an invisible U+{:04X}", u32::from(c))
    } else {
        format!("\"{c}\" (U+{:04X})", u32::from(c))
    })
}

/// Signs without a width of their own, as the clipboard brings them along, and combining marks.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{300}'..='\u{36f}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_looks_like_the_plain_letters_that_people_see() {
        for (key, plain) in [
            ("ann\u{430}@example.com", Some("anna@example.com")),
            ("\u{43e}r\u{435}n@x", Some("oren@x")),
            ("anna\u{200b}@x", Some("anna@x")),
            ("i\u{307}van@x", Some("ivan@x")),
            ("\u{131}van@x", Some("ivan@x")),
            ("①②", Some("12")),
            ("mar\u{212a}@x", Some("mark@x")),
            ("a\u{37e}\u{1fef}", Some("a;`")),
            ("𝐚@x", Some("a@x")),
            ("anna@x", None),
            ("张三", None),
            ("\u{200b}", None),
        ] {
            assert_eq!(looks_like(key).as_deref(), plain, "{key}");
        }

        assert_eq!(odd_character("ann\u{430}").as_deref(), Some("\"\u{430}\" (U+0430)"));
        assert_eq!(odd_character("a\u{200b}").as_deref(), Some("an invisible U+200B"));
    }
}
