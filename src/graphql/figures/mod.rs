//! Figures over time, of the directory and of messages.

pub(super) mod daily;
