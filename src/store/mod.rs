//! The database: one store, two dialects (SQLite and Postgres). Everything that speaks sea-orm lives here.
//!
//! What differs between the two stands in `dialect.rs`. Every write goes through [`Store`]'s writing side; each method
//! is one transaction, and none is held open across anything but the database.

#[macro_use]
mod repeat;

mod alive;
mod api_keys;
mod audit;
mod backup;
mod begin;
mod beside;
mod changes;
mod column;
mod connect;
mod dialect;
mod directory;
mod driver_error;
mod entity;
mod epoch;
mod error;
mod events;
mod family;
mod fault;
mod feed;
mod files;
mod former;
mod frozen;
mod handle;
mod health;
mod held;
mod identities;
mod journal;
mod lease;
mod ledger;
mod links;
mod load;
mod log_time;
mod marks;
mod message_rows;
mod message_updates;
mod messages;
mod migrate;
mod moving;
mod numbers;
mod outbox;
mod paging;
mod passages;
mod past;
mod patience;
mod planned;
mod pooler;
mod postgres;
mod question;
mod questions;
mod readings;
mod revision;
mod revocations;
mod rows;
mod runs;
mod search;
mod settings;
mod single;
mod sqlite;
mod templates;
mod time;
mod transaction;
mod upkeep;
mod wait;
mod write_proof;

pub use api_keys::{KeyCreation, KeysInForce};
pub use backup::{BackedUp, back_up};
pub use connect::Target;
pub use error::StoreError;
pub use family::FAMILY_AT_MOST;
pub use fault::FaultKind;
pub use feed::{ChangeOrder, ChangeQuery, MatchChanges};
pub use handle::Store;
pub use identities::IdentityVersions;
pub use journal::JournalLine;
pub use lease::Lease;
pub use ledger::{InsertOutcome, InsertedMessage, KEYS_KEPT, Ledger};
pub use links::LinkHistoryQuery;
pub use load::LoadedDirectory;
pub use log_time::LogPlace;
pub use message_updates::{MessageChange, UpdatedMessages, UpdatedPage};
pub use moving::{MovedPart, MovedTable, export, import, move_all};
pub use outbox::{
    AttemptResult, Claim, ClaimLimits, ClaimedBatch, ClaimedRecipient, DeliveryFigures, Expired, FollowUpTask,
    ForgetPlace, Forgotten, ForgottenDay, InARow, OutboxFigures, RecallOutcome, RecallReach, RecallTask, Repetition,
    SentToday, Stop,
};
pub use past::{Moment, ToUndo};
pub use repeat::Repetitions;
pub use revocations::{RevocationOutcome, RevocationsInForce};
pub use runs::{BegunRun, RunBeginning};
pub use search::{DayDeliveries, MessageQuery, NoPlace, RecipientPlace, RecipientQuery};
pub use templates::TemplateChange;
pub use wait::wait_for;
