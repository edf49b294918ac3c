//! What DingTalk would drop in silence, and what becomes of it.

use std::{collections::BTreeSet, time::Duration};

use chrono::TimeDelta;
use dingmirror::{
    clock::Clock,
    message::{Content, OnDuplicate, Prediction, RecipientState},
    settings::DeliveryMode,
    store::StoreError,
};
use futures_util::future::join_all;

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
        assert!(
            sent.notices[0].to_string().starts_with("1 of the recipients"),
            "{:?}",
            sent.notices
        );
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
    async fn of_many_same_messages_at_once_one_is_the_first(database: TestDatabase) {
        let outbox = Outbox::idle(database.target(), Duration::from_secs(60)).await;
        let at_once = async |content: &str, on_duplicate, times: usize| {
            let mut request = outbox.to(&outbox.people[..3]);
            request.content = Content::Text {
                content: content.into(),
            }
            .into();
            request.on_duplicate = on_duplicate;
            join_all((0..times).map(|_| outbox.submit(request.clone()))).await
        };

        for pair in 0..15 {
            let content = format!("skipped {pair}");
            let mut states = Vec::new();
            for sent in at_once(&content, OnDuplicate::Skip, 2).await {
                states.extend(
                    outbox
                        .recipients(sent.message.id)
                        .await
                        .into_iter()
                        .map(|row| row.state),
                );
            }
            let of = |state| states.iter().filter(|it| **it == state).count();
            assert_eq!(
                (of(RecipientState::Queued), of(RecipientState::Skipped)),
                (3, 3),
                "pair {pair}"
            );
        }

        let mut predicted = 0;
        for sent in at_once("sent", OnDuplicate::Send, 6).await {
            let rows = outbox.recipients(sent.message.id).await;
            let of_this = rows
                .iter()
                .filter(|row| row.prediction == Some(Prediction::Duplicate))
                .count();
            assert_eq!(
                of_this > 0,
                sent.notices
                    .iter()
                    .any(|it| it.to_string().starts_with("3 of the recipients"))
            );
            predicted += of_this;
        }
        assert_eq!(predicted, 5 * 3, "all but the first");

        let marked = at_once("marked", OnDuplicate::Mark, 24).await;
        let texts: BTreeSet<String> = marked.iter().map(|sent| sent.message.rendered.clone()).collect();
        assert_eq!(texts.len(), 24, "{texts:#?}");
        for sent in &marked {
            let rows = outbox.recipients(sent.message.id).await;
            assert!(rows.iter().all(|row| row.prediction.is_none()));
        }

        // A key is looked at under the same lock: of many at once one is recorded.
        let mut request = outbox.to(&outbox.people[..2]);
        request.idempotency_key = Some("once".into());
        let answers = join_all((0..12).map(|_| outbox.submit(request.clone()))).await;
        let ids: BTreeSet<_> = answers.iter().map(|it| it.message.id).collect();
        assert_eq!((ids.len(), answers.iter().filter(|it| it.replayed).count()), (1, 11));
    }
);

both_databases!(
    async fn of_many_at_once_the_501st_of_a_day_is_predicted(database: TestDatabase) {
        let outbox = Outbox::idle(database.target(), Duration::from_secs(60)).await;
        let message = |n: usize| {
            let mut request = outbox.to(&outbox.people[..1]);
            request.content = Content::Text { content: n.to_string() }.into();
            request
        };
        for n in 0..495 {
            outbox.submit(message(n)).await;
        }

        let last = join_all((495..507).map(|n| outbox.submit(message(n)))).await;
        let told = last
            .iter()
            .filter(|sent| sent.notices.iter().any(|it| it.contains("had 500 notifications")));
        assert_eq!(told.count(), 7, "five more, and seven too many");
    }
);

both_databases!(
    async fn a_large_message_that_is_still_a_list_counts_while_it_becomes_rows(database: TestDatabase) {
        let outbox = Outbox::idle(database.target(), Duration::from_secs(60)).await;
        let mut request = outbox.to(&outbox.people[..110]);
        request.on_duplicate = OnDuplicate::Skip;
        for round in 0..6 {
            request.content = Content::Text {
                content: format!("large {round}"),
            }
            .into();
            let sends = join_all((0..4).map(|_| outbox.submit(request.clone())));
            let (sent, unfolded) = tokio::join!(sends, async {
                for _ in 0..20 {
                    outbox.store.unfold().await?;
                }
                Ok::<_, StoreError>(())
            });
            unfolded.unwrap();

            let mut queued = 0;
            for it in sent {
                queued += outbox
                    .states(it.message.id)
                    .await
                    .get(&RecipientState::Queued)
                    .copied()
                    .unwrap_or(0);
            }
            assert_eq!(queued, 110, "round {round}: each person once");
        }
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
            shadowed.notices[0].to_string().starts_with("2 of the recipients"),
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
