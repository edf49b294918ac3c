//! The store, on both databases.

mod claims;
mod connections;
mod directory;
mod erasure;
pub mod fixtures;
mod frozen;
mod leases;
mod messages;
mod migrations;
mod recalls;
mod retention;
mod runs;
mod settings;
mod templates;
