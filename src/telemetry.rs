//! Logs: one line per fact, on standard error, for people or as JSON.

use std::io::IsTerminal;

use tracing::{Level, Metadata};
use tracing_subscriber::{EnvFilter, filter::filter_fn, fmt, layer::SubscriberExt, util::SubscriberInitExt};

use crate::config::LogFormat;

/// Starts logging for the whole process; only the command line does this. A second call changes nothing.
///
/// `filter` was checked by the configuration. sqlx logs each statement at `info` and the migrator each table, which nobody wants
/// by default.
pub fn init(filter: &str, format: LogFormat) {
    let filter = EnvFilter::try_new(format!("sqlx=warn,sea_orm_migration=warn,{filter}"))
        .unwrap_or_else(|_| EnvFilter::new("info"));
    let registry = tracing_subscriber::registry()
        .with(filter)
        .with(filter_fn(may_be_shown));
    let started = match format {
        LogFormat::Json => registry
            .with(fmt::layer().json().flatten_event(true).with_writer(std::io::stderr))
            .try_init(),
        LogFormat::Human => {
            let ansi = std::io::stderr().is_terminal();
            registry
                .with(fmt::layer().with_ansi(ansi).with_writer(std::io::stderr))
                .try_init()
        }
    };
    if started.is_err() {
        tracing::debug!("logging was started before");
    }
}

/// Whether a line may be shown at all, whatever the filter says: of libraries nothing finer than `info`.
///
/// Their finer levels show what goes over the wire: tungstenite each frame (and with it a client's `connection_init` and its
/// token), hyper and reqwest request lines (DingTalk's carry the access token) and heads, sqlx a statement's values. Which of them
/// do so changes with each of their versions, so there is no list.
fn may_be_shown(line: &Metadata<'_>) -> bool {
    let is_ours = line.target().split("::").next() == Some(env!("CARGO_PKG_NAME"));
    is_ours || *line.level() <= Level::INFO
}
