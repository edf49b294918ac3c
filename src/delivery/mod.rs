//! The delivery engine: an outbox that records before it calls, and tells the truth about what came of it.
//!
//! ```text
//! submit:    check -> replay? -> resolve, deduplicate, render -> one transaction -> answer
//! resend:    the same, with the content and the chosen recipients of a former message
//! unfold:    a large message's recipients become rows -> wake the engine
//! send:      claim ("attempt started" is committed) -> call, no transaction open -> outcome -> record
//! follow-up: accepted sends of the last 24 h -> getsendresult -> record
//! forget:    bodies and messages that need not be kept, in small steps
//! ```
//!
//! DingTalk has no idempotency. A send is repeated only where the former one provably did not arrive; where that is not
//! known the recipients become `UNKNOWN`, and stay so.

mod again;
mod budget;
mod coalesce;
mod config;
mod connection;
mod content;
mod context;
mod departments;
mod ending;
mod engine;
mod error;
mod follow_up;
mod follow_up_told;
mod forget;
mod former_message;
mod in_a_row;
mod metering;
mod mode;
mod not_made;
mod options;
mod outcome;
mod preflight;
mod quota;
mod recall;
mod recipients;
mod request;
mod resend;
mod result;
mod schedule;
mod send;
mod service;
mod submit;
mod unfold;

pub use config::DeliveryConfig;
pub use content::AskedContent;
pub use error::SubmitError;
pub use options::{LONGEST_WORTH, MAX_IDEMPOTENCY_KEY, USUAL_WORTH};
pub use quota::quota_of;
pub use recipients::Disclosure;
pub use request::{DepartmentRecipients, Exceptions, MAX_EXPANDED, MAX_RECIPIENTS, SendRequest, Submitted};
pub use resend::{Chosen, ResendRequest};
pub use service::Delivery;
pub use submit::Preview;
