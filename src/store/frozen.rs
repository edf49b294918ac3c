//! Recipients between being taken in and being rows.
//!
//! A row for each of a thousand people, with its entries in the indexes, takes longer than everything else that a
//! caller waits for. So a large message's transaction writes them as lists, and a moment later they become rows, all of
//! a message's at once. Nobody sees the difference: whoever asks about recipients has the lists in question made into
//! rows first.

use std::collections::{BTreeMap, HashSet};

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Set};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    column::{AsText, CleanText, JsonText, Named, UuidText},
    dialect,
    entity::{
        frozen_recipients::{ActiveModel, Column, Entity},
        message,
    },
    error::{StoreError, corrupt},
    handle::Store,
    outbox::{SentToday, lane},
    transaction::Transaction,
};
use crate::{
    critical_section::CriticalSection,
    identity::{ResolutionStatus, Rule},
    message::{Day, NewMessage, NewRecipient, Prediction, Priority, RecipientState, content_digest},
};

/// With so many recipients rows are as quick as a list.
const FEW: usize = 100;
/// Recipients a list.
const LISTED: usize = 10_000;
/// Ids a statement.
const CHUNK: usize = 1_000;

/// One recipient of a list, under names that are short because there may be a hundred thousand of them; where it stands
/// in the list is its position. The statement of [`dialect::insert_recipients`] knows them, too.
#[derive(Serialize, Deserialize)]
struct FrozenRecipient {
    /// Identity, as JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    i: Option<String>,
    /// Resolution status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    r: Option<ResolutionStatus>,
    /// Userid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    u: Option<String>,
    /// State, of those who don't wait.
    #[serde(default = "queued", skip_serializing_if = "is_queued")]
    s: RecipientState,
    /// Why it is in this state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    w: Option<String>,
    /// Prediction.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    q: Option<Prediction>,
    /// Department.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    d: Option<i64>,
    /// Matching rule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    m: Option<Rule>,
}

impl Store {
    /// Makes rows of all lists that are left of a large message's taking in; how many messages that were. It is done by
    /// whoever asks about recipients, too: calling it only keeps them from waiting for it.
    pub async fn unfold(&self) -> Result<usize, StoreError> {
        let frozen: Vec<UuidText> = Entity::find()
            .select_only()
            .column(Column::MessageId)
            .filter(Column::First.eq(0))
            .order_by_asc(Column::CreatedAt)
            .into_tuple()
            .all(&self.read)
            .await?;

        self.unfold_each(&frozen).await?;
        Ok(frozen.len())
    }

    /// [`Self::unfold`] of these messages.
    pub(super) async fn unfold_messages(&self, messages: &[Uuid]) -> Result<(), StoreError> {
        for chunk in messages.chunks(CHUNK) {
            let frozen: Vec<UuidText> = Entity::find()
                .select_only()
                .column(Column::MessageId)
                .filter(Column::First.eq(0))
                .filter(Column::MessageId.is_in(chunk.iter().map(UuidText::from)))
                .into_tuple()
                .all(&self.read)
                .await?;
            self.unfold_each(&frozen).await?;
        }
        Ok(())
    }

    /// One that can't be made into rows keeps none of the others from it.
    async fn unfold_each(&self, messages: &[UuidText]) -> Result<(), StoreError> {
        let mut first_error = Ok(());
        for &message in messages {
            let _section = CriticalSection::enter();
            let _turn = self.unfolding.lock().await;
            let unfolded = self.unfold_one(message).await;
            // An error that may pass is the database's: the others would meet it, too.
            if unfolded.as_ref().err().is_some_and(StoreError::may_pass) {
                return unfolded;
            }
            first_error = first_error.and(unfolded);
        }
        first_error
    }

    async fn unfold_one(&self, message: UuidText) -> Result<(), StoreError> {
        repeated!(async {
            let transaction = self.begin().await?;
            unfold_in(&transaction, message).await?;
            Ok(transaction.commit().await?)
        })
    }
}

/// Writes a new message's recipients: a few as rows, many as lists.
pub(super) async fn freeze(transaction: &Transaction, new: &NewMessage) -> Result<(), StoreError> {
    let (digest, day) = (content_digest(&new.rendered), Day::of(new.created_at).0);
    let id = UuidText(new.id);
    if new.recipients.len() <= FEW {
        let rows = listed(&new.recipients);
        let lane = lane(new.priority, true);
        let times = (new.created_at, new.created_at + new.waits_for_others);
        return Ok(dialect::insert_recipients(transaction, id, times, (&digest, day), lane, (0, rows)).await?);
    }

    for (at, chunk) in new.recipients.chunks(LISTED).enumerate() {
        let first = at * LISTED;
        let list = ActiveModel {
            message_id: Set(id),
            first: Set(i64::try_from(first).unwrap_or(i64::MAX)),
            recipients: Set(listed(chunk)),
            content_digest: Set(digest.clone()),
            sent_day: Set(day),
            created_at: Set(new.created_at),
        };
        Entity::insert(list).exec_without_returning(transaction).await?;
    }
    Ok(())
}

/// Makes rows of a message's lists, if it has any yet. On Postgres a second one who does it waits here for the first,
/// and then finds nothing.
pub(super) async fn unfold_in(transaction: &Transaction, message: UuidText) -> Result<(), StoreError> {
    let mut lists = Entity::delete_many()
        .filter(Column::MessageId.eq(message))
        .exec_with_returning(transaction)
        .await?;
    lists.sort_unstable_by_key(|list| list.first);
    if lists.is_empty() {
        return Ok(());
    }

    let priority: Option<Option<Named<Priority>>> = message::Entity::find_by_id(message)
        .select_only()
        .column(message::Column::Priority)
        .into_tuple()
        .one(transaction)
        .await?;
    let priority = priority.flatten().map(|it| it.0).unwrap_or_default();
    for list in lists {
        let sent = (list.content_digest.as_str(), list.sent_day);
        dialect::insert_recipients(
            transaction,
            message,
            (list.created_at, list.created_at),
            sent,
            lane(priority, false),
            (list.first, list.recipients),
        )
        .await?;
    }
    Ok(())
}

/// Those of `users` who wait, on `day`, for messages that are lists yet: a number of lists for each, and whether one of
/// them has this content. One list at a time: there may be many large ones.
///
/// `held`: the lists stay lists until the transaction ends. One that is becoming rows is waited for, and is none of
/// them any more. A transaction that sees one moment only has no need of it, and one that only reads may not.
pub(super) async fn waiting_in_lists(
    transaction: &Transaction,
    held: bool,
    users: &HashSet<&str>,
    day: Day,
    content_digest: &str,
) -> Result<BTreeMap<String, SentToday>, StoreError> {
    let lists: Vec<(UuidText, i64, String)> = Entity::find()
        .select_only()
        .columns([Column::MessageId, Column::First, Column::ContentDigest])
        // What is left of the days before is sent today.
        .filter(Column::SentDay.lte(day.0))
        .into_tuple()
        .all(transaction)
        .await?;

    let mut found: BTreeMap<String, SentToday> = BTreeMap::new();
    for (message, first, digest) in lists {
        let mut list = Entity::find_by_id((message, first));
        if held {
            list = list.lock_shared();
        }
        let Some(list) = list.one(transaction).await? else {
            continue;
        };

        let listed: JsonText<Vec<FrozenRecipient>> =
            JsonText::of_text(list.recipients).map_err(|error| corrupt("frozen_recipients.recipients", error))?;
        let queued = listed.0.into_iter().filter(|it| it.s == RecipientState::Queued);
        for user in queued
            .filter_map(|it| it.u)
            .filter(|user| users.contains(user.as_str()))
        {
            let today = found.entry(user).or_default();
            today.messages += 1;
            today.same_content |= digest == content_digest;
        }
    }
    Ok(found)
}

fn queued() -> RecipientState {
    RecipientState::Queued
}

fn is_queued(state: &RecipientState) -> bool {
    *state == queued()
}

/// Recipients as a JSON list.
fn listed(recipients: &[NewRecipient]) -> String {
    let listed: Vec<FrozenRecipient> = recipients
        .iter()
        .map(|recipient| FrozenRecipient {
            i: recipient.identity.as_ref().map(|identity| JsonText(identity).json()),
            r: recipient.resolution.as_ref().map(|it| it.status),
            u: recipient.userid.as_ref().map(|id| CleanText::from(id.as_str()).into()),
            s: recipient.state,
            w: CleanText::said_of(recipient.reason.as_ref()).map(String::from),
            q: recipient.prediction,
            d: recipient.dept_id,
            m: recipient.resolution.as_ref().and_then(|it| it.rule),
        })
        .collect();
    JsonText(listed).json()
}
