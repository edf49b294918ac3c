//! The environment. It is read here and nowhere else.

use std::path::PathBuf;

/// A variable's value; an empty one counts as not set, because that is how compose files and units unset things.
#[allow(clippy::disallowed_methods, reason = "the one home of the environment")]
pub(super) fn env(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.trim().is_empty())
}

/// The names of all variables.
#[allow(clippy::disallowed_methods, reason = "the one home of the environment")]
pub(super) fn names() -> Vec<String> {
    std::env::vars_os()
        .filter_map(|(name, _)| name.into_string().ok())
        .collect()
}

/// Where data lives if nobody says where.
pub(super) fn default_data_dir(env: &dyn Fn(&str) -> Option<String>) -> Option<PathBuf> {
    env("XDG_DATA_HOME")
        .map(PathBuf::from)
        .or_else(|| env("HOME").map(|home| PathBuf::from(home).join(".local/share")))
        .map(|dir| dir.join("dingmirror"))
}
