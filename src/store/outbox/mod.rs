//! The outbox: recipients are claimed, their attempt is on record before the call, and its outcome after it.
//!
//! A call's id is its fencing number: a result reaches only recipients that no later call has taken over.

mod call;
mod claim;
mod claim_limits;
mod doubt;
mod due;
mod expire;
mod figures;
mod finish;
mod follow_up;
mod forget;
mod future;
mod held;
mod in_a_row;
mod metered;
mod queue;
mod reach;
mod recall;
mod retention;
mod sent;
mod spent;
mod stop;
mod today;
mod transition;
mod waiting;

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    sea_query::{Expr, LockType, UnionType},
};

pub use claim::{Claim, ClaimedBatch, ClaimedRecipient};
pub use claim_limits::ClaimLimits;
pub use expire::Expired;
pub use figures::DeliveryFigures;
pub use finish::{AttemptResult, Repetition};
pub use follow_up::FollowUpTask;
pub use forget::{ForgetPlace, Forgotten, ForgottenDay};
pub use in_a_row::InARow;
pub(super) use queue::lane;
pub use reach::RecallReach;
pub use recall::{RecallOutcome, RecallTask};
pub use sent::SentToday;
pub use stop::Stop;
pub(super) use today::sent_today;
pub use waiting::OutboxFigures;

use super::{
    column::{Named, UuidText},
    entity::{message, recipient},
    error::StoreError,
    message_updates,
    transaction::Transaction,
};
use crate::message::{MessageState, RecipientState};

/// Rows a statement.
const CHUNK: usize = 1_000;

/// Takes the messages' rows, in order, until the transaction ends. Two attempts of one message that end at the same
/// moment would each still see the other's recipients as SENDING on Postgres, and leave the message open for ever; and
/// they would wait for each other's rows. On SQLite there is one writer, and nothing to take.
async fn hold_messages(transaction: &Transaction, ids: &BTreeSet<UuidText>) -> Result<(), StoreError> {
    for chunk in ids.iter().collect::<Vec<_>>().chunks(CHUNK) {
        let _held: Vec<UuidText> = message::Entity::find()
            .select_only()
            .column(message::Column::Id)
            .filter(message::Column::Id.is_in(chunk.iter().copied()))
            .order_by_asc(message::Column::Id)
            // Weaker than UPDATE: a claim that appends an attempt of the same message need not wait.
            .lock(LockType::NoKeyUpdate)
            .into_tuple()
            .all(transaction)
            .await?;
    }
    Ok(())
}

/// Recipients who are sent to yet, in two parts that have an index each: queued or under way; unknown and to be
/// repeated.
fn open() -> [Condition; 2] {
    let open = [RecipientState::Queued, RecipientState::Sending];
    let repeated = Condition::all()
        .add(recipient::Column::State.eq(Named(RecipientState::Unknown)))
        .add(recipient::Column::RepeatUntil.is_not_null());
    [
        Condition::all().add(recipient::Column::State.is_in(open.iter().copied().map(Named))),
        repeated,
    ]
}

/// Whether somebody of the message is sent to yet. One statement: between two, a claim could take somebody from the one
/// part to the other, and neither would be found.
async fn waits(transaction: &Transaction, message: UuidText) -> Result<bool, StoreError> {
    let [mut either, or] = open().map(|part| {
        recipient::Entity::find()
            .select_only()
            .column(recipient::Column::Id)
            .filter(recipient::Column::MessageId.eq(message))
            .filter(part)
            .into_query()
    });
    either.union(UnionType::All, or).limit(1);
    Ok(transaction.query_one(&either).await?.is_some())
}

/// After their recipients changed: messages say when, and are DONE when nobody waits any more.
async fn settle_messages(
    transaction: &Transaction,
    ids: &BTreeSet<UuidText>,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    for chunk in ids.iter().collect::<Vec<_>>().chunks(CHUNK) {
        message::Entity::update_many()
            .col_expr(message::Column::UpdatedAt, Expr::val(now))
            .filter(message::Column::Id.is_in(chunk.iter().copied()))
            .exec(transaction)
            .await?;
    }

    for &id in ids {
        // Done ones wait again where a late answer tells that nothing arrived.
        let (from, to) = if waits(transaction, id).await? {
            (MessageState::Done, MessageState::Queued)
        } else {
            (MessageState::Queued, MessageState::Done)
        };
        message::Entity::update_many()
            .col_expr(message::Column::State, Expr::val(Named(to)))
            .filter(message::Column::Id.eq(id))
            .filter(message::Column::State.eq(Named(from)))
            .exec(transaction)
            .await?;
    }

    let ids: Vec<UuidText> = ids.iter().copied().collect();
    message_updates::note(transaction, &ids).await
}
