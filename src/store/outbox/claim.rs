//! Claiming: those who are due become a call's own, and its attempts are on record before it is made.

use std::{collections::BTreeMap, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ColumnTrait, EntityTrait, ExprTrait, QueryFilter, QuerySelect, Set, sea_query::Expr};
use uuid::Uuid;

use super::{
    claim_limits::ClaimLimits,
    due::{Due, DueRow},
    held::hold,
    metered::{meter, used_this_month},
    spent::spent,
    stop::locked_stop,
};
use crate::{
    directory::UserId,
    id::IdSequence,
    message::{CallPurpose, Day, FollowUpPolicy, RecipientState},
    store::{
        column::{Named, UuidText},
        entity::{attempt, recipient, settings},
        error::StoreError,
        handle::Store,
        transaction::Transaction,
    },
};

/// Where only the reserve is left, it is looked at again after so long at the latest.
const FOR_MORE_CALLS: Duration = Duration::from_mins(1);

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
    pub recipients: Vec<ClaimedRecipient>,
    /// The AppKey of the app that they were resolved for; `None`: queued by an earlier version.
    pub app: Option<String>,
    /// How much is spent on asking what becomes of it.
    pub follow_up: FollowUpPolicy,
    /// Whether that is in doubt: DingTalk is expected to drop it for somebody, or somebody may have it already.
    pub in_doubt: bool,
    /// The most attempts that one of them had before; those that [don't count](super::AttemptResult::counts) left out.
    pub former_attempts: u32,
}

/// One of a claim, as they stand behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimedRecipient {
    /// Whom to send to.
    pub userid: Option<UserId>,
    /// Being sent to.
    pub state: RecipientState,
    /// How often it was sent again although it may have arrived.
    pub repeats: u32,
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
            if let Some(stop) = stopped.filter(|stop| stop.until > now) {
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

            let only_high = match limits.normal_calls {
                Some(most) => used_this_month(&transaction, now).await? >= most,
                None => false,
            };
            let Some(due) = self.due(&transaction, limits, only_high, now).await? else {
                drop(transaction);
                // The others wait for the next month, or for somebody who raises the limit.
                return Ok(if only_high {
                    Claim::Later(FOR_MORE_CALLS)
                } else {
                    Claim::Nothing
                });
            };
            let Due {
                body,
                rows: due,
                over,
                follow_up,
            } = due;
            if over {
                // They stand in front of everybody else: the sweep is made now, and the next claim finds the others.
                drop(transaction);
                self.expire_messages(self.clock.earliest(), None).await?;
                return Ok(Claim::Later(Duration::ZERO));
            }

            if let (Some(app), Some(of)) = (&limits.app, &body.app)
                && app != of
            {
                // Its userids may be other people's in this app's company.
                let held = hold(&transaction, body.id.into(), of, now).await?;
                transaction.commit().await?;
                tracing::warn!(
                    message.id = %body.id,
                    recipients = held,
                    "a message was resolved for another app than the settings name now: it is held until somebody decides, by \
                     releaseHeldMessages or recallMessage"
                );
                return Ok(Claim::Later(Duration::ZERO));
            }

            // Asked last: only what would be sent otherwise has to wait for DingTalk's limits.
            let spent = spent(&transaction, now).await?;
            let wanted = u32::try_from(due.len()).unwrap_or(u32::MAX);
            if let Some(wait) = limits.pace.wait_for(wanted, &spent, now) {
                drop(transaction);
                return Ok(Claim::Later(wait));
            }

            let call_id = self.attempt_ids.next(now);
            let mut by_message: BTreeMap<UuidText, i64> = BTreeMap::new();
            for row in &due {
                *by_message.entry(row.message_id).or_default() += 1;
            }
            let repeated = |row: &DueRow| row.repeats > Some(0) || row.state == Named(RecipientState::Unknown);
            let in_doubt = due.iter().any(|row| row.prediction.is_some() || repeated(row));
            let ids = (call_id, &*self.attempt_ids);
            let by = (owner, limits.app.as_deref());
            start(&transaction, ids, by, &by_message, (follow_up, in_doubt), now).await?;

            let expires = now + TimeDelta::from_std(limits.ttl).unwrap_or(TimeDelta::MAX);
            if !take(&transaction, call_id, &due, expires, now).await? {
                // Somebody else took some of them in between: they have the rest's turn, too.
                drop(transaction);
                return Ok(Claim::Later(Duration::from_millis(10)));
            }

            meter(&transaction, now, CallPurpose::Send, 1).await?;
            match transaction.commit().await.map_err(StoreError::from) {
                // Committed or not: nobody may be sent to by it, and it expires if it is on record.
                Err(StoreError::Unavailable) => return Ok(Claim::Unheard(call_id)),
                ended => ended?,
            }

            let former_attempts = due.iter().map(|row| row.attempts).max().unwrap_or(0);
            Ok(Claim::Batch(Box::new(ClaimedBatch {
                call_id,
                started_at: now,
                messages: by_message.into_keys().map(Uuid::from).collect(),
                rendered: body.rendered,
                app: body.app,
                follow_up,
                in_doubt,
                former_attempts: u32::try_from(former_attempts).unwrap_or(u32::MAX),
                recipients: due.into_iter().map(claimed).collect(),
            })))
        })
    }
}

/// A row as it stands after it was taken.
fn claimed(row: DueRow) -> ClaimedRecipient {
    // As `take` counts it in the row.
    let again = u32::from(row.state == Named(RecipientState::Unknown));
    let repeats = row.repeats.and_then(|count| u32::try_from(count).ok()).unwrap_or(0);
    ClaimedRecipient {
        userid: row.userid.map(UserId::from),
        state: RecipientState::Sending,
        repeats: repeats + again,
    }
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

/// Puts the attempts on record: one for each message.
async fn start(
    transaction: &Transaction,
    (call_id, ids): (Uuid, &IdSequence),
    (owner, app): (&str, Option<&str>),
    by_message: &BTreeMap<UuidText, i64>,
    (follow_up, in_doubt): (FollowUpPolicy, bool),
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let rows = by_message.iter().enumerate().map(|(at, (message, recipients))| {
        // The first attempt bears the call's id: it is followed up, and its checks and recalls are counted, for all.
        let id = if at == 0 { call_id } else { ids.next(now) };
        attempt::ActiveModel {
            id: Set(id.into()),
            message_id: Set(*message),
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
            call_id: Set(Some(call_id.into())),
            checks: Set(Some(0)),
            progress: Set(None),
            recall_state: Set(None),
            recall_detail: Set(None),
            recall_at: Set(None),
            recall_tries: Set(Some(0)),
            app: Set(app.map(str::to_owned)),
            follow_up: Set(Some(Named(follow_up))),
            in_doubt: Set(Some(in_doubt)),
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
    due: &[DueRow],
    expires: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let mut taken = 0;
    for state in [RecipientState::Queued, RecipientState::Unknown] {
        let name = Named(state);
        let ids: Vec<i64> = due.iter().filter(|row| row.state == name).map(|row| row.id).collect();
        if ids.is_empty() {
            continue;
        }

        // Sent to again although it may have arrived: that is a repetition.
        let again = i64::from(state == RecipientState::Unknown);
        let updated = recipient::Entity::update_many()
            .col_expr(recipient::Column::State, Expr::val(Named(RecipientState::Sending)))
            .col_expr(recipient::Column::AttemptId, Expr::val(UuidText(call_id)))
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
            // Who has left that state since is not counted, and the claim is given up.
            .filter(recipient::Column::State.eq(name))
            .exec(transaction)
            .await?;
        taken += updated.rows_affected;
    }
    Ok(taken == due.len() as u64)
}
