//! Claiming: who is sent to next.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect, Set,
    sea_query::{Expr, LockBehavior, LockType},
};
use uuid::Uuid;

use super::{held::hold, stop::locked_stop};
use crate::{
    clock::FUTURE,
    message::{AttemptOutcome, Content, Day, Message, MessageState, Pace, RecentCall, Recipient, RecipientState},
    store::{
        connect::Store,
        entity::{attempt, message, recipient, settings},
        error::{StoreError, corrupt},
        message_rows::{message_value, recipient_value},
        text::name_of,
        transaction::Transaction,
    },
};

/// The lane of those whose message is small.
pub(in crate::store) const SMALL: i32 = 0;
/// The lane of those whose message is large.
pub(in crate::store) const LARGE: i32 = 1;
/// The lane of those that nobody claims: their message is [held](super::held).
pub(super) const HELD: i32 = 2;
/// A small message goes before a large one, which takes 20 minutes to a hundred thousand people, as long as that one
/// has not waited so much longer: neither waits for ever.
const HEAD_START: TimeDelta = TimeDelta::hours(1);

/// What a claim may take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimLimits {
    /// Recipients a call.
    pub batch: u32,
    /// How fast, over all replicas.
    pub pace: Pace,
    /// How long the claim is good for.
    pub ttl: Duration,
    /// The version of the settings that it is sent by: where the database has newer ones, nothing is claimed. `None`:
    /// nobody looks.
    pub settings_version: Option<i64>,
    /// The AppKey of the app that sends; what was resolved for another one is [held](Store::held_messages). `None`:
    /// nobody looks.
    pub app: Option<String>,
}

/// What claiming gave.
#[derive(Debug, Clone, PartialEq)]
pub enum Claim {
    /// Nobody else sends to these until the claim expires.
    Batch(Box<ClaimedBatch>),
    /// Somebody is due, but DingTalk's limits or a stop have sending wait for so long.
    Later(Duration),
    /// Nobody is due.
    Nothing,
    /// The database's answer was lost: the claim of this call may be on record. Nobody may be sent to by it.
    Unheard(Uuid),
    /// The settings were changed, and this process has not heard of it yet.
    NewSettings,
}

/// Recipients who get the same content in one call.
#[derive(Debug, Clone, PartialEq)]
pub struct ClaimedBatch {
    /// The call; its attempts, one for each message, are on record as started.
    pub call_id: Uuid,
    /// When.
    pub started_at: DateTime<Utc>,
    /// The messages that they belong to.
    pub messages: Vec<Uuid>,
    /// DingTalk's `msg` object.
    pub rendered: String,
    /// The recipients, each person once.
    pub recipients: Vec<Recipient>,
    /// The AppKey of the app that they were resolved for; `None`: queued by an earlier version.
    pub app: Option<String>,
    /// The most attempts that one of them had before; those that [don't count](super::AttemptResult::counts) left out.
    pub former_attempts: u32,
}

/// Who is due.
struct Due {
    /// The message of one of them.
    body: Message,
    rows: Vec<recipient::Model>,
    /// Whether one of them is not worth sending to any more.
    over: bool,
}

impl Store {
    /// Claims up to a batch of recipients who are due and get the same content, and records their attempts as started.
    ///
    /// Claims of all replicas queue up behind one row, so that together they keep to the pace. Recipients of a large
    /// message are there once they are [rows](Store::unfold), and a small one doesn't wait for them.
    pub async fn claim_batch(&self, owner: &str, limits: &ClaimLimits) -> Result<Claim, StoreError> {
        repeated!(async {
            let transaction = self.begin().await?;
            let stopped = locked_stop(&transaction).await?;
            // Not before it is this one's turn, which may have taken a while.
            let now = self.clock.now();
            let stopped = stopped.filter(|stop| stop.until > now);
            if let Some(stop) = stopped {
                drop(transaction);
                return Ok(Claim::Later((stop.until - now).to_std().unwrap_or_default()));
            }

            // Settings that are not known here yet may forbid it.
            if let Some(known) = limits.settings_version
                && settings_version(&transaction)
                    .await?
                    .is_some_and(|version| version > known)
            {
                drop(transaction);
                return Ok(Claim::NewSettings);
            }

            let Some(Due { body, rows: due, over }) = self.due(&transaction, limits.batch, now).await? else {
                drop(transaction);
                return Ok(Claim::Nothing);
            };
            if over {
                drop(transaction);
                self.expire_messages(self.clock.earliest(), None).await?;
                return Ok(Claim::Later(Duration::ZERO));
            }

            if let (Some(app), Some(of)) = (&limits.app, &body.app)
                && app != of
            {
                // Its userids may be other people's in this app's company.
                let held = hold(&transaction, &body.id.to_string(), of, now).await?;
                transaction.commit().await?;
                tracing::warn!(
                    message.id = %body.id,
                    recipients = held,
                    "a message was resolved for another app than the settings name now: it is held until somebody decides, by \
                     releaseHeldMessages or recallMessage"
                );
                return Ok(Claim::Later(Duration::ZERO));
            }

            let spent = spent(&transaction, now).await?;
            let wanted = u32::try_from(due.len()).unwrap_or(u32::MAX);
            if let Some(wait) = limits.pace.wait_for(wanted, &spent, now) {
                drop(transaction);
                return Ok(Claim::Later(wait));
            }

            let call_id = Uuid::now_v7();
            let mut by_message: BTreeMap<&str, i64> = BTreeMap::new();
            for row in &due {
                *by_message.entry(row.message_id.as_str()).or_default() += 1;
            }
            start(&transaction, call_id, (owner, limits.app.as_deref()), &by_message, now).await?;
            let expires = now + TimeDelta::from_std(limits.ttl).unwrap_or(TimeDelta::MAX);
            if !take(&transaction, call_id, &due, expires, now).await? {
                // Somebody else took some of them in between: they have the rest's turn, too.
                drop(transaction);
                return Ok(Claim::Later(Duration::from_millis(10)));
            }

            match transaction.commit().await.map_err(StoreError::from) {
                Err(StoreError::Unavailable) => return Ok(Claim::Unheard(call_id)),
                ended => ended?,
            }

            let messages = by_message
                .keys()
                .map(|id| Uuid::parse_str(id).map_err(|error| corrupt("recipients.message_id", error)))
                .collect::<Result<_, _>>()?;
            let former_attempts = due.iter().map(|row| row.attempts).max().unwrap_or(0);
            Ok(Claim::Batch(Box::new(ClaimedBatch {
                call_id,
                started_at: now,
                messages,
                rendered: body.rendered,
                app: body.app,
                former_attempts: u32::try_from(former_attempts).unwrap_or(u32::MAX),
                recipients: due.into_iter().map(claimed).collect::<Result<_, _>>()?,
            })))
        })
    }

    /// Recipients who are due: those of the content whose recipient has waited longest, whatever messages they are of,
    /// each person once. Rows that another replica is claiming are passed over on Postgres; SQLite has one writer.
    async fn due(&self, transaction: &Transaction, limit: u32, now: DateTime<Utc>) -> Result<Option<Due>, StoreError> {
        let mut oldest = self.longest(transaction, waiting(now), 1).await?;
        let Some(oldest) = oldest.pop() else {
            return Ok(None);
        };
        let body = message::Entity::find_by_id(oldest.message_id.clone())
            .one(transaction)
            .await?
            .ok_or_else(|| StoreError::Corrupt(format!("message {} is missing", oldest.message_id)))?;
        let body = message_value(body)?;
        let most = body.content.as_ref().and_then(Content::most_recipients);
        let limit = most.map_or(limit, |most| Ord::min(most, limit));
        // One of a call that was refused for somebody's sake goes in smaller ones, until it is known for whose.
        let together = oldest.together.and_then(|most| u32::try_from(most).ok());
        let limit = together.map_or(limit, |most| Ord::min(Ord::max(most, 1), limit));

        let content = match &oldest.content_digest {
            Some(digest) => recipient::Column::ContentDigest.eq(digest),
            // Queued by an earlier version, which didn't keep digests.
            None => recipient::Column::MessageId.eq(&oldest.message_id),
        };
        let same = waiting(now).map(|part| part.add(content.clone()));
        let mut rows = self.longest(transaction, same, limit).await?;

        let standings = standings(transaction, &rows, self.clock.earliest()).await?;
        let mode = |row: &recipient::Model| standings.get(&row.message_id).map(|it| (&it.mode, &it.app));
        // What becomes of it is decided for the whole call: whether it is tried again, and when, by how often these
        // were tried; whether it is held back now, by what they were asked for.
        rows.retain(|row| {
            row.attempts == oldest.attempts && row.together == oldest.together && mode(row) == mode(&oldest)
        });
        // DingTalk would drop the second of two in one call; in a call of its own it says so.
        let mut named = BTreeSet::new();
        rows.retain(|row| named.insert(row.userid.clone()));

        let queued = name_of(&RecipientState::Queued);
        let is_over = |row: &recipient::Model| standings.get(&row.message_id).is_some_and(|it| it.over);
        let over = rows.iter().any(|row| row.state == queued && is_over(row));
        Ok(Some(Due { body, rows, over }))
    }

    /// Those who have waited longest of all parts, with a head start for small messages. Each part has an index in this
    /// order; all in one question would be sorted, whoever waits, for every claim.
    async fn longest(
        &self,
        transaction: &Transaction,
        parts: [Condition; 3],
        limit: u32,
    ) -> Result<Vec<recipient::Model>, StoreError> {
        let mut rows = Vec::new();
        for part in parts {
            let mut query = recipient::Entity::find()
                .filter(part)
                .order_by_asc(recipient::Column::NotBefore)
                .order_by_asc(recipient::Column::Id)
                .limit(u64::from(limit));
            if self.is_postgres() {
                query = query.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
            }
            rows.extend(query.all(transaction).await?);
        }

        let turn = |row: &recipient::Model| {
            let since = row.not_before?;
            if row.lane == LARGE {
                Some(since)
            } else {
                since.checked_sub_signed(HEAD_START)
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
            let first = recipient::Entity::find()
                .filter(part)
                .order_by_asc(recipient::Column::NotBefore)
                .order_by_asc(recipient::Column::Id)
                .limit(1)
                .one(&self.read)
                .await?
                .and_then(|row| row.not_before);
            next = [next, first].into_iter().flatten().min();
        }
        Ok(next)
    }
}

/// What a claim asks about the messages of its rows.
struct Standing {
    mode: Option<String>,
    app: Option<String>,
    /// It is not worth sending any more. The sweep that ends those comes around every few seconds only.
    over: bool,
}

async fn standings(
    transaction: &Transaction,
    rows: &[recipient::Model],
    now: DateTime<Utc>,
) -> Result<BTreeMap<String, Standing>, StoreError> {
    let messages: BTreeSet<&str> = rows.iter().map(|row| row.message_id.as_str()).collect();
    /// Id, mode, state, end, app.
    type Row = (String, Option<String>, String, Option<DateTime<Utc>>, Option<String>);
    let found: Vec<Row> = message::Entity::find()
        .select_only()
        .columns([
            message::Column::Id,
            message::Column::Mode,
            message::Column::State,
            message::Column::ExpiresAt,
            message::Column::App,
        ])
        .filter(message::Column::Id.is_in(messages))
        .into_tuple()
        .all(transaction)
        .await?;

    let queued = name_of(&MessageState::Queued);
    let standing = |(id, mode, state, expires_at, app): Row| {
        // As the sweep has it: what it would not end must not have anybody wait for it.
        let over = state == queued && expires_at.is_some_and(|at| at <= now);
        (id, Standing { mode, app, over })
    };
    Ok(found.into_iter().map(standing).collect())
}

/// A row as it stands after it was taken.
fn claimed(row: recipient::Model) -> Result<Recipient, StoreError> {
    let mut recipient = recipient_value(row)?;
    recipient.repeats += u32::from(recipient.state == RecipientState::Unknown);
    recipient.state = RecipientState::Sending;
    Ok(recipient)
}

/// Queued, of small messages and of large ones; unknown and to be repeated.
pub(super) fn waiting_at_all() -> [Condition; 3] {
    let queued = |lane: i32| {
        Condition::all()
            .add(recipient::Column::State.eq(name_of(&RecipientState::Queued)))
            .add(recipient::Column::Lane.eq(lane))
    };
    let unknown = recipient::Column::State.eq(name_of(&RecipientState::Unknown));
    [
        queued(SMALL),
        queued(LARGE),
        Condition::all()
            .add(unknown)
            .add(recipient::Column::RepeatUntil.is_not_null()),
    ]
}

/// [`waiting_at_all`], and due by now. What can't be repeated any more today waits for the sweep that says so.
fn waiting(now: DateTime<Utc>) -> [Condition; 3] {
    let [small, large, unknown] = waiting_at_all();
    let due = || recipient::Column::NotBefore.lte(now);
    [
        small.add(due()),
        large.add(due()),
        unknown.add(due()).add(recipient::Column::RepeatUntil.gt(now)),
    ]
}

async fn settings_version(transaction: &Transaction) -> Result<Option<i64>, StoreError> {
    let row: Option<i64> = settings::Entity::find()
        .select_only()
        .column(settings::Column::Version)
        .into_tuple()
        .one(transaction)
        .await?;
    Ok(row)
}

/// The calls that count against the pace.
async fn spent(transaction: &Transaction, now: DateTime<Utc>) -> Result<Vec<RecentCall>, StoreError> {
    let horizon = Pace::horizon(now);
    // Claims expire: what began long ago is over, recorded or not.
    let long_ago = horizon - TimeDelta::hours(1);
    /// Call, start, end, recipients.
    type Row = (Option<String>, DateTime<Utc>, Option<DateTime<Utc>>, i64);
    // Both ends are found by the index of ends. A bound of the start would tempt SQLite, which doesn't know how few
    // these are, to read the attempts of the last hour: it is looked at here.
    let rows: Vec<Row> = attempt::Entity::find()
        .select_only()
        .column(attempt::Column::CallId)
        .column(attempt::Column::StartedAt)
        .column(attempt::Column::FinishedAt)
        .column(attempt::Column::Recipients)
        .filter(
            attempt::Column::Outcome
                .is_null()
                .or(attempt::Column::Outcome.ne(name_of(&AttemptOutcome::NotMade))),
        )
        // What ended in the future was recorded by a clock that was ahead; the last of it was brought back, and the
        // rest is over.
        .filter(
            attempt::Column::FinishedAt.is_null().or(attempt::Column::FinishedAt
                .gt(horizon)
                .and(attempt::Column::FinishedAt.lte(now + FUTURE))),
        )
        .into_tuple()
        .all(transaction)
        .await?;

    let mut calls: BTreeMap<Option<String>, RecentCall> = BTreeMap::new();
    let recent = rows
        .into_iter()
        .filter(|(_, started_at, ..)| *started_at > long_ago && *started_at <= now + FUTURE);
    for (call, started_at, finished_at, recipients) in recent {
        let entry = calls.entry(call).or_insert(RecentCall {
            started_at,
            finished_at,
            recipients: 0,
        });
        entry.recipients = entry
            .recipients
            .saturating_add(u32::try_from(recipients).unwrap_or(u32::MAX));
    }
    Ok(calls.into_values().collect())
}

/// Puts the attempts on record: one for each message.
async fn start(
    transaction: &Transaction,
    call_id: Uuid,
    (owner, app): (&str, Option<&str>),
    by_message: &BTreeMap<&str, i64>,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let rows = by_message.iter().enumerate().map(|(at, (message, recipients))| {
        // The first attempt bears the call's id: it is followed up, and its checks and recalls are counted, for all.
        let id = if at == 0 { call_id } else { Uuid::now_v7() };
        attempt::ActiveModel {
            id: Set(id.to_string()),
            message_id: Set((*message).to_owned()),
            owner: Set(owner.to_owned()),
            recipients: Set(*recipients),
            started_at: Set(now),
            finished_at: Set(None),
            outcome: Set(None),
            task_id: Set(None),
            code: Set(None),
            detail: Set(None),
            checked_at: Set(None),
            follow_up_at: Set(None),
            call_id: Set(Some(call_id.to_string())),
            checks: Set(Some(0)),
            progress: Set(None),
            recall_state: Set(None),
            recall_detail: Set(None),
            recall_at: Set(None),
            recall_tries: Set(Some(0)),
            app: Set(app.map(str::to_owned)),
        }
    });

    attempt::Entity::insert_many(rows)
        .exec_without_returning(transaction)
        .await?;
    Ok(())
}

/// Makes the recipients the call's own; false where one of them was taken meanwhile.
async fn take(
    transaction: &Transaction,
    call_id: Uuid,
    due: &[recipient::Model],
    expires: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let mut taken = 0;
    for state in [RecipientState::Queued, RecipientState::Unknown] {
        let name = name_of(&state);
        let ids: Vec<i64> = due.iter().filter(|row| row.state == name).map(|row| row.id).collect();
        if ids.is_empty() {
            continue;
        }

        let again = i64::from(state == RecipientState::Unknown);
        let updated = recipient::Entity::update_many()
            .col_expr(recipient::Column::State, Expr::val(name_of(&RecipientState::Sending)))
            .col_expr(recipient::Column::AttemptId, Expr::val(call_id.to_string()))
            .col_expr(recipient::Column::ClaimExpiresAt, Expr::val(expires))
            .col_expr(
                recipient::Column::Attempts,
                Expr::col(recipient::Column::Attempts).add(1_i64),
            )
            .col_expr(
                recipient::Column::Repeats,
                Expr::expr(Expr::col(recipient::Column::Repeats).if_null(0_i64)).add(again),
            )
            .col_expr(recipient::Column::SentDay, Expr::val(Day::of(now).0))
            .col_expr(recipient::Column::UpdatedAt, Expr::val(now))
            .filter(recipient::Column::Id.is_in(ids))
            .filter(recipient::Column::State.eq(name))
            .exec(transaction)
            .await?;
        taken += updated.rows_affected;
    }
    Ok(taken == due.len() as u64)
}
