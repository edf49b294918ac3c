//! Sending: what is repeated, what never is, and what survives an end.

use std::{collections::BTreeMap, time::Duration};

use chrono::TimeDelta;
use dingmirror::{
    catalogue::Statement,
    clock::Clock,
    message::{AttemptOutcome, CallPurpose, Day, MessageState, RecipientState},
    settings::{Api, DeliveryMode, Settings},
    store::Stop,
};
use reqwest::Method;
use secrecy::SecretString;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::support::{database::TestDatabase, outbox::claim};

use super::{outbox::Outbox, samples::one_of_each};

const TAKEN: [RecipientState; 3] = [
    RecipientState::Accepted,
    RecipientState::DeliveredUnread,
    RecipientState::Read,
];

/// Metered calls for sending.
async fn sends_counted(outbox: &Outbox) -> u64 {
    let calls = outbox.store.metered_calls(Day(0)).await.unwrap();
    calls.in_month(Clock::system().now(), |purpose| purpose == CallPurpose::Send)
}

/// Runs the engine until DingTalk has banned it for a message to this person: from then on nothing is sent for five
/// minutes.
async fn until_banned(outbox: &mut Outbox, person: usize) {
    outbox.fault(json!({"kind": "html_ban", "count": 1})).await;
    let to = outbox.to(&outbox.people[person..=person]);
    let banned = outbox.submit(to).await.message;
    outbox.run();
    outbox
        .until(banned.id, |rows| {
            rows[0].reason.is_some() && rows[0].state == RecipientState::Queued
        })
        .await;

    // What the call's task recorded its engine hears when that has ended.
    tokio::time::sleep(Duration::from_millis(300)).await;
}

both_databases!(
    async fn whoever_sends_is_told_of_a_ban_and_of_a_stop_that_outlasts_the_message(database: TestDatabase) {
        let mut outbox = Outbox::idle(database.target(), Duration::from_secs(60)).await;
        let before = outbox.submit(outbox.to(&outbox.people[..1])).await;
        assert_eq!(before.notices, []);

        until_banned(&mut outbox, 1).await;
        let told = outbox.submit(outbox.to(&outbox.people[2..3])).await.notices;
        assert!(told.iter().any(|notice| notice.contains("ban page")), "{told:?}");

        let stop = Stop {
            until: Clock::system().now() + TimeDelta::hours(2),
            code: None,
            reason: Statement::other("it is stopped"),
        };
        outbox.store.stop_sending(&stop).await.unwrap();
        let mut request = outbox.to(&outbox.people[3..4]);
        request.worth_sending_for = Some(Duration::from_secs(3_600));
        let told = outbox.submit(request).await.notices;
        assert!(
            told.iter().any(|notice| notice.to_string() == "it is stopped"),
            "{told:?}"
        );
        assert!(
            told.iter().any(|notice| notice.contains("expiresInSeconds")),
            "{told:?}"
        );
        let told = outbox.submit(outbox.to(&outbox.people[4..5])).await.notices;
        assert!(
            !told.iter().any(|notice| notice.contains("expiresInSeconds")),
            "{told:?}"
        );
    }
);

both_databases!(
    async fn a_large_message_goes_out_in_batches_of_a_hundred(database: TestDatabase) {
        let outbox = Outbox::start(database.target()).await;
        let message = outbox.submit(outbox.to(&outbox.people[..250])).await.message;
        outbox.settled(message.id, &TAKEN).await;

        let mut sizes: Vec<_> = outbox
            .attempts(message.id)
            .await
            .iter()
            .map(|attempt| attempt.recipients)
            .collect();
        sizes.sort_unstable();
        assert_eq!(sizes, [50, 100, 100]);

        let sends = outbox.sends().await;
        assert_eq!(sends.len(), 3);
        assert!(
            sends
                .iter()
                .all(|send| send["msg"] == serde_json::from_str::<serde_json::Value>(&message.rendered).unwrap())
        );
        assert_eq!(outbox.message(message.id).await.state, MessageState::Done);
    }
);

both_databases!(
    async fn what_provably_did_not_arrive_is_sent_again_and_arrives_once(database: TestDatabase) {
        let outbox = Outbox::start(database.target()).await;
        // The client repeats a throttled call by itself twice; the third makes it give up, and the outbox takes over.
        outbox.fault(json!({"kind": "throttle", "count": 2})).await;
        outbox.fault(json!({"kind": "platform_throttle", "count": 1})).await;

        let message = outbox.submit(outbox.to(&outbox.people[..2])).await.message;
        outbox.settled(message.id, &TAKEN).await;

        let outcomes: Vec<_> = outbox
            .attempts(message.id)
            .await
            .iter()
            .map(|attempt| attempt.outcome)
            .collect();
        assert!(outcomes.contains(&Some(AttemptOutcome::Retry)) && outcomes.contains(&Some(AttemptOutcome::Accepted)));
        assert_eq!(outbox.sends().await.len(), 1);
    }
);

both_databases!(
    async fn an_unknown_outcome_is_never_sent_again(database: TestDatabase) {
        let outbox = Outbox::start(database.target()).await;
        // Each with how many sends had arrived before and how many arrive at most after it.
        for (fault, before, after) in [
            (
                json!({"kind": "close_connection", "count": 1, "after_effect": true}),
                0,
                1,
            ),
            (json!({"kind": "close_connection", "count": 1}), 1, 1),
            (
                json!({"kind": "truncated_json", "count": 1, "after_effect": true}),
                1,
                2,
            ),
            (json!({"kind": "busy", "count": 1}), 2, 2),
            (json!({"kind": "timeout15", "count": 1, "after_effect": true}), 2, 3),
            (
                json!({"kind": "empty_sub_code_88", "count": 1, "after_effect": true}),
                2,
                4,
            ),
            (
                json!({"kind": "missing_result", "count": 1, "after_effect": true}),
                3,
                5,
            ),
            (json!({"kind": "slow", "ms": 3_000, "count": 1}), 3, 6),
        ] {
            outbox.fault(fault.clone()).await;
            let message = outbox.submit(outbox.to(&outbox.people[..2])).await.message;
            let rows = outbox.settled(message.id, &[RecipientState::Unknown]).await;
            assert!(
                rows.iter()
                    .all(|row| row.reason.as_ref().is_some_and(|r| r.contains("not sent again"))),
                "{rows:?}"
            );

            let attempts = outbox.attempts(message.id).await;
            assert_eq!(attempts.len(), 1, "{fault}");
            assert_eq!(attempts[0].outcome, Some(AttemptOutcome::Unknown));

            tokio::time::sleep(Duration::from_millis(300)).await;
            let arrived = outbox.sends().await.len();
            assert!((before..=after).contains(&arrived), "{arrived} arrived: {fault}");
        }
    }
);

both_databases!(
    async fn a_refusal_fails_with_its_reason_and_an_exhausted_quota_stops_sending(database: TestDatabase) {
        let outbox = Outbox::start(database.target()).await;
        let refusal = json!({"kind": "errcode", "code": 41049, "msg": "发送内容违规", "count": 1});
        outbox.fault(refusal).await;
        let message = outbox.submit(outbox.to(&outbox.people[..1])).await.message;
        let rows = outbox.settled(message.id, &[RecipientState::Failed]).await;
        assert!(
            rows[0].reason.as_ref().is_some_and(|reason| reason.contains("41049")),
            "{rows:?}"
        );
        let attempts = outbox.attempts(message.id).await;
        assert_eq!(
            (attempts.len(), attempts[0].outcome),
            (1, Some(AttemptOutcome::Rejected))
        );

        outbox.fault(json!({"kind": "monthly_quota", "count": 1})).await;
        let message = outbox.submit(outbox.to(&outbox.people[..1])).await.message;
        let stopped = outbox.until_stopped().await;
        assert_eq!(stopped.code.as_deref(), Some("90020"));
        outbox
            .until(message.id, |rows| {
                rows[0].state == RecipientState::Queued && rows[0].reason.as_ref() == Some(&stopped.reason)
            })
            .await;

        let later = outbox.submit(outbox.to(&outbox.people[1..2])).await;
        assert_eq!(later.notices[0], stopped.reason, "whoever sends now is told");
        outbox.delivery.resume("admin").await.unwrap();
        for message in [message.id, later.message.id] {
            outbox.settled(message, &TAKEN).await;
        }
    }
);

both_databases!(
    async fn messages_wait_until_somebody_has_put_the_settings_right(database: TestDatabase) {
        let outbox = Outbox::start(database.target()).await;
        let right = (*outbox.settings.current()).clone();
        let agent = |settings: &mut Settings| settings.agent_id = Some("1".into());
        let secret = |settings: &mut Settings| {
            let secret = settings.app_secret.as_mut().unwrap();
            secret.value = SecretString::from("another one");
        };
        let url = |settings: &mut Settings| {
            let wrong = format!("{}/topapi/message/corpconversation/asynsend_v2", outbox.dingtalk.base);
            settings.urls.insert(Api::AsyncSend, wrong.parse().unwrap());
        };
        let nothing = |settings: &mut Settings| settings.app_secret = None;

        type Wrong<'a> = (&'a dyn Fn(&mut Settings), Option<&'a str>, AttemptOutcome);
        let wrongs: [Wrong<'_>; 4] = [
            (&agent, Some("40056"), AttemptOutcome::Retry),
            (&secret, Some("40096"), AttemptOutcome::Retry),
            (&url, Some("22"), AttemptOutcome::Retry),
            (&nothing, None, AttemptOutcome::NotMade),
        ];

        for (wrong, code, outcome) in wrongs {
            // Taken in while all was well, and due when it isn't any more.
            let before = Clock::system().now();
            let held = Stop {
                until: before + Duration::from_hours(1),
                code: Some("held".into()),
                reason: Statement::other("until the settings are changed"),
            };
            outbox.store.stop_sending(&held).await.unwrap();
            let message = outbox.submit(outbox.to(&outbox.people[..2])).await.message;
            let sent = sends_counted(&outbox).await;
            // The token that there is wants to be renewed, with whatever secret there is then; not so soon after it was
            // issued.
            tokio::time::sleep(Duration::from_millis(1_100)).await;
            outbox.dingtalk.tell(Method::POST, "tokens/expire", Value::Null).await;

            outbox.change(wrong);
            let stop = loop {
                let stop = outbox.until_stopped().await;
                if stop.code != held.code {
                    break stop;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            };

            assert_eq!(stop.code.as_deref(), code, "{stop:?}");
            outbox
                .until(message.id, |rows| {
                    rows.iter()
                        .all(|row| row.state == RecipientState::Queued && row.reason.as_ref() == Some(&stop.reason))
                })
                .await;
            let last = outbox.attempts(message.id).await.pop().unwrap();
            assert_eq!(last.outcome, Some(outcome), "{last:?}");
            assert_eq!(
                sends_counted(&outbox).await,
                sent,
                "what didn't reach DingTalk isn't metered"
            );

            outbox.change(|settings| {
                *settings = Settings {
                    version: settings.version,
                    ..right.clone()
                }
            });
            outbox.settled(message.id, &TAKEN).await;
            assert_eq!(outbox.store.sending_stopped(Clock::system().now()).await.unwrap(), None);
        }
    }
);

both_databases!(
    async fn however_often_sending_was_stopped_a_throttled_call_is_made_again(database: TestDatabase) {
        let outbox = Outbox::start(database.target()).await;
        outbox.fault(json!({"kind": "monthly_quota", "count": 8})).await;
        let message = outbox.submit(outbox.to(&outbox.people[..2])).await.message;

        for stops in 1..=8 {
            outbox.until_stopped().await;
            while outbox.attempts(message.id).await.len() < stops {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            outbox
                .until(message.id, |rows| {
                    rows.iter().all(|row| row.state == RecipientState::Queued)
                })
                .await;
            if stops == 8 {
                // Three calls: the client repeats two of them by itself.
                outbox.fault(json!({"kind": "throttle", "count": 2})).await;
                outbox.fault(json!({"kind": "platform_throttle", "count": 1})).await;
            }
            outbox.delivery.resume("admin").await.unwrap();
        }

        outbox.settled(message.id, &TAKEN).await;
        let mut outcomes: Vec<_> = outbox
            .attempts(message.id)
            .await
            .into_iter()
            .map(|attempt| attempt.outcome)
            .collect();
        assert_eq!(outcomes.pop(), Some(Some(AttemptOutcome::Accepted)));
        assert!(
            outcomes.len() > 8 && outcomes.iter().all(|it| *it == Some(AttemptOutcome::Retry)),
            "{outcomes:?}"
        );
        assert_eq!(outbox.sends().await.len(), 1);
    }
);

both_databases!(
    async fn a_ban_keeps_nobody_from_noticing_that_another_process_died(database: TestDatabase) {
        let mut outbox = Outbox::idle(database.target(), Duration::from_secs(4)).await;
        let dead = outbox.submit(outbox.to(&outbox.people[..1])).await.message;
        let claimed = claim(&outbox.store, 100, "dead", Duration::from_millis(1)).await;
        assert!(claimed.is_some());
        until_banned(&mut outbox, 1).await;

        // Nothing is sent for five minutes by now.
        let later = outbox.submit(outbox.to(&outbox.people[2..3])).await.message;
        claim(&outbox.store, 100, "dead", Duration::from_millis(1)).await;
        for message in [dead, later] {
            outbox
                .until(message.id, |rows| rows[0].state == RecipientState::Unknown)
                .await;
        }
    }
);

both_databases!(
    async fn a_change_of_the_settings_does_not_end_the_silence_that_dingtalk_asked_for(database: TestDatabase) {
        let mut outbox = Outbox::idle(database.target(), Duration::from_secs(60)).await;
        until_banned(&mut outbox, 0).await;
        let later = outbox.submit(outbox.to(&outbox.people[1..2])).await.message;
        outbox.change(|settings| settings.redirect_to = Some("tester".to_owned()));
        // Several looks at what is due, were anybody to look.
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert!(
            outbox.attempts(later.id).await.is_empty(),
            "nothing is claimed in the meantime"
        );

        // Another gateway has asked for nothing.
        outbox.change(|settings| {
            let url = settings.urls.get_mut(&Api::AsyncSend).expect("it is configured");
            url.set_host(Some("localhost")).expect("a host");
        });
        outbox.settled(later.id, &TAKEN).await;
    }
);

both_databases!(
    async fn switching_off_suppresses_what_is_still_queued(database: TestDatabase) {
        let mut outbox = Outbox::idle(database.target(), Duration::from_secs(60)).await;
        let message = outbox.submit(outbox.to(&outbox.people[..2])).await.message;
        outbox.change(|settings| settings.delivery_mode = DeliveryMode::Off);
        outbox.run();
        outbox.settled(message.id, &[RecipientState::Suppressed]).await;
        assert!(outbox.sends().await.is_empty());
    }
);

both_databases!(
    async fn a_shutdown_finishes_the_call_under_way_and_leaves_the_rest_queued(database: TestDatabase) {
        let mut outbox = Outbox::idle(database.target(), Duration::from_secs(60)).await;
        outbox.fault(json!({"kind": "slow", "ms": 1_500})).await;
        // Six messages: four calls are under way at once.
        let mut messages = Vec::new();
        for _ in 0..6 {
            messages.push(outbox.submit(outbox.to(&outbox.people[..1])).await.message.id);
        }

        outbox.run();
        let mut under_way = 0;
        while under_way < 4 {
            tokio::time::sleep(Duration::from_millis(20)).await;
            under_way = 0;
            for id in &messages {
                under_way += usize::from(outbox.recipients(*id).await[0].state == RecipientState::Sending);
            }
        }

        let took = outbox.stop().await;
        assert!(
            took > Duration::from_millis(300) && took < Duration::from_secs(5),
            "{took:?}"
        );

        let mut states = BTreeMap::new();
        for id in &messages {
            for recipient in outbox.recipients(*id).await {
                *states.entry(recipient.state).or_insert(0) += 1;
            }
        }
        assert_eq!(
            states,
            BTreeMap::from([(RecipientState::Queued, 2), (RecipientState::Accepted, 4)])
        );
        assert_eq!(outbox.sends().await.len(), 4);
    }
);

both_databases!(
    async fn two_replicas_send_each_message_once(database: TestDatabase) {
        let mut outbox = Outbox::idle(database.target(), Duration::from_secs(60)).await;
        let mut messages = Vec::new();
        for at in 0..20 {
            messages.push(
                outbox
                    .submit(outbox.to(&outbox.people[at * 10..at * 10 + 10]))
                    .await
                    .message
                    .id,
            );
        }

        let (other, stop) = ((outbox.replica)(), CancellationToken::new());
        let token = stop.clone();
        let other = tokio::spawn(async move { other.run(token).await });
        outbox.run();
        for id in messages {
            outbox.settled(id, &TAKEN).await;
            let sent: i64 = outbox.attempts(id).await.iter().map(|attempt| attempt.recipients).sum();
            assert_eq!(sent, 10);
        }

        stop.cancel();
        other.await.unwrap();
        let sends = outbox.sends().await;
        let receivers: usize = sends
            .iter()
            .filter_map(|send| send["receivers"].as_array().map(Vec::len))
            .sum();
        assert_eq!(receivers, 200);
    }
);

both_databases!(
    async fn the_recipients_of_a_sender_that_died_become_unknown(database: TestDatabase) {
        let mut outbox = Outbox::idle(database.target(), Duration::from_millis(600)).await;
        let message = outbox.submit(outbox.to(&outbox.people[..2])).await.message;
        // Another replica commits "attempt started", and is never heard of again.
        let claimed = claim(&outbox.store, 100, "a replica that dies", Duration::from_millis(600)).await;
        assert_eq!(claimed.map(|batch| batch.recipients.len()), Some(2));

        outbox.run();
        outbox.settled(message.id, &[RecipientState::Unknown]).await;
        assert!(
            outbox.sends().await.is_empty(),
            "it may have been sent, so it isn't sent again"
        );
    }
);

both_databases!(
    async fn all_content_types_pass_the_simulators_own_check(database: TestDatabase) {
        let outbox = Outbox::start(database.target()).await;
        for content in one_of_each() {
            let mut request = outbox.to(&outbox.people[..1]);
            request.content = content.into();
            let message = outbox.submit(request).await.message;
            outbox.settled(message.id, &TAKEN).await;
        }
        assert_eq!(outbox.sends().await.len(), 9);
    }
);
