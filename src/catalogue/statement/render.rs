//! From a template and its arguments to the English sentence.

use std::fmt::{self, Write};

use chrono::{DateTime, FixedOffset, Utc};

use super::{Statement, Value};

/// Beijing's offset: DingTalk's days and months are its.
const BEIJING: i32 = 8 * 3_600;

/// Writes the sentence. What a template gets wrong is written as it stands there; a test keeps that none does.
pub(in crate::catalogue) fn render(template: &str, statement: &Statement, out: &mut dyn Write) -> fmt::Result {
    write_message(template, statement, None, out)
}

/// `number`: what `#` stands for, inside a plural.
fn write_message(message: &str, statement: &Statement, number: Option<i64>, out: &mut dyn Write) -> fmt::Result {
    for part in (Parts { rest: message }) {
        match part {
            Part::Text(text) => out.write_str(text)?,
            Part::Sign => match number {
                Some(number) => write!(out, "{number}")?,
                None => out.write_char('#')?,
            },
            Part::Argument(inside) => write_argument(inside, statement, number, out)?,
        }
    }
    Ok(())
}

/// What stands between two braces.
fn write_argument(inside: &str, statement: &Statement, number: Option<i64>, out: &mut dyn Write) -> fmt::Result {
    let Argument { name, form, cases } = Argument::of(inside);
    let absent = Value::Absent;
    let value = statement.value(name).unwrap_or(&absent);

    match form {
        Form::Plain => out.write_str(&value.text()),
        Form::Moment => write_moment(&value.text(), out),
        Form::Phrase => out.write_str(value.text().trim_end_matches('.')),
        Form::Select => {
            let keyword = value.keyword();
            match case_of(cases, &[&keyword, "other"]) {
                Some(message) => write_message(message, statement, number, out),
                None => Ok(()),
            }
        }
        Form::Plural => {
            let counted = value.number().unwrap_or_default();
            let exact = format!("={counted}");
            let category = if counted == 1 { "one" } else { "other" };
            match case_of(cases, &[&exact, category, "other"]) {
                Some(message) => write_message(message, statement, Some(counted), out),
                None => Ok(()),
            }
        }
    }
}

/// A moment as people in China read it.
fn write_moment(text: &str, out: &mut dyn Write) -> fmt::Result {
    let beijing = FixedOffset::east_opt(BEIJING);
    match (text.parse::<DateTime<Utc>>(), beijing) {
        (Ok(at), Some(beijing)) => write!(out, "{}", at.with_timezone(&beijing).format("%Y-%m-%d %H:%M (UTC+8)")),
        _ => out.write_str(text),
    }
}

/// The first of `keys` that `cases` has.
fn case_of<'a>(cases: &'a str, keys: &[&str]) -> Option<&'a str> {
    let found = |key: &str| {
        Cases { rest: cases }
            .find(|(it, _)| *it == key)
            .map(|(_, message)| message)
    };
    keys.iter().find_map(|key| found(key))
}

/// How an argument is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::catalogue) enum Form {
    Plain,
    /// `{at, moment}`: a moment, to the minute, in Beijing's time.
    Moment,
    /// `{why, phrase}`: a sentence without its full stop, to stand within another.
    Phrase,
    Select,
    Plural,
}

/// `name`, `name, moment`, or `name, plural, one {…} other {…}`.
pub(in crate::catalogue) struct Argument<'a> {
    pub(in crate::catalogue) name: &'a str,
    pub(in crate::catalogue) form: Form,
    /// Of a select and a plural.
    pub(in crate::catalogue) cases: &'a str,
}

impl<'a> Argument<'a> {
    pub(in crate::catalogue) fn of(inside: &'a str) -> Self {
        let mut parts = inside.splitn(3, ',');
        let name = parts.next().unwrap_or_default().trim();
        let form = match parts.next().map(str::trim) {
            Some("moment") => Form::Moment,
            Some("phrase") => Form::Phrase,
            Some("select") => Form::Select,
            Some("plural") => Form::Plural,
            _ => Form::Plain,
        };
        let cases = parts.next().unwrap_or_default();
        Self { name, form, cases }
    }
}

/// A part of a message.
pub(in crate::catalogue) enum Part<'a> {
    Text(&'a str),
    /// `#`.
    Sign,
    /// What stands between two braces.
    Argument(&'a str),
}

/// The parts of a message, one after the other.
pub(in crate::catalogue) struct Parts<'a> {
    pub(in crate::catalogue) rest: &'a str,
}

impl<'a> Iterator for Parts<'a> {
    type Item = Part<'a>;

    fn next(&mut self) -> Option<Part<'a>> {
        let rest = self.rest;
        let first = rest.chars().next()?;
        if first == '#' {
            self.rest = &rest[1..];
            return Some(Part::Sign);
        }
        if let Some((inside, behind)) = braces(rest) {
            self.rest = behind;
            return Some(Part::Argument(inside));
        }
        if let Some((quoted, behind)) = quoted(rest) {
            self.rest = behind;
            return Some(Part::Text(quoted));
        }

        // At least the first character: whatever it is, nothing begins with it.
        let start = first.len_utf8();
        let special = |at: usize| rest[at..].starts_with(['#', '{']) || quoted(&rest[at..]).is_some();
        let end = rest[start..]
            .char_indices()
            .map(|(at, _)| at + start)
            .find(|at| special(*at));
        let (text, behind) = rest.split_at(end.unwrap_or(rest.len()));
        self.rest = behind;
        Some(Part::Text(text))
    }
}

/// `one {…} other {…}`, one after the other.
pub(in crate::catalogue) struct Cases<'a> {
    pub(in crate::catalogue) rest: &'a str,
}

impl<'a> Iterator for Cases<'a> {
    type Item = (&'a str, &'a str);

    fn next(&mut self) -> Option<(&'a str, &'a str)> {
        let at = self.rest.find('{')?;
        let key = self.rest[..at].trim();
        let (message, behind) = braces(&self.rest[at..])?;
        self.rest = behind;
        Some((key, message))
    }
}

/// What stands within the braces that `text` begins with, and what is behind them.
fn braces(text: &str) -> Option<(&str, &str)> {
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(character) = text[at..].chars().next() {
        if let Some((_, behind)) = quoted(&text[at..]) {
            at = text.len() - behind.len();
            continue;
        }
        match character {
            '{' => depth += 1,
            '}' => depth = depth.checked_sub(1)?,
            _ => {}
        }
        at += character.len_utf8();
        if depth == 0 {
            return text.starts_with('{').then(|| (&text[1..at - 1], &text[at..]));
        }
    }
    None
}

/// What an apostrophe before a brace quotes, up to the next apostrophe, and what is behind it.
fn quoted(text: &str) -> Option<(&str, &str)> {
    let inside = text.strip_prefix('\'').filter(|rest| rest.starts_with(['{', '}']))?;
    inside.split_once('\'')
}
