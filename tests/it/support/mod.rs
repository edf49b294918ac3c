//! Real servers, real databases, and the simulator.

pub mod cluster;
#[macro_use]
pub mod database;
pub mod disk;
pub mod log;
pub mod outbox;
pub mod pooler;
pub mod process;
pub mod schema;
pub mod server;
