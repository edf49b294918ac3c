//! Which media type the caller wants, by q-value.
//!
//! The crates for it don't fit: headers-accept (0.3, kept) refuses the whole header for one member that it can't read,
//! takes a wrong `q` for 1, and lets a wildcard mean the stream of events, which few clients can read; accept-header is
//! of the `http` crate before 1.0, and negotiator has one release.

use axum::http::{HeaderMap, header::ACCEPT};

/// What an answer is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum MediaType {
    /// `application/graphql-response+json`: the status code tells what happened.
    Graphql,
    /// `application/json`: 200 for every well-formed request, as older clients expect.
    Json,
    /// `text/event-stream`: one event per answer.
    Events,
}

impl MediaType {
    pub(super) const fn content_type(self) -> &'static str {
        match self {
            Self::Graphql => "application/graphql-response+json; charset=utf-8",
            Self::Json => "application/json; charset=utf-8",
            Self::Events => "text/event-stream; charset=utf-8",
        }
    }
}

/// The types in the order in which they win a tie; the last one is never the answer to a wildcard.
const OFFERS: [(&str, &str, MediaType); 3] = [
    ("application", "json", MediaType::Json),
    ("application", "graphql-response+json", MediaType::Graphql),
    ("text", "event-stream", MediaType::Events),
];

/// The caller's choice; `None` where they take nothing that there is. No `Accept` at all is JSON.
pub(super) fn negotiate(headers: &HeaderMap) -> Option<MediaType> {
    let mut named = headers.get_all(ACCEPT).iter().peekable();
    if named.peek().is_none() {
        return Some(MediaType::Json);
    }

    let ranges: Vec<Range<'_>> = named
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(Range::parse)
        .collect();

    // Named beats wildcard, then quality, then the caller's order, then ours.
    let best = |media: MediaType| {
        OFFERS
            .iter()
            .find(|offer| offer.2 == media)
            .and_then(|offer| quality(offer, &ranges))
    };

    let mut choice: Option<(MediaType, (u16, usize, usize))> = None;
    for (_, _, media) in OFFERS {
        let Some((q, named, place)) = best(media).filter(|found| found.0 > 0) else {
            continue;
        };
        // Only whoever names the stream of events can read it: no wildcard means it.
        if media == MediaType::Events && named == 0 {
            continue;
        }
        let rank = (q, named, usize::MAX - place);
        if choice.is_none_or(|(_, so_far)| rank > so_far) {
            choice = Some((media, rank));
        }
    }

    choice.map(|(media, _)| media)
}

/// The quality of the most specific range that takes `offer`, how specific it is, and its place in the list.
fn quality(offer: &(&str, &str, MediaType), ranges: &[Range<'_>]) -> Option<(u16, usize, usize)> {
    ranges
        .iter()
        .enumerate()
        .filter_map(|(place, range)| {
            let specific = match (range.main, range.sub) {
                ("*", "*") => 0,
                (main, "*") if main.eq_ignore_ascii_case(offer.0) => 1,
                (main, sub) if main.eq_ignore_ascii_case(offer.0) && sub.eq_ignore_ascii_case(offer.1) => 2,
                _ => return None,
            };
            // `text/*` names no stream of events either.
            let named = usize::from(specific == 2);
            Some((specific, range.q, named, place))
        })
        .max_by_key(|&(specific, q, _, place)| (specific, q, usize::MAX - place))
        .map(|(_, q, named, place)| (q, named, place))
}

struct Range<'h> {
    main: &'h str,
    sub: &'h str,
    /// Thousandths.
    q: u16,
}

impl<'h> Range<'h> {
    fn parse(text: &'h str) -> Option<Self> {
        let mut parts = text.split(';').map(str::trim);
        let (main, sub) = parts.next()?.split_once('/')?;
        let mut q = 1_000;

        for part in parts {
            let Some((name, value)) = part.split_once('=') else {
                continue;
            };
            if name.trim().eq_ignore_ascii_case("q") {
                q = thousandths(value.trim())?;
            } else if name.trim().eq_ignore_ascii_case("charset")
                && !matches!(
                    value.trim().trim_matches('"').to_ascii_lowercase().as_str(),
                    "utf-8" | "utf8"
                )
            {
                return None;
            }
        }

        Some(Self { main, sub, q })
    }
}

fn thousandths(text: &str) -> Option<u16> {
    let value: f32 = text.parse().ok()?;
    // The range is checked, so the cast is exact enough for three digits.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 1000")]
    (0.0..=1.0).contains(&value).then_some((value * 1_000.0) as u16)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(accept: &str) -> Option<MediaType> {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, accept.parse().expect("a header"));
        negotiate(&headers)
    }

    #[test]
    fn the_q_value_decides_and_wildcards_mean_json() {
        assert_eq!(negotiate(&HeaderMap::new()), Some(MediaType::Json));

        for (accept, media) in [
            ("*/*", Some(MediaType::Json)),
            ("application/*", Some(MediaType::Json)),
            ("application/json", Some(MediaType::Json)),
            ("APPLICATION/GraphQL-Response+JSON", Some(MediaType::Graphql)),
            (
                "application/graphql-response+json, application/json;q=0.9",
                Some(MediaType::Graphql),
            ),
            (
                "application/graphql-response+json;q=0.5, application/json;q=0.9",
                Some(MediaType::Json),
            ),
            (
                "application/graphql-response+json, application/json",
                Some(MediaType::Graphql),
            ),
            (
                "application/json, application/graphql-response+json",
                Some(MediaType::Json),
            ),
            (
                "application/graphql-response+json; charset=utf-8, application/json; charset=utf-8",
                Some(MediaType::Graphql),
            ),
            ("application/graphql-response+json, */*;q=0.1", Some(MediaType::Graphql)),
            (
                "application/graphql-response+json,application/json;q=0.9,*/*;q=0.8",
                Some(MediaType::Graphql),
            ),
            ("text/event-stream", Some(MediaType::Events)),
            ("text/event-stream, application/json;q=0.5", Some(MediaType::Events)),
            ("text/html,application/xhtml+xml,*/*;q=0.8", Some(MediaType::Json)),
            ("text/*", None),
            ("text/html", None),
            ("application/json;q=0", None),
            ("application/json; charset=iso-8859-1", None),
            ("*/*;q=0, application/json", Some(MediaType::Json)),
            ("application/json;q=0, */*", Some(MediaType::Graphql)),
            ("nonsense", None),
            ("application/json;q=high", None),
        ] {
            assert_eq!(chosen(accept), media, "{accept}");
        }
    }
}
