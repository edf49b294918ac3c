//! Who is due: whose turn it is, and who goes with them in one call.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{
    ColumnTrait, Condition, DerivePartialModel, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{LockBehavior, LockType},
};

use super::{
    claim_limits::ClaimLimits,
    queue::{HIGH, LARGE, PARTS, of_high_priority, waiting, waiting_at_all, waiting_or_coalesced},
};
use crate::{
    message::{Content, FollowUpPolicy, Message, MessageState, RecipientState},
    store::{
        column::{CleanText, Named, UuidText},
        entity::{message, recipient},
        error::StoreError,
        handle::Store,
        message_rows::{follow_up_of, message_value},
        transaction::Transaction,
    },
};

/// A small message goes before a large one, which takes 20 minutes to a hundred thousand people, as long as that one
/// has not waited so much longer: neither waits for ever.
const HEAD_START: TimeDelta = TimeDelta::hours(1);
/// Nobody waits longer than a message is worth sending, so that one of high priority goes before everybody.
const HIGH_HEAD_START: TimeDelta = TimeDelta::days(30);

/// What a claim asks of a recipient. No more is read: one row whose other columns another version wrote would keep
/// everybody behind it waiting.
#[derive(Debug, Clone, DerivePartialModel)]
#[sea_orm(entity = "recipient::Entity")]
pub(super) struct DueRow {
    pub(super) id: i64,
    pub(super) message_id: UuidText,
    pub(super) userid: Option<CleanText>,
    pub(super) state: Named<RecipientState>,
    pub(super) attempts: i64,
    pub(super) repeats: Option<i64>,
    not_before: Option<DateTime<Utc>>,
    content_digest: Option<String>,
    lane: i32,
    together: Option<i32>,
    /// As it is written.
    pub(super) prediction: Option<String>,
}

/// Who is due.
pub(super) struct Due {
    /// The message of one of them.
    pub(super) body: Message,
    pub(super) rows: Vec<DueRow>,
    /// Whether one of them is not worth sending to any more.
    pub(super) over: bool,
    /// The most that one of their messages asks for.
    pub(super) follow_up: FollowUpPolicy,
}

impl Store {
    /// Recipients who are due: those of the content whose recipient has waited longest, whatever messages they are of,
    /// each person once. Rows that another replica is claiming are passed over on Postgres; SQLite has one writer.
    /// `only_high`: of messages of high priority alone.
    pub(super) async fn due(
        &self,
        transaction: &Transaction,
        limits: &ClaimLimits,
        only_high: bool,
        now: DateTime<Utc>,
    ) -> Result<Option<Due>, StoreError> {
        let may_go = |parts| if only_high { of_high_priority(parts) } else { parts };
        let mut oldest = self.longest(transaction, may_go(waiting(now)), 1).await?;
        let Some(oldest) = oldest.pop() else {
            return Ok(None);
        };
        let body = message::Entity::find_by_id(oldest.message_id)
            .one(transaction)
            .await?
            .ok_or_else(|| StoreError::Corrupt(format!("message {} is missing", oldest.message_id)))?;
        let body = message_value(body)?;

        let most = body.content.as_ref().and_then(Content::most_recipients);
        let limit = most.map_or(limits.batch, |most| Ord::min(most, limits.batch));
        // One of a call that was refused for somebody's sake goes in smaller ones, until it is known for whose.
        let together = oldest.together.and_then(|most| u32::try_from(most).ok());
        let limit = together.map_or(limit, |most| Ord::min(Ord::max(most, 1), limit));

        let content = match &oldest.content_digest {
            Some(digest) => recipient::Column::ContentDigest.eq(digest),
            // Queued by an earlier version, which didn't keep digests.
            None => recipient::Column::MessageId.eq(oldest.message_id),
        };
        // Who waits for nothing but others of this content has found them.
        let soon = TimeDelta::from_std(limits.coalesce_window).unwrap_or_default();
        let same = may_go(waiting_or_coalesced(now, soon)).map(|part| part.add(content.clone()));
        let mut rows = self.longest(transaction, same, limit).await?;

        let terms = terms(transaction, &rows, self.clock.earliest()).await?;
        let asked_for = |row: &DueRow| terms.get(&row.message_id).map(|it| (&it.mode, &it.app));
        // What becomes of it is decided for the whole call: whether it is tried again, and when, by how often these
        // were tried; whether it is held back now, by what they were asked for.
        rows.retain(|row| {
            row.attempts == oldest.attempts && row.together == oldest.together && asked_for(row) == asked_for(&oldest)
        });
        // DingTalk would drop the second of two in one call; in a call of its own it says so.
        let mut named = BTreeSet::new();
        rows.retain(|row| named.insert(row.userid.clone()));

        let is_over = |row: &DueRow| terms.get(&row.message_id).is_some_and(|it| it.over);
        // Of what is repeated, `repeat_until` has said so before: it is not waiting any more.
        let over = rows
            .iter()
            .any(|row| row.state == Named(RecipientState::Queued) && is_over(row));
        let follow_up = rows
            .iter()
            .filter_map(|row| terms.get(&row.message_id))
            .map(|it| it.follow_up);
        Ok(Some(Due {
            body,
            follow_up: follow_up.max().unwrap_or_default(),
            rows,
            over,
        }))
    }

    /// Those who have waited longest of all parts, with a head start for small messages. Each part has an index in this
    /// order; all in one question would be sorted, whoever waits, for every claim.
    async fn longest(
        &self,
        transaction: &Transaction,
        parts: [Condition; PARTS],
        limit: u32,
    ) -> Result<Vec<DueRow>, StoreError> {
        let mut rows = Vec::new();
        for part in parts {
            let mut query = recipient::Entity::find()
                .filter(part)
                .order_by_asc(recipient::Column::NotBefore)
                .order_by_asc(recipient::Column::Id)
                .limit(u64::from(limit));
            if self.is_postgres() {
                // Whoever claims beside this one has them: waiting for that would end with nothing.
                query = query.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
            }
            rows.extend(query.into_partial_model::<DueRow>().all(transaction).await?);
        }

        let turn = |row: &DueRow| {
            let since = row.not_before?;
            match row.lane {
                LARGE => Some(since),
                HIGH => since.checked_sub_signed(HIGH_HEAD_START),
                _ => since.checked_sub_signed(HEAD_START),
            }
        };
        rows.sort_by_key(|row| (turn(row), row.id));
        rows.truncate(limit as usize);
        Ok(rows)
    }

    /// When the next recipient becomes due; `None`: nobody waits.
    pub async fn next_due(&self) -> Result<Option<DateTime<Utc>>, StoreError> {
        let mut next: Option<DateTime<Utc>> = None;
        for part in waiting_at_all() {
            let first: Option<Option<DateTime<Utc>>> = recipient::Entity::find()
                .select_only()
                .column(recipient::Column::NotBefore)
                .filter(part)
                .order_by_asc(recipient::Column::NotBefore)
                .order_by_asc(recipient::Column::Id)
                .limit(1)
                .into_tuple()
                .one(&self.read)
                .await?;
            next = [next, first.flatten()].into_iter().flatten().min();
        }
        Ok(next)
    }
}

/// What a claim asks about the messages of its rows.
struct MessageTerms {
    /// Compared as it is written.
    mode: Option<String>,
    app: Option<CleanText>,
    /// It is not worth sending any more. The sweep that ends those comes around every few seconds only.
    over: bool,
    follow_up: FollowUpPolicy,
}

async fn terms(
    transaction: &Transaction,
    rows: &[DueRow],
    now: DateTime<Utc>,
) -> Result<BTreeMap<UuidText, MessageTerms>, StoreError> {
    let messages: BTreeSet<UuidText> = rows.iter().map(|row| row.message_id).collect();
    /// Id, mode, state, end, app, follow-up.
    type Row = (
        UuidText,
        Option<String>,
        Named<MessageState>,
        Option<DateTime<Utc>>,
        Option<CleanText>,
        Option<Named<FollowUpPolicy>>,
    );
    let found: Vec<Row> = message::Entity::find()
        .select_only()
        .columns([
            message::Column::Id,
            message::Column::Mode,
            message::Column::State,
            message::Column::ExpiresAt,
            message::Column::App,
            message::Column::FollowUp,
        ])
        .filter(message::Column::Id.is_in(messages))
        .into_tuple()
        .all(transaction)
        .await?;

    let terms = |(id, mode, state, expires_at, app, follow_up): Row| {
        // As the sweep has it: what it would not end must not have anybody wait for it.
        let over = state == Named(MessageState::Queued) && expires_at.is_some_and(|at| at <= now);
        let terms = MessageTerms {
            mode,
            app,
            over,
            follow_up: follow_up_of(follow_up),
        };
        (id, terms)
    };
    Ok(found.into_iter().map(terms).collect())
}
