//! Standard output: what a command was asked for, and nothing else.

use std::{
    fmt::Display,
    io::{self, ErrorKind, Write},
};

use anyhow::Context;
use chrono::{DateTime, SecondsFormat, Utc};

/// Writes a text as it is.
///
/// Whoever has read enough (`dingmirror schema | head -1`) closes the pipe: then nothing more is written, and the work
/// goes on to its end. `println!` would end the process with a panic.
pub(super) fn text(text: &str) -> anyhow::Result<()> {
    let mut output = io::stdout().lock();
    match output.write_all(text.as_bytes()).and_then(|()| output.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        written => written.context("cannot write to standard output"),
    }
}

/// Writes a line.
pub(super) fn line(line: impl Display) -> anyhow::Result<()> {
    text(&format!("{line}\n"))
}

/// A time as programs and people read it, to the second.
pub(super) fn moment(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}
