//! Digests: of what is sent (DingTalk drops the same content to the same person on the same day), and of what was asked
//! (a retried request with the same key must be the same request).

use aws_lc_rs::digest::{SHA256, digest};
use serde::Serialize;

use super::content::Content;
use crate::{directory::UserId, identity::ConfluenceIdentity};

/// SHA-256, 64 hex digits, of the `msg` object that [`Content::render`] gave.
pub fn content_digest(rendered: &str) -> String {
    sha256_hex(rendered.as_bytes())
}

/// SHA-256, 64 hex digits, of a request. A display name doesn't count: it is never matched, and people rename themselves
/// between a job's first try and its retry.
pub fn request_digest(
    content: &Content,
    identities: &[ConfluenceIdentity],
    userids: &[UserId],
    require_all_matched: bool,
) -> String {
    /// The number is of this form: raise it when the form changes, so that an old digest never equals a new one by chance.
    #[derive(Serialize)]
    struct Request<'a> {
        form: u8,
        content: &'a Content,
        identities: Vec<[Option<&'a str>; 4]>,
        userids: &'a [UserId],
        require_all_matched: bool,
    }
    let request = Request {
        form: 1,
        content,
        identities: identities
            .iter()
            .map(|i| {
                [
                    i.username.as_deref(),
                    i.user_key.as_deref(),
                    i.account_id.as_deref(),
                    i.email.as_deref(),
                ]
            })
            .collect(),
        userids,
        require_all_matched,
    };
    sha256_hex(&serde_json::to_vec(&request).expect("text, flags and lists of them always serialise"))
}

fn sha256_hex(bytes: &[u8]) -> String {
    hex::encode(digest(&SHA256, bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(content: &str) -> Content {
        Content::Text {
            content: content.into(),
        }
    }

    fn by_email(email: &str, display_name: &str) -> ConfluenceIdentity {
        ConfluenceIdentity {
            email: Some(email.into()),
            display_name: Some(display_name.into()),
            ..ConfluenceIdentity::default()
        }
    }

    #[test]
    fn digests_do_not_change_from_one_version_of_the_program_to_the_next() {
        assert_eq!(
            content_digest(r#"{"msgtype":"text","text":{"content":"hi"}}"#),
            "7a8cd1aa3c3363ab3fb9954f4484338d0e1b62804df03dc19a2e433a11c89cef"
        );
        assert_eq!(
            request_digest(&text("hi"), &[by_email("a@b.c", "A")], &["u1".into()], false),
            "588fe31ddfa0b08c2ef7483b193a91e13b98c017ee848a819dc966518562bb9b"
        );
    }

    #[test]
    fn a_request_differs_by_content_recipients_their_order_and_strictness_but_not_by_display_name() {
        let (a, b) = (by_email("a@b.c", "A"), by_email("b@b.c", "B"));
        let base = request_digest(&text("hi"), &[a.clone(), b.clone()], &["u1".into()], false);
        let renamed = by_email("a@b.c", "A married");
        assert_eq!(
            base,
            request_digest(&text("hi"), &[renamed, b.clone()], &["u1".into()], false)
        );
        assert_ne!(
            base,
            request_digest(&text("ho"), &[a.clone(), b.clone()], &["u1".into()], false)
        );
        assert_ne!(
            base,
            request_digest(&text("hi"), &[b.clone(), a.clone()], &["u1".into()], false)
        );
        assert_ne!(
            base,
            request_digest(&text("hi"), &[a.clone(), b.clone()], &["u2".into()], false)
        );
        assert_ne!(base, request_digest(&text("hi"), &[a, b], &["u1".into()], true));
    }

    #[test]
    fn a_user_key_is_not_mistaken_for_a_username() {
        let username = ConfluenceIdentity {
            username: Some("x".into()),
            ..ConfluenceIdentity::default()
        };
        let user_key = ConfluenceIdentity {
            user_key: Some("x".into()),
            ..ConfluenceIdentity::default()
        };
        assert_ne!(
            request_digest(&text("hi"), &[username], &[], false),
            request_digest(&text("hi"), &[user_key], &[], false)
        );
    }
}
