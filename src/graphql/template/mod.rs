//! Message templates: reading, trying and saving them.

pub(super) mod object;
pub(super) mod preview;
pub(super) mod saving;
