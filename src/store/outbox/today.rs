//! What people had today: what DingTalk would drop is known from it.

use std::collections::{BTreeMap, HashSet};

use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, ExprTrait, QueryFilter, QuerySelect, QueryTrait,
    sea_query::{Expr, Func, Query},
};

use super::sent::SentToday;
use crate::{
    directory::UserId,
    message::{Day, MessageState, RecipientState},
    store::{
        column::{JsonText, Named},
        dialect,
        entity::{message, recipient},
        error::StoreError,
        frozen::waiting_in_lists,
        handle::Store,
        transaction::Transaction,
    },
};

/// Rows a statement.
const CHUNK: usize = 5_000;

impl Store {
    /// What people had on `day`, or wait for: those of `users` who had the content with this digest, or `many` messages
    /// or more. The others may be left out.
    pub async fn sent_today(
        &self,
        users: &[&UserId],
        day: Day,
        content_digest: &str,
        many: u64,
    ) -> Result<BTreeMap<String, SentToday>, StoreError> {
        repeated!(async {
            let transaction = self.begin_read().await?;
            sent_today(&transaction, false, users, day, content_digest, many).await
        })
    }
}

/// [`Store::sent_today`] in a transaction; `held`: in one that writes, and sees what others commit meanwhile.
pub(in crate::store) async fn sent_today(
    transaction: &Transaction,
    held: bool,
    users: &[&UserId],
    day: Day,
    content_digest: &str,
    many: u64,
) -> Result<BTreeMap<String, SentToday>, StoreError> {
    let mut found = BTreeMap::new();
    let (content, enough) = looked_for(transaction, day, content_digest, many).await?;
    if users.is_empty() || !(content || enough) {
        return Ok(found);
    }

    // Lists first: those that are found stay lists until the transaction ends, and of all others the rows are there by
    // now.
    let asked: HashSet<&str> = users.iter().map(|user| user.as_str()).collect();
    let waiting = waiting_in_lists(transaction, held, &asked, day, content_digest).await?;
    for chunk in users.chunks(CHUNK) {
        let digest = content.then_some(content_digest);
        rows(transaction, chunk, day, digest, &mut found).await?;
    }
    for (user, waits) in waiting {
        let today = found.entry(user).or_default();
        today.messages += waits.messages;
        today.same_content |= waits.same_content;
    }

    found.retain(|_, today| today.same_content || today.messages >= many);
    Ok(found)
}

/// Whether a message of the day has the content, and whether the day had so many messages at all: nobody has more than
/// all of them, for a person stands in a message once. Mostly neither is so, and nobody's rows have to be looked at.
async fn looked_for(
    transaction: &Transaction,
    day: Day,
    content_digest: &str,
    many: u64,
) -> Result<(bool, bool), StoreError> {
    let digest = message::Column::ContentDigest;
    let of_day = || {
        let all = message::Entity::find().select_only().column(message::Column::Id);
        all.filter(of_day(day))
    };
    let same = of_day().filter(digest.eq(content_digest));
    // Messages from before there were digests: they may have it.
    let unsaid = of_day().filter(digest.is_null());
    let last = of_day().offset(many.saturating_sub(1)).limit(1);

    let question = Query::select()
        .expr_as(
            Expr::exists(same.into_query()).or(Expr::exists(unsaid.into_query())),
            "content",
        )
        .expr_as(Expr::exists(last.into_query()), "enough")
        .take();
    let Some(row) = transaction.query_one(&question).await? else {
        return Ok((false, false));
    };
    Ok((row.try_get("", "content")?, row.try_get("", "enough")?))
}

/// Messages of which somebody can have been sent to on `day`: when that happens, they wait or they change.
fn of_day(day: Day) -> Condition {
    Condition::any()
        .add(message::Column::UpdatedAt.gte(day.start()))
        .add(message::Column::State.eq(Named(MessageState::Queued)))
}

/// Adds what these people had; without a digest only how many messages, which the index knows by itself.
async fn rows(
    transaction: &Transaction,
    users: &[&UserId],
    day: Day,
    content_digest: Option<&str>,
    found: &mut BTreeMap<String, SentToday>,
) -> Result<(), StoreError> {
    use RecipientState::{Accepted, DeliveredUnread, DroppedDuplicate, Queued, Read, Recalled, Sending, Unknown};
    let sent = [
        Queued,
        Sending,
        Accepted,
        DeliveredUnread,
        Read,
        Unknown,
        DroppedDuplicate,
        // DingTalk had it delivered, and doesn't say that taking back makes it forget that.
        Recalled,
    ];

    let same = match content_digest {
        Some(digest) => {
            let same = Condition::all().add(recipient::Column::ContentDigest.eq(digest));
            Expr::from(Func::max(Expr::case(same, 1_i64).finally(0_i64))).cast_as("bigint")
        }
        None => Expr::val(0_i64).cast_as("bigint"),
    };

    // Who was queued on a day before, and waits yet, is sent to today.
    let left = recipient::Column::State
        .eq(Named(RecipientState::Queued))
        .and(recipient::Column::SentDay.lt(day.0));
    let today = recipient::Column::SentDay.eq(day.0).or(left);

    let these: Vec<&str> = users.iter().map(|user| user.as_str()).collect();
    let backend = transaction.get_database_backend();
    let rows: Vec<(String, i64, i64)> = recipient::Entity::find()
        .select_only()
        .column(recipient::Column::Userid)
        .column_as(recipient::Column::Userid.count(), "messages")
        .column_as(same, "same")
        .filter(dialect::one_of(
            backend,
            recipient::Column::Userid,
            JsonText(these).json(),
        ))
        .filter(today)
        .filter(recipient::Column::State.is_in(sent.iter().copied().map(Named)))
        .group_by(recipient::Column::Userid)
        .into_tuple()
        .all(transaction)
        .await?;

    for (userid, messages, same) in rows {
        let today = SentToday {
            messages: messages.unsigned_abs(),
            same_content: same > 0,
        };
        found.insert(userid, today);
    }
    Ok(())
}
