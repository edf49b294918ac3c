//! The simulated DingTalk over real HTTP.

pub mod support;

mod access;
mod contacts;
mod control;
mod faults;
mod stream;
