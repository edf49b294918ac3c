//! Links in DingTalk's own form, which says where a desktop client opens them [doc: message-link-description, fact sheet §4.1].

use std::ops::Range;

use serde::Serialize;
use url::{Url, form_urlencoded};

use super::{check::MAX_BYTES, content::Content, texts::TextRole};

/// Where a desktop client opens a message's web links.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum LinkTarget {
    /// The links stay as they were given: the client decides.
    #[default]
    AsGiven,
    /// In DingTalk's sidebar (`pc_slide=true`).
    Sidebar,
    /// In the browser (`pc_slide=false`).
    Browser,
}

impl Content {
    /// The same content with its web links in the form that opens them in `target`: link fields, and `[text](http…)` in
    /// Markdown. Pictures, bare URLs, code and links of other schemes stay; a link in DingTalk's form is never wrapped again.
    /// A text that is longer than a whole message may be stays, too: the check behind refuses it either way.
    pub fn open_links_in(mut self, target: LinkTarget) -> Self {
        let sidebar = match target {
            LinkTarget::AsGiven => return self,
            LinkTarget::Sidebar => true,
            LinkTarget::Browser => false,
        };
        self.visit_texts(&mut |role, _, text| match role {
            // Brackets without an end are looked through again and again, which is nothing only for what DingTalk takes.
            _ if text.len() > MAX_BYTES => {}
            TextRole::Plain => {}
            TextRole::Link if is_web(text) => *text = dingtalk_link(text, sidebar),
            TextRole::Link => {}
            TextRole::Markdown => *text = rewrite_markdown(text, sidebar),
        });
        self
    }
}

/// `dingtalk://dingtalkclient/page/link` around `url`; `sidebar`: a desktop client opens it in the sidebar.
pub(super) fn dingtalk_link(url: &str, sidebar: bool) -> String {
    format!(
        "dingtalk://dingtalkclient/page/link?url={}&pc_slide={sidebar}",
        percent_encode(url)
    )
}

/// Everything but ASCII letters, digits and `*-._` as `%XX`: fit for a URL's parameter, and inside Markdown's brackets.
pub(super) fn percent_encode(text: &str) -> String {
    // A form writes a space as `+`, which not every reader of a query takes for one; a real `+` is `%2B` by now.
    form_urlencoded::byte_serialize(text.as_bytes())
        .collect::<String>()
        .replace('+', "%20")
}

/// Whether it is a whole `http` or `https` URL.
pub(super) fn is_web(text: &str) -> bool {
    !text.contains(|c: char| c.is_whitespace() || c.is_control())
        && Url::parse(text).is_ok_and(|url| ["http", "https"].contains(&url.scheme()) && url.has_host())
}

fn rewrite_markdown(text: &str, sidebar: bool) -> String {
    let mut rewritten = String::with_capacity(text.len());
    let mut copied = 0;
    for place in destinations(text) {
        rewritten.push_str(&text[copied..place.start]);
        rewritten.push_str(&dingtalk_link(&text[place.clone()], sidebar));
        copied = place.end;
    }
    rewritten.push_str(&text[copied..]);
    rewritten
}

/// Where the web addresses of `[text](address)` stand; not those of pictures, in code, or behind a backslash.
fn destinations(text: &str) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let (mut found, mut open, mut at) = (Vec::new(), Vec::new(), 0);
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 2,
            b'`' => at = behind_code(bytes, at),
            b'[' => {
                open.push(at > 0 && bytes[at - 1] == b'!');
                at += 1;
            }
            b']' => {
                at += 1;
                let Some(picture) = open.pop() else { continue };
                let Some((address, end)) = address(text, at) else {
                    continue;
                };
                if !picture && is_web(&text[address.clone()]) {
                    found.push(address);
                }
                at = end;
            }
            _ => at += 1,
        }
    }
    found
}

/// Behind the code span that begins at `at`; where none does, behind the backticks. Only the first way looks far, and a
/// text is no longer than a message.
fn behind_code(bytes: &[u8], at: usize) -> usize {
    let run = |from: usize| bytes[from..].iter().take_while(|byte| **byte == b'`').count();
    let (length, mut look) = (run(at), at + run(at));
    while look < bytes.len() {
        match run(look) {
            0 => look += 1,
            other if other == length => return look + other,
            other => look += other,
        }
    }
    at + length
}

/// The address of the `(…)` that begins at `at`, and where the bracket ends.
fn address(text: &str, at: usize) -> Option<(Range<usize>, usize)> {
    let bytes = text.as_bytes();
    (bytes.get(at) == Some(&b'(')).then_some(())?;
    let skip = |from: usize| from + bytes[from..].iter().take_while(|b| b.is_ascii_whitespace()).count();
    let start = skip(at + 1);
    let (address, behind) = if bytes.get(start) == Some(&b'<') {
        let length = bytes[start..].iter().position(|byte| *byte == b'>')?;
        (start + 1..start + length, start + length + 1)
    } else {
        let end = bare_end(bytes, start);
        (start..end, end)
    };
    let mut end = skip(behind);
    if let Some(quote @ (b'"' | b'\'')) = bytes.get(end).copied()
        && end > behind
    {
        let length = bytes[end + 1..].iter().position(|byte| *byte == quote)?;
        end = skip(end + length + 2);
    }
    (bytes.get(end) == Some(&b')')).then_some((address, end + 1))
}

/// Where an address without angle brackets ends: at a space, or at a bracket that it did not open.
fn bare_end(bytes: &[u8], start: usize) -> usize {
    let mut depth = 0_usize;
    for (index, byte) in bytes[start..].iter().enumerate() {
        match byte {
            b'(' => depth += 1,
            b')' if depth == 0 => return start + index,
            b')' => depth -= 1,
            byte if byte.is_ascii_whitespace() => return start + index,
            _ => {}
        }
    }
    bytes.len()
}

#[cfg(test)]
#[path = "links_tests.rs"]
mod tests;
