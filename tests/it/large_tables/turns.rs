//! Questions that take long are given up with a remedy, and keep nobody else waiting.

use std::time::Duration;

use dingmirror::{
    page::PageRequest,
    store::{MessageQuery, RecipientQuery, StoreError},
};
use serde_json::json;

use super::fill::many_recipients;
use crate::{
    store::{message, open},
    support::{
        database::TestDatabase,
        server::{TestDingTalk, TestServer},
    },
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twelve_questions_that_never_end_leave_connections_to_everybody_else() {
    let database = TestDatabase::postgres().await;
    let store = open(&database).await;
    store.insert_message(message(None, &["a"])).await.unwrap();

    // Whoever reads recipients waits; sending reads them, too, but nothing that this test does otherwise.
    let mut beside = database.beside().await;
    beside
        .run("BEGIN; LOCK TABLE recipients IN ACCESS EXCLUSIVE MODE")
        .await;
    store.answer_within(Duration::from_secs(3));
    let askers: Vec<_> = (0..12)
        .map(|_| {
            let store = store.clone();
            tokio::spawn(async move {
                let query = RecipientQuery::default();
                store
                    .find_recipients(&query, PageRequest::new(10, None))
                    .await
                    .map(drop)
            })
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(500)).await;

    // As many as the engines have under way.
    let others = (0..4).map(|_| store.load_settings());
    for answer in futures_util::future::join_all(others).await {
        answer.unwrap();
    }
    store.prove_write().await.unwrap();
    // Whether a job was sent before is asked by whoever sends.
    assert_eq!(store.message_of_key("wiki", "job 1").await.unwrap(), None);
    let still = askers.iter().filter(|asker| !asker.is_finished()).count();
    assert_eq!(still, 12, "they are waiting yet");

    for asker in askers {
        let error = asker.await.unwrap().unwrap_err();
        assert!(
            matches!(error, StoreError::TooLong | StoreError::TooManyQuestions),
            "{error:?}"
        );
    }

    beside.run("ROLLBACK").await;
    store.answer_within(Duration::from_secs(5));
    let page = store
        .find_recipients(&RecipientQuery::default(), PageRequest::new(10, None))
        .await;
    assert_eq!(page.unwrap().items.len(), 1, "their connections are good for the next");
    drop(beside);
    drop(store);
    database.remove().await;
}

both_databases!(
    async fn a_question_over_too_many_rows_is_given_up_and_the_next_one_answered(database: TestDatabase) {
        let store = open(database).await;
        let mut beside = database.beside().await;
        many_recipients(&mut beside, 2_000).await;

        store.answer_within(Duration::from_millis(1));
        for _ in 0..5 {
            let error = store.count_states(&RecipientQuery::default()).await.unwrap_err();
            assert!(matches!(error, StoreError::TooLong), "{error:?}");
        }
        let told = StoreError::TooLong.to_string();
        assert!(told.contains("createdFrom") && told.contains("userId"), "{told}");

        store.answer_within(Duration::from_mins(1));
        let counts = store.count_states(&RecipientQuery::default()).await.unwrap();
        assert_eq!(counts.values().sum::<u64>(), 200_000);
        assert_eq!(store.count_messages(&MessageQuery::default()).await.unwrap(), 2_000);
    }
);

both_databases!(
    async fn a_caller_is_told_what_to_ask_for_instead(database: TestDatabase) {
        let dingtalk = TestDingTalk::start(5, 2).await;
        let server = TestServer::start(database.target(), &dingtalk).await;
        let mut beside = database.beside().await;
        many_recipients(&mut beside, 2_000).await;
        server.services.store.answer_within(Duration::from_millis(1));
        let token = server.token_of("test", &dingmirror::auth::Permission::ALL);
        let answer = server.graphql(&token, "{ recipientCounts { count } }", json!({})).await;
        let error = &answer["errors"][0];
        assert_eq!(error["extensions"]["code"], "TIMEOUT", "{answer:#}");
        assert!(error["message"].as_str().unwrap().contains("createdFrom"), "{answer:#}");

        server.services.store.answer_within(Duration::from_mins(1));
        let answer = server.data("{ recipientCounts { count } }", json!({})).await;
        assert!(!answer["recipientCounts"].as_array().unwrap().is_empty());
        server.stop().await;
    }
);
