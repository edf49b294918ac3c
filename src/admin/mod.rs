//! What administrators change: the settings, links by hand, and API keys. Check, compare-and-set, put in force.

mod api_keys;
mod links;
mod tester;
mod update;

pub use api_keys::{ApiKeyAdmin, CreatedKey, KeyCreationError};
pub use links::{LinkError, Linking};
pub use update::{Admin, UpdateError};
