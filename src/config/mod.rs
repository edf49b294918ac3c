//! Configuration: flags before environment before an optional TOML file before defaults; every mistake told at once.
//!
//! `table.rs` is the one place that says which settings there are. A new one is a row there and a field of [`Config`],
//! which `resolve.rs` fills by the row's method.
//!
//! No crate does this. figment, config, confique, twelf and schematic merge layers and leave the rest to serde, which
//! stops at the first wrong value, so that an unknown key hides all others; of flags and `--help` they know little or
//! nothing. clap-serde-derive and clap-layers join clap and a file in the same way. conf (0.4) comes closest: one
//! derive for flags, environment and file that tells all mistakes. But its words and its help are its own, and a
//! misspelt variable, the `_FILE` variables, numbers written as numbers and the line of a mistake would still be ours.

mod args;
mod delivery;
mod duration;
mod environment;
mod error;
mod events;
mod file;
mod follow_up_policy;
mod issuer_keys;
mod issuer_reader;
mod issuers;
mod layers;
mod listening;
mod log;
mod mistakes;
mod place;
mod resolve;
mod retention;
mod secrets;
mod setting;
mod signing;
mod stray;
mod table;
mod trusted;
mod trusted_mode;
mod values;
mod written;

pub use args::secrets_help;
pub use duration::parse_duration;
pub use error::{ConfigError, ConfigErrors};
pub use listening::Listening;
pub use log::LogFormat;
pub use place::DatabasePlace;
pub use resolve::{Config, Database};
pub use signing::Signing;
pub use table::ConfigLayer;
pub use trusted::TrustedManifest;
