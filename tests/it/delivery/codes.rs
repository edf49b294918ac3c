//! What DingTalk's codes do to messages, their recipients, and all sending.

use std::{collections::BTreeMap, time::Duration};

use dingmirror::{
    clock::Clock,
    message::{AttemptOutcome, Content, RecallState, RecipientState},
    settings::Api,
};
use reqwest::Method;
use serde_json::{Value, json};

use super::outbox::Outbox;
use crate::support::database::TestDatabase;

const TAKEN: [RecipientState; 3] = [
    RecipientState::Accepted,
    RecipientState::DeliveredUnread,
    RecipientState::Read,
];

fn refusal(code: i64, wrapped: bool) -> Value {
    json!({ "kind": "errcode", "code": code, "msg": format!("words of {code}"), "wrapped": wrapped })
}

async fn fault_of(outbox: &Outbox, api: Api, mut rule: Value) {
    rule["api"] = json!(api.path());
    outbox.dingtalk.tell(Method::POST, "faults", rule).await;
}

async fn no_faults(outbox: &Outbox) {
    outbox.dingtalk.tell(Method::DELETE, "faults", Value::Null).await;
}

async fn calls_of(outbox: &Outbox, api: Api) -> u64 {
    let calls = outbox.dingtalk.control("calls").await;
    calls["apis"][api.path()]["total"].as_u64().unwrap_or(0)
}

/// How often DingTalk took something for each person.
async fn taken_for(outbox: &Outbox) -> BTreeMap<String, usize> {
    let mut taken = BTreeMap::new();
    for send in outbox.sends().await {
        for receiver in send["receivers"].as_array().unwrap() {
            *taken
                .entry(receiver["userid"].as_str().unwrap().to_owned())
                .or_default() += 1;
        }
    }
    taken
}

both_databases!(
    async fn one_bad_recipient_keeps_nobody_else_from_getting_it(database: TestDatabase) {
        let mut outbox = Outbox::idle(database.target(), Duration::from_secs(60)).await;
        let bad = outbox.people[70].clone();
        let rule = json!({ "kind": "errcode", "code": 40031, "msg": "不合法的UserID列表", "userid": bad.as_str() });
        outbox.fault(rule).await;

        let mut ids = Vec::new();
        // Two messages of the same content share their calls.
        for part in [0..60, 60..100] {
            let mut request = outbox.to(&outbox.people[part]);
            request.content = Content::Text {
                content: "Page changed".into(),
            }
            .into();
            ids.push(outbox.submit(request).await.message.id);
        }
        outbox.run();

        let others = outbox.settled(ids[0], &TAKEN).await;
        assert_eq!(others.len(), 60);
        let mut states = TAKEN.to_vec();
        states.push(RecipientState::Invalid);
        for row in outbox.settled(ids[1], &states).await {
            let is_bad = row.userid.as_ref() == Some(&bad);
            assert_eq!(row.state == RecipientState::Invalid, is_bad, "{row:?}");
            if is_bad {
                assert!(
                    row.reason
                        .is_some_and(|why| why.contains("40031") && !why.contains("URL"))
                );
            }
        }

        let taken = taken_for(&outbox).await;
        assert_eq!(taken.len(), 99);
        assert!(taken.values().all(|times| *times == 1), "nobody twice: {taken:?}");
        let calls = calls_of(&outbox, Api::AsyncSend).await;
        assert!((8..=16).contains(&calls), "halves: {calls} calls");
        let attempts = outbox.attempts(ids[1]).await;
        let refused = attempts
            .iter()
            .filter(|it| it.outcome != Some(AttemptOutcome::Accepted));
        assert!(refused.count() >= 7, "each call is on record: {attempts:?}");
        assert_eq!(outbox.store.sending_stopped(Clock::system().now()).await.unwrap(), None);
    }
);

both_databases!(
    async fn many_bad_recipients_of_one_message_keep_nobody_else_from_getting_theirs(database: TestDatabase) {
        let mut outbox = Outbox::idle(database.target(), Duration::from_secs(60)).await;
        let bad: Vec<_> = outbox.people[..20]
            .iter()
            .chain(&outbox.people[60..75])
            .cloned()
            .collect();
        for userid in &bad {
            outbox
                .fault(json!({ "kind": "errcode", "code": 60121, "msg": "找不到该用户", "userid": userid.as_str() }))
                .await;
        }

        let nobody = outbox.submit(outbox.to(&outbox.people[..20])).await.message.id;
        let some = outbox.submit(outbox.to(&outbox.people[20..100])).await.message.id;
        let last = outbox.submit(outbox.to(&outbox.people[100..101])).await.message.id;
        outbox.run();

        let mut states = TAKEN.to_vec();
        states.push(RecipientState::Invalid);
        outbox.settled(nobody, &[RecipientState::Invalid]).await;
        outbox.settled(last, &TAKEN).await;
        for row in outbox.settled(some, &states).await {
            let is_bad = row.userid.as_ref().is_some_and(|userid| bad.contains(userid));
            assert_eq!(row.state == RecipientState::Invalid, is_bad, "{row:?}");
        }
        assert_eq!(outbox.store.sending_stopped(Clock::system().now()).await.unwrap(), None);
        assert!(
            taken_for(&outbox).await.values().all(|times| *times == 1),
            "nobody twice"
        );
    }
);

both_databases!(
    async fn an_app_that_sees_nobody_stops_sending_and_the_search_goes_on_after_it(database: TestDatabase) {
        let mut outbox = Outbox::idle(database.target(), Duration::from_secs(60)).await;
        outbox
            .fault(json!({ "kind": "errcode", "code": 60121, "msg": "找不到该用户" }))
            .await;

        let mut messages = Vec::new();
        for n in 0..5 {
            let people = &outbox.people[5 * n..5 * n + 5];
            messages.push(outbox.submit(outbox.to(people)).await.message.id);
        }
        outbox.run();

        let stop = outbox.until_stopped().await;
        assert!(stop.reason.contains("of 5 different messages"), "{}", stop.reason);

        no_faults(&outbox).await;
        outbox.delivery.resume("admin").await.unwrap();
        let mut states = TAKEN.to_vec();
        states.push(RecipientState::Invalid);
        for message in messages {
            outbox.settled(message, &states).await;
        }
    }
);

both_databases!(
    async fn a_part_of_a_split_call_whose_answer_is_lost_is_not_sent_again(database: TestDatabase) {
        let mut outbox = Outbox::idle(database.target(), Duration::from_secs(60)).await;
        let (bad, lost) = (outbox.people[0].clone(), outbox.people[15].clone());
        outbox
            .fault(json!({ "kind": "errcode", "code": 60121, "msg": "找不到该用户", "userid": bad.as_str() }))
            .await;
        // The first call, with everybody in it, is refused; of the half with this one the answer is lost.
        outbox
            .fault(json!({ "kind": "close_connection", "userid": lost.as_str(), "skip": 1, "count": 1, "after_effect": true }))
            .await;

        let message = outbox.submit(outbox.to(&outbox.people[..16])).await.message;
        outbox.run();

        let mut states = TAKEN.to_vec();
        states.extend([RecipientState::Invalid, RecipientState::Unknown]);
        let rows = outbox.settled(message.id, &states).await;
        let count = |state| rows.iter().filter(|row| row.state == state).count();
        assert_eq!((count(RecipientState::Unknown), count(RecipientState::Invalid)), (8, 1));

        tokio::time::sleep(Duration::from_millis(500)).await;
        let taken = taken_for(&outbox).await;
        assert_eq!(taken.len(), 15, "the lost half had arrived");
        assert!(taken.values().all(|times| *times == 1), "nobody twice: {taken:?}");
    }
);

both_databases!(
    async fn whatever_gettoken_says_the_message_was_not_sent_and_waits(database: TestDatabase) {
        let outbox = Outbox::start(database.target()).await;
        for (answer, stops) in [
            (json!({ "errcode": 40035, "errmsg": "缺少参数 corpid or appkey" }), true),
            (json!({ "errcode": 987_654, "errmsg": "words of 987654" }), true),
            (json!({ "errcode": 40031, "errmsg": "words of 40031" }), true),
            (json!({ "code": "new.word", "message": "words of the new API" }), true),
            (json!({ "errcode": -1, "errmsg": "系统繁忙" }), false),
            (json!("<html>gone"), true),
        ] {
            no_faults(&outbox).await;
            let status = if answer.is_string() { 413 } else { 200 };
            let rule = json!({ "kind": "answer", "status": status, "body": answer });
            fault_of(&outbox, Api::GetToken, rule).await;
            // A token that was only just issued isn't renewed.
            tokio::time::sleep(Duration::from_millis(1_100)).await;

            let before = outbox.sends().await.len();
            outbox.dingtalk.tell(Method::POST, "tokens/expire", Value::Null).await;
            let message = outbox.submit(outbox.to(&outbox.people[..3])).await.message;
            outbox
                .until(message.id, |rows| {
                    rows.iter()
                        .all(|row| row.state == RecipientState::Queued && row.reason.is_some())
                })
                .await;

            let row = outbox.recipients(message.id).await.remove(0);
            let words = answer["errmsg"]
                .as_str()
                .or(answer["message"].as_str())
                .unwrap_or("413");
            assert!(
                row.reason.as_ref().is_some_and(|why| why.contains(words)),
                "{answer}: {row:?}"
            );
            let now = Clock::system().now();
            let stopped = outbox.store.sending_stopped(now).await.unwrap();
            assert_eq!(stopped.is_some(), stops, "{answer}");
            assert_eq!(outbox.sends().await.len(), before, "nothing was sent");

            no_faults(&outbox).await;
            if stops {
                // At once: the refused token request isn't remembered any longer.
                outbox.delivery.resume("admin").await.unwrap();
            }
            outbox.settled(message.id, &TAKEN).await;
        }
    }
);

both_databases!(
    async fn the_applications_state_stops_sending_at_once_and_fails_nothing(database: TestDatabase) {
        let outbox = Outbox::start(database.target()).await;
        // An address that isn't allowed is one replica's, where there may be others: that stop is its own.
        let address = [60020].into_iter().filter(|_| database.url().is_none());
        let codes = [41020, 43007, 41044, 48002, 48004, 50003, 50005, 52010, 70001];

        for code in codes.into_iter().chain(address) {
            for wrapped in [false, true] {
                let mut rule = refusal(code, wrapped);
                rule["count"] = json!(1);
                outbox.fault(rule).await;
                let message = outbox.submit(outbox.to(&outbox.people[..2])).await.message;
                let stop = outbox.until_stopped().await;
                assert_eq!(stop.code, Some(code.to_string()));
                assert!(stop.reason.contains(&format!("words of {code}")), "{stop:?}");
                assert!(!stop.reason.contains("URL") && !stop.reason.contains("Url"), "{stop:?}");
                outbox
                    .until(message.id, |rows| {
                        rows.iter()
                            .all(|row| row.state == RecipientState::Queued && row.reason.as_ref() == Some(&stop.reason))
                    })
                    .await;

                outbox.delivery.resume("admin").await.unwrap();
                outbox.settled(message.id, &TAKEN).await;
            }
        }
    }
);

both_databases!(
    async fn an_unknown_code_fails_a_message_and_a_row_of_it_stops_sending(database: TestDatabase) {
        let outbox = Outbox::start(database.target()).await;
        let one = async |outcome: RecipientState| {
            let message = outbox.submit(outbox.to(&outbox.people[..2])).await.message;
            outbox
                .until(message.id, |rows| {
                    rows.iter().all(|row| row.state == outcome && row.reason.is_some())
                })
                .await;
            let row = outbox.recipients(message.id).await.remove(0);
            let why = row.reason.unwrap();
            assert!(why.contains("words of 987654") && !why.contains("URL"), "{why}");
            message.id
        };

        let always = async || outbox.fault(refusal(987_654, false)).await;
        always().await;
        one(RecipientState::Failed).await;
        one(RecipientState::Failed).await;

        // One that goes well in between: it isn't the app.
        no_faults(&outbox).await;
        let well = outbox.submit(outbox.to(&outbox.people[..2])).await.message;
        outbox.settled(well.id, &TAKEN).await;

        always().await;
        one(RecipientState::Failed).await;
        one(RecipientState::Failed).await;
        let third = one(RecipientState::Queued).await;
        let stop = outbox.until_stopped().await;
        assert_eq!(stop.code.as_deref(), Some("987654"));

        let before = calls_of(&outbox, Api::AsyncSend).await;
        let later = outbox.submit(outbox.to(&outbox.people[3..5])).await;
        assert_eq!(later.notices, [stop.reason], "whoever sends now is told");
        tokio::time::sleep(Duration::from_millis(300)).await;
        assert_eq!(calls_of(&outbox, Api::AsyncSend).await, before, "nothing is sent");

        no_faults(&outbox).await;
        outbox.delivery.resume("admin").await.unwrap();
        for id in [third, later.message.id] {
            outbox.settled(id, &TAKEN).await;
        }
    }
);

both_databases!(
    async fn the_daily_limit_of_messages_to_everybody_has_one_message_wait_and_no_other(database: TestDatabase) {
        let outbox = Outbox::start(database.target()).await;
        let mut rule = refusal(41_045, false);
        rule["count"] = json!(1);
        outbox.fault(rule).await;

        let waits = outbox.submit(outbox.to(&outbox.people[..2])).await.message;
        outbox.until(waits.id, |rows| rows[0].reason.is_some()).await;
        let row = outbox.recipients(waits.id).await.remove(0);
        assert_eq!(row.state, RecipientState::Queued);
        assert!(
            row.reason
                .is_some_and(|why| why.contains("41045") && why.contains("00:01 (UTC+8)"))
        );
        assert_eq!(outbox.store.sending_stopped(Clock::system().now()).await.unwrap(), None);

        let other = outbox.submit(outbox.to(&outbox.people[..2])).await.message;
        outbox.settled(other.id, &TAKEN).await;
    }
);

both_databases!(
    async fn what_may_have_arrived_is_unknown_and_what_is_the_contents_fault_is_not(database: TestDatabase) {
        let outbox = Outbox::start(database.target()).await;
        let isp = json!({ "errcode": 15, "sub_code": "isp.unknown-error", "errmsg": "remote" });
        let isv = json!({ "errcode": 15, "sub_code": "isv.invalid-parameter", "errmsg": "words" });
        let lost = json!({ "errcode": 40, "errmsg": "Missing required arguments:msg" });
        let agent = json!({ "errcode": 41, "errmsg": "Invalid arguments:agent_id" });

        for (answer, state) in [
            (
                json!({ "errcode": 1, "errmsg": "Platform System error" }),
                RecipientState::Unknown,
            ),
            (
                json!({ "errcode": 10, "errmsg": "Service Currently Unavailable" }),
                RecipientState::Unknown,
            ),
            (isp, RecipientState::Unknown),
            (isv, RecipientState::Failed),
            (lost, RecipientState::Failed),
            (
                json!({ "errcode": 40048, "errmsg": "url中包含不合法domain" }),
                RecipientState::Failed,
            ),
            (agent, RecipientState::Queued),
            (
                json!({ "errcode": 7, "errmsg": "App Call Limited" }),
                RecipientState::Queued,
            ),
            (
                json!({ "errcode": 45009, "errmsg": "接口调用超过限制" }),
                RecipientState::Queued,
            ),
        ] {
            outbox.fault(json!({ "kind": "answer", "body": answer })).await;
            let message = outbox.submit(outbox.to(&outbox.people[..2])).await.message;
            outbox
                .until(message.id, |rows| {
                    rows.iter().all(|row| row.state == state && row.reason.is_some())
                })
                .await;
            let why = outbox.recipients(message.id).await.remove(0).reason.unwrap();
            assert!(!why.contains("URL"), "{why}");

            no_faults(&outbox).await;
            outbox.delivery.resume("admin").await.unwrap();
            if state == RecipientState::Queued {
                outbox.settled(message.id, &TAKEN).await;
            }
        }
    }
);

both_databases!(
    async fn questions_that_are_in_vain_are_not_asked_on_and_on(database: TestDatabase) {
        let outbox = Outbox::start(database.target()).await;
        for (code, sends, most) in [(41_020, 5, 1), (987_654, 5, 3), (40_035, 5, 3)] {
            fault_of(&outbox, Api::GetSendResult, refusal(code, false)).await;
            let before = calls_of(&outbox, Api::GetSendResult).await;
            for n in 0..sends {
                let message = outbox.submit(outbox.to(&outbox.people[n..=n])).await.message;
                outbox.settled(message.id, &[RecipientState::Accepted]).await;
            }
            tokio::time::sleep(Duration::from_millis(2_500)).await;
            let asked = calls_of(&outbox, Api::GetSendResult).await - before;
            assert!((1..=most).contains(&asked), "{code}: asked {asked} times");

            // Whatever it was, a change of the settings has it asked again.
            no_faults(&outbox).await;
            outbox.change(|_| {});
            let last = outbox.submit(outbox.to(&outbox.people[..1])).await.message;
            outbox.settled(last.id, &[RecipientState::DeliveredUnread]).await;
        }
    }
);

both_databases!(
    async fn a_send_whose_question_is_refused_does_not_keep_the_others_from_being_asked_about(database: TestDatabase) {
        let mut outbox = Outbox::idle(database.target(), Duration::from_secs(60)).await;
        // Nobody is told of before both have been taken.
        fault_of(&outbox, Api::GetSendResult, refusal(41_020, false)).await;
        let odd = outbox.submit(outbox.to(&outbox.people[..1])).await.message.id;
        let other = outbox.submit(outbox.to(&outbox.people[1..2])).await.message.id;
        outbox.run();
        for message in [odd, other] {
            outbox.settled(message, &[RecipientState::Accepted]).await;
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert_eq!(calls_of(&outbox, Api::GetSendResult).await, 1, "it stops at the first");

        no_faults(&outbox).await;
        let mut rule = refusal(41_020, false);
        rule["task_id"] = json!(outbox.recipients(odd).await[0].task_id);
        fault_of(&outbox, Api::GetSendResult, rule).await;

        // A change of the settings ends the pause.
        for _ in 0..4 {
            outbox.change(|_| {});
            tokio::time::sleep(Duration::from_millis(700)).await;
        }
        assert_eq!(
            outbox.states(other).await,
            [(RecipientState::DeliveredUnread, 1)].into()
        );
    }
);

both_databases!(
    async fn the_questions_are_anothers_where_dingtalk_does_not_allow_this_address(database: TestDatabase) {
        let outbox = Outbox::start(database.target()).await;
        fault_of(&outbox, Api::GetSendResult, refusal(60_020, false)).await;
        let message = outbox.submit(outbox.to(&outbox.people[..1])).await.message.id;
        outbox.settled(message, &[RecipientState::Accepted]).await;

        let ttl = Duration::from_secs(60);
        for _ in 0..100 {
            let free = outbox
                .store
                .acquire_lease("delivery.follow_up", "another", ttl)
                .await
                .unwrap();
            // One process has SQLite for itself: there is nobody to leave the questions to.
            if free.is_some() || !outbox.store.is_shared() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the lease is kept by whom DingTalk refuses");
    }
);

both_databases!(
    async fn a_recall_is_asked_for_again_whatever_was_refused(database: TestDatabase) {
        let outbox = Outbox::start(database.target()).await;
        for code in [400_002, 40_035, 41_020, 987_654, 50_005, 40_014] {
            let id = outbox.submit(outbox.to(&outbox.people[..2])).await.message.id;
            outbox.settled(id, &TAKEN).await;
            fault_of(&outbox, Api::Recall, refusal(code, false)).await;
            outbox.delivery.recall(id, "admin").await.unwrap();

            let told = loop {
                if let Some((state, Some(why))) = outbox.attempts(id).await[0].recall.clone() {
                    break (state, why);
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            };
            assert_eq!(told.0, RecallState::Requested, "{code}");
            assert!(told.1.contains(&code.to_string()), "{told:?}");

            no_faults(&outbox).await;
            outbox.until(id, |rows| rows[0].state == RecipientState::Recalled).await;
            assert!(outbox.delivery.quota().await.unwrap().used > 0);
        }
    }
);
