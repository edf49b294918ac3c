//! Calls that messages share, and those that they don't.

use std::time::{Duration, Instant};

use dingmirror::{
    clock::Clock,
    delivery::DeliveryConfig,
    message::{Content, OaBody, OaStatusBar, Priority, RecipientState},
    settings::DeliveryMode,
};

use super::outbox::{Outbox, PEOPLE};
use crate::support::{database::TestDatabase, server::TestDingTalk};

const TAKEN: [RecipientState; 3] = [
    RecipientState::Accepted,
    RecipientState::DeliveredUnread,
    RecipientState::Read,
];

fn text(content: &str) -> Content {
    Content::Text {
        content: content.into(),
    }
}

/// DingTalk takes it for five people in one call.
fn with_status_bar() -> Content {
    Content::Oa {
        message_url: "https://wiki.example.com/p/1".into(),
        pc_message_url: None,
        head_bgcolor: "FFBBBBBB".into(),
        head_text: "Confluence".into(),
        status_bar: Some(OaStatusBar {
            status_value: "open".into(),
            status_bg: None,
        }),
        body: Box::new(OaBody {
            title: Some("Review".into()),
            ..OaBody::default()
        }),
    }
}

both_databases!(
    async fn messages_with_one_content_go_out_in_one_call_and_a_person_once_in_each(database: TestDatabase) {
        let mut outbox = Outbox::idle(database.target(), Duration::from_secs(60)).await;
        let mut ids = Vec::new();
        for n in 0..20 {
            let mut request = outbox.to(&outbox.people[n..=n]);
            request.content = text("Page changed").into();
            ids.push(outbox.submit(request).await.message.id);
        }

        let mut again = outbox.to(&outbox.people[..1]);
        again.content = text("Page changed").into();
        let again = outbox.submit(again).await;
        assert!(
            again.notices[0].contains("had the same content today"),
            "{:?}",
            again.notices
        );

        outbox.run();
        for id in &ids {
            outbox.settled(*id, &TAKEN).await;
            assert_eq!(
                outbox.attempts(*id).await.len(),
                1,
                "each message has its attempt on record"
            );
        }
        outbox
            .until(again.message.id, |rows| {
                rows[0].state == RecipientState::DroppedDuplicate
            })
            .await;

        let sends = outbox.sends().await;
        let sizes: Vec<_> = sends
            .iter()
            .map(|it| it["receivers"].as_array().unwrap().len())
            .collect();
        assert_eq!(sizes, [20, 1]);
    }
);

both_databases!(
    async fn small_messages_wait_a_moment_for_others_of_their_content_and_urgent_ones_do_not(database: TestDatabase) {
        let window = Duration::from_secs(6);
        let dingtalk = TestDingTalk::start(PEOPLE, 6).await;
        let coalesced = move |config| DeliveryConfig {
            coalesce_window: window,
            ..config
        };
        let mut outbox = Outbox::configured(dingtalk, database.target(), Clock::system(), coalesced).await;
        outbox.run();
        let began = Instant::now();

        // Each in a request of its own, while the engine runs; each is due at another moment.
        let mut ids = Vec::new();
        for n in 0..4 {
            let mut request = outbox.to(&outbox.people[n..=n]);
            request.content = text("Page changed").into();
            ids.push(outbox.submit(request).await.message.id);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let mut other = outbox.to(&outbox.people[..1]);
        other.content = text("Another page changed").into();
        let other = outbox.submit(other).await.message.id;
        let mut urgent = outbox.to(&outbox.people[..1]);
        urgent.content = text("The wiki is down").into();
        urgent.priority = Priority::High;
        let urgent = outbox.submit(urgent).await.message.id;

        outbox.settled(urgent, &TAKEN).await;
        let first = outbox.sends().await;
        for id in ids.iter().chain([&other]) {
            outbox.settled(*id, &TAKEN).await;
        }
        assert!(began.elapsed() >= window);

        let sends = outbox.sends().await;
        let sizes: Vec<_> = sends
            .iter()
            .map(|it| it["receivers"].as_array().unwrap().len())
            .collect();
        assert_eq!(sizes, [1, 4, 1], "the urgent one, those of one content, and the other");
        assert_eq!(first.len(), 1, "nobody else was sent to before: {first:?}");
    }
);

both_databases!(
    async fn a_message_that_is_worth_little_time_does_not_spend_it_on_waiting(database: TestDatabase) {
        let dingtalk = TestDingTalk::start(PEOPLE, 6).await;
        let coalesced = |config| DeliveryConfig {
            coalesce_window: Duration::from_secs(600),
            ..config
        };
        let mut outbox = Outbox::configured(dingtalk, database.target(), Clock::system(), coalesced).await;
        outbox.run();

        let mut request = outbox.to(&outbox.people[..1]);
        request.worth_sending_for = Some(Duration::from_secs(8));
        let id = outbox.submit(request).await.message.id;
        outbox.settled(id, &TAKEN).await;

        // One that fills its call has nobody to wait for.
        let full = outbox.submit(outbox.to(&outbox.people[..100])).await.message.id;
        outbox.settled(full, &TAKEN).await;
    }
);

both_databases!(
    async fn messages_with_one_status_bar_go_out_in_calls_as_small_as_dingtalk_takes(database: TestDatabase) {
        let mut outbox = Outbox::idle(database.target(), Duration::from_secs(60)).await;
        let content = with_status_bar();
        let mut ids = Vec::new();
        for n in 0..12 {
            let mut request = outbox.to(&outbox.people[n..=n]);
            request.content = content.clone().into();
            ids.push(outbox.submit(request).await.message.id);
        }

        outbox.run();
        for id in &ids {
            outbox.settled(*id, &TAKEN).await;
        }

        let sends = outbox.sends().await;
        let sizes = sends.iter().map(|it| it["receivers"].as_array().unwrap().len());
        assert_eq!(sizes.collect::<Vec<_>>(), [5, 5, 2]);
    }
);

both_databases!(
    async fn the_tester_gets_what_was_asked_for_in_redirect_beside_what_is_held_back(database: TestDatabase) {
        let mut outbox = Outbox::idle(database.target(), Duration::from_secs(60)).await;
        let mut request = outbox.to(&outbox.people[..20]);
        request.content = text("Announcement").into();
        let before = outbox.submit(request.clone()).await.message.id;
        let tester = outbox.people[30].clone();
        outbox.change(|settings| {
            settings.delivery_mode = DeliveryMode::Redirect;
            settings.redirect_to = Some(tester.to_string());
        });
        let redirected = outbox.submit(request).await.message.id;

        outbox.run();
        outbox.settled(before, &[RecipientState::Suppressed]).await;
        outbox
            .until(redirected, |rows| {
                rows.iter()
                    .all(|row| row.state == RecipientState::Redirected || TAKEN.contains(&row.state))
            })
            .await;

        let sends = outbox.sends().await;
        let receivers: Vec<_> = sends.iter().map(|it| it["receivers"].as_array().unwrap()).collect();
        assert_eq!(receivers.len(), 1);
        assert_eq!(receivers[0].len(), 1);
        assert_eq!(receivers[0][0]["userid"], tester.as_str());
    }
);

both_databases!(
    async fn the_tester_does_not_count_among_those_whom_a_status_bar_is_for(database: TestDatabase) {
        let outbox = Outbox::start(database.target()).await;
        let tester = outbox.people[30].clone();
        outbox.change(|settings| {
            settings.delivery_mode = DeliveryMode::Redirect;
            settings.redirect_to = Some(tester.to_string());
        });
        let mut request = outbox.to(&outbox.people[..5]);
        request.content = with_status_bar().into();
        let sent = outbox.submit(request).await.message.id;
        let rows = outbox.recipients(sent).await;
        assert_eq!(rows.len(), 6, "five, and the tester in their place");
        outbox
            .until(sent, |rows| {
                rows.last().is_some_and(|tester| TAKEN.contains(&tester.state))
            })
            .await;

        let mut request = outbox.to(&outbox.people[..6]);
        request.content = with_status_bar().into();
        let refused = outbox.refusal(request).await;
        assert_eq!(refused.len(), 1, "{refused:?}");
    }
);
