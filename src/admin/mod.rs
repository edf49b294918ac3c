//! Changing the settings: check, seal, compare-and-set, publish.

mod update;

pub use update::{Admin, UpdateError};
