//! The optional TOML file.

use super::example;
use serde::Deserialize;
use toml::{
    Spanned,
    de::{DeTable, DeValue, ValueDeserializer},
};

/// The same settings as the flags, and the two secrets. Numbers may be written as numbers.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ConfigFile {
    pub(super) database_url: Option<String>,
    pub(super) database_max_connections: Option<Text>,
    pub(super) data_dir: Option<String>,
    pub(super) listen: Option<String>,
    pub(super) connections_per_address: Option<Text>,
    pub(super) allowed_hosts: Option<List>,
    pub(super) allowed_origins: Option<List>,
    pub(super) sync_interval: Option<Text>,
    pub(super) sync_lease: Option<Text>,
    pub(super) verify_calls_per_hour: Option<Text>,
    pub(super) removal_limit_count: Option<Text>,
    pub(super) removal_limit_percent: Option<Text>,
    pub(super) removal_limit_subtree: Option<Text>,
    pub(super) event_token: Option<String>,
    pub(super) event_aes_key: Option<String>,
    pub(super) event_token_previous: Option<String>,
    pub(super) event_aes_key_previous: Option<String>,
    pub(super) event_corp_id: Option<String>,
    pub(super) stream: Option<String>,
    pub(super) remember_identities: Option<Text>,
    pub(super) calls_per_second: Option<Text>,
    pub(super) keep_message_bodies: Option<Text>,
    pub(super) keep_messages: Option<Text>,
    pub(super) keep_sync_runs: Option<Text>,
    pub(super) keep_changes: Option<Text>,
    pub(super) recipients_per_minute: Option<Text>,
    pub(super) send_claim: Option<Text>,
    pub(super) repeat_after: Option<Text>,
    pub(super) shutdown_grace: Option<Text>,
    pub(super) token_max_lifetime: Option<Text>,
    pub(super) log: Option<String>,
    pub(super) log_format: Option<String>,
    pub(super) jwt_secret: Option<String>,
    pub(super) jwt_secret_previous: Option<String>,
    pub(super) secret_key: Option<String>,
}

/// Text, or a number that is read as its text.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(super) enum Text {
    Text(String),
    Number(i64),
}

impl Text {
    pub(super) fn into_string(self) -> String {
        match self {
            Self::Text(text) => text,
            Self::Number(number) => number.to_string(),
        }
    }
}

/// A TOML list, or its members separated by commas.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(super) enum List {
    Text(String),
    Members(Vec<String>),
}

impl List {
    pub(super) fn into_string(self) -> String {
        match self {
            Self::Text(text) => text,
            Self::Members(members) => members.join(","),
        }
    }
}

/// The file's settings by name. A test holds them against the flags.
pub(super) const KEYS: [&str; 35] = [
    "allowed_hosts",
    "allowed_origins",
    "calls_per_second",
    "connections_per_address",
    "data_dir",
    "database_max_connections",
    "database_url",
    "event_aes_key",
    "event_aes_key_previous",
    "event_corp_id",
    "event_token",
    "event_token_previous",
    "jwt_secret",
    "jwt_secret_previous",
    "keep_changes",
    "keep_message_bodies",
    "keep_messages",
    "keep_sync_runs",
    "listen",
    "log",
    "log_format",
    "recipients_per_minute",
    "remember_identities",
    "removal_limit_count",
    "removal_limit_percent",
    "removal_limit_subtree",
    "repeat_after",
    "secret_key",
    "send_claim",
    "shutdown_grace",
    "stream",
    "sync_interval",
    "sync_lease",
    "token_max_lifetime",
    "verify_calls_per_hour",
];

/// Alike enough to be meant: half of it wrong is another word.
const ALIKE: f64 = 0.75;

impl ConfigFile {
    /// Reads the file at `path`: everything in it that is right, and everything that is wrong.
    ///
    /// Each setting is read by itself, so that one mistake hides neither another one nor what is right. No mistake
    /// shows what stands in its line: it may hold a secret.
    pub(super) fn read(path: &str) -> (Self, Vec<String>) {
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) => return (Self::default(), vec![format!("cannot read {path}: {error}")]),
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

        let mut right = toml::Table::new();
        for (key, value) in table.into_inner() {
            let line = at(key.span().start);
            let name = key.into_inner().into_owned();
            if !KEYS.contains(&name.as_str()) {
                mistakes.push((line, unknown(&name)));
                continue;
            }
            match alone(&name, value) {
                Ok(value) => drop(right.insert(name, value)),
                Err(message) => mistakes.push((line, format!("{name}: {message}"))),
            }
        }

        // Each one was read before: together they can't fail.
        let file = Self::deserialize(right).unwrap_or_default();
        mistakes.sort();
        mistakes.dedup_by_key(|(line, _)| *line);
        let told = |(line, message)| format!("{path}, line {line}: {message}");
        (file, mistakes.into_iter().map(told).collect())
    }
}

/// The value of setting `name`, if it is of the right form.
fn alone(name: &str, value: Spanned<DeValue<'_>>) -> Result<toml::Value, String> {
    let value = toml::Value::deserialize(ValueDeserializer::from(value)).map_err(|_| no_value(name))?;
    let table = toml::Table::from_iter([(name.to_owned(), value.clone())]);
    match ConfigFile::deserialize(table) {
        Ok(_) => Ok(value),
        Err(_) => Err(format!(
            "{} is not what it takes: write it as in `{name} = {}`",
            article(&value),
            example::of(name)
        )),
    }
}

/// What to write in place of a value that the parser can't read, where a setting's name stands in front of it.
fn no_toml(text: &str, line: usize) -> Option<String> {
    let (name, _) = text.lines().nth(line.checked_sub(1)?)?.split_once('=')?;
    let name = name.trim();
    KEYS.contains(&name).then(|| format!("{name}: {}", no_value(name)))
}

fn no_value(name: &str) -> String {
    let written = example::of(name);
    format!("what stands behind the `=` is no TOML value: write it as in `{name} = {written}`")
}

fn article(value: &toml::Value) -> &'static str {
    match value {
        toml::Value::String(_) => "a text",
        toml::Value::Integer(_) => "a number",
        toml::Value::Float(_) => "a fraction",
        toml::Value::Boolean(_) => "true or false",
        toml::Value::Datetime(_) => "a date",
        toml::Value::Array(_) => "a list",
        toml::Value::Table(_) => "a table",
    }
}

fn unknown(name: &str) -> String {
    let flat = name.to_lowercase().replace('-', "_");
    let flat = flat.strip_prefix("dingmirror_").unwrap_or(&flat);
    let nearest = KEYS
        .into_iter()
        .map(|key| (strsim::jaro_winkler(flat, key), key))
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .filter(|(alike, _)| *alike >= ALIKE);

    match nearest {
        Some((_, key)) => format!("there is no setting `{name}`: did you mean `{key}`?"),
        None => format!("there is no setting `{name}`: the settings are the long flags, with `_` for `-`"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (ConfigFile, Vec<String>) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("c.toml");
        std::fs::write(&path, text).unwrap();
        let (file, mistakes) = ConfigFile::read(path.to_str().unwrap());
        let short = |mistake: String| mistake.split_once("c.toml, ").unwrap().1.to_owned();
        (file, mistakes.into_iter().map(short).collect())
    }

    #[test]
    fn every_setting_is_read() {
        for key in KEYS {
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

        assert_eq!(file.calls_per_second.map(Text::into_string).as_deref(), Some("40"));
        assert_eq!(file.allowed_hosts.map(List::into_string).as_deref(), Some("a,b"));
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
}
