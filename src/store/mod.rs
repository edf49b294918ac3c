//! The database: one store, two dialects (SQLite and Postgres). Everything that speaks sea-orm lives here.
#![allow(missing_docs, unused_variables, dead_code, clippy::todo)]

use std::{collections::BTreeMap, time::Duration};

use chrono::{DateTime, Utc};
use secrecy::SecretString;
use uuid::Uuid;

use crate::{
    clock::Clock,
    directory::*,
    message::*,
    page::{Page, PageRequest},
    settings::{SettingsAudit, StoredSettings},
};

#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("the database does not answer")]
    Unavailable,
    #[error("somebody else changed it: version {actual}, not {expected}")]
    VersionConflict { expected: i64, actual: i64 },
    #[error("the lease was lost")]
    LeaseLost,
    #[error("the database holds what this version cannot read: {0}")]
    Corrupt(String),
}

/// Where the database is. SQLite: a file (WAL, one writer, a file lock beside it). Postgres: a URL.
pub enum Target {
    Sqlite { data_dir: std::path::PathBuf },
    Postgres { url: SecretString, max_connections: u32 },
}

/// Cheap to clone.
#[derive(Clone)]
pub struct Store {
    clock: Clock,
}

impl Store {
    pub async fn connect(target: Target, clock: Clock) -> Result<Self, StoreError> {
        todo!()
    }
    /// "SQLite in /var/lib/x/dingmirror.db" or "Postgres at host:port/db": never a password.
    pub fn describe(&self) -> String {
        todo!()
    }
    pub async fn migrate(&self) -> Result<(), StoreError> {
        todo!()
    } // up; safe when two replicas start together
    pub async fn migrate_down(&self, steps: u32) -> Result<(), StoreError> {
        todo!()
    }
    pub async fn migration_status(&self) -> Result<Vec<(String, bool)>, StoreError> {
        todo!()
    }
    pub async fn ping(&self) -> Result<(), StoreError> {
        todo!()
    } // readiness

    // --- directory
    /// Everything, for a cold start: (revision, departments, users with memberships), GONE ones included; one consistent read.
    pub async fn load_directory(&self) -> Result<LoadedDirectory, StoreError> {
        todo!()
    }
    pub async fn current_revision(&self) -> Result<Revision, StoreError> {
        todo!()
    }
    /// Records whose revision is greater than `after`, in one consistent read.
    pub async fn load_since(&self, after: Revision) -> Result<LoadedDirectory, StoreError> {
        todo!()
    }
    /// One transaction: takes the next revision (None and no write when the set is empty), stamps it on the records, writes them, their memberships
    /// and the log. `fence` (lease name + fencing number) must still hold inside the transaction, else LeaseLost and nothing is written.
    pub async fn apply(
        &self,
        set: ChangeSet,
        cause: Cause,
        fence: Option<&Lease>,
    ) -> Result<Option<Revision>, StoreError> {
        todo!()
    }
    pub async fn changes(&self, page: PageRequest<i64>) -> Result<Page<LoggedChange>, StoreError> {
        todo!()
    }
    pub async fn last_change_seq(&self) -> Result<i64, StoreError> {
        todo!()
    }

    // --- settings (one row; the secret comes and goes sealed: sealing is settings/'s, the store only keeps bytes)
    pub async fn load_settings(&self) -> Result<StoredSettings, StoreError> {
        todo!()
    }
    /// Compare-and-set on `expected_version`; writes one audit row per changed field. Returns the stored row (version + 1).
    pub async fn save_settings(
        &self,
        expected_version: i64,
        new: StoredSettings,
        audit: Vec<SettingsAudit>,
    ) -> Result<StoredSettings, StoreError> {
        todo!()
    }
    pub async fn settings_audit(&self, page: PageRequest<i64>) -> Result<Page<(i64, i64, SettingsAudit)>, StoreError> {
        todo!()
    } // (id, version, entry)

    // --- runs
    pub async fn insert_run(&self, run: &SyncRun) -> Result<(), StoreError> {
        todo!()
    }
    pub async fn update_run(&self, run: &SyncRun, fence: Option<&Lease>) -> Result<(), StoreError> {
        todo!()
    }
    pub async fn add_entry_errors(&self, run: Uuid, errors: &[EntryError]) -> Result<(), StoreError> {
        todo!()
    }
    pub async fn run(&self, id: Uuid) -> Result<Option<SyncRun>, StoreError> {
        todo!()
    }
    /// Newest first; the cursor is the run id (UUID v7).
    pub async fn runs(&self, page: PageRequest<Uuid>) -> Result<Page<SyncRun>, StoreError> {
        todo!()
    }
    pub async fn count_runs(&self) -> Result<u64, StoreError> {
        todo!()
    }
    pub async fn entry_errors(&self, run: Uuid, page: PageRequest<i64>) -> Result<Page<(i64, EntryError)>, StoreError> {
        todo!()
    }
    /// The run that is RUNNING, if any; and the last FINISHED one.
    pub async fn running_run(&self) -> Result<Option<SyncRun>, StoreError> {
        todo!()
    }
    pub async fn last_finished_run(&self) -> Result<Option<SyncRun>, StoreError> {
        todo!()
    }
    /// Marks RUNNING runs as INTERRUPTED (called by whoever takes the sync lease).
    pub async fn interrupt_running_runs(&self, except: Option<Uuid>) -> Result<u64, StoreError> {
        todo!()
    }

    // --- leases: a row per name, in database time, with a fencing number that grows with each new holder
    pub async fn acquire_lease(&self, name: &str, owner: &str, ttl: Duration) -> Result<Option<Lease>, StoreError> {
        todo!()
    }
    pub async fn renew_lease(&self, lease: &Lease, ttl: Duration) -> Result<bool, StoreError> {
        todo!()
    }
    pub async fn release_lease(&self, lease: &Lease) -> Result<(), StoreError> {
        todo!()
    }

    // --- messages
    /// One transaction. Same caller + key + digest: the first message, `replayed`. Same caller + key, other digest: `KeyReused`.
    pub async fn insert_message(&self, new: NewMessage) -> Result<InsertedMessage, StoreError> {
        todo!()
    }
    pub async fn message(&self, id: Uuid) -> Result<Option<Message>, StoreError> {
        todo!()
    }
    /// Newest first; cursor = message id.
    pub async fn messages(&self, filter: &MessageQuery, page: PageRequest<Uuid>) -> Result<Page<Message>, StoreError> {
        todo!()
    }
    pub async fn count_messages(&self, filter: &MessageQuery) -> Result<u64, StoreError> {
        todo!()
    }
    /// In order of `position`; cursor = position.
    pub async fn recipients(
        &self,
        message: Uuid,
        states: &[RecipientState],
        page: PageRequest<i64>,
    ) -> Result<Page<Recipient>, StoreError> {
        todo!()
    }
    pub async fn recipient(&self, id: i64) -> Result<Option<Recipient>, StoreError> {
        todo!()
    }
    /// Per message: how many recipients in each state (batched for many messages).
    pub async fn recipient_counts(
        &self,
        messages: &[Uuid],
    ) -> Result<BTreeMap<Uuid, BTreeMap<RecipientState, u64>>, StoreError> {
        todo!()
    }
    pub async fn attempts(&self, message: Uuid, page: PageRequest<Uuid>) -> Result<Page<Attempt>, StoreError> {
        todo!()
    }

    // --- outbox
    /// Takes up to `limit` QUEUED recipients of one message that are due (`not_before` <= now), and appends their attempt row ("started") in the same transaction:
    /// they become SENDING with `attempt_id` and `claim_expires_at = now + ttl`. None: nothing is due.
    pub async fn claim_batch(
        &self,
        limit: u32,
        owner: &str,
        ttl: Duration,
    ) -> Result<Option<ClaimedBatch>, StoreError> {
        todo!()
    }
    /// Records how an attempt ended and moves its recipients (still claimed by it) to their new states; when no recipient of the message waits any more, the message becomes DONE. One transaction.
    pub async fn finish_attempt(&self, attempt: Uuid, result: AttemptResult) -> Result<(), StoreError> {
        todo!()
    }
    /// SENDING recipients whose claim ran out: their process died after "started" was committed, so the outcome is UNKNOWN. Returns how many.
    pub async fn expire_claims(&self) -> Result<u64, StoreError> {
        todo!()
    }
    /// ACCEPTED (and not older than 24 h) sends to follow up: (message, task_id, sent_at), longest unchecked first.
    pub async fn tasks_to_follow_up(
        &self,
        limit: u32,
        checked_before: DateTime<Utc>,
    ) -> Result<Vec<FollowUp>, StoreError> {
        todo!()
    }
    pub async fn record_follow_up(
        &self,
        task: &FollowUp,
        states: &[(UserId, RecipientState, Option<String>)],
    ) -> Result<(), StoreError> {
        todo!()
    }
    /// When the next QUEUED recipient becomes due; None: nothing queued.
    pub async fn next_due(&self) -> Result<Option<DateTime<Utc>>, StoreError> {
        todo!()
    }
}

pub struct LoadedDirectory {
    pub revision: Revision,
    pub departments: Vec<Department>,
    pub users: Vec<User>,
}
/// A held lease.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    pub name: String,
    pub owner: String,
    pub fencing: i64,
}
pub struct InsertedMessage {
    pub message: Message,
    pub outcome: InsertOutcome,
}
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InsertOutcome {
    Inserted,
    Replayed,
    KeyReused,
}
#[derive(Debug, Clone, Default)]
pub struct MessageQuery {
    pub states: Vec<MessageState>,
    pub userid: Option<UserId>,
    pub idempotency_key: Option<String>,
    pub caller: Option<String>,
}
pub struct ClaimedBatch {
    pub attempt_id: Uuid,
    pub message: Message,
    pub recipients: Vec<Recipient>,
    /// earlier attempts of these recipients
    pub former_attempts: u32,
}
pub struct AttemptResult {
    pub outcome: AttemptOutcome,
    pub task_id: Option<i64>,
    pub code: Option<String>,
    pub detail: Option<String>,
    /// where the recipients go: QUEUED (retry, with `not_before`), ACCEPTED, FAILED, UNKNOWN.
    pub recipient_state: RecipientState,
    pub not_before: Option<DateTime<Utc>>,
    pub reason: Option<String>,
}
#[derive(Debug, Clone)]
pub struct FollowUp {
    pub message: Uuid,
    pub task_id: i64,
    pub accepted_at: DateTime<Utc>,
    pub recipients: u32,
}
