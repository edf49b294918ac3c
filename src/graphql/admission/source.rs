//! Between the meter and the parser: what the parser refuses or forgets, though the specification says otherwise.
//!
//! * Surrogate pairs (`\ud83d\ude00`) and `\u{1F600}` in strings: async-graphql 7's parser refuses both, as the grammar
//!   of its `unicode_scalar_value_hex` shows; no report of it was found upstream. They become the character itself.
//! * A block string with `\"""` in it: the parser leaves the backslash there. It becomes an ordinary string.
//! * A key that stands twice in an object literal: the parser keeps the last one in silence.
//! * A carriage return by itself: the parser ends no line there. It becomes a line feed.
//! * `-0`, and whole numbers of more than 64 bits: the parser makes fractions of both. The first becomes `0`, the
//!   others a string with a mark in front, which an ID takes without it ([`digits`]).
//! * `on` as the name of a fragment: the parser takes it.
//!
//! What a shortened string lacks is made up for by spaces behind it, so that places in messages stay right.

use std::{borrow::Cow, collections::HashSet};

use super::{Code, Refusal, ignored::behind_ignored, place::place};

/// What stands in front of a whole number that is handed on as text. It is no character that anybody writes.
const WHOLE: char = '\u{10FFFE}';

/// The digits of a whole number that no type of 64 bits holds, as [`settle`] hands it on.
pub(super) fn digits(text: &str) -> Option<&str> {
    text.strip_prefix(WHOLE)
}

/// The document that the parser gets.
///
/// # Errors
/// An escape that is no character, or a key that is given twice.
pub(super) fn settle(document: &str) -> Result<Cow<'_, str>, Refusal> {
    let document = with_line_feeds(document);
    let settled = rewritten(&document)?;
    Ok(settled.map_or(document, Cow::Owned))
}

/// The document with no carriage return by itself. In a block string it is a line feed's equal, in other strings it
/// can't be.
fn with_line_feeds(document: &str) -> Cow<'_, str> {
    if !document.contains('\r') {
        return Cow::Borrowed(document);
    }

    let mut lines = String::with_capacity(document.len());
    let mut characters = document.chars().peekable();
    while let Some(character) = characters.next() {
        let alone = character == '\r' && characters.peek() != Some(&'\n');
        lines.push(if alone { '\n' } else { character });
    }
    Cow::Owned(lines)
}

fn rewritten(document: &str) -> Result<Option<String>, Refusal> {
    let mut scan = Scan {
        text: document,
        at: 0,
        settled: None,
        copied: 0,
    };
    scan.run()?;
    Ok(scan.settled.map(|mut settled| {
        settled.push_str(&document[scan.copied..]);
        settled
    }))
}

/// What stood before a token, as far as it changes what the token is.
#[derive(PartialEq, Eq)]
enum Before {
    /// `...`.
    Spread,
    /// `fragment`, where a definition begins.
    Fragment,
    Other,
}

/// One pass over text that the meter has measured: its strings end, its brackets match.
struct Scan<'a> {
    text: &'a str,
    at: usize,
    /// What stands for `text[..copied]`, once something had to be written differently.
    settled: Option<String>,
    copied: usize,
}

impl<'a> Scan<'a> {
    fn run(&mut self) -> Result<(), Refusal> {
        // The keys of each open bracket; only an object literal, a brace between parentheses, has some.
        let mut open: Vec<Option<HashSet<&'a str>>> = Vec::new();
        let mut parentheses = 0_usize;
        let mut before = Before::Other;

        while let Some(byte) = self.next_token() {
            let start = self.at;
            let mut now = Before::Other;
            match byte {
                b'"' if self.text[self.at..].starts_with("\"\"\"") => self.block_string(),
                b'"' => self.string()?,
                b'(' | b'[' | b'{' => {
                    self.at += 1;
                    parentheses += usize::from(byte == b'(');
                    open.push((byte == b'{' && parentheses > 0).then(HashSet::new));
                }
                b')' | b']' | b'}' => {
                    self.at += 1;
                    parentheses -= usize::from(byte == b')' && parentheses > 0);
                    open.pop();
                }
                b'-' | b'0'..=b'9' => self.number(),
                b'.' if self.text[start..].starts_with("...") => {
                    self.at += 3;
                    now = Before::Spread;
                }
                b if b.is_ascii_alphabetic() || b == b'_' => {
                    self.skip_while(|b| b.is_ascii_alphanumeric() || b == b'_');
                    let name = &self.text[start..self.at];
                    // Behind `...`, an `on` with a name after it begins a type condition.
                    let is_spread = before == Before::Spread && !begins_name(&self.text.as_bytes()[self.at..]);
                    if name == "on" && (is_spread || before == Before::Fragment) {
                        let message = "the document is not valid GraphQL here: no fragment has the name `on`";
                        return Err(self.refusal(start, Code::ParseFailed, message));
                    }
                    if name == "fragment" && open.is_empty() && before == Before::Other {
                        now = Before::Fragment;
                    }
                    if let Some(Some(keys)) = open.last_mut()
                        && is_key(&self.text.as_bytes()[self.at..])
                        && !keys.insert(name)
                    {
                        let message = format!("the input field `{name}` stands twice in one object");
                        return Err(self.refusal(start, Code::ValidationFailed, &message));
                    }
                }
                _ => self.at += 1,
            }

            before = now;
        }
        Ok(())
    }

    /// A number. A fraction, with a point or an exponent, is left to the parser.
    fn number(&mut self) {
        let start = self.at;
        self.at += 1;
        loop {
            self.skip_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.'));
            let exponent = self.text[start..self.at].ends_with(['e', 'E']);
            match self.text.as_bytes().get(self.at) {
                Some(b'+' | b'-') if exponent => self.at += 1,
                _ => break,
            }
        }

        let number = &self.text[start..self.at];
        let digits = number.strip_prefix('-').unwrap_or(number);
        let is_whole = !digits.starts_with('0') && digits.bytes().all(|byte| byte.is_ascii_digit());
        if number == "-0" {
            self.write(start, " 0", self.at);
        } else if is_whole && number.len() > 18 && number.parse::<i64>().is_err() && number.parse::<u64>().is_err() {
            self.write(start, &format!("\"{WHOLE}{number}\""), self.at);
        }
    }

    /// Its first byte.
    fn next_token(&mut self) -> Option<u8> {
        self.at = behind_ignored(self.text.as_bytes(), self.at);
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip_while(&mut self, goes_on: impl Fn(u8) -> bool) {
        while self.text.as_bytes().get(self.at).is_some_and(|&b| goes_on(b)) {
            self.at += 1;
        }
    }

    fn block_string(&mut self) {
        let start = self.at;
        let mut is_escaped = false;
        self.at += 3;
        while self.at < self.text.len() {
            let rest = &self.text.as_bytes()[self.at..];
            if rest.starts_with(b"\"\"\"") {
                let raw = &self.text[start + 3..self.at];
                self.at += 3;
                if is_escaped {
                    self.write(start, &single_line(raw), self.at);
                }
                return;
            }
            let escape = rest.starts_with(b"\\\"\"\"");
            is_escaped |= escape;
            self.at += if escape { 4 } else { 1 };
        }
    }

    fn string(&mut self) -> Result<(), Refusal> {
        self.at += 1;
        let mut missing = 0;
        while let Some(&byte) = self.text.as_bytes().get(self.at) {
            match byte {
                b'"' => {
                    self.at += 1;
                    if missing > 0 {
                        self.write(self.at, &" ".repeat(missing), self.at);
                    }
                    return Ok(());
                }
                b'\\' if self.text.as_bytes().get(self.at + 1) == Some(&b'u') => missing += self.escape()?,
                b'\\' => self.at += 2,
                _ => self.at += 1,
            }
        }
        Ok(())
    }

    /// One `\u…`; gives how many characters shorter it became.
    fn escape(&mut self) -> Result<usize, Refusal> {
        let start = self.at;
        let rest = &self.text[start..];
        let (character, length) = if let Some(braced) = rest.strip_prefix("\\u{") {
            let digits = braced
                .find('}')
                .map(|end| &braced[..end])
                .filter(|digits| is_hex(digits));
            let character = digits
                .and_then(|digits| {
                    u32::from_str_radix(digits.trim_start_matches('0'), 16)
                        .ok()
                        .or_else(|| zero(digits))
                })
                .and_then(char::from_u32);
            (character, digits.map_or(0, str::len) + 4)
        } else {
            match unit(rest) {
                Some(high @ 0xD800..=0xDBFF) => {
                    let low = rest
                        .get(6..)
                        .and_then(unit)
                        .filter(|low| (0xDC00..=0xDFFF).contains(low));
                    let code = low.map(|low| 0x1_0000 + ((high - 0xD800) << 10) + (low - 0xDC00));
                    (code.and_then(char::from_u32), 12)
                }
                // The parser reads it.
                Some(unit) if char::from_u32(unit).is_some() => {
                    self.at += 6;
                    return Ok(0);
                }
                _ => (None, 0),
            }
        };
        let Some(character) = character else {
            let message = "this escape is no character: `\\u` has four hexadecimal digits, `\\u{…}` a code point, and \
                           surrogates stand in pairs";
            return Err(self.refusal(start, Code::ParseFailed, message));
        };

        // What can't stand in a string as it is stays an escape.
        let written = match character {
            '"' => "\\\"".to_owned(),
            '\\' => "\\\\".to_owned(),
            '\n' => "\\n".to_owned(),
            '\r' => "\\r".to_owned(),
            other => other.to_string(),
        };
        self.at = start + length;
        self.write(start, &written, self.at);
        Ok(length - written.chars().count())
    }

    /// Has `written` instead of what stands from `from` to `to`.
    fn write(&mut self, from: usize, written: &str, to: usize) {
        let settled = self
            .settled
            .get_or_insert_with(|| String::with_capacity(self.text.len()));
        settled.push_str(&self.text[self.copied..from]);
        settled.push_str(written);
        self.copied = to;
    }

    fn refusal(&self, at: usize, code: Code, message: &str) -> Refusal {
        let (line, column) = place(self.text, at);
        Refusal::new(code, message).at(line, column)
    }
}

/// A block string with `\"""` in it as an ordinary one, and as many lines and columns behind it as it had. On a single
/// line with many quotes it can become longer.
fn single_line(raw: &str) -> String {
    let text = raw
        .replace("\\\"\"\"", "\"\"\"")
        .replace("\r\n", "\n")
        .replace('\r', "\n");
    let lines: Vec<_> = text.split('\n').collect();
    let blank = |line: &str| line.chars().all(|c| c == ' ' || c == '\t');
    let indent_of = |line: &str| line.chars().take_while(|&c| c == ' ' || c == '\t').count();
    let indents = lines
        .iter()
        .skip(1)
        .filter(|line| !blank(line))
        .map(|line| indent_of(line));
    let indent = indents.min().unwrap_or(0);

    let dedented = lines.iter().enumerate().map(|(at, line)| match at {
        0 => *line,
        _ => line.get(indent..).unwrap_or_default(),
    });
    let mut kept: Vec<_> = dedented.skip_while(|line| blank(line)).collect();
    while kept.last().is_some_and(|line| blank(line)) {
        kept.pop();
    }

    let value = kept
        .join("\n")
        .replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n");
    let below = raw.matches('\n').count();
    let columns = match raw.rsplit_once('\n') {
        Some((_, last)) => last.chars().count() + 3,
        None => (raw.chars().count() + 4).saturating_sub(value.chars().count()),
    };
    format!("\"{value}\"{}{}", "\n".repeat(below), " ".repeat(columns))
}

/// Whether a name is followed by a colon.
fn is_key(rest: &[u8]) -> bool {
    next_byte(rest) == Some(b':')
}

/// Whether a name comes next.
fn begins_name(rest: &[u8]) -> bool {
    next_byte(rest).is_some_and(|b| b.is_ascii_alphabetic() || b == b'_')
}

/// The next token's first byte.
fn next_byte(rest: &[u8]) -> Option<u8> {
    rest.get(behind_ignored(rest, 0)).copied()
}

fn is_hex(digits: &str) -> bool {
    !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_hexdigit())
}

/// `u32::from_str_radix` of nothing, once the zeros are gone, is an error; the number is zero.
fn zero(digits: &str) -> Option<u32> {
    digits.bytes().all(|b| b == b'0').then_some(0)
}

/// The number of a `\uXXXX` at the start.
fn unit(text: &str) -> Option<u32> {
    let digits = text.strip_prefix("\\u")?.get(..4).filter(|digits| is_hex(digits))?;
    u32::from_str_radix(digits, 16).ok()
}

#[cfg(test)]
mod tests {
    use async_graphql::{Value, parser::parse_query};

    use super::*;

    /// The value of the first argument of the first field.
    fn value(document: &str) -> Value {
        let settled = settle(document).expect("settled");
        let document = parse_query(&*settled).expect("GraphQL");
        let (_, operation) = document.operations.iter().next().expect("an operation");
        let async_graphql::parser::types::Selection::Field(field) = &operation.node.selection_set.node.items[0].node
        else {
            panic!("a field")
        };
        field.node.arguments[0]
            .1
            .node
            .clone()
            .into_const()
            .expect("no variables")
    }

    #[test]
    fn every_escape_of_the_specification_becomes_its_character() {
        for (escaped, meant) in [
            (r#""a\ud83d\ude00b""#, "a😀b"),
            (r#""\uD83D\uDE00""#, "😀"),
            (r#""\u{1F600}""#, "😀"),
            (r#""\u{0001F600}\u{41}\u{e9}""#, "😀Aé"),
            (r#""\u{22}\u{5C}\u{A}\u{D}\u{0}""#, "\"\\\n\r\0"),
            (r#""\\ud83d""#, "\\ud83d"),
            (r#""\"\ud83d\ude00\"""#, "\"😀\""),
            (r#""\u00e9\n""#, "é\n"),
            (r#""""\ud83d \u{1F600} x""""#, "\\ud83d \\u{1F600} x"),
        ] {
            assert_eq!(
                value(&format!("{{ a(b: {escaped}) }}")),
                Value::from(meant),
                "{escaped}"
            );
        }
    }

    #[test]
    fn what_is_no_character_is_refused_where_it_stands() {
        for escaped in [
            r"\ud83d",
            r"\ude00",
            r"\ud83d\u0041",
            r"\ud83d\ud83d\ude00",
            r"\u{D83D}",
            r"\u{110000}",
            r"\u{FFFFFFFFFF}",
            r"\u{}",
            r"\u{12",
            r"\u{G}",
            r"\u12",
            r"\uD83D\uDE0",
            r"\uéé",
        ] {
            let refusal = settle(&format!("{{ a(b: \"x{escaped}\") }}")).expect_err(escaped);
            assert_eq!(
                (refusal.code, refusal.at),
                (Code::ParseFailed, Some((1, 10))),
                "{escaped}"
            );
        }
    }

    #[test]
    fn places_behind_an_escape_stay_right_and_comments_are_left_alone() {
        let document = "{ a(b: \"\\ud83d\\ude00\") # \\ud83d \"\n c(d: \"\\u{1F600}\") $ }";
        let settled = settle(document).expect("settled");
        assert!(settled.contains("# \\ud83d \""), "{settled}");
        assert_eq!(settled.find('$').map(|at| settled[..at].chars().count()), {
            document.find('$').map(|at| document[..at].chars().count())
        });
        assert!(matches!(settle("{ a(b: \"plain\") }"), Ok(Cow::Borrowed(_))));
    }

    #[test]
    fn quotes_in_block_strings_lose_their_backslash() {
        let document = "{ a(b: \"\"\"\n    x \\\"\"\"\n      y\\n\n  \"\"\") $ }";
        let settled = settle(document).expect("settled");
        assert_eq!(settled.matches('\n').count(), document.matches('\n').count());
        assert_eq!(settled.rsplit('\n').next(), Some("     ) $ }"));
        assert_eq!(
            value(&document.replace(" $", "").replace("  \"\"\")", "\"\"\")")),
            Value::from("x \"\"\"\n  y\\n")
        );
    }

    #[test]
    fn a_key_stands_once_in_an_object() {
        let refused = |document: &str| settle(document).err().map(|refusal| refusal.at);
        assert_eq!(refused("{ a(b: {c: 1, c: 2}) }"), Some(Some((1, 15))));
        assert_eq!(refused("query($v: V = {c: 1 c # x\n : 2}) { a }"), Some(Some((1, 21))));
        assert_eq!(refused("{ a(b: [{c: {c: 1}, d: c}, {c: 1}]) { c: a c: a } }"), None);
    }
}
