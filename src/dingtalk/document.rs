//! A small document from a URL that the operator wrote down.

use std::time::Duration;

use http::{HeaderMap, header};
use url::Url;

use super::transport::{Reply, Transport, TransportError};

/// What was there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Its bytes, unpacked.
    pub body: Vec<u8>,
    /// How long it may be taken for new, by its `Cache-Control`; `None`: nothing is said.
    pub fresh_for: Option<Duration>,
}

/// Why there is none, in words for the operator, without the URL.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DocumentError {
    /// Nobody answered, or the answer broke off.
    #[error("there is no answer: {0}")]
    NoAnswer(String),
    /// The time was over.
    #[error("there is no whole answer within {} s", .0.as_secs())]
    Slow(Duration),
    /// Too many bytes.
    #[error("the answer is larger than {0} bytes")]
    TooLarge(usize),
    /// A redirect.
    #[error("the answer is a redirect ({0}), which isn't followed: write the URL that it leads to")]
    Redirect(u16),
    /// Another status than 200.
    #[error("the answer has status {0}")]
    Status(u16),
}

/// GETs it: `most` bytes of it, and `within` this time.
pub(super) async fn fetch(
    transport: &Transport,
    url: &Url,
    most: usize,
    within: Duration,
) -> Result<Document, DocumentError> {
    let answer = tokio::time::timeout(within, transport.get(url.clone(), most)).await;
    let answer = answer.unwrap_or(Err(TransportError::TimedOut));
    let (Reply { status, body }, headers) = answer.map_err(|error| match error {
        TransportError::NotSent(why) | TransportError::Broken(why) => DocumentError::NoAnswer(why),
        TransportError::TimedOut => DocumentError::Slow(within),
        TransportError::TooLarge => DocumentError::TooLarge(most),
    })?;
    match status {
        200 => Ok(Document {
            body,
            fresh_for: fresh_for(&headers),
        }),
        300..=399 => Err(DocumentError::Redirect(status)),
        _ => Err(DocumentError::Status(status)),
    }
}

/// `max-age` less the time that a cache has had it; nothing where it may not be kept.
fn fresh_for(headers: &HeaderMap) -> Option<Duration> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let seconds = |text: &str| text.trim().trim_matches('"').parse::<u64>().ok();

    let (mut found, mut is_kept) = (None, true);
    for directive in text(header::CACHE_CONTROL)?.split(',') {
        match directive.trim().split_once('=') {
            Some((name, value)) if name.eq_ignore_ascii_case("max-age") => found = seconds(value),
            None => {
                let word = directive.trim();
                is_kept &= !word.eq_ignore_ascii_case("no-store") && !word.eq_ignore_ascii_case("no-cache");
            }
            Some(_) => {}
        }
    }
    if !is_kept {
        return Some(Duration::ZERO);
    }
    let age = text(header::AGE).and_then(seconds).unwrap_or_default();
    found.map(|found| Duration::from_secs(found.saturating_sub(age)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_long_it_is_new_is_what_its_head_says() {
        let of = |control: &str, age: Option<&str>| {
            let mut headers = HeaderMap::new();
            headers.insert(header::CACHE_CONTROL, control.parse().unwrap());
            if let Some(age) = age {
                headers.insert(header::AGE, age.parse().unwrap());
            }
            fresh_for(&headers).map(|it| it.as_secs())
        };

        assert_eq!(of("public, max-age=600", None), Some(600));
        assert_eq!(of("Max-Age=\"600\"", Some("100")), Some(500));
        assert_eq!(of("max-age=600", Some("9999999999")), Some(0));
        assert_eq!(of("no-cache, max-age=600", None), Some(0));
        assert_eq!(of("no-store", None), Some(0));
        assert_eq!(of("private=\"x\", s-maxage=5", None), None);
        assert_eq!(of("max-age=soon", None), None);
        assert_eq!(fresh_for(&HeaderMap::new()), None);
    }
}
