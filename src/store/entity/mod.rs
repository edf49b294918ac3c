//! The tables as sea-orm sees them. Private to the store: nobody else knows that there are rows.

pub(super) mod attempt;
pub(super) mod change;
pub(super) mod database_epoch;
pub(super) mod delivery_state;
pub(super) mod department;
pub(super) mod entry_error;
pub(super) mod event;
pub(super) mod frozen_recipients;
pub(super) mod held_removal;
pub(super) mod identity_link;
pub(super) mod identity_link_history;
pub(super) mod identity_version;
pub(super) mod known_identity;
pub(super) mod lease;
pub(super) mod mark;
pub(super) mod membership;
pub(super) mod message;
pub(super) mod message_template;
pub(super) mod planned_change;
pub(super) mod recipient;
pub(super) mod revision;
pub(super) mod run;
pub(super) mod run_answer;
pub(super) mod settings;
pub(super) mod settings_audit;
pub(super) mod user;
