//! Who may have been sent to in the time that a failover lost.

use std::{collections::BTreeSet, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ColumnTrait, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr};

use super::{CHUNK, finish::is_repeated, hold_messages, queue::waiting_at_all, settle_messages, stop::locked_stop};
use crate::{
    catalogue::delivery::LOST_IN_FAILOVER,
    message::{Day, OnUnknown, RecipientState},
    store::{
        column::{CleanText, Named, UuidText},
        entity::{frozen_recipients, message, recipient},
        error::StoreError,
        frozen::unfold_in,
        handle::Store,
        transaction::Transaction,
    },
};

/// DingTalk takes no more recipients a minute.
const RECIPIENTS_A_MINUTE: u64 = 5_000;

/// Calls under way of all replicas may each have taken a hundred on top.
const UNDER_WAY: u64 = 1_000;

/// Before DingTalk's midnight, and before a repetition: it may still be working on the send that is not known.
const BEFORE_MIDNIGHT: TimeDelta = TimeDelta::minutes(6);
const BEFORE_REPETITION: TimeDelta = TimeDelta::seconds(30);

/// Why such a recipient is UNKNOWN.
fn lost() -> CleanText {
    CleanText::said(&LOST_IN_FAILOVER {}.into())
}

impl Store {
    /// Makes those UNKNOWN whom some process may have claimed, and sent to, in the last `silent` of the former epoch
    /// without a trace here: as many as DingTalk takes in that time, in the order in which they would have been
    /// claimed. What their messages want about unknown ones is allowed. How many that were.
    ///
    /// A stop that stands here may have been lifted in the lost time, and then those were due who wait for its end.
    pub(in crate::store) async fn doubt(&self, transaction: &Transaction, silent: Duration) -> Result<u64, StoreError> {
        let now = self.clock.now();
        // Their rows may have been made, and claimed, in the lost time, too.
        let lists: Vec<UuidText> = frozen_recipients::Entity::find()
            .select_only()
            .column(frozen_recipients::Column::MessageId)
            .filter(frozen_recipients::Column::First.eq(0))
            .into_tuple()
            .all(transaction)
            .await?;
        for message in lists {
            unfold_in(transaction, message).await?;
        }

        let stopped_until = locked_stop(transaction).await?.map(|stop| stop.until);
        let due_by = stopped_until.map_or(now, |until| Ord::max(until, now));
        let most = silent.as_secs().saturating_mul(RECIPIENTS_A_MINUTE) / 60 + UNDER_WAY;

        let [high, small, large, _] = waiting_at_all();
        let mut rows: Vec<(i64, UuidText)> = Vec::new();
        for part in [high, small, large] {
            let found: Vec<(i64, UuidText)> = recipient::Entity::find()
                .select_only()
                .columns([recipient::Column::Id, recipient::Column::MessageId])
                .filter(part)
                .filter(recipient::Column::NotBefore.lte(due_by))
                .order_by_asc(recipient::Column::NotBefore)
                .order_by_asc(recipient::Column::Id)
                .limit(most)
                .into_tuple()
                .all(transaction)
                .await?;
            rows.extend(found);
        }

        // Claims, calls and recalls go on meanwhile: who is not waiting any more is left alone.
        let messages: BTreeSet<UuidText> = rows.iter().map(|(_, message)| *message).collect();
        hold_messages(transaction, &messages).await?;
        let mut doubtful = 0;
        for chunk in rows.chunks(CHUNK) {
            let updated = recipient::Entity::update_many()
                .col_expr(recipient::Column::State, Expr::val(Named(RecipientState::Unknown)))
                .col_expr(recipient::Column::Reason, Expr::val(lost()))
                .col_expr(recipient::Column::RepeatUntil, Expr::val(None::<DateTime<Utc>>))
                .col_expr(recipient::Column::UpdatedAt, Expr::val(now))
                .filter(recipient::Column::Id.is_in(chunk.iter().map(|(id, _)| *id)))
                .filter(recipient::Column::State.eq(Named(RecipientState::Queued)))
                .exec(transaction)
                .await?;
            doubtful += updated.rows_affected;
        }

        let ids: Vec<i64> = rows.iter().map(|(id, _)| *id).collect();
        // On another day DingTalk would not drop the repetition.
        let began = now.checked_sub_signed(TimeDelta::from_std(silent).unwrap_or(TimeDelta::MAX));
        if began.is_some_and(|began| Day::of(began) == Day::of(now)) {
            repeat_same_day(transaction, &messages, &ids, now).await?;
        }
        settle_messages(transaction, &messages, now).await?;
        Ok(doubtful)
    }
}

/// Where a message says so, its unknown ones are repeated today: DingTalk drops what it had already.
async fn repeat_same_day(
    transaction: &Transaction,
    messages: &BTreeSet<UuidText>,
    recipients: &[i64],
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let (not_before, until) = (now + BEFORE_REPETITION, Day::of(now).end() - BEFORE_MIDNIGHT);
    if not_before >= until {
        return Ok(());
    }

    let mut repeating = BTreeSet::new();
    for chunk in messages.iter().collect::<Vec<_>>().chunks(CHUNK) {
        let found: Vec<UuidText> = message::Entity::find()
            .select_only()
            .column(message::Column::Id)
            .filter(message::Column::Id.is_in(chunk.iter().copied()))
            .filter(message::Column::OnUnknown.eq(Named(OnUnknown::RepeatSameDay)))
            .filter(message::Column::RecalledAt.is_null())
            .filter(message::Column::ErasedAt.is_null())
            .filter(
                message::Column::ExpiresAt
                    .is_null()
                    .or(message::Column::ExpiresAt.gte(until)),
            )
            .into_tuple()
            .all(transaction)
            .await?;
        repeating.extend(found);
    }

    for message in repeating {
        for chunk in recipients.chunks(CHUNK) {
            recipient::Entity::update_many()
                .col_expr(recipient::Column::NotBefore, Expr::val(not_before))
                .col_expr(recipient::Column::RepeatUntil, Expr::val(until))
                .col_expr(recipient::Column::Reason, Expr::val(is_repeated()))
                .filter(recipient::Column::MessageId.eq(message))
                .filter(recipient::Column::State.eq(Named(RecipientState::Unknown)))
                .filter(recipient::Column::Reason.eq(lost()))
                .filter(recipient::Column::Id.is_in(chunk.iter().copied()))
                .exec(transaction)
                .await?;
        }
    }
    Ok(())
}
