//! What becomes of a message: taking it in, sending it, and following it up, on both databases.

mod follow_up;
mod outbox;
mod sending;
mod taking_in;
