//! Digests: of what is sent (DingTalk drops the same content to the same person on the same day), and of what was asked
//! (a retried request with the same key must be the same request).

use aws_lc_rs::digest::{SHA256, digest};
use serde::Serialize;

/// SHA-256, 64 hex digits, of the `msg` object that [`Content::render`] gave.
pub fn content_digest(rendered: &str) -> String {
    sha256_hex(rendered.as_bytes())
}

/// SHA-256, 64 hex digits, of a request's parts: lists, texts, numbers and flags, in a fixed order.
pub fn request_digest(parts: &impl Serialize) -> String {
    // The number is of this form: raise it when the form changes, so that an old digest never equals a new one by
    // chance.
    sha256_hex(&serde_json::to_vec(&(2, parts)).expect("text, flags and lists of them always serialise"))
}

fn sha256_hex(bytes: &[u8]) -> String {
    hex::encode(digest(&SHA256, bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_do_not_change_from_one_version_of_the_program_to_the_next() {
        assert_eq!(
            content_digest(r#"{"msgtype":"text","text":{"content":"hi"}}"#),
            "7a8cd1aa3c3363ab3fb9954f4484338d0e1b62804df03dc19a2e433a11c89cef"
        );
        assert_eq!(request_digest(&("hi", false)), sha256_hex(br#"[2,["hi",false]]"#));
    }
}
