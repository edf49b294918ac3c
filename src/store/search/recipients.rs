//! Recipients of whatever messages.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbBackend, EntityTrait, ExprTrait, FromQueryResult, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select,
    sea_query::{Expr, Order, SimpleExpr},
};
use uuid::Uuid;

use super::{
    FEW,
    messages::{MessageQuery, ids_of_caller, matching},
    more_than,
    person::this_user,
    place::RecipientPlace,
    span::Span,
};
use crate::{
    directory::UserId,
    identity::{KeyKind, ResolutionStatus},
    message::{Recipient, RecipientState},
    page::{Direction, Page, PageRequest},
    store::{
        column::{CleanText, JsonText, Named, UuidText},
        dialect,
        entity::{message, recipient},
        error::StoreError,
        handle::Store,
        message_rows::recipient_value,
        paging::walked,
        question::Question,
    },
};

/// Which recipients, of whatever messages.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RecipientQuery {
    /// Only of this message.
    pub message: Option<Uuid>,
    /// Only in these states; empty: any.
    pub states: Vec<RecipientState>,
    /// Only this DingTalk user.
    pub userid: Option<UserId>,
    /// With `userid`: only where the request named them, not where a department brought them.
    pub named: bool,
    /// Only this Confluence user: whoever was named by any of these keys. Empty: whoever.
    pub identity: Vec<(KeyKind, String)>,
    /// Only whose resolution gave one of these; empty: whatever, or none.
    pub resolutions: Vec<ResolutionStatus>,
    /// Only of messages of this caller.
    pub caller: Option<String>,
    /// Only of messages from this moment on.
    pub created_from: Option<DateTime<Utc>>,
    /// Only of messages from before this moment.
    pub created_before: Option<DateTime<Utc>>,
}

impl RecipientQuery {
    fn span(&self) -> Span {
        Span::new(self.created_from, self.created_before)
    }

    /// Whether an index has a handful of all of them.
    fn is_of_one_person(&self) -> bool {
        self.userid.is_some() || !self.identity.is_empty()
    }

    /// The messages that they are of, where something is asked of those.
    fn messages(&self) -> Option<MessageQuery> {
        let of = MessageQuery {
            caller: self.caller.clone(),
            created_from: self.created_from,
            created_before: self.created_before,
            ..MessageQuery::default()
        };
        (of != MessageQuery::default()).then_some(of)
    }
}

impl Store {
    /// Recipients of any messages: the newest message's first, and of each the last in the order asked first.
    pub async fn find_recipients(
        &self,
        filter: &RecipientQuery,
        page: PageRequest<RecipientPlace>,
    ) -> Result<Page<Recipient>, StoreError> {
        self.unfold_those(filter).await?;
        let question = self.ask().await?;
        let found = found(&question, filter, &page).await;
        question.answered(found)
    }

    /// How many recipients match.
    pub async fn count_recipients(&self, filter: &RecipientQuery) -> Result<u64, StoreError> {
        self.unfold_those(filter).await?;
        let question = self.ask().await?;
        let count = recipients_of(filter, question.backend())
            .count(&question.transaction)
            .await;
        question.answered(count.map_err(StoreError::from))
    }

    /// How many of the recipients that match are in each state.
    pub async fn count_states(&self, filter: &RecipientQuery) -> Result<BTreeMap<RecipientState, u64>, StoreError> {
        self.unfold_those(filter).await?;
        let question = self.ask().await?;
        let rows: Result<Vec<(Named<RecipientState>, i64)>, _> = recipients_of(filter, question.backend())
            .select_only()
            .column(recipient::Column::State)
            .column_as(recipient::Column::Id.count(), "recipients")
            .group_by(recipient::Column::State)
            .into_tuple()
            .all(&question.transaction)
            .await;

        let rows = question.answered(rows.map_err(StoreError::from))?;
        let count = |(state, count): (Named<RecipientState>, i64)| (state.0, count.unsigned_abs());
        Ok(rows.into_iter().map(count).collect())
    }

    async fn unfold_those(&self, filter: &RecipientQuery) -> Result<(), StoreError> {
        match filter.message {
            Some(message) => self.unfold_messages(&[message]).await,
            None => self.unfold().await.map(drop),
        }
    }
}

async fn found(
    question: &Question,
    filter: &RecipientQuery,
    page: &PageRequest<RecipientPlace>,
) -> Result<Page<Recipient>, StoreError> {
    let mut places = PageRequest::between(page.size, page.direction, None, None);
    if let Some(place) = page.after {
        match at(question, place).await? {
            Some(at) => places.after = Some(at),
            // Whoever stood there is forgotten, and so is everybody behind them.
            None => return Ok(Page::from_overfetched(Vec::new(), page)),
        }
    }
    if let Some(place) = page.before {
        // Where whoever stood there is forgotten, everybody who is left stands in front of them.
        places.before = at(question, place).await?;
    }

    let rows = if let Some(message) = filter.message {
        of_message(question, filter, message, &places).await?
    } else if let (Some(caller), false) = (&filter.caller, filter.is_of_one_person()) {
        // No index has a caller's recipients in order.
        by_message(question, filter, caller, &places).await?
    } else {
        along_an_index(question, filter, &places).await?
    };

    let recipients = rows.into_iter().map(recipient_value).collect();
    Ok(Page::from_overfetched(recipients, page))
}

/// A message, and a position in it.
type Place = (UuidText, i64);

/// What stands between the places of a page.
fn between(page: &PageRequest<Place>) -> Condition {
    let here = || {
        Expr::tuple([
            Expr::col(recipient::Column::MessageId),
            Expr::col(recipient::Column::Position),
        ])
    };
    let place = |(message, position): &Place| Expr::tuple([Expr::val(message), Expr::val(*position)]);
    Condition::all()
        .add_option(page.after.as_ref().map(|after| here().lt(place(after))))
        .add_option(page.before.as_ref().map(|before| here().gt(place(before))))
}

async fn at(question: &Question, place: RecipientPlace) -> Result<Option<Place>, StoreError> {
    let at = match place {
        RecipientPlace::At { message, position } => Some((UuidText(message), position)),
        RecipientPlace::Row(id) => {
            recipient::Entity::find_by_id(id)
                .select_only()
                .columns([recipient::Column::MessageId, recipient::Column::Position])
                .into_tuple()
                .one(&question.transaction)
                .await?
        }
    };
    Ok(at)
}

async fn of_message(
    question: &Question,
    filter: &RecipientQuery,
    message: Uuid,
    page: &PageRequest<Place>,
) -> Result<Vec<recipient::Model>, StoreError> {
    if let Some(messages) = filter.messages() {
        let it = matching(&messages).filter(message::Column::Id.eq(UuidText(message)));
        if it.count(&question.transaction).await? == 0 {
            return Ok(Vec::new());
        }
    }

    let query = recipient::Entity::find()
        .filter(recipient::Column::MessageId.eq(UuidText(message)))
        .filter(of_person(filter, question.backend()))
        .filter(in_one_of(&filter.states))
        .filter(resolved_to(&filter.resolutions))
        .filter(between(page));
    Ok(walk(query, page, page.fetched()).all(&question.transaction).await?)
}

/// Where indexes have everybody in order: a person by each of their keys, those in a state, those whose resolution gave
/// something, or all of them.
async fn along_an_index(
    question: &Question,
    filter: &RecipientQuery,
    page: &PageRequest<Place>,
) -> Result<Vec<recipient::Model>, StoreError> {
    let of_caller = filter.caller.as_ref().map(|caller| {
        let messages = message::Entity::find()
            .select_only()
            .column(message::Column::Id)
            .filter(message::Column::Caller.eq(CleanText::from(caller)));
        recipient::Column::MessageId.in_subquery(messages.into_query())
    });
    let query = recipient::Entity::find()
        .filter(Condition::all().add_option(of_caller))
        .filter(filter.span().of_recipients())
        .filter(between(page));

    // A walk for each: one for several would be sorted, or would pass everybody else.
    let ways = ways(filter, question.backend());
    let is_one = ways.len() == 1;
    let mut rows = Vec::new();
    for way in ways {
        question.go_on()?;
        let on_this_way = walk(query.clone().filter(way), page, page.fetched());
        rows.extend(on_this_way.all(&question.transaction).await?);
    }
    if is_one {
        return Ok(rows);
    }

    rows.sort_unstable_by_key(|row| (row.message_id, row.position));
    // Who was named by several keys is found by each of them.
    rows.dedup_by_key(|row| row.id);
    if !page.is_backwards() {
        rows.reverse();
    }
    rows.truncate(page.fetched());
    Ok(rows)
}

/// A caller's messages one after another.
async fn by_message(
    question: &Question,
    filter: &RecipientQuery,
    caller: &str,
    page: &PageRequest<Place>,
) -> Result<Vec<recipient::Model>, StoreError> {
    let span = filter.span();
    let (wanted, order) = (page.fetched(), walked(Order::Desc, page));
    let mut last: Option<UuidText> = None;
    let (mut rows, mut many) = (Vec::new(), FEW);

    loop {
        question.go_on()?;
        // The message that the page before ended in may have more.
        let further = last.as_ref().map(|last| match page.direction {
            Direction::Forwards => message::Column::Id.lt(last),
            Direction::Backwards => message::Column::Id.gt(last),
        });
        let within = Condition::all()
            .add_option(page.after.as_ref().map(|(id, _)| message::Column::Id.lte(id)))
            .add_option(page.before.as_ref().map(|(id, _)| message::Column::Id.gte(id)))
            .add_option(further);
        let ids = ids_of_caller(question, (caller, &span), within, (order.clone(), many)).await?;
        if ids.is_empty() {
            return Ok(rows);
        }

        let of_one = recipient::Entity::find()
            .filter(in_one_of(&filter.states))
            .filter(resolved_to(&filter.resolutions))
            .filter(between(page));
        rows.extend(some_of_each(question, &ids, of_one, (page, wanted - rows.len())).await?);

        if rows.len() >= wanted || (ids.len() as u64) < many {
            return Ok(rows);
        }
        last = ids.into_iter().next_back();
        many = more_than(many);
    }
}

/// The next `wanted` recipients of these messages as `page` is walked. On Postgres no more than that of each is looked
/// at, for one may have a hundred thousand.
async fn some_of_each(
    question: &Question,
    messages: &[UuidText],
    recipients: Select<recipient::Entity>,
    (page, wanted): (&PageRequest<Place>, usize),
) -> Result<Vec<recipient::Model>, StoreError> {
    if !question.is_postgres() {
        let of_these = dialect::one_of(
            DbBackend::Sqlite,
            recipient::Column::MessageId,
            JsonText(&messages).json(),
        );
        return Ok(walk(recipients.filter(of_these), page, wanted)
            .all(&question.transaction)
            .await?);
    }

    let (order, wanted) = (walked(Order::Desc, page), wanted as u64);
    let mut of_one = recipients.into_query();
    of_one
        .and_where(Expr::col((recipient::Entity, recipient::Column::MessageId)).eq(dialect::listed()))
        .order_by((recipient::Entity, recipient::Column::Position), order.clone())
        .limit(wanted);
    let query = dialect::of_each(
        JsonText(&messages).json(),
        of_one,
        (recipient::Column::MessageId, recipient::Column::Position),
        (order, wanted),
    );

    let rows = question.transaction.query_all(&query).await?;
    Ok(rows
        .iter()
        .map(|row| recipient::Model::from_query_result(row, ""))
        .collect::<Result<_, _>>()?)
}

/// What is to be walked, each along an index of its own: all that match stand on one of these ways.
fn ways(filter: &RecipientQuery, backend: DbBackend) -> Vec<Condition> {
    let states: BTreeSet<Named<RecipientState>> = filter.states.iter().copied().map(Named).collect();
    let any_state = states.is_empty() || states.len() == RecipientState::ALL.len();
    let resolutions: BTreeSet<ResolutionStatus> = filter.resolutions.iter().copied().collect();
    let (in_states, resolved) = (in_one_of(&filter.states), resolved_to(&filter.resolutions));

    if filter.is_of_one_person() {
        let keys = by_each_key(filter, backend);
        let person = filter.userid.as_ref().map(|userid| this_user(userid, filter.named));
        return match person {
            Some(person) => vec![person.add(of_identity(filter, backend)).add(in_states).add(resolved)],
            None => keys
                .into_iter()
                .map(|key| Condition::all().add(key).add(in_states.clone()).add(resolved.clone()))
                .collect(),
        };
    }

    // Most are MATCHED: the states lead to fewer.
    if !resolutions.is_empty() && (any_state || !resolutions.contains(&ResolutionStatus::Matched)) {
        let one = |status| recipient::Column::ResolutionStatus.eq(Named(status));
        let ways = resolutions.into_iter();
        return ways
            .map(|it| Condition::all().add(one(it)).add(in_states.clone()))
            .collect();
    }
    if any_state {
        return vec![Condition::all()];
    }
    let one = |state| recipient::Column::State.eq(state);
    let ways = states.into_iter();
    ways.map(|it| Condition::all().add(one(it)).add(resolved.clone()))
        .collect()
}

/// So many, from the end that `page` is taken from.
fn walk(query: Select<recipient::Entity>, page: &PageRequest<Place>, wanted: usize) -> Select<recipient::Entity> {
    let order = walked(Order::Desc, page);
    query
        .order_by(recipient::Column::MessageId, order.clone())
        .order_by(recipient::Column::Position, order)
        .limit(wanted as u64)
}

fn of_person(filter: &RecipientQuery, backend: DbBackend) -> Condition {
    let person = filter.userid.as_ref().map(|userid| this_user(userid, filter.named));
    Condition::all().add_option(person).add(of_identity(filter, backend))
}

/// Whoever was named by any of the keys.
fn of_identity(filter: &RecipientQuery, backend: DbBackend) -> Condition {
    let keys = by_each_key(filter, backend);
    if keys.is_empty() {
        return Condition::all();
    }
    keys.into_iter().fold(Condition::any(), Condition::add)
}

fn by_each_key(filter: &RecipientQuery, backend: DbBackend) -> Vec<SimpleExpr> {
    let keys = filter.identity.iter();
    keys.map(|(kind, key)| dialect::identity_key(backend, *kind).eq(CleanText::from(key)))
        .collect()
}

fn resolved_to(resolutions: &[ResolutionStatus]) -> Condition {
    let any = recipient::Column::ResolutionStatus.is_in(resolutions.iter().copied().map(Named));
    Condition::all().add_option((!resolutions.is_empty()).then_some(any))
}

fn in_one_of(states: &[RecipientState]) -> Condition {
    let any = (!states.is_empty()).then(|| recipient::Column::State.is_in(states.iter().copied().map(Named)));
    Condition::all().add_option(any)
}

/// All that match, to be counted.
fn recipients_of(filter: &RecipientQuery, backend: DbBackend) -> Select<recipient::Entity> {
    let of_message = filter
        .message
        .map(|message| recipient::Column::MessageId.eq(UuidText(message)));
    let of_messages = filter.messages().filter(|of| of.caller.is_some()).map(|of| {
        let messages = matching(&of).select_only().column(message::Column::Id);
        recipient::Column::MessageId.in_subquery(messages.into_query())
    });

    recipient::Entity::find()
        .filter(Condition::all().add_option(of_message).add_option(of_messages))
        .filter(of_person(filter, backend))
        .filter(in_one_of(&filter.states))
        .filter(resolved_to(&filter.resolutions))
        .filter(filter.span().of_recipients())
}
