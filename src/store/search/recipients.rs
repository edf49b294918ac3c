//! Recipients of whatever messages.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbBackend, EntityTrait, ExprTrait, FromQueryResult, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select,
    sea_query::{Expr, Order},
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
    message::{Recipient, RecipientState},
    page::{Page, PageRequest},
    store::{
        column::{CleanText, JsonText, Named, UuidText},
        dialect,
        entity::{message, recipient},
        error::StoreError,
        handle::Store,
        message_rows::recipient_value,
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
        let count = recipients_of(filter).count(&question.transaction).await;
        question.answered(count.map_err(StoreError::from))
    }

    /// How many of the recipients that match are in each state.
    pub async fn count_states(&self, filter: &RecipientQuery) -> Result<BTreeMap<RecipientState, u64>, StoreError> {
        self.unfold_those(filter).await?;
        let question = self.ask().await?;
        let rows: Result<Vec<(Named<RecipientState>, i64)>, _> = recipients_of(filter)
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
    let behind = match page.after {
        None => Behind::default(),
        Some(place) => match behind(question, place).await? {
            Some(behind) => behind,
            // Whoever stood there is forgotten, and so is everybody behind them.
            None => return Ok(Page::from_overfetched(Vec::new(), page.first)),
        },
    };

    let wanted = u64::from(page.first) + 1;
    let rows = if let Some(message) = filter.message {
        of_message(question, filter, message, &behind, wanted).await?
    } else if let (Some(caller), None) = (&filter.caller, &filter.userid) {
        // No index has a caller's recipients in order.
        by_message(question, filter, caller, behind, wanted).await?
    } else {
        along_an_index(question, filter, &behind, wanted).await?
    };

    let recipients = rows.into_iter().map(recipient_value).collect();
    Ok(Page::from_overfetched(recipients, page.first))
}

/// Behind which message's which position; none: from the beginning.
#[derive(Debug, Default)]
struct Behind(Option<(UuidText, i64)>);

impl Behind {
    fn condition(&self) -> Condition {
        let here = || {
            Expr::tuple([
                Expr::col(recipient::Column::MessageId),
                Expr::col(recipient::Column::Position),
            ])
        };
        let behind = self
            .0
            .as_ref()
            .map(|(message, position)| here().lt(Expr::tuple([Expr::val(message), Expr::val(*position)])));
        Condition::all().add_option(behind)
    }
}

async fn behind(question: &Question, place: RecipientPlace) -> Result<Option<Behind>, StoreError> {
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
    Ok(at.map(|at| Behind(Some(at))))
}

async fn of_message(
    question: &Question,
    filter: &RecipientQuery,
    message: Uuid,
    behind: &Behind,
    wanted: u64,
) -> Result<Vec<recipient::Model>, StoreError> {
    if let Some(messages) = filter.messages() {
        let it = matching(&messages).filter(message::Column::Id.eq(UuidText(message)));
        if it.count(&question.transaction).await? == 0 {
            return Ok(Vec::new());
        }
    }

    let query = recipient::Entity::find()
        .filter(recipient::Column::MessageId.eq(UuidText(message)))
        .filter(of_person(filter))
        .filter(in_one_of(&filter.states))
        .filter(behind.condition());
    Ok(newest(query, wanted).all(&question.transaction).await?)
}

/// Where an index has everybody in order: a person, a state, or all of them.
async fn along_an_index(
    question: &Question,
    filter: &RecipientQuery,
    behind: &Behind,
    wanted: u64,
) -> Result<Vec<recipient::Model>, StoreError> {
    let query = recipient::Entity::find()
        .filter(of_person(filter))
        .filter(filter.span().of_recipients())
        .filter(behind.condition());

    let states: BTreeSet<Named<RecipientState>> = filter.states.iter().copied().map(Named).collect();
    if filter.userid.is_some() || states.is_empty() || states.len() == RecipientState::ALL.len() {
        let of_caller = filter.caller.as_ref().map(|caller| {
            let messages = message::Entity::find()
                .select_only()
                .column(message::Column::Id)
                .filter(message::Column::Caller.eq(CleanText::from(caller)));
            recipient::Column::MessageId.in_subquery(messages.into_query())
        });

        let query = query
            .filter(in_one_of(&filter.states))
            .filter(Condition::all().add_option(of_caller));
        return Ok(newest(query, wanted).all(&question.transaction).await?);
    }

    // A walk for each state: one for several would be sorted, or would pass everybody else.
    let mut rows = Vec::new();
    for state in states {
        question.go_on()?;
        let in_state = query.clone().filter(recipient::Column::State.eq(state));
        rows.extend(newest(in_state, wanted).all(&question.transaction).await?);
    }
    rows.sort_unstable_by(|a, b| (&b.message_id, b.position).cmp(&(&a.message_id, a.position)));
    rows.truncate(usize::try_from(wanted).unwrap_or(usize::MAX));
    Ok(rows)
}

/// A caller's messages one after another.
async fn by_message(
    question: &Question,
    filter: &RecipientQuery,
    caller: &str,
    behind: Behind,
    wanted: u64,
) -> Result<Vec<recipient::Model>, StoreError> {
    let span = filter.span();
    let mut last: Option<UuidText> = None;
    let (mut rows, mut many) = (Vec::new(), FEW);

    loop {
        question.go_on()?;
        // The message that the page before ended in may have more.
        let from = match (&last, &behind.0) {
            (Some(last), _) => Some(message::Column::Id.lt(last)),
            (None, Some((message, _))) => Some(message::Column::Id.lte(message)),
            (None, None) => None,
        };
        let ids = ids_of_caller(question, caller, &span, from, many).await?;
        if ids.is_empty() {
            return Ok(rows);
        }

        let left = wanted - rows.len() as u64;
        let of_one = recipient::Entity::find()
            .filter(in_one_of(&filter.states))
            .filter(behind.condition());
        rows.extend(last_of_each(question, &ids, of_one, left).await?);

        if rows.len() as u64 >= wanted || (ids.len() as u64) < many {
            return Ok(rows);
        }
        last = ids.into_iter().next_back();
        many = more_than(many);
    }
}

/// The last `wanted` recipients of these messages in our order. On Postgres no more than that of each is looked at, for
/// one may have a hundred thousand.
async fn last_of_each(
    question: &Question,
    messages: &[UuidText],
    recipients: Select<recipient::Entity>,
    wanted: u64,
) -> Result<Vec<recipient::Model>, StoreError> {
    if !question.is_postgres() {
        let of_these = dialect::one_of(
            DbBackend::Sqlite,
            recipient::Column::MessageId,
            JsonText(&messages).json(),
        );
        return Ok(newest(recipients.filter(of_these), wanted)
            .all(&question.transaction)
            .await?);
    }

    let mut of_one = recipients.into_query();
    of_one
        .and_where(Expr::col((recipient::Entity, recipient::Column::MessageId)).eq(dialect::listed()))
        .order_by((recipient::Entity, recipient::Column::Position), Order::Desc)
        .limit(wanted);
    let query = dialect::of_each(
        JsonText(&messages).json(),
        of_one,
        (recipient::Column::MessageId, recipient::Column::Position),
        wanted,
    );

    let rows = question.transaction.query_all(&query).await?;
    Ok(rows
        .iter()
        .map(|row| recipient::Model::from_query_result(row, ""))
        .collect::<Result<_, _>>()?)
}

fn newest(query: Select<recipient::Entity>, wanted: u64) -> Select<recipient::Entity> {
    query
        .order_by_desc(recipient::Column::MessageId)
        .order_by_desc(recipient::Column::Position)
        .limit(wanted)
}

fn of_person(filter: &RecipientQuery) -> Condition {
    let person = filter.userid.as_ref().map(|userid| this_user(userid, filter.named));
    Condition::all().add_option(person)
}

fn in_one_of(states: &[RecipientState]) -> Condition {
    let any = (!states.is_empty()).then(|| recipient::Column::State.is_in(states.iter().copied().map(Named)));
    Condition::all().add_option(any)
}

/// All that match, to be counted.
fn recipients_of(filter: &RecipientQuery) -> Select<recipient::Entity> {
    let of_message = filter
        .message
        .map(|message| recipient::Column::MessageId.eq(UuidText(message)));
    let of_messages = filter.messages().filter(|of| of.caller.is_some()).map(|of| {
        let messages = matching(&of).select_only().column(message::Column::Id);
        recipient::Column::MessageId.in_subquery(messages.into_query())
    });

    recipient::Entity::find()
        .filter(Condition::all().add_option(of_message).add_option(of_messages))
        .filter(of_person(filter))
        .filter(in_one_of(&filter.states))
        .filter(filter.span().of_recipients())
}
