//! What becomes of a message: taking it in, sending it, and following it up, on both databases.

mod answers;
mod codes;
mod company;
mod follow_up;
mod gate;
mod ledger;
mod month;
pub mod outbox;
mod pace;
mod policies;
mod quota;
mod samples;
mod sending;
mod simulated;
mod taking_in;

pub use company::mirrored;
pub use outbox::Outbox;
pub use samples::one_of_each;
mod predicted;
mod sharing;
mod taking_back;
mod unknown;
mod unrecorded;
