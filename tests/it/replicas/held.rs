//! A message belongs to the app, and so to the company, that it was resolved against.

use dingmirror::message::{MessageState, RecipientState};

use tokio_util::sync::CancellationToken;

use super::*;
use crate::delivery::Outbox;

async fn counted(outbox: &Outbox) -> (u64, u64) {
    outbox.store.count_held().await.unwrap()
}

/// Waits until so many messages and recipients are held.
async fn until_held(outbox: &Outbox, wanted: (u64, u64)) {
    for _ in 0..100 {
        if counted(outbox).await == wanted {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("held: {:?}", counted(outbox).await);
}

both_databases!(
    async fn messages_for_another_app_are_held_until_the_settings_name_theirs_again(database: TestDatabase) {
        let mut outbox = Outbox::idle(database.target(), Duration::from_secs(60)).await;
        let app = outbox.settings.current().app_key.clone();
        let waiting = outbox.submit(outbox.to(&outbox.people[..3])).await.message.id;
        outbox.change(|settings| settings.app_key = Some("another".into()));

        outbox.run();
        until_held(&outbox, (1, 3)).await;
        assert!(outbox.sends().await.is_empty(), "nobody of the other company got it");
        for recipient in outbox.recipients(waiting).await {
            assert_eq!(recipient.state, RecipientState::Queued);
            let reason = recipient.reason.unwrap();
            assert!(
                reason.contains("releaseHeldMessages") && reason.contains("recallMessage"),
                "{reason}"
            );
        }
        assert_eq!(outbox.message(waiting).await.state, MessageState::Queued);

        outbox.change(|settings| settings.app_key = app);
        outbox.settled(waiting, &SENT).await;
        assert_eq!(counted(&outbox).await, (0, 0));
    }
);

both_databases!(
    async fn what_is_held_is_sent_where_its_app_came_back_while_nobody_was_there(database: TestDatabase) {
        let mut outbox = Outbox::idle(database.target(), Duration::from_secs(60)).await;
        let app = outbox.settings.current().app_key.clone();
        let waiting = outbox.submit(outbox.to(&outbox.people[..2])).await.message.id;
        outbox.change(|settings| settings.app_key = Some("another".into()));
        outbox.run();
        until_held(&outbox, (1, 2)).await;
        outbox.stop().await;

        outbox.change(|settings| settings.app_key = app);
        let next = (outbox.replica)();
        let running = tokio::spawn(async move { next.run(CancellationToken::new()).await });
        outbox.settled(waiting, &SENT).await;
        running.abort();
    }
);

const SENT: [RecipientState; 3] = [
    RecipientState::Accepted,
    RecipientState::DeliveredUnread,
    RecipientState::Read,
];

both_databases!(
    async fn held_messages_are_sent_or_cancelled_when_somebody_decides(database: TestDatabase) {
        let mut outbox = Outbox::idle(database.target(), Duration::from_secs(60)).await;
        let app = outbox.settings.current().app_key.clone();
        outbox.change(|settings| settings.app_key = Some("the former".into()));
        let first = outbox.submit(outbox.to(&outbox.people[..2])).await.message.id;
        let second = outbox.submit(outbox.to(&outbox.people[2..5])).await.message.id;
        outbox.change(|settings| settings.app_key = app);
        outbox.run();
        until_held(&outbox, (2, 5)).await;
        // What is resolved for the present app doesn't wait behind them.
        let own = outbox.submit(outbox.to(&outbox.people[5..6])).await.message.id;
        outbox.settled(own, &SENT).await;

        outbox.delivery.recall(second, "admin").await.unwrap();
        assert_eq!(counted(&outbox).await, (1, 2));
        assert_eq!(outbox.states(second).await, [(RecipientState::Cancelled, 3)].into());
        assert_eq!(
            outbox
                .delivery
                .release_held(Some("nobody's"), &"admin".into())
                .await
                .unwrap(),
            Some(Vec::new())
        );
        assert_eq!(
            outbox.delivery.release_held(None, &"admin".into()).await.unwrap(),
            Some(vec![first])
        );
        outbox.settled(first, &SENT).await;
        assert_eq!(counted(&outbox).await, (0, 0));
    }
);
