//! Who may push: whoever has the token and the key, for this app, and not last week.

use dingmirror::{clock::Clock, dingtalk::EventKeys};
use serde_json::{Value, json};

use super::rig::{AES_KEY, Channel, Rig, TOKEN, intake};
use crate::support::{database::TestDatabase, server::TestDingTalk};

pub(super) struct Pusher<'a> {
    rig: &'a Rig,
    keys: EventKeys,
    owner: String,
    timestamp: String,
    nonce: &'static str,
    /// In front of the message; DingTalk's differ from push to push.
    random: [u8; 16],
    signature: Option<String>,
}

impl<'a> Pusher<'a> {
    pub(super) fn honest(rig: &'a Rig) -> Self {
        Self {
            rig,
            keys: EventKeys::new(TOKEN, AES_KEY).unwrap(),
            owner: rig.dingtalk.config.app_key.clone(),
            timestamp: Clock::system().now().timestamp_millis().to_string(),
            nonce: "nonce",
            random: *b"0123456789abcdef",
            signature: None,
        }
    }

    pub(super) async fn push(&self, event: &Value) -> (u16, String) {
        let encrypt = self.keys.seal(&event.to_string(), &self.owner, self.random);
        let signature = self.keys.sign(&self.timestamp, self.nonce, &encrypt);
        self.send(
            &json!({ "encrypt": encrypt }).to_string(),
            self.signature.as_ref().unwrap_or(&signature),
        )
        .await
    }

    async fn send(&self, body: &str, signature: &str) -> (u16, String) {
        let query = [
            ("signature", signature),
            ("timestamp", &self.timestamp),
            ("nonce", self.nonce),
        ];
        let url = format!("{}/dingtalk/events", self.rig.server.base);

        let response = self
            .rig
            .server
            .http
            .post(url)
            .query(&query)
            .body(body.to_owned())
            .send()
            .await
            .unwrap();
        (response.status().as_u16(), response.text().await.unwrap())
    }
}

pub(super) fn joined(id: &str) -> Value {
    json!({ "EventType": "user_add_org", "TimeStamp": "1640921671286", "CorpId": "ding0", "UserId": [id] })
}

/// Milliseconds since 1970, so many hours from now.
fn in_hours(hours: i64) -> i64 {
    (Clock::system().now() + chrono::Duration::hours(hours)).timestamp_millis()
}

both_databases!(
    async fn only_the_holder_of_token_and_key_may_push_and_only_for_this_app(database: TestDatabase) {
        let rig = Rig::new(database, TestDingTalk::start(20, 3).await, Channel::Push, 10_000).await;
        let honest = Pusher::honest(&rig);
        let (status, answer) = honest.push(&joined("a")).await;
        assert_eq!(status, 200, "{answer}");
        let answer: Value = serde_json::from_str(&answer).unwrap();
        let text = |key: &str| answer[key].as_str().unwrap().to_owned();
        assert!(honest.keys.verify(
            &text("msg_signature"),
            &text("timeStamp"),
            &text("nonce"),
            &text("encrypt")
        ));
        let opened = honest.keys.open(&text("encrypt")).unwrap();
        assert_eq!(
            (opened.message.as_str(), opened.owner.as_str()),
            ("success", honest.owner.as_str())
        );

        assert_eq!(
            honest.push(&joined("a")).await.0,
            200,
            "a repetition is answered as the first"
        );
        let figures = rig.server.services.intake.figures();
        assert_eq!((figures.received, figures.repeated), (1, 1));

        let other_token = Pusher {
            keys: EventKeys::new("another", AES_KEY).unwrap(),
            ..Pusher::honest(&rig)
        };
        let other_key = Pusher {
            keys: EventKeys::new(TOKEN, "1234567890123456789012345678901234567890123").unwrap(),
            ..Pusher::honest(&rig)
        };
        let other_app = Pusher {
            owner: "dingsomebodyelse".into(),
            ..Pusher::honest(&rig)
        };
        let old = Pusher {
            timestamp: "1608001896814".into(),
            ..Pusher::honest(&rig)
        };
        let future = Pusher {
            timestamp: in_hours(2).to_string(),
            ..Pusher::honest(&rig)
        };
        let past = Pusher {
            timestamp: (in_hours(-2) / 1_000).to_string(),
            ..Pusher::honest(&rig)
        };
        let unsigned = Pusher {
            signature: Some(String::new()),
            ..Pusher::honest(&rig)
        };

        for (pusher, what) in [
            (other_token, "token"),
            (other_key, "key"),
            (other_app, "owner"),
            (old, "time"),
            (future, "time to come"),
            (past, "time in seconds"),
            (unsigned, "signature"),
        ] {
            let (status, answer) = pusher.push(&joined("b")).await;
            assert_eq!(status, 403, "{what}: {answer}");
            assert!(!answer.contains(TOKEN) && !answer.contains("ding"), "{what}: {answer}");
        }

        for timestamp in [
            "now".to_owned(),
            format!("{}0", in_hours(0) / 1_000),
            format!("{}n", in_hours(0)),
        ] {
            let pusher = Pusher {
                timestamp,
                ..Pusher::honest(&rig)
            };
            assert_eq!(pusher.push(&joined("b")).await.0, 400, "{}", pusher.timestamp);
        }

        assert_eq!(honest.push(&json!({ "nothing": 1 })).await.0, 400);
        assert_eq!(honest.send("not JSON", "x").await.0, 400);
        assert_eq!(honest.send(&"x".repeat(2_000_000), "x").await.0, 413);
        assert_eq!(
            rig.server.services.intake.figures().received,
            1,
            "none of them was kept"
        );
        rig.server.stop().await;
    }
);

both_databases!(
    async fn while_token_and_key_are_changed_both_pairs_are_taken_and_answered_by_their_own(database: TestDatabase) {
        const NEW_KEY: &str = "1234567890123456789012345678901234567890123";
        let dingtalk = TestDingTalk::start(10, 2).await;
        let mut config = crate::support::server::config(database.target(), &dingtalk);
        config.intake = intake(Channel::Push);
        let pairs = [("changed", NEW_KEY), (TOKEN, AES_KEY), (TOKEN, NEW_KEY)];
        config.intake.keys = pairs.map(|(token, key)| EventKeys::new(token, key).unwrap()).to_vec();
        let server = crate::support::server::TestServer::start_with(config).await;
        server.configure(dingtalk.settings()).await;
        let rig = Rig { dingtalk, server };

        for (token, key) in pairs {
            let pusher = Pusher {
                keys: EventKeys::new(token, key).unwrap(),
                ..Pusher::honest(&rig)
            };
            let (status, answer) = pusher.push(&joined(&format!("{token}{key}"))).await;
            assert_eq!(status, 200, "{answer}");
            let answer: Value = serde_json::from_str(&answer).unwrap();
            let text = |name: &str| answer[name].as_str().unwrap().to_owned();
            let encrypt = text("encrypt");
            let fits = pusher
                .keys
                .verify(&text("msg_signature"), &text("timeStamp"), &text("nonce"), &encrypt);
            assert!(fits, "{answer}");
            assert_eq!(pusher.keys.open(&encrypt).unwrap().message, "success");
        }

        let never = Pusher {
            keys: EventKeys::new("changed", AES_KEY).unwrap(),
            ..Pusher::honest(&rig)
        };
        assert_eq!(
            never.push(&joined("x")).await.0,
            403,
            "a token of one pair and a key of another"
        );
        assert_eq!(rig.server.services.intake.figures().received, 3);
        rig.server.stop().await;
    }
);

both_databases!(
    async fn a_captured_push_is_not_taken_again_with_its_texts_cut_elsewhere(database: TestDatabase) {
        // A published vector of DingTalk's, years old; the signature fits wherever timestamp and nonce are cut.
        const ENCRYPT: &str = "0vJiX6vliEpwG3U45CtXqi+m8PXbQRARJ8p8BbDuD1EMTDf0jKpQ79QS93qEk7XHpP6u+oTTrd15NRPvNvmBKyDCYxxOK+HZeKju4yhELOFchzNukR+t8SB/qk4ROMu3";
        const SIGNATURE: &str = "03044561471240d4a14bb09372dfcfd4fd0e40cb";

        let keys = EventKeys::new("mryue", AES_KEY).unwrap();
        let dingtalk = TestDingTalk::start(10, 2).await;
        let mut config = crate::support::server::config(database.target(), &dingtalk);
        config.intake = intake(Channel::Push);
        config.intake.keys = vec![keys.clone()];
        config.intake.corp_id = Some("ding6ccabc44d2c8d38b".into());
        let server = crate::support::server::TestServer::start_with(config).await;
        let rig = Rig { dingtalk, server };

        for (timestamp, nonce, status) in [
            ("1608001896814", "WL4PK6yA", 403),
            ("1608001896814W", "L4PK6yA", 400),
            ("160800189681", "4WL4PK6yA", 400),
            ("16080018968", "14WL4PK6yA", 403),
            ("1608001896", "814WL4PK6yA", 403),
        ] {
            let captured = Pusher {
                timestamp: timestamp.into(),
                nonce,
                ..Pusher::honest(&rig)
            };
            let fits = keys.verify(SIGNATURE, timestamp, nonce, ENCRYPT);
            assert_eq!(fits, nonce != "14WL4PK6yA", "{timestamp}, {nonce}");
            let (got, answer) = captured
                .send(&json!({ "encrypt": ENCRYPT }).to_string(), SIGNATURE)
                .await;
            assert_eq!(got, status, "{timestamp}, {nonce}: {answer}");
        }
        rig.server.stop().await;
    }
);

both_databases!(
    async fn an_event_without_id_and_time_is_known_again_by_its_push(database: TestDatabase) {
        let rig = Rig::new(database, TestDingTalk::start(10, 2).await, Channel::Push, 10_000).await;
        let bare = json!({ "EventType": "org_change", "CorpId": "ding0" });
        let figures = || {
            let figures = rig.server.services.intake.figures();
            (figures.received, figures.repeated)
        };

        let first = Pusher::honest(&rig);
        for _ in 0..2 {
            assert_eq!(first.push(&bare).await.0, 200);
        }
        assert_eq!(figures(), (1, 1));

        let next = Pusher {
            random: *b"fedcba9876543210",
            ..Pusher::honest(&rig)
        };
        assert_eq!(next.push(&bare).await.0, 200);
        assert_eq!(figures(), (2, 1), "the company changed once more");
        rig.server.stop().await;
    }
);

both_databases!(
    async fn dingtalk_registers_the_address_by_its_check_url(database: TestDatabase) {
        let dingtalk = TestDingTalk::start(20, 3).await;
        let corp_id = dingtalk.config.corp_id.clone();
        let mut config = crate::support::server::config(database.target(), &dingtalk);
        config.intake = intake(Channel::Push);
        config.intake.corp_id = Some(corp_id);
        let server = crate::support::server::TestServer::start_with(config).await;
        server.configure(dingtalk.settings()).await;

        let token: Value = server
            .http
            .get(format!("{}/gettoken", dingtalk.base))
            .query(&[
                ("appkey", &dingtalk.config.app_key),
                ("appsecret", &dingtalk.config.app_secret),
            ])
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap();

        let body = json!({
            "call_back_tag": ["user_add_org", "org_dept_create"],
            "token": TOKEN,
            "aes_key": AES_KEY,
            "url": format!("{}/dingtalk/events", server.base),
        });
        let registered: Value = server
            .http
            .post(format!("{}/call_back/register_call_back", dingtalk.base))
            .query(&[("access_token", token["access_token"].as_str().unwrap())])
            .json(&body)
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap();
        assert_eq!(registered["errcode"], 0, "{registered}");
        server.stop().await;
    }
);

both_databases!(
    async fn without_token_and_key_there_is_no_such_address(database: TestDatabase) {
        let rig = Rig::new(database, TestDingTalk::start(10, 2).await, Channel::Stream, 10_000).await;
        assert_eq!(Pusher::honest(&rig).push(&joined("a")).await.0, 404);
        rig.server.stop().await;
    }
);
