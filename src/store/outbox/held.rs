//! Messages that are held: resolved for another app (so perhaps another company) than the one that the settings name
//! now. Removals that are held are in `store/held.rs`.
//!
//! The same userid may be somebody else there. So nobody claims them until somebody decides:
//! [release](Store::release_held) them to the app that the settings name, or take them back, or give the settings their
//! app back, which releases them by itself.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait, sea_query::Expr};
use uuid::Uuid;

use super::{
    CHUNK, hold_messages,
    queue::{HELD, HIGH, LARGE},
    settle_messages,
};
use crate::{
    audit::{AuditAction, Author, Deed},
    catalogue::delivery::HELD_FOR_APP,
    message::{Priority, RecipientState},
    store::{
        audit,
        column::{CleanText, Named, UuidText},
        entity::{message, recipient},
        error::StoreError,
        handle::Store,
        transaction::Transaction,
    },
};

/// Holds who waits of `message`; how many.
pub(super) async fn hold(
    transaction: &Transaction,
    message: UuidText,
    app: &str,
    now: DateTime<Utc>,
) -> Result<u64, StoreError> {
    let messages = BTreeSet::from([message]);
    hold_messages(transaction, &messages).await?;

    let mut held = 0;
    for state in [RecipientState::Queued, RecipientState::Unknown] {
        let mut update = recipient::Entity::update_many()
            .col_expr(recipient::Column::Lane, Expr::val(HELD))
            .col_expr(
                recipient::Column::Reason,
                Expr::val(CleanText::said(&HELD_FOR_APP { app }.into())),
            )
            .col_expr(recipient::Column::UpdatedAt, Expr::val(now))
            .filter(recipient::Column::MessageId.eq(message))
            .filter(recipient::Column::State.eq(Named(state)));
        if state == RecipientState::Unknown {
            // Whether it had arrived, the other company alone would know.
            update = update
                .col_expr(recipient::Column::RepeatUntil, Expr::val(None::<DateTime<Utc>>))
                .filter(recipient::Column::RepeatUntil.is_not_null());
        }
        held += update.exec(transaction).await?.rows_affected;
    }

    settle_messages(transaction, &messages, now).await?;
    Ok(held)
}

impl Store {
    /// How many messages are held, and how many recipients of theirs.
    pub async fn count_held(&self) -> Result<(u64, u64), StoreError> {
        let rows: Vec<(UuidText, i64)> = recipient::Entity::find()
            .select_only()
            .column(recipient::Column::MessageId)
            .column_as(recipient::Column::Id.count(), "recipients")
            .filter(recipient::Column::State.eq(Named(RecipientState::Queued)))
            .filter(recipient::Column::Lane.eq(HELD))
            .group_by(recipient::Column::MessageId)
            .into_tuple()
            .all(&self.read)
            .await?;
        let recipients = rows.iter().map(|(_, count)| count.unsigned_abs()).sum();
        Ok((rows.len() as u64, recipients))
    }

    /// Releases what is held for the app `only`, or of every app: it is sent by the app `to` from now on. `by`: who
    /// decides that; nobody has to where the settings name the app again. Which messages.
    pub async fn release_held(
        &self,
        only: Option<&str>,
        to: &str,
        by: Option<&Author>,
    ) -> Result<Vec<Uuid>, StoreError> {
        let mut released = Vec::new();
        loop {
            let some = self.release_some(only, to, by).await?;
            if some.is_empty() {
                return Ok(released);
            }
            released.extend(some.into_iter().map(Uuid::from));
        }
    }

    async fn release_some(
        &self,
        only: Option<&str>,
        to: &str,
        by: Option<&Author>,
    ) -> Result<BTreeSet<UuidText>, StoreError> {
        repeated!(async {
            let transaction = self.begin().await?;
            let now = self.clock.now();

            let mut held = recipient::Entity::find()
                .select_only()
                .column(recipient::Column::MessageId)
                .filter(recipient::Column::State.eq(Named(RecipientState::Queued)))
                .filter(recipient::Column::Lane.eq(HELD))
                .distinct()
                .limit(CHUNK as u64);
            if let Some(app) = only {
                let of_app = message::Entity::find()
                    .select_only()
                    .column(message::Column::Id)
                    .filter(message::Column::App.eq(app));
                held = held.filter(recipient::Column::MessageId.in_subquery(of_app.into_query()));
            }

            let messages: Vec<UuidText> = held.into_tuple().all(&transaction).await?;
            let messages: BTreeSet<UuidText> = messages.into_iter().collect();
            if messages.is_empty() {
                drop(transaction);
                return Ok(messages);
            }

            hold_messages(&transaction, &messages).await?;
            message::Entity::update_many()
                .col_expr(message::Column::App, Expr::val(to))
                .filter(message::Column::Id.is_in(&messages))
                .exec(&transaction)
                .await?;
            // A held row has lost its former lane. Those of high priority go first; the rest of the held is behind
            // them.
            let of_high_priority = message::Entity::find()
                .select_only()
                .column(message::Column::Id)
                .filter(message::Column::Id.is_in(&messages))
                .filter(message::Column::Priority.eq(Named(Priority::High)))
                .into_query();
            let (high, any) = (
                recipient::Column::MessageId.in_subquery(of_high_priority),
                recipient::Column::MessageId.is_in(&messages),
            );
            for (which, lane) in [(high, HIGH), (any, LARGE)] {
                recipient::Entity::update_many()
                    .col_expr(recipient::Column::Lane, Expr::val(lane))
                    .col_expr(recipient::Column::Reason, Expr::val(None::<String>))
                    .col_expr(recipient::Column::NotBefore, Expr::val(now))
                    .col_expr(recipient::Column::UpdatedAt, Expr::val(now))
                    .filter(which)
                    .filter(recipient::Column::State.eq(Named(RecipientState::Queued)))
                    .filter(recipient::Column::Lane.eq(HELD))
                    .exec(&transaction)
                    .await?;
            }

            settle_messages(&transaction, &messages, now).await?;
            if let Some(by) = by {
                let deed = Deed::new(AuditAction::HeldMessagesReleased, by).with("messages", messages.len());
                audit::note(&transaction, &deed, now).await?;
            }
            transaction.commit().await?;
            Ok(messages)
        })
    }
}
