//! Behaviour, through real HTTP, real databases and the simulator.
#![allow(clippy::unwrap_used, reason = "a test's failure is a panic")]

mod edge_forms;
mod edge_http;
mod edge_nulls;
mod edge_pages;
mod edge_support;
mod hostile;
mod simulator;
mod sse;
mod tidy;
mod websocket;
