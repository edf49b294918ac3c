//! What is fuzzed. A target takes any bytes, and panics where something doesn't hold that holds for all of them: that
//! nothing panics or takes long, and the rule that its file names.
//!
//! `tests/it/fuzz` runs them: for seconds in each test run, for minutes in `make prove`.

mod dingtalk;
mod documents;
mod events;
mod links;
mod search;
mod tokens;

/// Takes one input.
pub type Target = fn(&[u8]);

/// The targets by name; each has a folder of its name in `fuzz/corpus`.
pub const TARGETS: [(&str, Target); 6] = [
    ("dingtalk", dingtalk::run),
    ("documents", documents::run),
    ("events", events::run),
    ("links", links::run),
    ("search", search::run),
    ("tokens", tokens::run),
];
