//! What the company tells about its changes.

mod log;

pub(crate) use log::Events;
