//! What people had today: what DingTalk would drop is known from it.

use std::collections::BTreeMap;

use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, ExprTrait, QueryFilter, QuerySelect,
    sea_query::{Expr, Func},
};

use crate::{
    directory::UserId,
    message::{Day, RecipientState},
    store::{
        connect::Store,
        dialect,
        entity::recipient,
        error::StoreError,
        frozen::waiting_in_lists,
        text::{json, name_of},
    },
};

/// Rows a statement.
const CHUNK: usize = 5_000;

/// What one person had on a day, or waits for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SentToday {
    /// Messages of any content.
    pub messages: u64,
    /// Whether the content in question was among them.
    pub same_content: bool,
}

impl Store {
    /// What each of these people had on `day`, or waits for, who is left out had nothing; and whether the content with this
    /// digest was among it.
    pub async fn sent_today(
        &self,
        users: &[&UserId],
        day: Day,
        content_digest: &str,
    ) -> Result<BTreeMap<String, SentToday>, StoreError> {
        use RecipientState::{Accepted, DeliveredUnread, DroppedDuplicate, Queued, Read, Sending, Unknown};
        let sent = [
            Queued,
            Sending,
            Accepted,
            DeliveredUnread,
            Read,
            Unknown,
            DroppedDuplicate,
        ];
        let mut found: BTreeMap<String, SentToday> = BTreeMap::new();
        // One moment for both: a list that becomes rows in between would count twice, or not at all.
        let transaction = self.begin_read().await?;
        for chunk in users.chunks(CHUNK) {
            let same = Expr::case(
                Condition::all().add(recipient::Column::ContentDigest.eq(content_digest)),
                1_i64,
            )
            .finally(0_i64);
            let these: Vec<&str> = chunk.iter().map(|user| user.as_str()).collect();
            let backend = transaction.get_database_backend();
            let rows: Vec<(String, i64, i64)> = recipient::Entity::find()
                .select_only()
                .column(recipient::Column::Userid)
                .column_as(recipient::Column::Id.count(), "messages")
                .column_as(Expr::from(Func::max(same)).cast_as("bigint"), "same")
                .filter(dialect::one_of(backend, recipient::Column::Userid, json(&these)))
                .filter(recipient::Column::SentDay.eq(day.0))
                .filter(recipient::Column::State.is_in(sent.iter().map(name_of)))
                .group_by(recipient::Column::Userid)
                .into_tuple()
                .all(&transaction)
                .await?;
            found.extend(rows.into_iter().map(|(userid, messages, same)| {
                let today = SentToday {
                    messages: messages.unsigned_abs(),
                    same_content: same > 0,
                };
                (userid, today)
            }));
        }
        for list in waiting_in_lists(&transaction, day).await? {
            for user in users.iter().filter(|user| list.users.contains(user.as_str())) {
                let today = found.entry(user.as_str().to_owned()).or_default();
                today.messages += 1;
                today.same_content |= list.content_digest == content_digest;
            }
        }
        transaction.rollback().await?;
        Ok(found)
    }
}
