//! Exact answers again: the `ETag` of an answer to GET, and 304 without running anything.
//!
//! A tag stands for all that such an answer depends on: document, parameters, the caller's permissions, epoch and
//! revision of the directory, media type and this version of the server. So a caller can only be told that nothing has
//! changed of what they themselves would get. Answers that depend on more have none (`Operation::steady`).

use aws_lc_rs::digest::{Context, SHA256};
use axum::{
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

use super::{accept::MediaType, graphql::Operation, question::Question};
use crate::{auth::Caller, directory::Snapshot};

/// What stands behind a tag where the answer is compressed: other bytes have another tag.
const CODINGS: [&str; 2] = ["-br", "-gzip"];

/// A GET, as far as tags depend on it.
pub(super) struct Getting {
    /// With the parameters as they stand in the address.
    question: Question,
    /// The tags of what the caller has.
    has: Vec<HeaderValue>,
}

impl Getting {
    /// Of a caller who has shown a token; others see nothing that is worth keeping.
    pub(super) fn new(parameters: &str, caller: &Caller, media: MediaType, headers: &HeaderMap) -> Self {
        Self {
            question: Question::new(caller, media, parameters.as_bytes()),
            has: headers.get_all(header::IF_NONE_MATCH).iter().cloned().collect(),
        }
    }

    /// The tag that the operation's answer will have; `None` where it depends on more than a tag can stand for.
    pub(super) fn tag(&self, operation: &Operation) -> Option<EntityTag> {
        let (snapshot, text) = (operation.snapshot()?, operation.steady()?);
        // A document that is asked for by its name may be another one after a start.
        let parts = [
            env!("CARGO_PKG_VERSION").as_bytes(),
            self.question.bytes(),
            text.as_bytes(),
        ];
        Some(EntityTag::new(&parts, snapshot))
    }

    /// 304, where the caller has this very answer.
    pub(super) fn not_modified(&self, tag: &EntityTag) -> Option<Response> {
        let known = HeaderValue::from_str(tag.among(&self.has)?).ok()?;
        let mut response = StatusCode::NOT_MODIFIED.into_response();
        put(&mut response, known);
        Some(response)
    }
}

/// The tag of an answer.
pub(super) struct EntityTag {
    text: String,
}

impl EntityTag {
    fn new(parts: &[impl AsRef<[u8]>], snapshot: &Snapshot) -> Self {
        let mut hash = Context::new(&SHA256);
        let epoch = snapshot.epoch().as_str().as_bytes();
        for part in parts.iter().map(AsRef::as_ref).chain([epoch]) {
            hash.update(&part.len().to_le_bytes());
            hash.update(part);
        }
        hash.update(&snapshot.revision().to_le_bytes());

        Self {
            text: URL_SAFE_NO_PAD.encode(&hash.finish().as_ref()[..24]),
        }
    }

    /// Of a file, by the hash of its content.
    pub(super) fn of_content(hash: &[u8]) -> Self {
        Self {
            text: URL_SAFE_NO_PAD.encode(hash),
        }
    }

    /// As it is written where what is sent may be compressed or not.
    pub(super) fn weak(&self) -> String {
        format!("W/\"{}\"", self.text)
    }

    /// The one of `If-None-Match` that is this one.
    pub(super) fn among<'h>(&self, has: impl IntoIterator<Item = &'h HeaderValue>) -> Option<&'h str> {
        let all = has.into_iter().filter_map(|value| value.to_str().ok());
        let mut all = all.flat_map(|value| value.split(',')).map(str::trim);
        all.find(|known| self.is(known))
    }

    /// Whether a tag of `If-None-Match` is this one, of whatever coding.
    fn is(&self, known: &str) -> bool {
        let known = known.strip_prefix("W/").unwrap_or(known);
        let Some(known) = known.strip_prefix('"').and_then(|known| known.strip_suffix('"')) else {
            return false;
        };
        let coding = CODINGS.iter().find_map(|coding| known.strip_suffix(coding));
        coding.unwrap_or(known) == self.text
    }

    /// Puts it on the answer.
    pub(super) fn put_on(self, response: &mut Response) {
        if let Ok(tag) = HeaderValue::from_str(&format!("\"{}\"", self.text)) {
            put(response, tag);
        }
    }
}

/// Caches may keep it for this caller, and have to ask each time.
fn put(response: &mut Response, tag: HeaderValue) {
    let headers = response.headers_mut();
    headers.insert(header::ETAG, tag);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    headers.insert(
        header::VARY,
        HeaderValue::from_static("accept, authorization, accept-encoding"),
    );
}

/// Gives a compressed answer the tag of its coding.
pub(super) fn of_coding(response: &mut Response, coding: &str) {
    let headers = response.headers_mut();
    let tag = headers.get(header::ETAG).and_then(|tag| tag.to_str().ok());
    let Some(tag) = tag.and_then(|tag| tag.strip_suffix('"')) else {
        return;
    };
    if let Ok(tag) = HeaderValue::from_str(&format!("{tag}-{coding}\"")) {
        headers.insert(header::ETAG, tag);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_known_in_any_coding_and_among_others() {
        let tag = EntityTag::new(&["a", "b"], &Snapshot::empty());
        let other = EntityTag::new(&["ab", ""], &Snapshot::empty());
        assert_ne!(tag.text, other.text, "where a part ends makes a difference");
        for coding in ["", "-br", "-gzip"] {
            assert!(tag.is(&format!("\"{}{coding}\"", tag.text)), "{coding}");
            assert!(tag.is(&format!("W/\"{}{coding}\"", tag.text)), "{coding}");
            assert!(!tag.is(&format!("\"{}{coding}\"", other.text)), "{coding}");
        }
        for wrong in ["*", "", "\"\"", &tag.text] {
            assert!(!tag.is(wrong), "{wrong}");
        }
    }
}
