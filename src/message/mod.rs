//! Messages: DingTalk's message types with their limits, and what becomes of a message for each recipient. No I/O.

mod content;
mod record;

pub use content::{ActionCard, Button, CardAction, Content, OaBody, OaForm, OaRich, OaStatusBar, Orientation};
pub use record::{Attempt, AttemptOutcome, Message, MessageState, NewMessage, NewRecipient, Recipient, RecipientState};
