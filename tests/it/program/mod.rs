//! The program as whoever runs it meets it: its words, its signals, its log.

mod commands;
mod notices;
mod secrets;
mod signals;
mod waiting;
