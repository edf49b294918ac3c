//! Whom taking a message back would reach now.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, EntityTrait, ExprTrait, PaginatorTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::recall::RECALLED_WITHIN;
use crate::{
    message::{AttemptOutcome, RecipientState},
    store::{
        column::{Named, UuidText},
        entity::{attempt, recipient},
        error::StoreError,
        handle::Store,
        question::Question,
    },
};

/// Whom taking a message back would reach now.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RecallReach {
    /// Who waits, and would not be sent to.
    pub waiting: u64,
    /// From whom DingTalk would be asked to take it back.
    pub sent: u64,
    /// Who has it and would keep it.
    pub out_of_reach: u64,
    /// Until when anything of `sent` can be taken back.
    pub until: Option<DateTime<Utc>>,
}

impl Store {
    /// Whom taking this message back would reach, asked for by `app`; `None`: DingTalk can't be asked.
    pub async fn recall_reach(&self, message: Uuid, app: Option<&str>) -> Result<RecallReach, StoreError> {
        self.unfold_messages(&[message]).await?;
        let question = self.ask().await?;
        let reach = self.reach_of(message, app, &question).await;
        question.answered(reach)
    }

    async fn reach_of(&self, message: Uuid, app: Option<&str>, question: &Question) -> Result<RecallReach, StoreError> {
        let of_message = || recipient::Entity::find().filter(recipient::Column::MessageId.eq(UuidText(message)));
        let waiting = of_message().filter(recipient::Column::State.eq(Named(RecipientState::Queued)));
        let waiting = waiting.count(&question.transaction).await?;

        // By the call that carried the message to them.
        let had = [
            RecipientState::Accepted,
            RecipientState::DeliveredUnread,
            RecipientState::Read,
        ];
        let having: Vec<(Option<UuidText>, i64)> = of_message()
            .select_only()
            .column(recipient::Column::AttemptId)
            .column_as(recipient::Column::Id.count(), "recipients")
            .filter(recipient::Column::State.is_in(had.map(Named)))
            .group_by(recipient::Column::AttemptId)
            .into_tuple()
            .all(&question.transaction)
            .await?;

        let calls = match app {
            Some(app) => self.calls_to_recall(message, app, question).await?,
            None => BTreeMap::new(),
        };
        let mut reach = RecallReach {
            waiting,
            ..RecallReach::default()
        };
        for (call, count) in having {
            match call.and_then(|call| calls.get(&call)) {
                Some(finished) => {
                    reach.sent += count.unsigned_abs();
                    reach.until = Ord::max(reach.until, Some(*finished + RECALLED_WITHIN));
                }
                None => reach.out_of_reach += count.unsigned_abs(),
            }
        }
        Ok(reach)
    }

    /// Calls of a message that DingTalk would take back for this app, and when they ended: those of the last 24 hours
    /// that carried no other message.
    async fn calls_to_recall(
        &self,
        message: Uuid,
        app: &str,
        question: &Question,
    ) -> Result<BTreeMap<UuidText, DateTime<Utc>>, StoreError> {
        let rows: Vec<(UuidText, Option<UuidText>, Option<DateTime<Utc>>)> = attempt::Entity::find()
            .select_only()
            .columns([
                attempt::Column::Id,
                attempt::Column::CallId,
                attempt::Column::FinishedAt,
            ])
            .filter(attempt::Column::MessageId.eq(UuidText(message)))
            .filter(attempt::Column::Outcome.eq(Named(AttemptOutcome::Accepted)))
            .filter(attempt::Column::RecallState.is_null())
            // By a clock that is ahead nothing is too late for good.
            .filter(attempt::Column::FinishedAt.gt(self.clock.earliest() - RECALLED_WITHIN))
            .filter(attempt::Column::App.is_null().or(attempt::Column::App.eq(app)))
            .into_tuple()
            .all(&question.transaction)
            .await?;
        let mut calls: BTreeMap<UuidText, DateTime<Utc>> = rows
            .into_iter()
            .filter_map(|(id, call, finished)| Some((call.unwrap_or(id), finished?)))
            .collect();

        let shared: Vec<Option<UuidText>> = attempt::Entity::find()
            .select_only()
            .column(attempt::Column::CallId)
            .filter(attempt::Column::CallId.is_in(calls.keys().copied()))
            .filter(attempt::Column::MessageId.ne(UuidText(message)))
            .filter(attempt::Column::RecallState.is_null())
            .into_tuple()
            .all(&question.transaction)
            .await?;
        let shared: BTreeSet<UuidText> = shared.into_iter().flatten().collect();
        calls.retain(|call, _| !shared.contains(call));
        Ok(calls)
    }
}
