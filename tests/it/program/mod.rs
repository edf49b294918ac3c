//! The program as whoever runs it meets it: its words, its signals, its log.

mod access_log;
mod awaited_database;
mod commands;
mod healthcheck;
mod moves;
mod notices;
mod secrets;
mod signals;
mod waiting;
