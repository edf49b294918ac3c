//! The simulated DingTalk over real HTTP.

mod support;

mod access;
mod contacts;
mod control;
mod faults;
mod stream;
