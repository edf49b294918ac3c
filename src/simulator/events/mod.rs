//! What the company tells about its changes: a log, pushes to a URL, and a stream over WebSockets.

pub(crate) mod callbacks;
mod crypto;
mod log;
mod payload;
mod pump;
mod push;
mod settings;
mod socket;
mod stream;

pub(crate) use log::{Events, PushSubscription};
pub(crate) use pump::pump;
pub(crate) use socket::connect;
pub(crate) use stream::Hub;

#[cfg(test)]
mod tests;
