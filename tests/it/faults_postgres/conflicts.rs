//! Deadlocks and serialisation failures are nobody's error.

use std::time::Duration;

use dingmirror::{
    clock::Clock,
    message::{Content, MessageTemplate, NewTemplate, OnUnknown, RecipientState},
    store::{Store, TemplateChange},
};
use sqlx::{Connection, Executor, PgConnection};
use tokio::task::JoinSet;

use super::until_somebody_waits;
use crate::{
    store::messages::{message, states},
    support::{database::TestDatabase, outbox::claim},
};

async fn open(database: &TestDatabase) -> Store {
    let store = Store::connect(database.target(), Clock::system()).await.unwrap();
    store.migrate().await.unwrap();
    store
}

fn template(name: &str) -> NewTemplate {
    NewTemplate {
        name: name.into(),
        description: None,
        content: Content::Text { content: "x".into() },
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn at_serializable_everybody_still_gets_what_they_asked_for() {
    let database = TestDatabase::postgres().await;
    open(&database).await;
    let url = database.url().unwrap();
    let mut beside = PgConnection::connect(url).await.unwrap();
    let sql = "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_isolation = serializable', current_database()); END $$";
    beside.execute(sql).await.unwrap();
    let store = Store::connect(database.target(), Clock::system()).await.unwrap();

    let mut writers = JoinSet::new();
    for writer in 0..6 {
        let store = store.clone();
        writers.spawn(async move {
            for at in 0..8 {
                let now = Clock::system().now();
                let new = template(&format!("t-{writer}-{at}"));
                let saved: TemplateChange = store.save_template(None, new, now, "test").await.unwrap();
                let TemplateChange::Done(saved) = saved else {
                    panic!("{saved:?}")
                };
                let MessageTemplate { version, .. } = *saved;
                assert_eq!(version, 1);
                store
                    .acquire_lease("same", &format!("w{writer}"), Duration::ZERO)
                    .await
                    .unwrap();
                assert!(claim(&store, 10, "w", Duration::from_secs(1)).await.is_none());
            }
        });
    }

    while let Some(ended) = writers.join_next().await {
        ended.unwrap();
    }
    assert_eq!(store.count_templates().await.unwrap(), 48);
    drop(store);
    beside.close().await.unwrap();
    database.remove().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_victim_of_a_deadlock_is_repeated() {
    let database = TestDatabase::postgres().await;
    let store = open(&database).await;
    let url = database.url().unwrap();
    let mut beside = PgConnection::connect(url).await.unwrap();
    store.acquire_lease("a", "x", Duration::from_secs(60)).await.unwrap();
    store
        .save_template(None, template("t"), Clock::system().now(), "test")
        .await
        .unwrap();

    // A trigger that takes a second lock, in the other order than the transaction beside.
    beside
        .execute(
            "CREATE FUNCTION second() RETURNS trigger LANGUAGE plpgsql AS \
             $$ BEGIN PERFORM 1 FROM leases WHERE name = 'a' FOR UPDATE; RETURN NEW; END $$; \
             CREATE TRIGGER second AFTER UPDATE ON message_templates FOR EACH ROW EXECUTE FUNCTION second(); \
             SET deadlock_timeout = '60s'",
        )
        .await
        .unwrap();
    beside
        .execute("BEGIN; UPDATE leases SET fencing = fencing WHERE name = 'a'")
        .await
        .unwrap();
    let victim = tokio::spawn({
        let store = store.clone();
        async move {
            store
                .save_template(Some(1), template("t"), Clock::system().now(), "test")
                .await
        }
    });
    tokio::time::sleep(Duration::from_millis(300)).await;
    // Waits for the template's row, which the victim holds, who waits for the lease's row.
    beside
        .execute("UPDATE message_templates SET version = version WHERE name = 't'")
        .await
        .unwrap();
    beside.execute("COMMIT").await.unwrap();

    let saved = victim.await.unwrap().unwrap();
    assert!(matches!(saved, TemplateChange::Done(_)), "{saved:?}");

    let mut deadlocks = 0_i64;
    for _ in 0..100 {
        deadlocks = sqlx::query_scalar("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
            .fetch_one(&mut beside)
            .await
            .unwrap();
        if deadlocks > 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert!(deadlocks > 0, "there was no deadlock");
    drop(store);
    beside.close().await.unwrap();
    database.remove().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_proof_of_writing_that_met_another_one_is_made_again() {
    let database = TestDatabase::postgres().await;
    let store = open(&database).await;
    let mut beside = PgConnection::connect(database.url().unwrap()).await.unwrap();
    beside
        .execute(
            "CREATE SEQUENCE tries; CREATE FUNCTION conflict_once() RETURNS trigger LANGUAGE plpgsql AS \
             $$ BEGIN IF nextval('tries') = 1 THEN RAISE EXCEPTION 'once' USING ERRCODE = '40001'; END IF; RETURN NEW; END $$; \
             CREATE TRIGGER conflict_once BEFORE INSERT OR UPDATE ON sync_marks FOR EACH ROW EXECUTE FUNCTION conflict_once()",
        )
        .await
        .unwrap();

    store.prove_write().await.unwrap();
    drop(store);
    database.remove().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_sent_to_or_taken_back_while_an_epoch_begins_is_not_doubted() {
    let database = TestDatabase::postgres().await;
    let store = open(&database).await;
    let mut new = message(None, &["a", "b"]);
    new.on_unknown = OnUnknown::RepeatSameDay;
    let id = new.id;
    store.insert_message(new).await.unwrap();

    let mut beside = PgConnection::connect(database.url().unwrap()).await.unwrap();
    let mut other = PgConnection::connect(database.url().unwrap()).await.unwrap();
    other
        .execute("BEGIN; UPDATE recipients SET state = 'ACCEPTED' WHERE userid = 'a'")
        .await
        .unwrap();
    beside
        .execute("UPDATE database_epoch SET place = 'elsewhere'")
        .await
        .unwrap();

    let beginning = tokio::spawn({
        let store = store.clone();
        async move { store.epoch().await.unwrap() }
    });
    until_somebody_waits(&mut beside).await;
    other.execute("COMMIT").await.unwrap();
    beginning.await.unwrap();

    assert_eq!(
        states(&store, id).await,
        [RecipientState::Accepted, RecipientState::Unknown]
    );
    drop(store);
    database.remove().await;
}
