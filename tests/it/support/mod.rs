//! Real servers, real databases, and the simulator.

pub mod cluster;
#[macro_use]
pub mod database;
pub mod outbox;
pub mod schema;
pub mod server;
