//! The store, on both databases.

mod backups;
mod claims;
mod connections;
mod directory;
mod epochs;
mod erasure;
mod feed;
pub mod fixtures;
mod follow_ups;
mod frozen;
mod leases;
mod log_time;
pub mod messages;
mod migrations;
mod moving;
mod recalls;
mod retention;
mod runs;
mod settings;
mod templates;

pub use fixtures::{migrated_before, open};
pub use messages::{accepted, message};
pub use runs::run;
