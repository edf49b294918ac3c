//! The delivery engine: an outbox that records before it calls, and tells the truth about what came of it.
#![allow(missing_docs, unused_variables, dead_code, clippy::todo)]

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::{
    clock::Clock, dingtalk::Client, directory::*, identity::ConfluenceIdentity, message::*, settings::SettingsHandle,
    store::Store,
};

pub struct DeliveryConfig {
    pub claim_ttl: Duration,
    pub batch: u32, /* <= 100 */
    pub poll: Duration,
    pub follow_up_every: Duration,
}

#[derive(Clone)]
pub struct Delivery {
    x: (),
}
impl Delivery {
    pub fn new(
        config: DeliveryConfig,
        store: Store,
        client: Client,
        settings: SettingsHandle,
        snapshots: SnapshotHandle,
        clock: Clock,
    ) -> Self {
        todo!()
    }
    /// Claims, sends, records, follows up until `shutdown`; finishes the call under way first.
    pub async fn run(&self, shutdown: CancellationToken) {
        todo!()
    }
    /// Checks, resolves, deduplicates, renders and records; answers at once.
    pub async fn submit(&self, request: SendRequest) -> Result<Submitted, SubmitError> {
        todo!()
    }
}
pub struct SendRequest {
    pub caller: String,
    pub content: Content,
    pub identities: Vec<ConfluenceIdentity>,
    pub userids: Vec<UserId>,
    pub idempotency_key: Option<String>,
    pub require_all_matched: bool,
}
pub struct Submitted {
    pub message: Message,
    pub replayed: bool,
}
#[derive(Debug)]
pub enum SubmitError {
    /// Fields that the request got wrong: path below `input` (e.g. ["content","text","content"]), message with the remedy, machine code.
    Invalid(Vec<FieldError>),
    Store(crate::store::StoreError),
}
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    pub code: FieldErrorCode,
    pub field: Vec<String>,
    pub message: String,
}
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldErrorCode {
    Required,
    Invalid,
    TooLong,
    Conflict,
    NotConfigured,
    NotFound,
}
