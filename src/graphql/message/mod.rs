//! Messages: sending, what becomes of them, and taking them back.

pub(super) mod content;
pub(super) mod content_json;
pub(super) mod content_of;
pub(super) mod delivery;
pub(super) mod forgotten_days;
pub(super) mod list;
pub(super) mod object;
pub(super) mod policy;
pub(super) mod preview;
pub(super) mod quota;
pub(super) mod recall;
pub(super) mod recall_reach;
pub(super) mod recipient;
pub(super) mod recipient_count;
pub(super) mod recipient_list;
pub(super) mod recipient_preview;
pub(super) mod recipients_input;
pub(super) mod resend;
pub(super) mod send;
pub(super) mod updates;
