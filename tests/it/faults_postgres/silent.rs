//! Connections that fall silent without ending: a firewall forgot them, a pooler froze, a host died.

use std::{
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    time::Duration,
};

use serde_json::{Value, json};

use super::{ready, replica, until};
use crate::support::{
    cluster::{Address, Cluster},
    server::{TestDingTalk, TestServer},
};

const SEND: &str = "mutation ($user: String!, $text: String!) {
    sendMessage(input: { recipients: { userIds: [$user] }, content: { text: { content: $text } } }) { message { id } } }";

async fn send(server: &TestServer, user: &str, text: &str) -> bool {
    let variables: Value = json!({ "user": user, "text": text });
    let answer = server.graphql(&server.admin_token(), SEND, variables).await;
    answer["data"]["sendMessage"]["message"]["id"].is_string()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_that_fell_silent_are_given_up_and_work_goes_on() {
    let dingtalk = TestDingTalk::start(12, 3).await;
    let cluster = Cluster::start();
    let address = Address::before(cluster.port).await;
    let server = replica(address.port, &dingtalk).await;
    server.configure(dingtalk.settings()).await;
    server.sync().await;
    let directory = dingtalk.control("directory").await;
    let user = directory["users"][0]["userid"].as_str().unwrap();

    // More senders than connections: each of those has a statement under way.
    let (taken, is_silent) = (AtomicU64::new(0), AtomicBool::new(false));
    let sender = async |sender: u64| {
        for at in 0_u64.. {
            if send(&server, user, &format!("{sender}/{at}")).await {
                taken.fetch_add(1, Ordering::Relaxed);
            }
            // Later ones are few, so that what waits then is sent soon.
            let pause = if is_silent.load(Ordering::Relaxed) { 3_000 } else { 20 };
            tokio::time::sleep(Duration::from_millis(pause)).await;
        }
    };

    let story = async {
        until("messages are taken", async || taken.load(Ordering::Relaxed) >= 30).await;
        address.fall_silent();
        is_silent.store(true, Ordering::Relaxed);
        // A statement under way is given up after a minute.
        tokio::time::sleep(Duration::from_secs(62)).await;
        let before = taken.load(Ordering::Relaxed);
        until("messages are taken again", async || {
            taken.load(Ordering::Relaxed) > before + 10
        })
        .await;
    };

    tokio::select! {
        _ = futures_util::future::join_all((0..12).map(sender)) => {}
        () = story => {}
    }

    until("it is ready", async || ready(&server).await).await;
    until("one more is taken", async || {
        send(&server, user, "after the silence").await
    })
    .await;
    until("it is sent", async || {
        dingtalk
            .control("messages")
            .await
            .to_string()
            .contains("after the silence")
    })
    .await;
    server.stop().await;
}
