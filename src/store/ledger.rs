//! The ledger of messages, held by whoever takes one in: what is decided from it and what is written to it are one
//! transaction.
//!
//! Whether somebody had a content today, or 500 messages, is true only until the next message is taken in. So the
//! question and the insert stand under one lock. On SQLite that is the writer's, of which there is one; on Postgres a
//! row of `sync_marks`, which every replica takes first. It is held for a few statements, never while anything else is
//! waited for.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, Set, SqlErr,
    sea_query::{Expr, OnConflict},
};

use tokio::sync::OwnedMutexGuard;

use super::{
    audit,
    column::CleanText,
    entity::{mark, message},
    error::StoreError,
    frozen::freeze,
    handle::Store,
    message_rows::{message_row, message_value},
    message_updates,
    outbox::{self, SentToday},
    transaction::Transaction,
};
use crate::{
    audit::Deed,
    critical_section::CriticalSection,
    directory::UserId,
    message::{Day, Message, NewMessage},
};

/// The row that whoever takes a message in holds on Postgres.
const HELD: &str = "message-ledger";

/// For so long the same key finds the first message; then it may be used again.
pub const KEYS_KEPT: TimeDelta = TimeDelta::days(7);

/// What came of recording a message.
#[derive(Debug, Clone, PartialEq)]
pub struct InsertedMessage {
    /// The new message, or the one that has the key already.
    pub message: Message,
    /// Which of the two.
    pub outcome: InsertOutcome,
}

/// What came of recording a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InsertOutcome {
    /// It is recorded.
    Inserted,
    /// The caller has sent the same before: this is that one.
    Replayed,
    /// The caller has used the key for something else.
    KeyReused,
}

/// The ledger, held: nobody else takes a message in until this is dropped, or its message is
/// [recorded](Ledger::insert).
pub struct Ledger {
    store: Store,
    pub(super) transaction: Transaction,
    turn: OwnedMutexGuard<()>,
}

impl Store {
    /// Waits for its turn, and holds the ledger.
    pub async fn hold_ledger(&self) -> Result<Ledger, StoreError> {
        // Who waits for the row keeps a connection: a burst of senders would take all of them from everybody else.
        let _section = CriticalSection::enter();
        let turn = self.taking_in.clone().lock_owned().await;

        let transaction = self.begin().await?;
        if self.is_postgres() && !take_row(&transaction).await? {
            // The first message of all makes the row. Two of them at once: the second insert waits for the first one's
            // commit.
            let row = mark::ActiveModel {
                name: Set(HELD.to_owned()),
                value: Set(String::new()),
            };
            mark::Entity::insert(row)
                .on_conflict(OnConflict::column(mark::Column::Name).do_nothing().to_owned())
                .exec_without_returning(&transaction)
                .await?;
            take_row(&transaction).await?;
        }

        Ok(Ledger {
            store: self.clone(),
            transaction,
            turn,
        })
    }

    /// The message that this caller sent with this key, if it is one of those that are kept. It doesn't wait behind
    /// those who ask about messages: an index leads to it.
    pub async fn message_of_key(&self, caller: &str, key: &str) -> Result<Option<Message>, StoreError> {
        of_key(&self.read, caller, key, self.clock.now()).await
    }

    /// Records a message as it is, with its recipients in one transaction, once for each caller and key.
    pub async fn insert_message(&self, new: NewMessage) -> Result<InsertedMessage, StoreError> {
        let outcome = repeated!(async { self.hold_ledger().await?.record(&new, None).await })?;
        Ok(outcome.told(new))
    }
}

async fn take_row(transaction: &Transaction) -> Result<bool, StoreError> {
    let row = mark::Entity::find_by_id(HELD).lock_exclusive().one(transaction).await?;
    Ok(row.is_some())
}

impl Ledger {
    /// [`Store::sent_today`], true until the ledger is let go.
    pub async fn sent_today(
        &self,
        users: &[&UserId],
        day: Day,
        content_digest: &str,
        many: u64,
    ) -> Result<BTreeMap<String, SentToday>, StoreError> {
        outbox::sent_today(&self.transaction, true, users, day, content_digest, many).await
    }

    /// Records a message with its recipients, once for each caller and key, and lets the ledger go. `deed`: what the
    /// audit log has of it, where it is to have anything.
    pub async fn insert(self, new: NewMessage, deed: Option<&Deed>) -> Result<InsertedMessage, StoreError> {
        Ok(self.record(&new, deed).await?.told(new))
    }

    async fn record(self, new: &NewMessage, deed: Option<&Deed>) -> Result<Recorded, StoreError> {
        let Self {
            store,
            transaction,
            turn: _turn,
        } = self;

        if let Some(known) = known(&transaction, new).await? {
            return Ok(Recorded::Before(Box::new(known)));
        }

        if let Some(key) = &new.idempotency_key {
            // An old message gives its key up.
            message::Entity::update_many()
                .col_expr(message::Column::IdempotencyKey, Expr::val(None::<String>))
                .filter(message::Column::Caller.eq(CleanText::from(&new.caller)))
                .filter(message::Column::IdempotencyKey.eq(CleanText::from(key)))
                .filter(message::Column::CreatedAt.lte(new.created_at - KEYS_KEPT))
                .exec(&transaction)
                .await?;
        }

        // SQLite's writers wait for their turn: subscribers look for what changed a moment ago.
        let updated_at = Ord::max(new.created_at, store.clock.now());
        let mut row = message_row(new);
        row.updated_at = Set(Some(updated_at));
        if let Err(error) = message::Entity::insert(row).exec_without_returning(&transaction).await {
            drop(transaction);
            // A replica of an older version doesn't hold the ledger: the second one of a key still finds the first
            // one's message.
            if matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_)))
                && let Some(known) = known(&store.write, new).await?
            {
                return Ok(Recorded::Before(Box::new(known)));
            }
            return Err(error.into());
        }

        freeze(&transaction, new).await?;
        message_updates::note(&transaction, &[new.id.into()]).await?;
        if let Some(deed) = deed {
            audit::note(&transaction, deed, updated_at).await?;
        }
        transaction.commit().await?;
        Ok(Recorded::Now(updated_at))
    }
}

/// What came of one try to record a message.
enum Recorded {
    /// When it was recorded.
    Now(DateTime<Utc>),
    /// The message that was there before.
    Before(Box<InsertedMessage>),
}

impl Recorded {
    fn told(self, new: NewMessage) -> InsertedMessage {
        let updated_at = match self {
            Self::Now(updated_at) => updated_at,
            Self::Before(known) => return *known,
        };

        let message = Message {
            id: new.id,
            caller: new.caller,
            idempotency_key: new.idempotency_key,
            request_digest: new.request_digest,
            kind: new.content.kind(),
            content: Some(new.content),
            rendered: new.rendered,
            state: new.state,
            mode: new.mode,
            on_unknown: new.on_unknown,
            on_duplicate: new.on_duplicate,
            follow_up: new.follow_up,
            priority: new.priority,
            created_at: new.created_at,
            updated_at,
            expires_at: Some(new.expires_at),
            app: new.app,
            erased_at: None,
            recalled: None,
            origin: new.origin,
        };
        InsertedMessage {
            message,
            outcome: InsertOutcome::Inserted,
        }
    }
}

/// The message that has this caller's key already, `at` this moment.
async fn of_key(
    db: &impl ConnectionTrait,
    caller: &str,
    key: &str,
    at: DateTime<Utc>,
) -> Result<Option<Message>, StoreError> {
    let row = message::Entity::find()
        .filter(message::Column::Caller.eq(CleanText::from(caller)))
        .filter(message::Column::IdempotencyKey.eq(CleanText::from(key)))
        .filter(message::Column::CreatedAt.gt(at - KEYS_KEPT))
        .one(db)
        .await?;
    row.map(message_value).transpose()
}

async fn known(db: &impl ConnectionTrait, new: &NewMessage) -> Result<Option<InsertedMessage>, StoreError> {
    let Some(key) = &new.idempotency_key else {
        return Ok(None);
    };
    let Some(message) = of_key(db, &new.caller, key, new.created_at).await? else {
        return Ok(None);
    };

    let outcome = if message.request_digest == new.request_digest {
        InsertOutcome::Replayed
    } else {
        InsertOutcome::KeyReused
    };
    Ok(Some(InsertedMessage { message, outcome }))
}
