//! Every filter of messages and recipients finds, page by page, what a walk over all of them finds.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use dingmirror::{
    clock::Clock,
    directory::UserId,
    id::id_at,
    message::{MessageState, NewMessage, NewRecipient, Recipient, RecipientState},
    page::{Direction, PageRequest},
    store::{MessageQuery, RecipientPlace, RecipientQuery, Store},
};
use uuid::Uuid;

use crate::{
    store::{message, open},
    support::database::TestDatabase,
};

const STATES: [RecipientState; 4] = [
    RecipientState::Queued,
    RecipientState::Read,
    RecipientState::Failed,
    RecipientState::Skipped,
];

/// Messages of three callers over two minutes, several of them within a millisecond; one is large.
fn messages(base: DateTime<Utc>) -> Vec<NewMessage> {
    let mut random = 7_u64;
    let mut below = move |n: u64| {
        random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (random >> 33) % n
    };

    (0..60_i64)
        .map(|n| {
            let at = base + TimeDelta::seconds(n / 3 * 6) + TimeDelta::microseconds(n % 3 * 300);
            let size = if n == 30 { 150 } else { 1 + below(4) };
            let users: Vec<String> = (0..size).map(|at| format!("user {}", (at + below(3)) % 160)).collect();
            let users: Vec<&str> = users.iter().map(String::as_str).collect();
            let mut new = message(None, &users);
            new.id = id_at(at);
            new.created_at = at;
            new.caller = format!("caller {}", below(3));
            new.idempotency_key = (n % 4 == 0).then(|| format!("key {n}"));
            new.state = if n % 5 == 0 {
                MessageState::Done
            } else {
                MessageState::Queued
            };
            for recipient in &mut new.recipients {
                let rare = below(12) == 0;
                recipient.state = STATES[usize::try_from(if rare { 3 } else { below(3) }).unwrap()];
                recipient.dept_id = (below(2) == 0).then_some(1);
            }
            new
        })
        .collect()
}

/// Newest first, as everything is told.
fn newest_first(messages: &[NewMessage]) -> Vec<&NewMessage> {
    let mut all: Vec<_> = messages.iter().collect();
    all.sort_by_key(|message| std::cmp::Reverse(message.id));
    all
}

fn is_in(at: DateTime<Utc>, from: Option<DateTime<Utc>>, before: Option<DateTime<Utc>>) -> bool {
    from.is_none_or(|from| at >= from) && before.is_none_or(|before| at < before)
}

fn fits(recipient: &NewRecipient, userid: Option<&UserId>, named: bool) -> bool {
    userid.is_none_or(|userid| recipient.userid.as_ref() == Some(userid) && (!named || recipient.dept_id.is_none()))
}

type Found = (Uuid, i64);

fn recipients_by_hand(all: &[NewMessage], query: &RecipientQuery) -> Vec<Found> {
    let mut found = Vec::new();
    for message in newest_first(all) {
        let of_message = query.message.is_none_or(|id| id == message.id)
            && query.caller.as_ref().is_none_or(|caller| *caller == message.caller)
            && is_in(message.created_at, query.created_from, query.created_before);
        let positions = message.recipients.iter().enumerate().rev();
        let those = positions.filter(|(_, it)| {
            of_message
                && (query.states.is_empty() || query.states.contains(&it.state))
                && fits(it, query.userid.as_ref(), query.named)
        });
        found.extend(those.map(|(position, _)| (message.id, i64::try_from(position).unwrap())));
    }
    found
}

fn messages_by_hand(all: &[NewMessage], query: &MessageQuery) -> Vec<Uuid> {
    let all = newest_first(all).into_iter().filter(|message| {
        let has = |which: &dyn Fn(&NewRecipient) -> bool| message.recipients.iter().any(which);
        let in_state = |it: &NewRecipient| query.recipient_states.contains(&it.state);
        let to_user = |it: &NewRecipient| fits(it, query.userid.as_ref(), query.named);
        (query.states.is_empty() || query.states.contains(&message.state))
            && query
                .idempotency_key
                .as_ref()
                .is_none_or(|key| message.idempotency_key.as_ref() == Some(key))
            && query.caller.as_ref().is_none_or(|caller| *caller == message.caller)
            && (query.userid.is_none() || has(&to_user))
            && (query.recipient_states.is_empty() || has(&in_state))
            && is_in(message.created_at, query.created_from, query.created_before)
    });
    all.map(|message| message.id).collect()
}

/// Page by page from the front, which is the same as from the end.
async fn recipients(store: &Store, query: &RecipientQuery, size: u32) -> Vec<Found> {
    let place = |it: &Recipient| RecipientPlace::At {
        message: it.message_id,
        position: it.position,
    };
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let page = PageRequest::new(size, after);
        let page = store.find_recipients(query, page).await.unwrap();
        found.extend(page.items.iter().map(|it| (it.message_id, it.position)));
        after = page.items.last().map(place);
        if !page.has_next {
            break;
        }
    }

    let (mut from_end, mut before) = (Vec::new(), None);
    loop {
        let page = PageRequest::between(size, Direction::Backwards, None, before);
        let page = store.find_recipients(query, page).await.unwrap();
        from_end.extend(page.items.iter().rev().map(|it| (it.message_id, it.position)));
        before = page.items.first().map(place);
        if !page.has_previous {
            break;
        }
    }
    from_end.reverse();
    assert_eq!(from_end, found, "{query:?}");
    found
}

async fn found_messages(store: &Store, query: &MessageQuery, size: u32) -> Vec<Uuid> {
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let page = store.messages(query, PageRequest::new(size, after)).await.unwrap();
        found.extend(page.items.iter().map(|it| it.id));
        after = page.items.last().map(|it| it.id);
        if !page.has_next {
            break;
        }
    }

    let (mut from_end, mut before) = (Vec::new(), None);
    loop {
        let page = PageRequest::between(size, Direction::Backwards, None, before);
        let page = store.messages(query, page).await.unwrap();
        from_end.extend(page.items.iter().rev().map(|it| it.id));
        before = page.items.first().map(|it| it.id);
        if !page.has_previous {
            break;
        }
    }
    from_end.reverse();
    assert_eq!(from_end, found, "{query:?}");
    found
}

/// From and to, each where it is given.
type Span = (Option<DateTime<Utc>>, Option<DateTime<Utc>>);

/// Times to begin and end at: on a millisecond, between messages of one, and none.
fn times(base: DateTime<Utc>) -> Vec<Span> {
    let at = |seconds, micros| Some(base + TimeDelta::seconds(seconds) + TimeDelta::microseconds(micros));
    vec![
        (None, None),
        (at(30, 0), at(60, 0)),
        (at(30, 300), at(60, 301)),
        (at(72, 1), None),
        (None, at(12, 600)),
        (at(900, 0), None),
    ]
}

async fn filled(store: &Store) -> (Vec<NewMessage>, DateTime<Utc>) {
    let base = DateTime::from_timestamp(Clock::system().now().timestamp() - 3_600, 0).unwrap();
    let all = messages(base);
    for message in &all {
        store.insert_message(message.clone()).await.unwrap();
    }
    (all, base)
}

both_databases!(
    async fn recipients_are_found_by_every_filter_page_by_page(database: TestDatabase) {
        let store = open(database).await;
        let (all, base) = filled(&store).await;
        let mut asked = 0;
        for (created_from, created_before) in times(base) {
            for states in [
                vec![],
                vec![STATES[3]],
                vec![STATES[1], STATES[3]],
                STATES.to_vec(),
                RecipientState::ALL.to_vec(),
            ] {
                for caller in [None, Some("caller 1"), Some("nobody")] {
                    for (userid, named) in [(None, false), (Some("user 1"), false), (Some("user 1"), true)] {
                        for message in [None, Some(all[30].id)] {
                            let query = RecipientQuery {
                                message,
                                states: states.clone(),
                                userid: userid.map(UserId::from),
                                named,
                                caller: caller.map(str::to_owned),
                                created_from,
                                created_before,
                                ..RecipientQuery::default()
                            };

                            let expected = recipients_by_hand(&all, &query);
                            let first = if asked % 3 == 0 { 7 } else { 100 };
                            assert_eq!(recipients(&store, &query, first).await, expected, "{query:?}");

                            let mut counts: BTreeMap<RecipientState, u64> = BTreeMap::new();
                            for (id, position) in &expected {
                                let of = all.iter().find(|it| it.id == *id).unwrap();
                                *counts
                                    .entry(of.recipients[usize::try_from(*position).unwrap()].state)
                                    .or_default() += 1;
                            }
                            assert_eq!(store.count_states(&query).await.unwrap(), counts, "{query:?}");
                            assert_eq!(store.count_recipients(&query).await.unwrap(), expected.len() as u64);
                            asked += 1;
                        }
                    }
                }
            }
        }
    }
);

both_databases!(
    async fn messages_are_found_by_every_filter_page_by_page(database: TestDatabase) {
        let store = open(database).await;
        let (all, base) = filled(&store).await;
        for (created_from, created_before) in times(base) {
            for states in [
                vec![],
                vec![MessageState::Done],
                vec![MessageState::Done, MessageState::Queued],
            ] {
                for caller in [None, Some("caller 1")] {
                    for (userid, named) in [(None, false), (Some("user 1"), false), (Some("user 1"), true)] {
                        for recipient_states in [vec![], vec![STATES[3]], vec![STATES[1], STATES[3]]] {
                            for key in [None, Some("key 4")] {
                                let query = MessageQuery {
                                    states: states.clone(),
                                    userid: userid.map(UserId::from),
                                    named,
                                    idempotency_key: key.map(str::to_owned),
                                    caller: caller.map(str::to_owned),
                                    recipient_states: recipient_states.clone(),
                                    created_from,
                                    created_before,
                                    ..MessageQuery::default()
                                };

                                let expected = messages_by_hand(&all, &query);
                                assert_eq!(found_messages(&store, &query, 9).await, expected, "{query:?}");
                                assert_eq!(store.count_messages(&query).await.unwrap(), expected.len() as u64);
                            }
                        }
                    }
                }
            }
        }
    }
);

both_databases!(
    async fn a_cursor_of_an_earlier_version_goes_on_where_it_stood(database: TestDatabase) {
        let store = open(database).await;
        let (all, _) = filled(&store).await;
        let query = RecipientQuery::default();
        let page = store.find_recipients(&query, PageRequest::new(10, None)).await.unwrap();
        let row = RecipientPlace::Row(page.items[9].id);

        let rest = store
            .find_recipients(&query, PageRequest::new(500, Some(row)))
            .await
            .unwrap();
        let rest: Vec<Found> = rest.items.iter().map(|it| (it.message_id, it.position)).collect();
        assert_eq!(rest, recipients_by_hand(&all, &query)[10..]);

        let nobody = PageRequest::new(10, Some(RecipientPlace::Row(i64::MAX)));
        assert!(store.find_recipients(&query, nobody).await.unwrap().items.is_empty());
    }
);
