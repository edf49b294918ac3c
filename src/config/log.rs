//! The log's filter and its form, as configured.

use tracing_subscriber::EnvFilter;

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For a terminal.
    Human,
    /// One JSON object a line.
    Json,
}

/// The form of the lines.
pub(super) fn format(text: &str) -> Result<LogFormat, String> {
    match text {
        "human" => Ok(LogFormat::Human),
        "json" => Ok(LogFormat::Json),
        other => Err(format!("`{other}` is neither `human` nor `json`")),
    }
}

/// A filter that can be one.
///
/// The library takes a word that is no level for the name of a part of the program, of which everything is logged and
/// of all others nothing: a level that is misspelt would silence the log.
pub(super) fn filter(filter: &str) -> Result<String, String> {
    EnvFilter::try_new(filter).map_err(|error| format!("`{filter}` is no filter: {error}"))?;
    // Fields of spans may hold commas.
    if filter.contains('{') {
        return Ok(filter.to_owned());
    }

    let words = filter.split(',').map(str::trim);
    let wrong = words.filter(|word| !word.is_empty()).find(|word| {
        let is_level = ["off", "error", "warn", "info", "debug", "trace"]
            .iter()
            .any(|level| word.eq_ignore_ascii_case(level));
        !is_level && !word.contains('=')
    });

    match wrong {
        Some(word) => Err(format!(
            "`{word}` is no level: there are error, warn, info, debug, trace and off; of a part of the program write \
             `dingmirror::sync=debug`"
        )),
        None => Ok(filter.to_owned()),
    }
}
