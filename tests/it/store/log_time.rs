//! The change log by time, where a clock was ahead and was set right.

use chrono::{DateTime, Utc};
use dingmirror::{
    directory::{Cause, ChangeFilter},
    page::PageRequest,
    store::{ChangeQuery, Moment, Store},
};

use super::{
    fixtures::{at, batch, user},
    retention::open_at,
};
use crate::support::database::TestDatabase;

const HOUR: i64 = 3_600;

/// Somebody is added by a process whose clock shows this.
async fn add(database: &TestDatabase, now: DateTime<Utc>, n: usize) {
    let store = open_at(database, now).await;
    let set = batch(Vec::new(), vec![user(&format!("u{n}"), &[1])]);
    store.apply(set, Cause::Request("test".into()), None).await.unwrap();
}

/// The place of the last entry by then; 0: none.
async fn place(store: &Store, at: DateTime<Utc>) -> i64 {
    match store.moment(at).await.unwrap() {
        Moment::Told(place) => place.seq,
        Moment::TooOld(_) => 0,
    }
}

/// The places that a moment begins.
async fn since(store: &Store, since: DateTime<Utc>) -> Vec<i64> {
    let query = ChangeQuery {
        filter: ChangeFilter {
            since: Some(since),
            ..ChangeFilter::default()
        },
        ..ChangeQuery::default()
    };
    let found = store.find_changes(&query, PageRequest::new(100, None)).await.unwrap();
    let count = store.count_found_changes(&query.filter).await.unwrap();
    assert_eq!(count, found.items.len() as u64, "{since}");
    found.items.iter().map(|it| it.seq).collect()
}

both_databases!(
    async fn a_later_moment_never_has_an_earlier_place_and_what_is_behind_it_is_the_rest(database: TestDatabase) {
        let hours = [0, 8, 8, 1, 3, 9, 7, 7, 10];
        for (n, hour) in hours.into_iter().enumerate() {
            add(database, at(hour * HOUR), n).await;
        }
        // Of a replica whose clock is a little behind.
        add(database, at(10 * HOUR - 2), hours.len()).await;

        let store = open_at(database, at(11 * HOUR)).await;
        for (hour, expected) in [
            (-1, 0),
            (0, 1),
            (1, 4),
            (2, 4),
            (3, 5),
            (6, 5),
            (7, 8),
            (9, 8),
            (10, 10),
            (12, 10),
        ] {
            let moment = at(hour * HOUR);
            assert_eq!(place(&store, moment).await, expected, "{hour}");
            let rest: Vec<i64> = (expected + 1..=10).collect();
            let later = moment + chrono::TimeDelta::microseconds(1);
            assert_eq!(since(&store, later).await, rest, "{hour}");
        }
        assert_eq!(
            since(&store, at(8 * HOUR)).await,
            [9, 10],
            "two of them were written earlier"
        );
        assert_eq!(since(&store, at(10 * HOUR)).await, [9, 10]);

        // What is forgotten leaves nothing behind.
        while store.forget_changes(at(9 * HOUR)).await.unwrap() > 0 {}
        assert_eq!(place(&store, at(9 * HOUR)).await, 8);
        assert_eq!(since(&store, at(9 * HOUR)).await, [9, 10]);
    }
);
