//! Collects problems; the checks that several message types share.

use url::Url;

use crate::{
    catalogue::{Statement, content as said},
    problem::{Problem, ProblemCode},
};

/// What a link in a message may begin with (`docs/dingtalk.md#links`).
const SCHEMES: [&str; 4] = ["https", "http", "dingtalk", "eapp"];

/// Problems found so far.
#[derive(Default)]
pub(super) struct Checker {
    pub(super) problems: Vec<Problem>,
}

impl Checker {
    /// Adds a problem.
    pub(super) fn report(&mut self, path: &[&str], code: ProblemCode, what: impl Into<Statement>) {
        self.problems.push(Problem::new(code, path, what));
    }

    /// A required text of at most `max` characters that may have several lines.
    pub(super) fn long_text(&mut self, path: &[&str], text: &str, max: usize) {
        if text.trim().is_empty() {
            let field = path.join(".");
            self.report(path, ProblemCode::Required, said::CONTENT_EMPTY { field });
        }
        self.plain(path, text, max);
    }

    /// A required text of at most `max` characters on one line.
    pub(super) fn line(&mut self, path: &[&str], text: &str, max: usize) {
        self.long_text(path, text, max);
        if text.contains(['\n', '\r']) {
            let field = path.join(".");
            self.report(path, ProblemCode::Invalid, said::CONTENT_SEVERAL_LINES { field });
        }
    }

    /// A text, possibly empty, of at most `max` characters and without control characters: no client shows them, and
    /// Postgres stores no U+0000.
    pub(super) fn plain(&mut self, path: &[&str], text: &str, max: usize) {
        let length = text.chars().count();
        if length > max {
            self.too_long(path, length, max);
        }

        if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
            let field = path.join(".");
            self.report(path, ProblemCode::Invalid, said::CONTENT_CONTROL_CHARACTER { field });
        }
    }

    /// A required id that DingTalk's upload gave.
    pub(super) fn media_id(&mut self, path: &[&str], id: &str) {
        if id.is_empty() {
            let field = path.join(".");
            self.report(path, ProblemCode::Required, said::MEDIA_ID_MISSING { field });
        } else if id.len() < 2 || !id.starts_with(['@', '$']) || id.chars().any(|c| c.is_whitespace() || c.is_control())
        {
            let field = path.join(".");
            self.report(path, ProblemCode::Invalid, said::MEDIA_ID_FORM { field });
        }
    }

    /// A required link, of at most `max` characters where DingTalk says so.
    pub(super) fn url(&mut self, path: &[&str], text: &str, max: Option<usize>) {
        let field = path.join(".");
        if text.is_empty() {
            return self.report(path, ProblemCode::Required, said::LINK_MISSING { field });
        }

        if let Some(max) = max {
            let length = text.chars().count();
            if length > max {
                self.too_long(path, length, max);
            }
        }

        let known = !text.contains(|c: char| c.is_whitespace() || c.is_control())
            && Url::parse(text).is_ok_and(|url| SCHEMES.contains(&url.scheme()) && url.has_host());
        if !known {
            self.report(path, ProblemCode::Invalid, said::LINK_FORM { field });
        }
    }

    fn too_long(&mut self, path: &[&str], length: usize, most: usize) {
        let field = path.join(".");
        let what = said::CONTENT_LENGTH { field, length, most };
        self.report(path, ProblemCode::TooLong, what);
    }
}
