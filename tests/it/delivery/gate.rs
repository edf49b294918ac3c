//! A call that waits for its turn is not made any more once it should not be: it may wait for a token and for limits
//! for minutes.

use std::time::Duration;

use dingmirror::{
    clock::Clock,
    message::{AttemptOutcome, RecipientState},
    settings::{Api, DeliveryMode},
};
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use super::outbox::Outbox;
use crate::support::database::TestDatabase;

const TAKEN: [RecipientState; 3] = [
    RecipientState::Accepted,
    RecipientState::DeliveredUnread,
    RecipientState::Read,
];

/// A message to two people whose call waits for a token that takes DingTalk this long.
async fn waiting_for_a_token(outbox: &mut Outbox, time: Duration) -> Uuid {
    let ms = time.as_millis() as u64;
    let rule = json!({ "kind": "slow", "ms": ms, "api": Api::GetToken.path(), "count": 1 });
    outbox.dingtalk.tell(Method::POST, "faults", rule).await;

    let message = outbox.submit(outbox.to(&outbox.people[..2])).await.message.id;
    outbox.run();
    outbox
        .until(message, |rows| {
            rows.iter().all(|row| row.state == RecipientState::Sending)
        })
        .await;
    message
}

both_databases!(
    async fn what_is_switched_off_while_a_call_waits_is_not_sent(database: TestDatabase) {
        let mut outbox = Outbox::idle(database.target(), Duration::from_secs(60)).await;
        let message = waiting_for_a_token(&mut outbox, Duration::from_millis(1_500)).await;
        outbox.change(|settings| settings.delivery_mode = DeliveryMode::Off);
        outbox.settled(message, &[RecipientState::Suppressed]).await;
        tokio::time::sleep(Duration::from_secs(2)).await;
        assert_eq!(outbox.sends().await, Vec::<Value>::new());
    }
);

both_databases!(
    async fn a_call_that_waits_when_the_process_ends_is_made_by_the_next_one(database: TestDatabase) {
        let mut outbox = Outbox::idle(database.target(), Duration::from_secs(60)).await;
        let message = waiting_for_a_token(&mut outbox, Duration::from_millis(1_800)).await;
        outbox.stop().await;
        assert_eq!(outbox.sends().await, Vec::<Value>::new());
        assert_eq!(outbox.states(message).await, [(RecipientState::Queued, 2)].into());

        let next = (outbox.replica)();
        let shutdown = tokio_util::sync::CancellationToken::new();
        let running = tokio::spawn({
            let shutdown = shutdown.clone();
            async move { next.run(shutdown).await }
        });
        outbox.settled(message, &TAKEN).await;
        shutdown.cancel();
        running.await.unwrap();
        assert_eq!(outbox.sends().await.len(), 1);
    }
);

both_databases!(
    async fn a_call_whose_turn_never_came_did_not_arrive(database: TestDatabase) {
        // The claim is good for two seconds, of which some are kept for the answer.
        let mut outbox = Outbox::idle(database.target(), Duration::from_secs(2)).await;
        let message = waiting_for_a_token(&mut outbox, Duration::from_millis(1_800)).await;
        outbox.settled(message, &TAKEN).await;
        assert_eq!(outbox.sends().await.len(), 1);
        let outcomes: Vec<_> = outbox.attempts(message).await.iter().map(|it| it.outcome).collect();
        assert!(outcomes.contains(&Some(AttemptOutcome::NotMade)), "{outcomes:?}");
        assert!(!outcomes.contains(&Some(AttemptOutcome::Unknown)), "{outcomes:?}");
    }
);

both_databases!(
    async fn an_app_key_that_is_taken_away_stops_sending_instead_of_trying_on_and_on(database: TestDatabase) {
        let mut outbox = Outbox::idle(database.target(), Duration::from_secs(60)).await;
        let message = outbox.submit(outbox.to(&outbox.people[..2])).await.message.id;
        let app = outbox.settings.current().app_key.clone();
        outbox.change(|settings| settings.app_key = None);
        outbox.run();
        let stop = outbox.until_stopped().await;
        assert!(stop.reason.contains("appKey"), "{}", stop.reason);
        tokio::time::sleep(Duration::from_secs(1)).await;
        let attempts = outbox.attempts(message).await;
        assert!(attempts.len() <= 4, "{} attempts", attempts.len());

        outbox.change(|settings| settings.app_key = app);
        outbox.settled(message, &TAKEN).await;
        assert_eq!(outbox.store.sending_stopped(Clock::system().now()).await.unwrap(), None);
    }
);
