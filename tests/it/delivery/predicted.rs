//! What DingTalk would drop in silence, and what becomes of it.

use std::time::Duration;

use chrono::TimeDelta;
use dingmirror::{
    clock::Clock,
    message::{Content, OnDuplicate, Prediction, RecipientState},
    settings::DeliveryMode,
};

use super::outbox::Outbox;
use crate::support::database::TestDatabase;

const TAKEN: [RecipientState; 3] = [
    RecipientState::Accepted,
    RecipientState::DeliveredUnread,
    RecipientState::Read,
];

both_databases!(
    async fn the_same_content_to_the_same_person_is_predicted_skipped_or_marked(database: TestDatabase) {
        let outbox = Outbox::start(database.target()).await;
        let first = outbox.to(&outbox.people[..2]);
        let message = outbox.submit(first.clone()).await.message;
        outbox.settled(message.id, &TAKEN).await;

        let mut both = first.clone();
        both.userids = outbox.people[1..3].to_vec();
        let sent = outbox.submit(both.clone()).await;
        assert!(sent.notices[0].starts_with("1 of the recipients"), "{:?}", sent.notices);
        let rows = outbox.recipients(sent.message.id).await;
        assert_eq!(rows[0].prediction, Some(Prediction::Duplicate));
        assert_eq!(rows[1].prediction, None);
        outbox
            .until(sent.message.id, |rows| {
                rows[0].state == RecipientState::DroppedDuplicate && rows[1].state == RecipientState::DeliveredUnread
            })
            .await;

        both.on_duplicate = OnDuplicate::Skip;
        both.userids = outbox.people[2..4].to_vec();
        let skipped = outbox.submit(both.clone()).await.message;
        outbox
            .until(skipped.id, |rows| {
                rows[0].state == RecipientState::Skipped && rows[1].state == RecipientState::DeliveredUnread
            })
            .await;

        both.on_duplicate = OnDuplicate::Mark;
        let marked = outbox.submit(both.clone()).await.message;
        let Some(Content::Text { content }) = &marked.content else {
            panic!()
        };
        assert!(content.contains("UTC+8"), "{content}");
        outbox
            .until(marked.id, |rows| {
                rows.iter().all(|row| row.state == RecipientState::DeliveredUnread)
            })
            .await;
        assert!(
            outbox
                .recipients(marked.id)
                .await
                .iter()
                .all(|row| row.prediction.is_none())
        );

        both.content = Content::Image { media_id: "@a".into() }.into();
        let picture = outbox.submit(both.clone()).await;
        assert!(picture.notices.is_empty(), "nobody had it yet: {:?}", picture.notices);
        let again = outbox.submit(both).await;
        assert!(again.notices[0].contains("no text to mark"), "{:?}", again.notices);
    }
);

both_databases!(
    async fn the_501st_notification_of_a_day_is_predicted(database: TestDatabase) {
        let outbox = Outbox::idle(database.target(), Duration::from_secs(60)).await;
        for n in 0..500 {
            let mut request = outbox.to(&outbox.people[..1]);
            request.content = Content::Text { content: n.to_string() }.into();
            outbox.submit(request).await;
        }
        let sent = outbox.submit(outbox.to(&outbox.people[..2])).await;
        assert!(sent.notices[0].contains("had 500 notifications"), "{:?}", sent.notices);
        let rows = outbox.recipients(sent.message.id).await;
        assert_eq!(rows[0].prediction, Some(Prediction::DailyQuota));
        assert_eq!(rows[1].prediction, None);
    }
);

both_databases!(
    async fn each_mode_sends_to_whom_it_says(database: TestDatabase) {
        let outbox = Outbox::start(database.target()).await;
        let tester = outbox.people[9].clone();
        outbox.change(|settings| settings.delivery_mode = DeliveryMode::Shadow);
        let shadow = outbox.submit(outbox.to(&outbox.people[..2])).await;
        assert!(shadow.notices[0].contains("SHADOW"));
        outbox.settled(shadow.message.id, &[RecipientState::Shadowed]).await;
        assert!(outbox.sends().await.is_empty());

        outbox.change(|settings| {
            settings.delivery_mode = DeliveryMode::Redirect;
            settings.redirect_to = Some(tester.to_string());
        });
        let redirected = outbox.submit(outbox.to(&outbox.people[..2])).await.message;
        outbox
            .until(redirected.id, |rows| {
                let states: Vec<_> = rows.iter().map(|row| row.state).collect();
                use RecipientState::{DeliveredUnread, Redirected};
                states == [Redirected, Redirected, DeliveredUnread]
            })
            .await;
        let sends = outbox.sends().await;
        assert_eq!(sends.len(), 1);
        assert_eq!(sends[0]["receivers"][0]["userid"], tester.as_str());
        assert_eq!(sends[0]["receivers"].as_array().unwrap().len(), 1);
    }
);

both_databases!(
    async fn what_waits_when_the_mode_changes_goes_to_nobody_who_is_not_meant_any_more(database: TestDatabase) {
        for (mode, state) in [
            (DeliveryMode::Off, RecipientState::Suppressed),
            (DeliveryMode::Shadow, RecipientState::Shadowed),
            (DeliveryMode::Redirect, RecipientState::Suppressed),
        ] {
            let mut outbox = Outbox::idle(database.target(), Duration::from_secs(60)).await;
            let message = outbox.submit(outbox.to(&outbox.people[..2])).await.message;
            outbox.change(|settings| {
                settings.delivery_mode = mode;
                settings.redirect_to = Some("tester".into());
            });
            outbox.run();
            outbox.settled(message.id, &[state]).await;
            assert!(outbox.sends().await.is_empty());
            outbox.stop().await;
        }
    }
);

both_databases!(
    async fn a_message_that_comes_too_late_is_not_sent_and_old_bodies_are_erased(database: TestDatabase) {
        let mut outbox = Outbox::idle(database.target(), Duration::from_secs(60)).await;
        let mut request = outbox.to(&outbox.people[..2]);
        request.worth_sending_for = Some(Duration::from_secs(1));
        let late = outbox.submit(request).await.message;
        tokio::time::sleep(Duration::from_millis(1_100)).await;
        outbox.run();
        outbox.settled(late.id, &[RecipientState::Expired]).await;
        assert!(outbox.sends().await.is_empty());

        let sent = outbox.submit(outbox.to(&outbox.people[..2])).await.message;
        outbox.settled(sent.id, &TAKEN).await;
        let tomorrow = Clock::system().now() + TimeDelta::days(1);
        assert_eq!(outbox.store.erase_bodies(tomorrow).await.unwrap(), 2);
        let erased = outbox.message(sent.id).await;
        assert!(erased.content.is_none() && erased.rendered.is_empty() && erased.erased_at.is_some());
        assert_eq!(erased.kind, sent.kind, "the ledger stays");
        assert_eq!(outbox.recipients(sent.id).await.len(), 2);
        assert_eq!(outbox.store.erase_bodies(tomorrow).await.unwrap(), 0, "once");
    }
);

both_databases!(
    async fn a_shadow_tells_what_would_be_dropped_and_whom_it_would_leave_out(database: TestDatabase) {
        let outbox = Outbox::start(database.target()).await;
        let mut request = outbox.to(&outbox.people[..2]);
        let sent = outbox.submit(request.clone()).await.message;
        outbox.settled(sent.id, &TAKEN).await;
        outbox.change(|settings| settings.delivery_mode = DeliveryMode::Shadow);
        let shadowed = outbox.submit(request.clone()).await;
        assert!(
            shadowed.notices[0].starts_with("2 of the recipients"),
            "{:?}",
            shadowed.notices
        );
        for row in outbox.recipients(shadowed.message.id).await {
            assert_eq!(
                (row.state, row.prediction),
                (RecipientState::Shadowed, Some(Prediction::Duplicate))
            );
        }
        request.on_duplicate = OnDuplicate::Skip;
        request.userids = outbox.people[1..3].to_vec();
        let message = outbox.submit(request).await.message;
        let states: Vec<_> = outbox
            .recipients(message.id)
            .await
            .into_iter()
            .map(|row| row.state)
            .collect();
        assert_eq!(states, [RecipientState::Skipped, RecipientState::Shadowed]);
    }
);
