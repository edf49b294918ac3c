//! The log's filter, as configured.

use tracing_subscriber::EnvFilter;

/// What is wrong with a filter.
///
/// The library takes a word that is no level for the name of a part of the program, of which everything is logged and
/// of all others nothing: a level that is misspelt would silence the log.
pub(super) fn check(filter: &str) -> Result<(), String> {
    EnvFilter::try_new(filter).map_err(|error| format!("`{filter}` is no filter: {error}"))?;
    // Fields of spans may hold commas.
    if filter.contains('{') {
        return Ok(());
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
        None => Ok(()),
    }
}
