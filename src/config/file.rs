//! The optional TOML file.

use serde::Deserialize;

/// The same settings as the flags, and the two secrets. Numbers may be written as numbers.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ConfigFile {
    pub(super) database_url: Option<String>,
    pub(super) database_max_connections: Option<Text>,
    pub(super) data_dir: Option<String>,
    pub(super) listen: Option<String>,
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
    pub(super) event_corp_id: Option<String>,
    pub(super) stream: Option<String>,
    pub(super) remember_identities: Option<Text>,
    pub(super) calls_per_second: Option<Text>,
    pub(super) keep_message_bodies: Option<Text>,
    pub(super) keep_sync_runs: Option<Text>,
    pub(super) keep_changes: Option<Text>,
    pub(super) recipients_per_minute: Option<Text>,
    pub(super) send_claim: Option<Text>,
    pub(super) repeat_after: Option<Text>,
    pub(super) shutdown_grace: Option<Text>,
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

impl ConfigFile {
    /// Reads the file at `path`.
    pub(super) fn read(path: &str) -> Result<Self, String> {
        let text = std::fs::read_to_string(path).map_err(|error| format!("cannot read {path}: {error}"))?;
        toml::from_str(&text).map_err(|error| format!("{path}: {}", describe(&text, &error)))
    }
}

/// The line and the library's sentence, without the line's text: it may hold a secret.
fn describe(text: &str, error: &toml::de::Error) -> String {
    let line = error
        .span()
        .map(|span| text[..span.start.min(text.len())].matches('\n').count() + 1);
    match line {
        Some(line) => format!("line {line}: {}", error.message()),
        None => error.message().to_owned(),
    }
}
