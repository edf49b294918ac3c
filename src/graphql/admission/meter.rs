//! Before the parser: bytes, nesting and tokens, in one pass without recursion.
//!
//! The meter must never take live text for a string or a comment: brackets hidden from it would still reach the parser.
//! Where the two could differ (an unterminated string, a closer without its opener) it refuses.

use super::{Code, Limits, Refusal, ignored::behind_ignored, place::place};

/// Refuses a document that the parser must not see.
pub(super) fn measure(document: &str, limits: &Limits) -> Result<(), Refusal> {
    if document.len() > limits.bytes {
        return Err(Refusal {
            code: Code::DocumentTooLarge,
            limit: Some("bytes"),
            message: format!(
                "the document has {} bytes: at most {} are allowed; values belong in variables",
                document.len(),
                limits.bytes
            ),
            at: None,
            details: Vec::new(),
            beside: Vec::new(),
        });
    }

    Meter {
        document,
        text: document.as_bytes(),
        at: 0,
    }
    .run(limits)
}

struct Meter<'a> {
    document: &'a str,
    text: &'a [u8],
    at: usize,
}

impl Meter<'_> {
    fn run(mut self, limits: &Limits) -> Result<(), Refusal> {
        let mut open = Vec::with_capacity(limits.nesting);
        let (mut tokens, mut names, mut name_bytes) = (0, 0, 0);

        while let Some(byte) = self.next_token() {
            let start = self.at;
            match byte {
                b'"' => self.string()?,
                b'(' | b'[' | b'{' => {
                    self.at += 1;
                    open.push(closer(byte));
                    if open.len() > limits.nesting {
                        return Err(self.over(start, "nesting", "brackets are nested too deep", limits.nesting));
                    }
                }
                b')' | b']' | b'}' => {
                    self.at += 1;
                    if open.pop() != Some(byte) {
                        return Err(self.syntax(start, &format!("`{}` closes nothing here", char::from(byte))));
                    }
                }
                b if b.is_ascii_alphanumeric() || b == b'_' => {
                    self.skip_while(|b| b.is_ascii_alphanumeric() || b == b'_');
                    let length = self.at - start;
                    if length > limits.name {
                        return Err(self.over(start, "name", "a name or number is too long in bytes", limits.name));
                    }
                    // Names inside of arguments are values, which `tokens` bounds.
                    if !open.contains(&b')') {
                        names += 1;
                        name_bytes += length;
                    }
                    if names > limits.names {
                        return Err(self.over(start, "names", "the document has too many names", limits.names));
                    }
                    if name_bytes > limits.name_bytes {
                        let what = "the document's names are too long together, in bytes";
                        return Err(self.over(start, "nameBytes", what, limits.name_bytes));
                    }
                }
                _ => self.at += 1,
            }

            tokens += 1;
            if tokens > limits.tokens {
                return Err(self.over(start, "tokens", "the document has too many tokens", limits.tokens));
            }
        }

        match open.last() {
            Some(&expected) => Err(self.syntax(
                self.text.len(),
                &format!("the document ends where `{}` is missing", char::from(expected)),
            )),
            None => Ok(()),
        }
    }

    /// Its first byte.
    fn next_token(&mut self) -> Option<u8> {
        self.at = behind_ignored(self.text, self.at);
        self.text.get(self.at).copied()
    }

    fn skip_while(&mut self, goes_on: impl Fn(u8) -> bool) {
        while self.text.get(self.at).is_some_and(|&b| goes_on(b)) {
            self.at += 1;
        }
    }

    fn string(&mut self) -> Result<(), Refusal> {
        let start = self.at;
        if self.text[start..].starts_with(b"\"\"\"") {
            self.at += 3;
            while self.at < self.text.len() {
                let rest = &self.text[self.at..];
                if rest.starts_with(b"\\\"\"\"") {
                    self.at += 4;
                } else if rest.starts_with(b"\"\"\"") {
                    self.at += 3;
                    return Ok(());
                } else {
                    self.at += 1;
                }
            }
        } else {
            self.at += 1;
            while let Some(&byte) = self.text.get(self.at) {
                match byte {
                    b'"' => {
                        self.at += 1;
                        return Ok(());
                    }
                    b'\n' | b'\r' => break,
                    // Whatever is escaped, a quote is not the end; a line break still is.
                    b'\\' if self.text.get(self.at + 1).is_some_and(|&b| b != b'\n' && b != b'\r') => self.at += 2,
                    _ => self.at += 1,
                }
            }
        }

        Err(self.syntax(start, "this string has no end"))
    }

    fn over(&self, at: usize, limit: &'static str, what: &str, allowed: usize) -> Refusal {
        self.place(at, Refusal::limit(limit, what, allowed))
    }

    fn syntax(&self, at: usize, message: &str) -> Refusal {
        self.place(at, Refusal::new(Code::ParseFailed, message))
    }

    fn place(&self, at: usize, refusal: Refusal) -> Refusal {
        let (line, column) = place(self.document, at);
        refusal.at(line, column)
    }
}

const fn closer(opener: u8) -> u8 {
    match opener {
        b'(' => b')',
        b'[' => b']',
        _ => b'}',
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn code(document: &str) -> Option<(Code, Option<&'static str>)> {
        measure(document, &Limits::default()).err().map(|r| (r.code, r.limit))
    }

    #[test]
    fn ordinary_documents_pass() {
        for document in [
            "{a}",
            "query Q($a: [[Int!]!]) { a(b: [1, 2.5, -3e4], c: {d: \"x\"}) @skip(if: true) { ...F } } fragment F on A { b }",
            "{ a(b: \"\") }",
            "{ a(b: \"]]]]\\\"}}}\") # }}}} \" \n }",
            "{ a(b: \"\"\" \" \\\"\"\" ))) \"\"\") }",
            "",
        ] {
            assert_eq!(code(document), None, "{document}");
        }
    }

    #[test]
    fn every_bracket_counts_as_nesting_and_none_is_hidden_from_the_meter() {
        let deep = |open: &str, close: &str, n: usize| format!("{{ a(b: {}{}) }}", open.repeat(n), close.repeat(n));
        let nesting = Some((Code::LimitExceeded, Some("nesting")));

        assert_eq!(code(&deep("[", "]", 30)), None);
        assert_eq!(code(&deep("[", "]", 31)), nesting);
        assert_eq!(code(&deep("[", "]", 2_000)), nesting);
        assert_eq!(code(&deep("{a:", "}", 2_000)), nesting);
        assert_eq!(code(&"{a".repeat(2_000)), nesting);
        assert_eq!(
            code(&format!(
                "query($a: {}Int{}) {{a}}",
                "[".repeat(2_000),
                "]".repeat(2_000)
            )),
            nesting
        );
        assert_eq!(code(&format!("{{ a(b: \"\" \"x\" {}", "[".repeat(50))), nesting);
        assert_eq!(code(&format!("# \" \r {{ a(b: {}", "[".repeat(50))), nesting);
    }

    #[test]
    fn where_the_parser_might_read_on_differently_the_meter_refuses() {
        let parse = Some((Code::ParseFailed, None));
        for document in [
            "{ a(b: \"\"\"x\" [[[[",
            "{ a(b: \"x\n\") }",
            "{ a(b: \"x\\\n\") }",
            "{ a ] }",
            "}",
            "{ a(b: \"x\\",
        ] {
            assert_eq!(code(document), parse, "{document}");
        }
    }

    #[test]
    fn bytes_tokens_and_names_are_bounded_and_the_place_is_told() {
        assert_eq!(code(&"#".repeat(70_000)), Some((Code::DocumentTooLarge, Some("bytes"))));
        assert_eq!(
            code(&format!("{{{}}}", "a ".repeat(6_000))),
            Some((Code::LimitExceeded, Some("names")))
        );
        assert_eq!(
            code(&format!("{{ a(b: [{}]) }}", "1 ".repeat(6_000))),
            Some((Code::LimitExceeded, Some("tokens")))
        );
        assert_eq!(
            code(&format!("{{{}}}", "a".repeat(200))),
            Some((Code::LimitExceeded, Some("name")))
        );

        let refusal = measure("{\n  a ]\n}", &Limits::default()).expect_err("no opener");
        assert_eq!(refusal.at, Some((2, 5)));
    }

    proptest! {
        #[test]
        fn it_never_panics(text in "[\\PC\n\r]*") {
            let _ = measure(&text, &Limits::default());
        }

        #[test]
        fn what_passes_parses_without_overflow(text in "[\\[\\]{}()\"\\\\#a:1$. \n]{0,300}") {
            if measure(&text, &Limits::default()).is_ok() {
                let _ = async_graphql::parser::parse_query(&text);
            }
        }
    }
}
