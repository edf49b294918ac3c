//! DingTalk's events: durable before DingTalk is told that they arrived, each once.

use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait, DerivePartialModel, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Set,
    sea_query::{Expr, OnConflict},
};

use super::{
    column::{CleanText, JsonText, Named},
    entity::event::{self, EventState},
    error::StoreError,
    handle::Store,
};
use crate::directory::{DeptId, DirectoryEvent, EventChannel, EventKind, ReceivedEvent, UserId};

/// Rows a statement.
const CHUNK: usize = 1_000;

impl Store {
    /// Keeps events; those that are known already (by their key) are left alone. Gives how many were new.
    pub async fn receive_events(&self, events: &[DirectoryEvent], channel: EventChannel) -> Result<u64, StoreError> {
        repeated!(async {
            let now = self.clock.now();
            let transaction = self.begin().await?;
            let mut new = 0;
            for chunk in events.chunks(CHUNK) {
                let rows = chunk.iter().map(|it| event::ActiveModel {
                    seq: sea_orm::NotSet,
                    event_key: Set(CleanText::from(&it.key)),
                    channel: Set(Named(channel)),
                    kind: Set(Named(it.kind)),
                    users: Set(JsonText(it.users.clone())),
                    departments: Set(JsonText(it.departments.clone())),
                    born_at: Set(it.born_at),
                    received_at: Set(now),
                    state: Set(Named(EventState::Pending)),
                    done_at: Set(None),
                });

                new += event::Entity::insert_many(rows)
                    .on_conflict(OnConflict::column(event::Column::EventKey).do_nothing().to_owned())
                    .exec_without_returning(&transaction)
                    .await?;
            }

            transaction.commit().await?;
            Ok(new)
        })
    }

    /// Events that were not acted upon yet, behind `after`, oldest first.
    pub async fn pending_events(&self, after: i64, limit: u64) -> Result<Vec<ReceivedEvent>, StoreError> {
        let rows = event::Entity::find()
            .filter(event::Column::State.eq(Named(EventState::Pending)))
            .filter(event::Column::Seq.gt(after))
            .order_by_asc(event::Column::Seq)
            .limit(limit)
            .into_partial_model::<PendingRow>()
            .all(&self.read)
            .await?;
        Ok(rows.into_iter().map(value).collect())
    }

    /// How many events were not acted upon yet.
    pub async fn count_pending_events(&self) -> Result<u64, StoreError> {
        let pending = event::Entity::find().filter(event::Column::State.eq(Named(EventState::Pending)));
        Ok(pending.count(&self.read).await?)
    }

    /// How many events up to number `seq` were not acted upon yet.
    pub async fn count_pending_events_until(&self, seq: i64) -> Result<u64, StoreError> {
        let pending = event::Entity::find()
            .filter(event::Column::State.eq(Named(EventState::Pending)))
            .filter(event::Column::Seq.lte(seq));
        Ok(pending.count(&self.read).await?)
    }

    /// When the last event came by one of these channels; `None`: none is known.
    pub async fn last_event_at(&self, channels: &[EventChannel]) -> Result<Option<DateTime<Utc>>, StoreError> {
        let last = event::Entity::find()
            .select_only()
            .column(event::Column::ReceivedAt)
            .filter(event::Column::Channel.is_in(channels.iter().copied().map(Named)))
            .order_by_desc(event::Column::Seq)
            .limit(1)
            .into_tuple()
            .one(&self.read)
            .await?;
        Ok(last)
    }

    /// These were acted upon.
    pub async fn finish_events(&self, seqs: &[i64]) -> Result<(), StoreError> {
        for chunk in seqs.chunks(CHUNK) {
            event::Entity::update_many()
                .col_expr(event::Column::State, Expr::val(Named(EventState::Done)))
                .col_expr(event::Column::DoneAt, Expr::val(self.clock.now()))
                .filter(event::Column::Seq.is_in(chunk.iter().copied()))
                .exec(&self.write)
                .await?;
        }
        Ok(())
    }

    /// Gives up events that were received before `before` and not acted upon yet, at most a thousand, and gives how
    /// many.
    pub async fn give_up_events(&self, before: DateTime<Utc>) -> Result<u64, StoreError> {
        let old = self
            .oldest_events(EventState::Pending, event::Column::ReceivedAt, before)
            .await?;
        self.finish_events(&old).await?;
        Ok(old.len() as u64)
    }

    /// Forgets events that were acted upon before `before`, at most a thousand, and gives how many: DingTalk repeats
    /// them for minutes, not for days. The last of each channel stays, for it says when that was heard of.
    pub async fn forget_events(&self, before: DateTime<Utc>) -> Result<u64, StoreError> {
        let last: Vec<i64> = event::Entity::find()
            .select_only()
            .column_as(event::Column::Seq.max(), "last")
            .group_by(event::Column::Channel)
            .into_tuple()
            .all(&self.read)
            .await?;
        let mut old = self
            .oldest_events(EventState::Done, event::Column::DoneAt, before)
            .await?;
        old.retain(|seq| !last.contains(seq));
        if old.is_empty() {
            return Ok(0);
        }

        let deleted = event::Entity::delete_many()
            .filter(event::Column::Seq.is_in(old))
            .exec(&self.write)
            .await?;
        Ok(deleted.rows_affected)
    }

    /// The numbers of the first thousand events in `state` whose `time` is before `before`.
    async fn oldest_events(
        &self,
        state: EventState,
        time: event::Column,
        before: DateTime<Utc>,
    ) -> Result<Vec<i64>, StoreError> {
        let seqs = event::Entity::find()
            .select_only()
            .column(event::Column::Seq)
            .filter(event::Column::State.eq(Named(state)))
            .filter(time.lt(before))
            .order_by_asc(event::Column::Seq)
            .limit(CHUNK as u64)
            .into_tuple()
            .all(&self.read)
            .await?;
        Ok(seqs)
    }
}

/// What is acted upon. Not by which channel it came: a channel of another version must not keep the events behind it
/// waiting.
#[derive(DerivePartialModel)]
#[sea_orm(entity = "event::Entity")]
struct PendingRow {
    seq: i64,
    event_key: CleanText,
    kind: Named<EventKind>,
    users: JsonText<Vec<UserId>>,
    departments: JsonText<Vec<DeptId>>,
    born_at: Option<DateTime<Utc>>,
    received_at: DateTime<Utc>,
}

fn value(row: PendingRow) -> ReceivedEvent {
    ReceivedEvent {
        seq: row.seq,
        received_at: row.received_at,
        event: DirectoryEvent {
            key: row.event_key.into(),
            kind: row.kind.0,
            users: row.users.0,
            departments: row.departments.0,
            born_at: row.born_at,
        },
    }
}
