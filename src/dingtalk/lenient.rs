//! JSON as it comes, mended where a strict reader would throw a whole answer away: half an emoji (`\ud83d` alone),
//! bytes that aren't UTF-8, and bare control characters. What can't be decoded becomes U+FFFD, and everything beside it
//! is read.

use serde_json::{Error, Value};

/// The value of these bytes; where it can't be mended, the error that the bytes as they are have.
pub(super) fn value(bytes: &[u8]) -> Result<Value, Error> {
    let error = match serde_json::from_slice(bytes) {
        Ok(value) => return Ok(value),
        // There is nothing to mend in what is cut off.
        Err(error) if error.is_eof() => return Err(error),
        Err(error) => error,
    };
    serde_json::from_str(&mended(&String::from_utf8_lossy(bytes))).map_err(|_| error)
}

/// The text with escapes and control characters that JSON doesn't allow replaced.
fn mended(text: &str) -> String {
    let mut mended = String::with_capacity(text.len());
    let mut is_inside = false;
    let mut rest = text;

    while let Some(next) = rest.chars().next() {
        if is_inside && next == '\\' {
            let (escape, behind) = escape(rest);
            mended.push_str(escape);
            rest = behind;
            continue;
        }

        match next {
            '"' => is_inside = !is_inside,
            // Bare, they say nothing that a blank doesn't.
            '\0'..='\x1f' if is_inside => {
                mended.push(' ');
                rest = &rest[1..];
                continue;
            }
            _ => {}
        }
        mended.push(next);
        rest = &rest[next.len_utf8()..];
    }

    mended
}

/// What an escape at the beginning is to be, and what stands behind it.
fn escape(text: &str) -> (&str, &str) {
    const UNKNOWN: &str = "\\ufffd";

    match unit(text) {
        // Both halves of a pair are one character; a half alone is none.
        Some(0xd800..=0xdbff) if matches!(text.get(6..).and_then(unit), Some(0xdc00..=0xdfff)) => text.split_at(12),
        Some(0xd800..=0xdfff) => (UNKNOWN, &text[6..]),
        Some(_) => text.split_at(6),
        None => {
            // One character, whatever it is.
            let length = text.chars().take(2).map(char::len_utf8).sum();
            let (escape, behind) = text.split_at(length);
            let is_legal = matches!(escape, "\\\"" | "\\\\" | "\\/" | "\\b" | "\\f" | "\\n" | "\\r" | "\\t");
            (if is_legal { escape } else { UNKNOWN }, behind)
        }
    }
}

/// The number of a `\uXXXX` at the beginning.
fn unit(text: &str) -> Option<u16> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    digits
        .bytes()
        .all(|it| it.is_ascii_hexdigit())
        .then(|| u16::from_str_radix(digits, 16).ok())?
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_cannot_be_decoded_is_one_character_and_the_rest_is_as_it_was() {
        for (bytes, expected) in [
            (&br#"{"name":"a\ud83db","id":1}"#[..], "a\u{fffd}b"),
            (br#"{"name":"a\ude00","id":1}"#, "a\u{fffd}"),
            (br#"{"name":"\ud83d\ud83d\ude00","id":1}"#, "\u{fffd}\u{1f600}"),
            (br#"{"name":"\\ud83d \" \ud83d","id":1}"#, "\\ud83d \" \u{fffd}"),
            (b"{\"name\":\"a\xff\xfeb\",\"id\":1}", "a\u{fffd}\u{fffd}b"),
            (b"{\"name\":\"a\nb\",\"id\":1}", "a b"),
            (br#"{"name":"a\qb","id":1}"#, "a\u{fffd}b"),
        ] {
            assert_eq!(value(bytes).expect("mended"), json!({ "name": expected, "id": 1 }));
        }

        for bytes in [&b"{\"name\":"[..], b"<html>", b"", b"\xff", b"{\"name\":\"\\u12"] {
            assert!(value(bytes).is_err());
        }
    }

    proptest::proptest! {
        #[test]
        fn nothing_panics_and_json_stays_what_it_is(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..40), text in ".{0,20}") {
            let _ = value(&bytes);
            let plain = json!({ "text": text });
            proptest::prop_assert_eq!(value(plain.to_string().as_bytes()).ok(), Some(plain.clone()));
            proptest::prop_assert_eq!(mended(&plain.to_string()), plain.to_string());
        }
    }
}
