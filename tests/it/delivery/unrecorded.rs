//! DingTalk has answered, and the database is away.

use std::time::Duration;

use dingmirror::{
    message::{AttemptOutcome, RecipientState},
    store::Expired,
};
use serde_json::json;
use uuid::Uuid;

use super::outbox::Outbox;
use crate::support::{
    cluster::Address,
    database::{Beside, TestDatabase},
    log::Log,
    outbox::expire,
};

/// How long a claim holds here.
const CLAIM: Duration = Duration::from_secs(2);

/// A message that DingTalk takes while the database is away, and the moment at which its claim is over.
async fn taken_while_the_database_is_away(outbox: &mut Outbox, beside: &mut Beside) -> Uuid {
    outbox.fault(json!({"kind": "slow", "ms": 700, "count": 1})).await;
    let message = outbox.submit(outbox.to(&outbox.people[..2])).await.message;
    outbox.run();
    outbox
        .until(message.id, |rows| {
            rows.iter().all(|row| row.state == RecipientState::Sending)
        })
        .await;

    beside.take_away().await;
    tokio::time::sleep(CLAIM + Duration::from_millis(500)).await;
    assert_eq!(outbox.sends().await.len(), 1, "DingTalk took it");
    message.id
}

both_databases!(
    async fn an_answer_in_hand_is_kept_until_the_database_is_there_again(database: TestDatabase) {
        let mut outbox = Outbox::idle(database.target(), CLAIM).await;
        let mut beside = database.beside().await;
        let message = taken_while_the_database_is_away(&mut outbox, &mut beside).await;

        beside.bring_back().await;
        let taken = [
            RecipientState::Accepted,
            RecipientState::DeliveredUnread,
            RecipientState::Read,
        ];
        // Until it is recorded it is UNKNOWN, for whoever looks first.
        outbox
            .until(message, |rows| rows.iter().all(|row| taken.contains(&row.state)))
            .await;

        let attempts = outbox.attempts(message).await;
        assert_eq!(
            (attempts.len(), attempts[0].outcome),
            (1, Some(AttemptOutcome::Accepted))
        );
        assert!(attempts[0].task_id.is_some(), "{attempts:?}");
        assert_eq!(outbox.sends().await.len(), 1);
    }
);

both_databases!(
    async fn a_shutdown_waits_for_no_database_whose_claims_are_over(database: TestDatabase) {
        let mut outbox = Outbox::idle(database.target(), CLAIM).await;
        let mut beside = database.beside().await;
        let message = taken_while_the_database_is_away(&mut outbox, &mut beside).await;
        let took = outbox.stop().await;
        assert!(took < Duration::from_secs(2), "{took:?}");

        beside.bring_back().await;
        let found = Expired { claims: 2, unsent: 0 };
        assert_eq!(expire(&outbox.store).await, found);
        let rows = outbox.settled(message, &[RecipientState::Unknown]).await;
        let why = rows[0].reason.as_ref().unwrap();
        assert!(
            why.contains("ended, stood still or could not reach the database"),
            "{why}"
        );
    }
);

both_databases!(
    async fn at_a_shutdown_an_answer_that_could_not_be_recorded_is_told_in_the_log(database: TestDatabase) {
        let log = Log::start();
        let mut outbox = Outbox::idle(database.target(), Duration::from_mins(5)).await;
        let mut beside = database.beside().await;
        taken_while_the_database_is_away(&mut outbox, &mut beside).await;
        let task = outbox.sends().await[0]["task_id"].to_string();
        // Then the process is cut off.
        let grace = Duration::from_secs(10);
        tokio::time::timeout(grace, outbox.stop())
            .await
            .expect("it ends in time");

        let text = log.text();
        let told = text.lines().find(|line| line.contains("could not be recorded"));
        assert!(told.is_some_and(|told| told.contains(&task)), "{task}: {text}");
        beside.bring_back().await;
    }
);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_claim_whose_answer_was_lost_is_given_back() {
    let database = TestDatabase::postgres().await;
    let (address, target) = Address::in_front_of(&database).await;
    let mut outbox = Outbox::idle(target, Duration::from_mins(5)).await;
    let message = outbox.submit(outbox.to(&outbox.people[..2])).await.message;
    address.lose_the_commit_after("INSERT INTO \"attempts\"");

    outbox.run();
    let taken = [RecipientState::DeliveredUnread, RecipientState::Read];
    outbox.settled(message.id, &taken).await;

    let outcomes: Vec<_> = outbox.attempts(message.id).await.iter().map(|it| it.outcome).collect();
    assert_eq!(
        outcomes,
        [Some(AttemptOutcome::NotMade), Some(AttemptOutcome::Accepted)]
    );
    assert_eq!(outbox.sends().await.len(), 1);
    outbox.stop().await;
    drop(outbox);
    database.remove().await;
}
