//! The optional TOML file: a setting a line, by the keys of the table.

use serde::Deserialize;
use toml::{
    Spanned, Value,
    de::{DeTable, DeValue, ValueDeserializer},
};

use super::{
    setting::{Kind, Setting},
    table::{ConfigLayer, ROWS, nearest},
};

/// The list of tables that is no setting of one line.
const ISSUERS: &str = "issuers";

/// Alike enough to be meant: half of it wrong is another word.
const ALIKE: f64 = 0.75;

/// What a file says, and what is wrong with it.
#[derive(Default)]
pub(super) struct FileContents {
    /// The settings of the table.
    pub(super) settings: ConfigLayer,
    /// `[[issuers]]`, as they stand there.
    pub(super) issuers: Vec<toml::Table>,
    /// What is wrong, by its line.
    pub(super) mistakes: Vec<String>,
}

/// Reads the file at `path`: everything in it that is right, and everything that is wrong.
///
/// Each setting is read by itself, so that one mistake hides neither another one nor what is right. No mistake shows
/// what stands in its line: it may hold a secret.
pub(super) fn read(path: &str) -> FileContents {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) => {
            return FileContents {
                mistakes: vec![format!("cannot read {path}: {error}")],
                ..FileContents::default()
            };
        }
    };

    let at = |byte: usize| text[..byte.min(text.len())].matches('\n').count() + 1;
    let (table, errors) = DeTable::parse_recoverable(&text);
    let mut mistakes: Vec<_> = errors
        .iter()
        .map(|error| {
            let line = error.span().map_or(1, |span| at(span.start));
            (line, no_toml(&text, line).unwrap_or_else(|| error.message().to_owned()))
        })
        .collect();

    let (mut right, mut issuers) = (ConfigLayer::default(), Vec::new());
    for (key, value) in table.into_inner() {
        let line = at(key.span().start);
        let name = key.into_inner();
        if name == ISSUERS {
            match tables(value) {
                Some(tables) => issuers = tables,
                None => mistakes.push((
                    line,
                    format!("{ISSUERS}: write each of them as a table `[[{ISSUERS}]]`"),
                )),
            }
            continue;
        }
        let Some(setting) = named(&name) else {
            mistakes.push((line, unknown(&name)));
            continue;
        };
        match text_of(setting, value) {
            Ok(text) => right.set(setting.key, text),
            Err(message) => mistakes.push((line, format!("{name}: {message}"))),
        }
    }

    mistakes.sort();
    mistakes.dedup_by_key(|(line, _)| *line);
    let told = |(line, message)| format!("{path}, line {line}: {message}");
    FileContents {
        settings: right,
        issuers,
        mistakes: mistakes.into_iter().map(told).collect(),
    }
}

/// A list of tables.
fn tables(value: Spanned<DeValue<'_>>) -> Option<Vec<toml::Table>> {
    let value = Value::deserialize(ValueDeserializer::from(value)).ok()?;
    let members = value.as_array()?.iter();
    members.map(|member| member.as_table().cloned()).collect()
}

fn named(name: &str) -> Option<&'static Setting> {
    ROWS.iter().copied().find(|setting| setting.key == name)
}

/// The value of a setting as a text, if it is of the right form. Numbers may be written as numbers, lists as lists.
fn text_of(setting: &Setting, value: Spanned<DeValue<'_>>) -> Result<String, String> {
    let value = Value::deserialize(ValueDeserializer::from(value)).map_err(|_| no_value(setting))?;
    let wrong = || {
        let (article, name, example) = (article(&value), setting.key, setting.example());
        format!("{article} is not what it takes: write it as in `{name} = {example}`")
    };

    match (&value, setting.kind) {
        (Value::String(text), _) => Ok(text.clone()),
        (Value::Integer(number), Kind::Time | Kind::Number(_)) => Ok(number.to_string()),
        (Value::Array(members), Kind::List(_)) => {
            let members: Option<Vec<_>> = members.iter().map(Value::as_str).collect();
            members.map(|members| members.join(",")).ok_or_else(wrong)
        }
        _ => Err(wrong()),
    }
}

/// What to write in place of a value that the parser can't read, where a setting's name stands in front of it.
fn no_toml(text: &str, line: usize) -> Option<String> {
    let (name, _) = text.lines().nth(line.checked_sub(1)?)?.split_once('=')?;
    let setting = named(name.trim())?;
    Some(format!("{}: {}", setting.key, no_value(setting)))
}

fn no_value(setting: &Setting) -> String {
    let (name, example) = (setting.key, setting.example());
    format!("what stands behind the `=` is no TOML value: write it as in `{name} = {example}`")
}

fn article(value: &Value) -> &'static str {
    match value {
        Value::String(_) => "a text",
        Value::Integer(_) => "a number",
        Value::Float(_) => "a fraction",
        Value::Boolean(_) => "true or false",
        Value::Datetime(_) => "a date",
        Value::Array(_) => "a list",
        Value::Table(_) => "a table",
    }
}

fn unknown(name: &str) -> String {
    let flat = name.to_lowercase().replace('-', "_");
    let flat = flat.strip_prefix("dingmirror_").unwrap_or(&flat);
    match nearest(flat, ALIKE) {
        Some(Setting { key, .. }) => format!("there is no setting `{name}`: did you mean `{key}`?"),
        None => format!("there is no setting `{name}`: the settings are the long flags, with `_` for `-`"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (ConfigLayer, Vec<String>) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("c.toml");
        std::fs::write(&path, text).unwrap();
        let FileContents {
            settings: file,
            mistakes,
            ..
        } = super::read(path.to_str().unwrap());
        let short = |mistake: String| mistake.split_once("c.toml, ").unwrap().1.to_owned();
        (file, mistakes.into_iter().map(short).collect())
    }

    #[test]
    fn every_setting_is_read() {
        for key in ROWS.iter().map(|setting| setting.key) {
            let (_, mistakes) = read(&format!("{key} = \"1\""));
            assert!(mistakes.is_empty(), "{key}: {mistakes:?}");
        }
    }

    #[test]
    fn what_is_wrong_hides_neither_the_rest_nor_what_is_right() {
        let (file, mistakes) = read(
            "lisen = 'x'\ncalls_per_second = 40\nsync-interval = '1h'\nlog = true\n\nallowed_hosts = ['a', 'b']\n\
             jwt_secert = 'hunter2'\nzebra = 1\nDINGMIRROR_STREAM = 'on'\n",
        );

        assert_eq!(file.calls_per_second.as_deref(), Some("40"));
        assert_eq!(file.allowed_hosts.as_deref(), Some("a,b"));
        let expected = [
            "line 1: there is no setting `lisen`: did you mean `listen`?",
            "line 3: there is no setting `sync-interval`: did you mean `sync_interval`?",
            "line 4: log: true or false is not what it takes: write it as in `log = \"info\"`",
            "line 7: there is no setting `jwt_secert`: did you mean `jwt_secret`?",
            "line 8: there is no setting `zebra`: the settings are the long flags, with `_` for `-`",
            "line 9: there is no setting `DINGMIRROR_STREAM`: did you mean `stream`?",
        ];
        assert_eq!(mistakes, expected);
    }

    #[test]
    fn a_line_that_is_no_toml_is_named_and_the_others_are_read() {
        let (file, mistakes) = read("listen = '0.0.0.0:1'\nlog = \nsecret_key = hunter2\nlisen = 1\n");
        assert_eq!(file.listen.as_deref(), Some("0.0.0.0:1"));
        let lines: Vec<_> = mistakes
            .iter()
            .map(|mistake| mistake.split(':').next().unwrap())
            .collect();
        assert_eq!(lines, ["line 2", "line 3", "line 4"], "{mistakes:?}");
        assert!(!mistakes.join(" ").contains("hunter2"), "{mistakes:?}");
    }

    #[test]
    fn each_line_of_the_packages_file_is_right_without_its_number_sign() {
        let text = include_str!("../../packaging/dingmirror.toml");
        let is_setting = |line: &&str| {
            let name = line.split('=').next().unwrap_or_default().trim();
            line.contains(" = ") && name.chars().all(|c| c.is_ascii_lowercase() || c == '_')
        };
        let lines: Vec<_> = text
            .lines()
            .map(|line| line.trim_start_matches("# "))
            .filter(is_setting)
            .collect();
        assert!(lines.len() > 8, "{lines:?}");
        let (_, mistakes) = read(&lines.join("\n"));
        assert!(mistakes.is_empty(), "{mistakes:?}");
    }

    #[test]
    fn every_example_is_toml() {
        for setting in ROWS {
            let line = format!("{} = {}", setting.key, setting.example());
            assert!(line.parse::<toml::Table>().is_ok(), "{line}");
        }
    }
}
