//! Walks the settings: each URL and each permission is tried by calls that have no effect, and what comes of it is told
//! in product words. Nobody is sent anything, and nothing is stored.

mod calls;
mod channels;
mod check;
mod fields;
mod name;
mod sample;
mod scope;
mod service;
mod walk;

pub use channels::EventChannels;
pub use check::{Check, CheckState, Finding};
pub use name::CheckName;
pub use service::{Checkup, Report, Running};
