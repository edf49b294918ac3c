//! Messages that are no longer kept: their rows go in small steps, their numbers stay by day.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Set,
    sea_query::{Expr, OnConflict, SimpleExpr},
};

use super::hold_messages;
use crate::{
    message::{Day, MessageState, RecallState, RecipientState},
    store::{
        column::{CleanText, Named, UuidText},
        entity::{attempt, frozen_recipients, ledger_day, ledger_day_recipient, message, message_update, recipient},
        error::StoreError,
        handle::Store,
        transaction::Transaction,
    },
};

/// Recipients a step: a transaction of some ten milliseconds.
const STEP: u64 = 2_000;
/// Messages a step.
const MESSAGES: u64 = 200;

/// Where forgetting goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForgetPlace {
    created_at: DateTime<Utc>,
    /// The message before; none: before all of that moment.
    id: Option<UuidText>,
}

/// What a step of forgetting did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Forgotten {
    /// Messages whose rows are gone.
    pub messages: u64,
    /// Recipients.
    pub recipients: u64,
    /// Where to go on; `None`: nothing is left to be forgotten.
    pub next: Option<ForgetPlace>,
}

/// A day's messages that are no longer kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForgottenDay {
    /// The day on which they were asked for.
    pub day: Day,
    /// How many messages.
    pub messages: u64,
    /// Their recipients by the last that became of them.
    pub recipients: BTreeMap<RecipientState, u64>,
}

/// A message that is forgotten, as far as its day counts it.
struct OldMessage {
    id: UuidText,
    day: Day,
    caller: CleanText,
}

impl Store {
    /// Forgets some of the messages from before `cutoff`, oldest first from `place` on, and counts them by day. Who
    /// waits, is being sent to, or is to be sent to again keeps their message, and so does what DingTalk is yet to be
    /// asked about.
    pub async fn forget_messages(
        &self,
        cutoff: DateTime<Utc>,
        place: Option<&ForgetPlace>,
    ) -> Result<Forgotten, StoreError> {
        let behind = place.map(|place| {
            Condition::any()
                .add(message::Column::CreatedAt.gt(place.created_at))
                .add(
                    Condition::all()
                        .add(message::Column::CreatedAt.eq(place.created_at))
                        .add_option(place.id.map(|id| message::Column::Id.gt(id))),
                )
        });
        // What the index has at its beginning, which the alternatives don't tell.
        let from = place.map(|place| message::Column::CreatedAt.gte(place.created_at));

        let old: Vec<(UuidText, DateTime<Utc>)> = message::Entity::find()
            .select_only()
            .columns([message::Column::Id, message::Column::CreatedAt])
            .filter(message::Column::CreatedAt.lt(cutoff))
            .filter(Condition::all().add_option(from).add_option(behind))
            .order_by_asc(message::Column::CreatedAt)
            .order_by_asc(message::Column::Id)
            .limit(MESSAGES)
            .into_tuple()
            .all(&self.read)
            .await?;
        if old.is_empty() {
            return Ok(Forgotten::default());
        }
        repeated!(self.forget_some(&old, place))
    }

    async fn forget_some(
        &self,
        old: &[(UuidText, DateTime<Utc>)],
        place: Option<&ForgetPlace>,
    ) -> Result<Forgotten, StoreError> {
        let transaction = self.begin().await?;
        // Whoever records a late answer holds the message, too.
        let ids: BTreeSet<UuidText> = old.iter().map(|(id, _)| *id).collect();
        hold_messages(&transaction, &ids).await?;

        let over: Vec<(UuidText, DateTime<Utc>, CleanText)> = message::Entity::find()
            .select_only()
            .columns([message::Column::Id, message::Column::CreatedAt, message::Column::Caller])
            .filter(message::Column::Id.is_in(&ids))
            .filter(is_over())
            .into_tuple()
            .all(&transaction)
            .await?;
        let over: BTreeMap<UuidText, OldMessage> = over
            .into_iter()
            .map(|(id, created_at, caller)| {
                let day = Day::of(created_at);
                (id, OldMessage { id, day, caller })
            })
            .collect();
        let sizes = sizes(&transaction, over.keys()).await?;

        let mut forgotten = Forgotten {
            next: place.cloned(),
            ..Forgotten::default()
        };
        let (mut whole, mut taken) = (Vec::new(), 0);
        for (id, created_at) in old {
            let size = sizes.get(id).copied().unwrap_or(0);
            if let Some(row) = over.get(id) {
                // Each step is a short transaction: the next one takes this message.
                if taken + size > STEP && !whole.is_empty() {
                    break;
                }
                if size > STEP {
                    // It is gone on with in the next step.
                    forgotten.recipients = thin_out(&transaction, row).await?;
                    // Before all of its moment, so the next step meets this message again.
                    forgotten.next.get_or_insert(ForgetPlace {
                        created_at: *created_at,
                        id: None,
                    });
                    transaction.commit().await?;
                    return Ok(forgotten);
                }
                taken += size;
                whole.push(row);
            }
            forgotten.next = Some(ForgetPlace {
                created_at: *created_at,
                id: Some(*id),
            });
        }

        forgotten.messages = whole.len() as u64;
        forgotten.recipients = taken;
        forget_whole(&transaction, &whole).await?;
        transaction.commit().await?;
        Ok(forgotten)
    }

    /// Days of which messages are no longer kept, the newest first, `limit` at most; only those before `before`.
    pub async fn forgotten_days(&self, before: Option<Day>, limit: u64) -> Result<Vec<ForgottenDay>, StoreError> {
        let before = before.map(|before| ledger_day::Column::Day.lt(before.0));
        let days: Vec<(i32, i64)> = ledger_day::Entity::find()
            .select_only()
            .column(ledger_day::Column::Day)
            .column_as(ledger_day::Column::Messages.sum().cast_as("bigint"), "messages")
            .filter(Condition::all().add_option(before))
            .group_by(ledger_day::Column::Day)
            .order_by_desc(ledger_day::Column::Day)
            .limit(limit)
            .into_tuple()
            .all(&self.read)
            .await?;

        let states: Vec<(i32, Named<RecipientState>, i64)> = ledger_day_recipient::Entity::find()
            .select_only()
            .columns([ledger_day_recipient::Column::Day, ledger_day_recipient::Column::State])
            .column_as(
                ledger_day_recipient::Column::Recipients.sum().cast_as("bigint"),
                "recipients",
            )
            .filter(ledger_day_recipient::Column::Day.is_in(days.iter().map(|(day, _)| *day)))
            .group_by(ledger_day_recipient::Column::Day)
            .group_by(ledger_day_recipient::Column::State)
            .into_tuple()
            .all(&self.read)
            .await?;

        let mut by_day: BTreeMap<i32, BTreeMap<RecipientState, u64>> = BTreeMap::new();
        for (day, state, recipients) in states {
            by_day
                .entry(day)
                .or_default()
                .insert(state.0, recipients.unsigned_abs());
        }
        let day = |(day, messages): (i32, i64)| ForgottenDay {
            day: Day(day),
            messages: messages.unsigned_abs(),
            recipients: by_day.remove(&day).unwrap_or_default(),
        };
        Ok(days.into_iter().map(day).collect())
    }
}

/// Nothing more becomes of it.
fn is_over() -> Condition {
    let no_recipient = |which: Condition| {
        let such = recipient::Entity::find()
            .select_only()
            .column(recipient::Column::Id)
            .filter(of_message(recipient::Column::MessageId))
            .filter(which);
        Expr::exists(such.into_query()).not()
    };
    let no_attempt = |which: Condition| {
        let such = attempt::Entity::find()
            .select_only()
            .column(attempt::Column::Id)
            .filter(of_message(attempt::Column::MessageId))
            .filter(which);
        Expr::exists(such.into_query()).not()
    };

    let lists = frozen_recipients::Entity::find()
        .select_only()
        .column(frozen_recipients::Column::First)
        .filter(of_message(frozen_recipients::Column::MessageId));
    let [under_way, repeated] = super::open();
    let undecided = Condition::any()
        .add(attempt::Column::FinishedAt.is_null())
        .add(attempt::Column::FollowUpAt.is_not_null())
        .add(attempt::Column::RecallState.eq(Named(RecallState::Requested)));

    Condition::all()
        .add(message::Column::State.ne(Named(MessageState::Queued)))
        .add(no_recipient(under_way))
        .add(no_recipient(repeated))
        .add(no_attempt(undecided))
        .add(Expr::exists(lists.into_query()).not())
}

fn of_message(column: impl ColumnTrait) -> SimpleExpr {
    Expr::col(column.as_column_ref()).eq(Expr::col((message::Entity, message::Column::Id)))
}

async fn sizes(
    transaction: &Transaction,
    messages: impl Iterator<Item = &UuidText>,
) -> Result<BTreeMap<UuidText, u64>, StoreError> {
    let rows: Vec<(UuidText, i64)> = recipient::Entity::find()
        .select_only()
        .column(recipient::Column::MessageId)
        .column_as(recipient::Column::Id.count(), "recipients")
        .filter(recipient::Column::MessageId.is_in(messages))
        .group_by(recipient::Column::MessageId)
        .into_tuple()
        .all(transaction)
        .await?;
    Ok(rows.into_iter().map(|(id, count)| (id, count.unsigned_abs())).collect())
}

/// Forgets the last recipients of a large message.
async fn thin_out(transaction: &Transaction, row: &OldMessage) -> Result<u64, StoreError> {
    let from: Option<i64> = recipient::Entity::find()
        .select_only()
        .column(recipient::Column::Position)
        .filter(recipient::Column::MessageId.eq(row.id))
        .order_by_desc(recipient::Column::Position)
        .offset(STEP - 1)
        .limit(1)
        .into_tuple()
        .one(transaction)
        .await?;

    let last = Condition::all()
        .add(recipient::Column::MessageId.eq(row.id))
        .add(recipient::Column::Position.gte(from.unwrap_or(0)));
    count_recipients(transaction, &[row], last.clone()).await?;
    let deleted = recipient::Entity::delete_many().filter(last).exec(transaction).await?;
    Ok(deleted.rows_affected)
}

/// Forgets these with everything that belongs to them.
async fn forget_whole(transaction: &Transaction, rows: &[&OldMessage]) -> Result<(), StoreError> {
    if rows.is_empty() {
        return Ok(());
    }
    let ids: Vec<UuidText> = rows.iter().map(|row| row.id).collect();
    let theirs = Condition::all().add(recipient::Column::MessageId.is_in(ids.iter().copied()));
    count_recipients(transaction, rows, theirs).await?;

    let mut days: BTreeMap<(i32, &CleanText), i64> = BTreeMap::new();
    for row in rows {
        *days.entry((row.day.0, &row.caller)).or_default() += 1;
    }
    let days = days
        .into_iter()
        .map(|((day, caller), messages)| ledger_day::ActiveModel {
            day: Set(day),
            caller: Set(caller.clone()),
            messages: Set(messages),
        });

    let more = Expr::col((ledger_day::Entity, ledger_day::Column::Messages))
        .add(Expr::col(("excluded", ledger_day::Column::Messages)));
    ledger_day::Entity::insert_many(days)
        .on_conflict(
            OnConflict::columns([ledger_day::Column::Day, ledger_day::Column::Caller])
                .value(ledger_day::Column::Messages, more)
                .to_owned(),
        )
        .exec_without_returning(transaction)
        .await?;

    message_update::Entity::delete_many()
        .filter(message_update::Column::MessageId.is_in(ids.iter().copied()))
        .exec(transaction)
        .await?;
    // Recipients and attempts go with their message.
    message::Entity::delete_many()
        .filter(message::Column::Id.is_in(ids))
        .exec(transaction)
        .await?;
    Ok(())
}

/// Adds recipients of these messages to the numbers of their days.
async fn count_recipients(transaction: &Transaction, rows: &[&OldMessage], which: Condition) -> Result<(), StoreError> {
    let counted: Vec<(UuidText, String, i64)> = recipient::Entity::find()
        .select_only()
        .columns([recipient::Column::MessageId, recipient::Column::State])
        .column_as(recipient::Column::Id.count(), "recipients")
        .filter(which)
        .group_by(recipient::Column::MessageId)
        .group_by(recipient::Column::State)
        .into_tuple()
        .all(transaction)
        .await?;

    let by_id: BTreeMap<UuidText, &OldMessage> = rows.iter().map(|row| (row.id, *row)).collect();
    let mut days: BTreeMap<(i32, &CleanText, String), i64> = BTreeMap::new();
    for (id, state, recipients) in counted {
        if let Some(row) = by_id.get(&id) {
            *days.entry((row.day.0, &row.caller, state)).or_default() += recipients;
        }
    }
    if days.is_empty() {
        return Ok(());
    }

    let days = days
        .into_iter()
        .map(|((day, caller, state), recipients)| ledger_day_recipient::ActiveModel {
            day: Set(day),
            caller: Set(caller.clone()),
            state: Set(state),
            recipients: Set(recipients),
        });
    let more = Expr::col((ledger_day_recipient::Entity, ledger_day_recipient::Column::Recipients))
        .add(Expr::col(("excluded", ledger_day_recipient::Column::Recipients)));
    ledger_day_recipient::Entity::insert_many(days)
        .on_conflict(
            OnConflict::columns([
                ledger_day_recipient::Column::Day,
                ledger_day_recipient::Column::Caller,
                ledger_day_recipient::Column::State,
            ])
            .value(ledger_day_recipient::Column::Recipients, more)
            .to_owned(),
        )
        .exec_without_returning(transaction)
        .await?;
    Ok(())
}
