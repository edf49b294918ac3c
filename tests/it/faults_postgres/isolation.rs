//! A database whose transactions see nothing of what others commit while they go on: somebody set its isolation.

use dingmirror::{
    clock::Clock,
    directory::UserId,
    message::{Day, Pace, content_digest},
    store::{Claim, ClaimLimits, Store},
};
use sqlx::{Connection, Executor, PgConnection};

use super::until_somebody_waits;
use crate::{
    store::messages::{TTL, message},
    support::database::TestDatabase,
};

/// Two replicas over one database at REPEATABLE READ, and somebody beside.
async fn replicas(database: &TestDatabase) -> (Store, Store, PgConnection) {
    let mut beside = PgConnection::connect(database.url().unwrap()).await.unwrap();
    let sql = "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_isolation = %L', current_database(), \
               'repeatable read'); END $$";
    beside.execute(sql).await.unwrap();
    let open = async || Store::connect(database.target(), Clock::system()).await.unwrap();
    let (one, other) = (open().await, open().await);
    one.migrate().await.unwrap();
    (one, other, beside)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_waited_for_the_ledger_sees_what_was_taken_in_meanwhile() {
    let database = TestDatabase::postgres().await;
    let (one, other, mut beside) = replicas(&database).await;
    // The row that they wait for is there.
    one.insert_message(message(None, &["b"])).await.unwrap();

    let first = one.hold_ledger().await.unwrap();
    let second = tokio::spawn(async move { other.hold_ledger().await.unwrap() });
    until_somebody_waits(&mut beside).await;
    let new = message(None, &["a"]);
    let (day, digest) = (Day::of(new.created_at), content_digest(&new.rendered));
    first.insert(new, None).await.unwrap();

    let second = second.await.unwrap();
    let user = UserId::from("a");
    let had = second.sent_today(&[&user], day, &digest, 500).await.unwrap();
    assert!(had.get("a").is_some_and(|had| had.same_content), "{had:?}");
    drop(second);
    database.remove().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_waited_to_claim_sees_what_was_claimed_meanwhile() {
    let database = TestDatabase::postgres().await;
    let (one, _other, mut beside) = replicas(&database).await;
    let waiting = message(None, &["a"]);
    let of = waiting.id;
    one.insert_message(waiting).await.unwrap();

    let mut claiming = PgConnection::connect(database.url().unwrap()).await.unwrap();
    claiming
        .execute("BEGIN; SELECT 1 FROM delivery_state WHERE id = 1 FOR UPDATE")
        .await
        .unwrap();
    let claim = tokio::spawn(async move {
        let limits = ClaimLimits {
            batch: 10,
            pace: Pace {
                recipients_a_minute: 5_000,
                calls_a_second: 20,
            },
            ttl: TTL,
            settings_version: None,
            normal_calls: None,
            coalesce_window: std::time::Duration::ZERO,
            app: None,
        };
        one.claim_batch("w", &limits).await.unwrap()
    });

    until_somebody_waits(&mut beside).await;
    sqlx::query(
        "INSERT INTO attempts (id, message_id, owner, recipients, started_at) \
         VALUES ('beside', $1, 'beside', 5000, clock_timestamp())",
    )
    .bind(of.to_string())
    .execute(&mut claiming)
    .await
    .unwrap();
    claiming.execute("COMMIT").await.unwrap();

    let claim = claim.await.unwrap();
    assert!(matches!(claim, Claim::Later(_)), "the minute is spent: {claim:?}");
    database.remove().await;
}
