//! What administrators change: the settings, and links by hand. Check, compare-and-set, put in force.

mod links;
mod tester;
mod update;

pub use links::{LinkError, Linking};
pub use update::{Admin, UpdateError};
