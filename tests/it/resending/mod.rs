//! Sending a message again to some of its recipients, and what leads up to that: who is found by whom, what can be
//! taken back.

mod again;
mod company;
mod families;
mod finding;
