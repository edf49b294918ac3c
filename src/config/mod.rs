//! Configuration: flags before environment before an optional TOML file before defaults; every mistake told at once.
//!
//! The environment is read here and nowhere else.

mod args;
mod delivery;
mod duration;
mod error;
mod events;
mod example;
mod file;
mod log;
mod mistakes;
mod resolve;
mod retention;
mod secrets;
mod signing;
mod stray;
mod words;

pub use args::ConfigArgs;
pub use error::{ConfigError, ConfigErrors};
pub use resolve::{Config, Database, LogFormat};
pub use signing::Signing;
