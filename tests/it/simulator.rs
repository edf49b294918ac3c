//! The simulated DingTalk over real HTTP.

mod support;

mod contacts;
mod faults;
mod stream;
