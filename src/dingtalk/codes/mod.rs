//! What DingTalk's codes mean: one table, as data.
//!
//! The code that counts is the `sub_code` where `errcode` is 88 and it isn't empty, else the `errcode`; the new API has
//! a `code` beside its `message`. It is looked up whatever form it comes in.

mod named;
mod row;
mod table;
#[cfg(test)]
mod tests;

pub(super) use row::{Long, Rest};
use {named::WORDS, row::Row, table::NUMBERS};

use super::error::ErrorKind;
use crate::{catalogue::Entry, settings::Api};

/// What a code means for the caller of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Meaning {
    pub(super) kind: ErrorKind,
    pub(super) rest: Rest,
    /// What happened and the remedy; `None`: the kind's own words tell.
    pub(super) says: Option<&'static Entry>,
}

impl Meaning {
    /// What has no code, or none that anybody knows.
    pub(super) const fn of(kind: ErrorKind) -> Self {
        Self {
            kind,
            rest: Rest::Api(Long::Second),
            says: None,
        }
    }
}

/// Every code that the table knows, in its order; where it knows an end of a word only, with a beginning.
pub fn known_codes() -> Vec<String> {
    let numbers = NUMBERS.iter().flat_map(|row| row.codes).map(ToString::to_string);
    let words = WORDS.iter().flat_map(|row| row.codes);
    let words = words.map(|word| word.replacen('*', "Forbidden.AccessDenied.", 1).replace('*', "Org"));
    numbers.chain(words).collect()
}

/// What `code` means in an answer to `api` that says `said` with it; `None`: nobody knows it.
pub(super) fn meaning(api: Api, code: &str, said: &str) -> Option<Meaning> {
    let found = match code.parse::<i64>() {
        Ok(number) => NUMBERS
            .iter()
            .find(|row| row.codes.contains(&number))
            .map(|row| read(row, api, said)),
        Err(_) => WORDS
            .iter()
            .find(|row| row.codes.iter().any(|pattern| is_like(code, pattern)))
            .map(|row| read(row, api, said))
            .or_else(|| of_the_gateway(code)),
    };

    let found = found.filter(|found| found.kind != ErrorKind::UnknownCode);
    match (api, found) {
        (Api::GetToken, found) => Some(without_token(found.unwrap_or(Meaning::of(ErrorKind::UnknownCode)))),
        (_, found) => found,
    }
}

fn read<C>(row: &Row<C>, api: Api, said: &str) -> Meaning {
    let said = said.to_lowercase();
    let (kind, says) = match row.on.iter().find(|on| on.apis.contains(&api)) {
        Some(on) => (on.kind, on.says.or(row.says)),
        None => match row.worded.iter().find(|(word, _)| said.contains(word)) {
            // The row's own words are about its usual kind.
            Some((_, kind)) => (*kind, None),
            None => (row.kind, row.says),
        },
    };
    Meaning {
        kind,
        rest: row.rest,
        says,
    }
}

/// Words under 88 and 15: `isp.…` is the server's side, `isv.…` the caller's parameter.
fn of_the_gateway(code: &str) -> Option<Meaning> {
    let kind = match code.split_once('.')?.0 {
        "isp" => ErrorKind::Unavailable,
        "isv" => ErrorKind::BadRequest,
        "accesscontrol" => ErrorKind::Throttled,
        _ => return None,
    };
    Some(Meaning::of(kind))
}

/// Whatever `gettoken` says, the call that wanted the token never left: it is nobody's fault but the application's,
/// unless it passes.
fn without_token(found: Meaning) -> Meaning {
    use super::class::Class;
    match found.kind.class() {
        Class::Application | Class::Transient | Class::Throttled | Class::NextDay | Class::Banned => found,
        // There is no token yet to be wrong: it can only be the secret.
        Class::Token => Meaning::of(ErrorKind::BadCredentials),
        _ => Meaning::of(ErrorKind::NoToken),
    }
}

fn is_like(code: &str, pattern: &str) -> bool {
    match (pattern.strip_prefix('*'), pattern.strip_suffix('*')) {
        (Some(_), Some(_)) => code.contains(pattern.trim_matches('*')),
        (Some(end), None) => code.ends_with(end),
        (None, Some(start)) => code.starts_with(start),
        (None, None) => code == pattern,
    }
}
