//! Finding entries of a long change log.

use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use dingmirror::{
    directory::{CauseKind, ChangeFilter, ChangeKind, DeptId, EntityKind, RecordId},
    page::{Direction, PageRequest},
    store::{ChangeOrder, ChangeQuery, Store},
};

use super::fixtures::open;
use crate::support::database::{Beside, TestDatabase};

/// Two hundred thousand updates of a thousand people by runs; among them three removals, one request, one rare person
/// and one department. A thousand entries a second.
const POSTGRES: &str = "INSERT INTO changes (seq, revision, at, cause_kind, cause, entity, entity_id, kind, fields)
    SELECT n, n / 10 + 1, timestamptz '2026-01-01 00:00:00+00' + n / 1000 * interval '1 second',
    CASE n WHEN 777 THEN 'REQUEST' ELSE 'RUN' END, '00000000-0000-0000-0000-000000000000',
    CASE n WHEN 9 THEN 'DEPARTMENT' ELSE 'USER' END,
    CASE n WHEN 9 THEN '5' WHEN 1234 THEN 'rare' ELSE 'u' || n % 1000 END,
    CASE WHEN n IN (7, 100000, 199999) THEN 'REMOVED' ELSE 'UPDATED' END, '[]'
    FROM generate_series(1, 200000) AS n";
const SQLITE: &str = "INSERT INTO changes (seq, revision, at, cause_kind, cause, entity, entity_id, kind, fields)
    WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 200000)
    SELECT n, n / 10 + 1, strftime('%Y-%m-%dT%H:%M:%S+00:00', unixepoch('2026-01-01') + n / 1000, 'unixepoch'),
    CASE n WHEN 777 THEN 'REQUEST' ELSE 'RUN' END, '00000000-0000-0000-0000-000000000000',
    CASE n WHEN 9 THEN 'DEPARTMENT' ELSE 'USER' END,
    CASE n WHEN 9 THEN '5' WHEN 1234 THEN 'rare' ELSE 'u' || n % 1000 END,
    CASE WHEN n IN (7, 100000, 199999) THEN 'REMOVED' ELSE 'UPDATED' END, '[]'
    FROM numbers";

fn filters() -> Vec<(ChangeFilter, Vec<i64>)> {
    let filter = ChangeFilter::default;
    let since = |text: &str| Some(text.parse::<DateTime<Utc>>().unwrap());
    vec![
        (
            ChangeFilter {
                kinds: [ChangeKind::Removed].into(),
                ..filter()
            },
            vec![7, 100_000, 199_999],
        ),
        (
            ChangeFilter {
                causes: [CauseKind::Request, CauseKind::Decision].into(),
                ..filter()
            },
            vec![777],
        ),
        (
            ChangeFilter {
                entities: [EntityKind::Department].into(),
                ..filter()
            },
            vec![9],
        ),
        (
            ChangeFilter {
                records: Some([RecordId::User("rare".into()), RecordId::Department(DeptId(5))].into()),
                ..filter()
            },
            vec![9, 1_234],
        ),
        (
            ChangeFilter {
                kinds: [ChangeKind::Removed].into(),
                since: since("2026-01-01T00:01:40Z"),
                ..filter()
            },
            vec![100_000, 199_999],
        ),
        (
            ChangeFilter {
                since: since("2026-01-01T00:03:20Z"),
                ..filter()
            },
            vec![200_000],
        ),
        (
            ChangeFilter {
                since: since("2026-01-01T00:03:21Z"),
                ..filter()
            },
            vec![],
        ),
    ]
}

/// How long the quickest of a few takes to find and to count everything, in both orders and from both ends.
async fn asked(store: &Store, expect: impl Fn(&[i64]) -> Vec<i64>) -> Duration {
    let mut quickest = Duration::MAX;
    for _ in 0..4 {
        let begun = Instant::now();
        for (filter, found) in filters() {
            let mut expected = expect(&found);
            assert_eq!(store.count_found_changes(&filter).await.unwrap(), expected.len() as u64);
            for order in [ChangeOrder::OldestFirst, ChangeOrder::NewestFirst] {
                for direction in [Direction::Forwards, Direction::Backwards] {
                    let query = ChangeQuery {
                        filter: filter.clone(),
                        order,
                        up_to: None,
                    };
                    let request = PageRequest::between(50, direction, None, None);
                    let page = store.find_changes(&query, request).await.unwrap();
                    let places: Vec<i64> = page.items.iter().map(|it| it.seq).collect();
                    assert_eq!(places, expected, "{query:?} {direction:?}");
                    assert!(!page.has_next && !page.has_previous);
                }
                expected.reverse();
            }
        }
        quickest = quickest.min(begun.elapsed());
    }
    quickest
}

both_databases!(
    async fn what_is_rare_is_found_and_counted_at_once_however_long_the_log_is(database: TestDatabase) {
        let store = open(database).await;
        let in_an_empty_log = asked(&store, |_| Vec::new()).await;

        let mut beside = database.beside().await;
        match &beside {
            Beside::Sqlite(_) => beside.run(SQLITE).await,
            Beside::Postgres(_) => {
                beside.run(POSTGRES).await;
                // As the server does by itself after a while.
                beside.run("ANALYZE changes").await;
            }
        }

        let in_a_long_one = asked(&store, <[i64]>::to_vec).await;
        // A look at every entry takes as long for each single question of the 35.
        assert!(
            in_a_long_one < in_an_empty_log * 3 + Duration::from_millis(200),
            "{in_an_empty_log:?}, {in_a_long_one:?}"
        );

        assert_eq!(store.changes_served(20_001).await.unwrap(), 200_000);
        assert_eq!(store.changes_served(15_000).await.unwrap(), 149_999, "n / 10 + 1");
        assert_eq!(store.changes_served(0).await.unwrap(), 0);
    }
);
