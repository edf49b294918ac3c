//! Messages: sending, what becomes of them, and taking them back.

pub(crate) mod content;
pub(crate) mod content_json;
pub(crate) mod content_of;
pub(crate) mod delivery;
pub(crate) mod forgotten_days;
pub(crate) mod object;
pub(crate) mod policy;
pub(crate) mod preview;
pub(crate) mod recall;
pub(crate) mod recipient;
pub(crate) mod recipient_preview;
pub(crate) mod recipients;
pub(crate) mod send;
pub(crate) mod updates;
