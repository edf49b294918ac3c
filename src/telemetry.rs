//! Logs: one line per fact, on standard error, for people or as JSON.

use std::io::IsTerminal;

use tracing_subscriber::{EnvFilter, fmt, layer::SubscriberExt, util::SubscriberInitExt};

use crate::config::LogFormat;

/// Starts logging for the whole process; only the command line does this. A second call changes nothing.
///
/// `filter` was checked by the configuration. sqlx logs each statement at `info` and the migrator each table,
/// which nobody wants by default; the HTTP
/// libraries' finer levels show request lines, and DingTalk's carry the access token.
pub fn init(filter: &str, format: LogFormat) {
    let filter = EnvFilter::try_new(format!(
        "sqlx=warn,sea_orm_migration=warn,hyper=info,h2=info,reqwest=info,{filter}"
    ))
    .unwrap_or_else(|_| EnvFilter::new("info"));
    let registry = tracing_subscriber::registry().with(filter);
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
