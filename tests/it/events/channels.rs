//! The ways of events, as the mirror tells of them.

use serde_json::{Value, json};

use super::rig::{Channel, Rig};
use crate::support::{database::TestDatabase, server::TestDingTalk};

const CHANNELS: &str =
    "{ mirror { eventChannels { kind connectedSince problem problemStatement { code text } lastEventAt } } }";

async fn channel(rig: &Rig) -> Value {
    let mut data = rig.server.data(CHANNELS, json!({})).await;
    let channels = data["mirror"]["eventChannels"].as_array_mut().unwrap();
    assert_eq!(channels.len(), 1, "{channels:?}");
    channels.remove(0)
}

both_databases!(
    async fn each_way_says_when_the_last_event_came_and_the_stream_since_when_it_is_open(database: TestDatabase) {
        for (way, kind) in [(Channel::Push, "HTTP"), (Channel::Stream, "STREAM")] {
            let dingtalk = TestDingTalk::start(20, 3).await;
            let rig = Rig::new(database, dingtalk, way, 10_000).await;
            let before = channel(&rig).await;
            assert_eq!((&before["kind"], &before["problem"]), (&json!(kind), &Value::Null));
            assert_eq!(
                before["connectedSince"].is_string(),
                way == Channel::Stream,
                "{before:#}"
            );
            assert_eq!(before["lastEventAt"], Value::Null);

            let hired = json!({ "edit": "hire", "userid": format!("came-by-{kind}"), "departments": [1] });
            rig.edit(hired).await;
            let query = format!("{{ user(userId: \"came-by-{kind}\") {{ name }} }}");
            rig.until(&query, |data| data["user"].is_object()).await;
            let after = channel(&rig).await;
            assert!(after["lastEventAt"].is_string(), "{after:#}");
            assert_eq!(after["connectedSince"], before["connectedSince"]);
            rig.server.stop().await;
        }
    }
);

#[tokio::test]
async fn a_stream_that_cannot_be_opened_says_why() {
    let database = TestDatabase::sqlite().await;
    let rig = Rig::new(&database, TestDingTalk::start(10, 2).await, Channel::Stream, 10_000).await;
    let off = dingmirror::settings::SettingsPatch {
        urls: [(dingmirror::settings::Api::StreamOpen, None)].into(),
        ..Default::default()
    };
    rig.server.configure(off).await;
    let is_told = |data: &Value| data["mirror"]["eventChannels"][0]["problem"].is_string();
    rig.until(CHANNELS, is_told).await;
    let told = channel(&rig).await;
    assert_eq!(told["connectedSince"], Value::Null);
    assert!(told["problem"].as_str().unwrap().contains("streamOpenUrl"), "{told:#}");
    let said = json!({ "code": "URL_NOT_SET", "text": told["problem"] });
    assert_eq!(told["problemStatement"], said);
    rig.server.stop().await;
}
