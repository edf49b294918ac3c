//! Collects problems; the checks that several message types share.

use url::Url;

use crate::problem::{Problem, ProblemCode};

/// What a link in a message may begin with (`docs/dingtalk.md#links`).
const SCHEMES: [&str; 4] = ["https", "http", "dingtalk", "eapp"];

/// Problems found so far.
#[derive(Default)]
pub(super) struct Checker {
    pub(super) problems: Vec<Problem>,
}

impl Checker {
    /// Adds a problem; `what` follows the field's name in the sentence, or is the sentence where there is no field.
    pub(super) fn report(&mut self, path: &[&str], code: ProblemCode, what: impl Into<String>) {
        let what = what.into();
        let message = if path.is_empty() {
            what
        } else {
            format!("{} {what}.", path.join("."))
        };
        self.problems.push(Problem::new(code, path, message));
    }

    /// A required text of at most `max` characters that may have several lines.
    pub(super) fn long_text(&mut self, path: &[&str], text: &str, max: usize) {
        if text.trim().is_empty() {
            self.report(path, ProblemCode::Required, "must not be empty");
        }
        self.plain(path, text, max);
    }

    /// A required text of at most `max` characters on one line.
    pub(super) fn line(&mut self, path: &[&str], text: &str, max: usize) {
        self.long_text(path, text, max);
        if text.contains(['\n', '\r']) {
            self.report(
                path,
                ProblemCode::Invalid,
                "must be a single line: remove the line breaks",
            );
        }
    }

    /// A text, possibly empty, of at most `max` characters and without control characters: no client shows them, and
    /// Postgres stores no U+0000.
    pub(super) fn plain(&mut self, path: &[&str], text: &str, max: usize) {
        let length = text.chars().count();
        if length > max {
            self.report(
                path,
                ProblemCode::TooLong,
                format!("has {length} characters, at most {max} are allowed"),
            );
        }

        if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
            self.report(path, ProblemCode::Invalid, "contains a control character: remove it");
        }
    }

    /// A required id that DingTalk's upload gave.
    pub(super) fn media_id(&mut self, path: &[&str], id: &str) {
        if id.is_empty() {
            self.report(
                path,
                ProblemCode::Required,
                "must be the media id that DingTalk's upload answered",
            );
        } else if id.len() < 2 || !id.starts_with(['@', '$']) || id.chars().any(|c| c.is_whitespace() || c.is_control())
        {
            self.report(
                path,
                ProblemCode::Invalid,
                "must be a media id, which begins with \"@\" or \"$\": upload the file to DingTalk and use the id that it answers",
            );
        }
    }

    /// A required link, of at most `max` characters where DingTalk says so.
    pub(super) fn url(&mut self, path: &[&str], text: &str, max: Option<usize>) {
        if text.is_empty() {
            return self.report(path, ProblemCode::Required, "must be a URL");
        }

        if let Some(max) = max {
            let length = text.chars().count();
            if length > max {
                self.report(
                    path,
                    ProblemCode::TooLong,
                    format!("has {length} characters, at most {max} are allowed"),
                );
            }
        }

        let known = !text.contains(|c: char| c.is_whitespace() || c.is_control())
            && Url::parse(text).is_ok_and(|url| SCHEMES.contains(&url.scheme()) && url.has_host());
        if !known {
            self.report(
                path,
                ProblemCode::Invalid,
                "must be a whole URL without spaces that begins with https://, http://, dingtalk:// or eapp://",
            );
        }
    }
}
