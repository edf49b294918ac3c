//! Messages: DingTalk's message types with their limits, and what becomes of a message for each recipient. No I/O.

mod check;
mod content;
mod day;
mod digest;
mod kind;
mod line_breaks;
mod link_target;
mod links;
mod mark;
mod markdown_links;
mod pace;
mod policy;
mod quota;
mod record;
mod render;
mod template;
mod texts;
mod title;

pub use check::{MAX_BYTES, MAX_TEXT};
pub use content::{ActionCard, Button, CardAction, Content, OaBody, OaForm, OaRich, OaStatusBar, Orientation};
pub use day::{Day, month_of};
pub use digest::{content_digest, request_digest};
pub use kind::ContentKind;
pub use link_target::LinkTarget;
pub use pace::{Pace, RECIPIENTS_A_MINUTE, RecentCall};
pub use policy::{FollowUpPolicy, OnDuplicate, OnUnknown, Prediction, Priority, RecallState};
pub use quota::{CallPurpose, FollowUpBudget, MeteredCalls, Quota, QuotaRules, STANDARD_CALLS};
pub use record::{
    Attempt, AttemptOutcome, Message, MessageState, NewMessage, NewRecipient, Origin, Recipient, RecipientState,
};
pub use template::{MAX_TEMPLATES, MessageTemplate, NewTemplate, Steps, unknown_template};
