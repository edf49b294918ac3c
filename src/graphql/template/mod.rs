//! Message templates: reading, trying and saving them.

pub(crate) mod object;
pub(crate) mod preview;
pub(crate) mod saving;
