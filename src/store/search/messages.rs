//! Messages.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, ExprTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait, Select,
    sea_query::{Expr, Order, SimpleExpr},
};
use uuid::Uuid;

use super::{FEW, more_than, person::this_user, span::Span};
use crate::{
    directory::UserId,
    message::{Message, MessageState, RecipientState},
    page::{Direction, Page, PageRequest},
    store::{
        column::{AsText, CleanText, Named, UuidText},
        dialect,
        entity::{message, recipient},
        error::StoreError,
        handle::Store,
        message_rows::message_value,
        paging::{between, paged, walked},
        question::Question,
    },
};

/// Which messages.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MessageQuery {
    /// Only in these states; empty: any.
    pub states: Vec<MessageState>,
    /// Only to this DingTalk user.
    pub userid: Option<UserId>,
    /// With `userid`: only where the request named them, not where a department brought them.
    pub named: bool,
    /// Only with this key.
    pub idempotency_key: Option<String>,
    /// Only of this caller.
    pub caller: Option<String>,
    /// Only with a recipient in one of these states; empty: any.
    pub recipient_states: Vec<RecipientState>,
    /// Only those that send this message again.
    pub resend_of: Option<Uuid>,
    /// Only from this moment on.
    pub created_from: Option<DateTime<Utc>>,
    /// Only from before this moment.
    pub created_before: Option<DateTime<Utc>>,
}

impl MessageQuery {
    fn span(&self) -> Span {
        Span::new(self.created_from, self.created_before)
    }

    /// A key is of a handful of messages, and no message is sent again often.
    fn is_of_a_handful(&self) -> bool {
        self.idempotency_key.is_some() || self.resend_of.is_some()
    }

    fn asks_about_recipients(&self) -> bool {
        self.userid.is_some() || !self.recipient_states.is_empty()
    }
}

impl Store {
    /// Messages, newest first; the cursor is the id.
    pub async fn messages(&self, filter: &MessageQuery, page: PageRequest<Uuid>) -> Result<Page<Message>, StoreError> {
        self.unfold_for(filter).await?;
        let question = self.ask().await?;
        let found = found(&question, filter, &page).await;
        question.answered(found)
    }

    /// How many messages match.
    pub async fn count_messages(&self, filter: &MessageQuery) -> Result<u64, StoreError> {
        self.unfold_for(filter).await?;
        let question = self.ask().await?;
        let count = matching(filter).count(&question.transaction).await;
        question.answered(count.map_err(StoreError::from))
    }

    /// Only what is asked about recipients has to wait for their rows.
    async fn unfold_for(&self, filter: &MessageQuery) -> Result<(), StoreError> {
        if filter.asks_about_recipients() {
            self.unfold().await?;
        }
        Ok(())
    }
}

async fn found(
    question: &Question,
    filter: &MessageQuery,
    page: &PageRequest<Uuid>,
) -> Result<Page<Message>, StoreError> {
    let page = page.clone().map(UuidText);
    let rows = if filter.asks_about_recipients() && !filter.is_of_a_handful() {
        among_candidates(question, filter, &page).await?
    } else {
        along_an_index(question, filter, &page).await?
    };

    let messages = rows.into_iter().map(message_value).collect::<Result<_, _>>()?;
    Ok(Page::from_overfetched(messages, &page))
}

async fn along_an_index(
    question: &Question,
    filter: &MessageQuery,
    page: &PageRequest<UuidText>,
) -> Result<Vec<message::Model>, StoreError> {
    let by_id = (message::Column::Id, Order::Desc);
    let states: BTreeSet<MessageState> = filter.states.iter().copied().collect();
    if states.len() < 2 || filter.caller.is_some() || filter.is_of_a_handful() {
        return Ok(paged(matching(filter), by_id, page).all(&question.transaction).await?);
    }

    // A walk for each state: one for several would be sorted, or would pass every other message.
    let mut rows = Vec::new();
    for state in states {
        question.go_on()?;
        let in_state = MessageQuery {
            states: vec![state],
            ..filter.clone()
        };
        let query = paged(matching(&in_state), by_id.clone(), page);
        rows.extend(query.all(&question.transaction).await?);
    }
    rows.sort_unstable_by_key(|row| row.id);
    if !page.is_backwards() {
        rows.reverse();
    }
    rows.truncate(page.fetched());
    Ok(rows)
}

/// Where recipients are asked about: candidates in order, of which those are kept that meet the rest.
async fn among_candidates(
    question: &Question,
    filter: &MessageQuery,
    page: &PageRequest<UuidText>,
) -> Result<Vec<message::Model>, StoreError> {
    let wanted = page.fetched();
    let (mut rows, mut left, mut many) = (Vec::new(), page.clone(), Ord::max(FEW, wanted as u64));
    loop {
        question.go_on()?;
        let ids = candidates(question, filter, &left, many).await?;
        if !ids.is_empty() {
            let these = matching(filter).filter(message::Column::Id.is_in(&ids));
            let these = these.order_by(message::Column::Id, walked(Order::Desc, page));
            let these = these.limit((wanted - rows.len()) as u64);
            rows.extend(these.all(&question.transaction).await?);
        }

        if rows.len() >= wanted || (ids.len() as u64) < many {
            return Ok(rows);
        }
        let last = ids.into_iter().next_back();
        match page.direction {
            Direction::Forwards => left.after = last,
            Direction::Backwards => left.before = last,
        }
        many = more_than(many);
    }
}

/// The next ids that may match, in the order in which `page` is walked: those of the person, or else of the caller, or
/// else with somebody in one of the states.
async fn candidates(
    question: &Question,
    filter: &MessageQuery,
    page: &PageRequest<UuidText>,
    many: u64,
) -> Result<Vec<UuidText>, StoreError> {
    let span = filter.span();
    let order = walked(Order::Desc, page);
    if let Some(userid) = &filter.userid {
        return Ok(recipient::Entity::find()
            .select_only()
            .column(recipient::Column::MessageId)
            .distinct()
            .filter(this_user(userid, filter.named))
            .filter(span.of_recipients())
            .filter(between((recipient::Column::MessageId, &Order::Desc), page))
            .order_by(recipient::Column::MessageId, order)
            .limit(many)
            .into_tuple()
            .all(&question.transaction)
            .await?);
    }

    if let Some(caller) = &filter.caller {
        let between = between((message::Column::Id, &Order::Desc), page);
        return ids_of_caller(question, (caller, &span), between, (order, many)).await;
    }

    let states: BTreeSet<RecipientState> = filter.recipient_states.iter().copied().collect();
    let states: Vec<String> = states.into_iter().map(|state| Named(state).text()).collect();
    let (after, before) = (page.after.map(|id| id.text()), page.before.map(|id| id.text()));
    let first = [before.map(just_above), span.first().map(str::to_owned)];
    let end = [after, span.end().map(str::to_owned)];
    let span = (
        first.into_iter().flatten().max().unwrap_or_default(),
        end.into_iter()
            .flatten()
            .min()
            .unwrap_or_else(|| dialect::ABOVE_EVERY_ID.to_owned()),
    );

    let backend = question.transaction.get_database_backend();
    let walk = dialect::messages_with_states(backend, &states, span, (order, many));
    let rows = question.transaction.query_all_raw(walk).await?;
    Ok(rows
        .iter()
        .map(|row| row.try_get_by_index(0))
        .collect::<Result<_, _>>()?)
}

/// The least text that is greater than this id.
fn just_above(id: String) -> String {
    id + " "
}

/// Ids of a caller's messages of a span that meet a condition, so many in an order.
pub(super) async fn ids_of_caller(
    question: &Question,
    (caller, span): (&str, &Span),
    which: Condition,
    (order, many): (Order, u64),
) -> Result<Vec<UuidText>, StoreError> {
    Ok(message::Entity::find()
        .select_only()
        .column(message::Column::Id)
        .filter(message::Column::Caller.eq(CleanText::from(caller)))
        .filter(span.of_messages())
        .filter(which)
        .order_by(message::Column::Id, order)
        .limit(many)
        .into_tuple()
        .all(&question.transaction)
        .await?)
}

/// All that match.
pub(super) fn matching(filter: &MessageQuery) -> Select<message::Entity> {
    let states = filter.states.iter().copied().map(Named);
    let states = (!filter.states.is_empty()).then(|| message::Column::State.is_in(states));
    let key = filter.idempotency_key.as_ref();
    let key = key.map(|key| message::Column::IdempotencyKey.eq(CleanText::from(key)));
    let caller = filter.caller.as_ref();
    let caller = caller.map(|caller| message::Column::Caller.eq(CleanText::from(caller)));
    let again = filter.resend_of.map(|id| message::Column::ResendOf.eq(UuidText(id)));

    let to_user = filter
        .userid
        .as_ref()
        .map(|userid| has_recipient(this_user(userid, filter.named)));
    let recipient_states = filter.recipient_states.iter().copied().map(Named);
    let in_state = (!filter.recipient_states.is_empty())
        .then(|| has_recipient(Condition::all().add(recipient::Column::State.is_in(recipient_states))));

    let all = Condition::all()
        .add_option(states)
        .add_option(key)
        .add_option(caller)
        .add_option(again)
        .add_option(to_user)
        .add_option(in_state);
    message::Entity::find().filter(all).filter(filter.span().of_messages())
}

/// Whether the message has such a recipient.
fn has_recipient(which: Condition) -> SimpleExpr {
    let of_message = Expr::col((recipient::Entity, recipient::Column::MessageId))
        .eq(Expr::col((message::Entity, message::Column::Id)));
    let such = recipient::Entity::find()
        .select_only()
        .column(recipient::Column::Id)
        .filter(of_message)
        .filter(which);
    Expr::exists(such.into_query())
}
