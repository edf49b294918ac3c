//! Real servers, real databases, and the simulator.

#[macro_use]
pub mod database;
pub mod outbox;
pub mod schema;
pub mod server;
