//! What time ends: claims of processes that died or can't reach the database, messages that are worth sending no more,
//! repetitions of another day.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, sea_query::Expr};

use super::{
    CHUNK,
    finish::{Repetition, allow_repetition},
    hold_messages, settle_messages,
};
use crate::{
    catalogue::{
        Statement,
        delivery::{ANSWER_NOT_RECORDED, DAY_IS_OVER, TOO_LATE_TO_SEND},
    },
    message::{AttemptOutcome, MessageState, RecipientState},
    store::{
        column::{CleanText, Named, UuidText},
        entity::{attempt, message, recipient},
        error::StoreError,
        handle::Store,
        transaction::Transaction,
    },
};

/// What was expired.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Expired {
    /// Recipients of attempts that nobody recorded in time: UNKNOWN now.
    pub claims: u64,
    /// Recipients whose message was not sent in time: EXPIRED now.
    pub unsent: u64,
}

impl Store {
    /// Whether messages would be ended now for want of time.
    pub async fn is_anything_late(&self) -> Result<bool, StoreError> {
        let late = message::Entity::find()
            .select_only()
            .column(message::Column::Id)
            .filter(message::Column::State.eq(Named(MessageState::Queued)))
            .filter(message::Column::ExpiresAt.lte(self.clock.now()))
            .limit(1)
            .into_tuple::<UuidText>()
            .one(&self.read)
            .await?;
        Ok(late.is_some())
    }

    /// Expires what is over. `repetition` says of an attempt's start, and of the repetitions so far, when it may be
    /// repeated, where its message wants that.
    pub async fn expire(
        &self,
        repetition: impl Fn(DateTime<Utc>, u32) -> Repetition + Send + Sync,
        unsent_because: Option<&Statement>,
    ) -> Result<Expired, StoreError> {
        let (now, earliest) = (self.clock.now(), self.clock.earliest());
        let claims = self.expire_claims(now, repetition).await?;
        // What these end stays ended, even if the clock is ahead; an expired claim is put right by its answer.
        self.expire_repetitions(earliest).await?;
        self.expire_recalls(earliest).await?;
        let unsent = self.expire_messages(earliest, unsent_because).await?;
        Ok(Expired { claims, unsent })
    }

    /// Recipients whose claim ran out: their process ended after "started" was recorded, or has an answer that it can't
    /// record yet. Nobody else knows whether the call was made.
    async fn expire_claims(
        &self,
        now: DateTime<Utc>,
        repetition: impl Fn(DateTime<Utc>, u32) -> Repetition + Send + Sync,
    ) -> Result<u64, StoreError> {
        repeated!(async {
            let dead = Condition::all()
                .add(recipient::Column::State.eq(Named(RecipientState::Sending)))
                .add(recipient::Column::ClaimExpiresAt.lte(now));
            let transaction = self.begin().await?;
            let rows: Vec<(i64, UuidText, Option<UuidText>, Option<i64>)> = recipient::Entity::find()
                .select_only()
                .column(recipient::Column::Id)
                .column(recipient::Column::MessageId)
                .column(recipient::Column::AttemptId)
                .column(recipient::Column::Repeats)
                .filter(dead.clone())
                .order_by_asc(recipient::Column::Id)
                .limit(10 * CHUNK as u64)
                .into_tuple()
                .all(&transaction)
                .await?;
            if rows.is_empty() {
                drop(transaction);
                return Ok(0);
            }

            let messages: BTreeSet<UuidText> = rows.iter().map(|(_, message, ..)| *message).collect();
            hold_messages(&transaction, &messages).await?;
            let mut expired = 0;
            for chunk in rows.chunks(CHUNK) {
                let updated = recipient::Entity::update_many()
                    .col_expr(recipient::Column::State, Expr::val(Named(RecipientState::Unknown)))
                    .col_expr(
                        recipient::Column::Reason,
                        Expr::val(CleanText::said(&ANSWER_NOT_RECORDED {}.into())),
                    )
                    .col_expr(recipient::Column::ClaimExpiresAt, Expr::val(None::<DateTime<Utc>>))
                    .col_expr(recipient::Column::RepeatUntil, Expr::val(None::<DateTime<Utc>>))
                    .col_expr(recipient::Column::UpdatedAt, Expr::val(now))
                    .filter(recipient::Column::Id.is_in(chunk.iter().map(|(id, ..)| *id)))
                    // Not one that ended, was queued and claimed again since it was read.
                    .filter(dead.clone())
                    .exec(&transaction)
                    .await?;
                expired += updated.rows_affected;
            }

            let mut calls: BTreeMap<UuidText, u32> = BTreeMap::new();
            for (_, _, call, repeats) in rows {
                let Some(call) = call else { continue };
                let most = calls.entry(call).or_default();
                *most = (*most).max(u32::try_from(repeats.unwrap_or(0)).unwrap_or(u32::MAX));
            }
            for (call, started_at) in close_attempts(&transaction, &calls, now).await? {
                let former = calls.get(&call).copied().unwrap_or_default();
                allow_repetition(&transaction, call.into(), &messages, &repetition(started_at, former)).await?;
            }

            settle_messages(&transaction, &messages, now).await?;
            transaction.commit().await?;
            Ok(expired)
        })
    }

    /// Unknown ones whose day is over stay so.
    async fn expire_repetitions(&self, now: DateTime<Utc>) -> Result<u64, StoreError> {
        let over = Condition::all()
            .add(recipient::Column::State.eq(Named(RecipientState::Unknown)))
            .add(recipient::Column::RepeatUntil.lte(now));
        let set = [(recipient::Column::Reason, CleanText::said(&DAY_IS_OVER {}.into()))];
        self.end(over, None, &set, now).await
    }

    /// Messages that were not sent while they were worth it.
    pub(super) async fn expire_messages(
        &self,
        now: DateTime<Utc>,
        because: Option<&Statement>,
    ) -> Result<u64, StoreError> {
        let late = message::Entity::find()
            .select_only()
            .column(message::Column::Id)
            .filter(message::Column::State.eq(Named(MessageState::Queued)))
            .filter(message::Column::ExpiresAt.lte(now));
        let queued = Condition::all()
            .add(recipient::Column::State.eq(Named(RecipientState::Queued)))
            .add(recipient::Column::MessageId.in_subquery(late.into_query()));

        let reason = CleanText::said(&TOO_LATE_TO_SEND { why: because }.into());
        let set = [(recipient::Column::Reason, reason)];
        self.end(queued, Some(RecipientState::Expired), &set, now).await
    }

    /// Ends `rows`: another state, or the same without any repetition.
    pub(super) async fn end(
        &self,
        rows: Condition,
        state: Option<RecipientState>,
        set: &[(recipient::Column, CleanText)],
        now: DateTime<Utc>,
    ) -> Result<u64, StoreError> {
        repeated!(async {
            let transaction = self.begin().await?;
            let messages: Vec<UuidText> = recipient::Entity::find()
                .select_only()
                .column(recipient::Column::MessageId)
                .filter(rows.clone())
                .distinct()
                .limit(CHUNK as u64)
                .into_tuple()
                .all(&transaction)
                .await?;
            if messages.is_empty() {
                drop(transaction);
                return Ok(0);
            }

            let messages: BTreeSet<UuidText> = messages.into_iter().collect();
            hold_messages(&transaction, &messages).await?;
            let mut update = recipient::Entity::update_many()
                .col_expr(recipient::Column::RepeatUntil, Expr::val(None::<DateTime<Utc>>))
                .col_expr(recipient::Column::UpdatedAt, Expr::val(now));
            if let Some(state) = state {
                update = update.col_expr(recipient::Column::State, Expr::val(Named(state)));
            }
            for (column, value) in set {
                update = update.col_expr(*column, Expr::val(value));
            }
            let ended = update
                .filter(rows.clone())
                .filter(recipient::Column::MessageId.is_in(&messages))
                .exec(&transaction)
                .await?;

            settle_messages(&transaction, &messages, now).await?;
            transaction.commit().await?;
            Ok(ended.rows_affected)
        })
    }
}

/// Ends the attempts of these calls that have no end, as unknown: each call with its start.
async fn close_attempts(
    transaction: &Transaction,
    calls: &BTreeMap<UuidText, u32>,
    now: DateTime<Utc>,
) -> Result<BTreeMap<UuidText, DateTime<Utc>>, StoreError> {
    let calls: Vec<UuidText> = calls.keys().copied().collect();
    let mut started = BTreeMap::new();
    for chunk in calls.chunks(CHUNK) {
        let rows: Vec<(Option<UuidText>, DateTime<Utc>)> = attempt::Entity::find()
            .select_only()
            .column(attempt::Column::CallId)
            .column(attempt::Column::StartedAt)
            .filter(attempt::Column::CallId.is_in(chunk))
            .into_tuple()
            .all(transaction)
            .await?;
        started.extend(rows.into_iter().filter_map(|(call, at)| Some((call?, at))));

        attempt::Entity::update_many()
            .col_expr(attempt::Column::FinishedAt, Expr::val(now))
            .col_expr(attempt::Column::Outcome, Expr::val(Named(AttemptOutcome::Unknown)))
            .col_expr(
                attempt::Column::Detail,
                Expr::val(CleanText::said(&ANSWER_NOT_RECORDED {}.into())),
            )
            .filter(attempt::Column::CallId.is_in(chunk))
            .filter(attempt::Column::FinishedAt.is_null())
            .exec(transaction)
            .await?;
    }
    Ok(started)
}
