//! Limits, faults and notifications.

use std::time::Duration;

use serde_json::{Value, json};

use super::support::{Platform, small, start};

async fn raw(platform: &Platform) -> Result<String, reqwest::Error> {
    let url = format!("{}/topapi/user/count?access_token={}", platform.base, platform.token);
    platform
        .http
        .post(url)
        .json(&json!({"only_active": false}))
        .send()
        .await?
        .text()
        .await
}

#[tokio::test]
async fn the_twenty_first_call_in_a_second_is_throttled() {
    let config = dingmirror::simulator::SimulatorConfig {
        rate_limit_per_second: Some(20),
        ..small()
    };
    let platform = start(config).await;

    let calls = (0..40).map(|_| platform.call("/topapi/user/count", json!({"only_active": false})));
    let answers = futures_util::future::join_all(calls).await;
    let throttled: Vec<&Value> = answers.iter().filter(|answer| answer["errcode"] == 88).collect();
    assert!((1..=20).contains(&throttled.len()), "{}", throttled.len());
    assert_eq!(throttled[0]["sub_code"], "90018");

    let calls = platform.get("/control/calls").await;
    assert_eq!(calls["apis"]["/topapi/user/count"]["total"], 40);
    assert_eq!(calls["apis"]["/topapi/user/count"]["throttled"], throttled.len());
}

#[tokio::test]
async fn every_fault_looks_as_it_does_in_the_field() {
    let platform = start(small()).await;
    let once = |kind: Value| {
        let mut rule = json!({"api": "/topapi/user/count", "count": 1});
        rule.as_object_mut().unwrap().extend(kind.as_object().unwrap().clone());
        platform.control.add_faults(rule).unwrap();
        raw(&platform)
    };
    let json = |text: String| serde_json::from_str::<Value>(&text).unwrap();

    assert_eq!(
        json(once(json!({"kind": "throttle"})).await.unwrap())["sub_code"],
        "90018"
    );
    assert_eq!(
        json(once(json!({"kind": "platform_throttle"})).await.unwrap())["sub_code"],
        "90002"
    );
    assert_eq!(json(once(json!({"kind": "busy"})).await.unwrap())["errcode"], -1);

    let wrapped = json!({"errcode": 88, "sub_code": "987654", "sub_msg": "?"});
    let answer = json!({"kind": "answer", "body": wrapped});
    assert_eq!(json(once(answer).await.unwrap()), wrapped);
    let answer = json!({"kind": "answer", "status": 413, "body": "<html>Too large"});
    assert_eq!(once(answer).await.unwrap(), "<html>Too large");

    let timeout = json(once(json!({"kind": "timeout15"})).await.unwrap());
    assert_eq!(
        (timeout["errcode"].clone(), timeout["sub_code"].clone()),
        (json!(15), json!("isp.top-remote-connection-timeout"))
    );
    let empty = json(once(json!({"kind": "empty_sub_code_88"})).await.unwrap());
    assert_eq!(
        (empty["errcode"].clone(), empty["sub_code"].clone()),
        (json!(88), json!(""))
    );

    assert_eq!(
        json(once(json!({"kind": "monthly_quota"})).await.unwrap())["errcode"],
        90020
    );
    assert_eq!(
        json(
            once(json!({"kind": "errcode", "code": 33012, "msg": "无效的USERID"}))
                .await
                .unwrap()
        )["errcode"],
        33012
    );
    let missing = json(once(json!({"kind": "missing_result"})).await.unwrap());
    assert_eq!((missing["errcode"].clone(), missing.get("result")), (json!(0), None));
    assert!(
        once(json!({"kind": "html_ban"}))
            .await
            .unwrap()
            .starts_with("<!DOCTYPE html>")
    );
    assert_eq!(
        json(once(json!({"kind": "punish_json"})).await.unwrap())["status"],
        1111
    );
    assert!(serde_json::from_str::<Value>(&once(json!({"kind": "truncated_json"})).await.unwrap()).is_err());
    assert!(once(json!({"kind": "close_connection"})).await.is_err());

    let started = std::time::Instant::now();
    assert_eq!(
        json(once(json!({"kind": "slow", "ms": 120})).await.unwrap())["result"]["count"],
        300
    );
    assert!(started.elapsed() >= Duration::from_millis(120));

    let page = json!({"dept_id": 1, "cursor": 300, "size": 1});
    platform
        .control
        .add_faults(json!({"kind": "endless", "dept_id": 1, "count": 1}))
        .unwrap();
    let endless = platform.call("/topapi/v2/user/list", page).await;
    assert_eq!(
        endless["result"],
        json!({"has_more": true, "next_cursor": 400, "list": []})
    );

    let garbled = json!({"kind": "garbled", "api": "/topapi/user/count", "text": "count"});
    platform.control.add_faults(garbled).unwrap();
    assert!(raw(&platform).await.unwrap().contains(r#""\ud83d":300"#));

    platform.control.remove_faults(None);
    platform
        .control
        .add_faults(json!({"kind": "empty_list", "dept_id": 1}))
        .unwrap();
    let page = platform
        .call("/topapi/v2/user/list", json!({"dept_id": 1, "cursor": 0, "size": 1}))
        .await;
    assert_eq!(page["result"], json!({"has_more": false, "list": []}));

    let refused = platform
        .control
        .add_faults(json!({"kind": "busy", "api": "/topapi/typo"}))
        .unwrap_err();
    assert!(refused.to_string().starts_with("api: "));
}

#[tokio::test]
async fn a_message_may_be_taken_although_its_answer_is_lost() {
    let platform = start(small()).await;
    let directory = platform.control.directory();
    let userid = directory["users"][5]["userid"].as_str().unwrap();
    platform.control.set_delivery(json!({"deliver_after_ms": 0})).unwrap();
    let lost = |after_effect| json!({"kind": "close_connection", "after_effect": after_effect});
    let late = |after_effect| json!({"kind": "slow", "ms": 60_000, "after_effect": after_effect});

    for (mut rule, content, received) in [
        (lost(false), "lost", 0),
        (lost(true), "lost", 1),
        (late(false), "late", 1),
        (late(true), "late", 2),
    ] {
        rule["api"] = json!("/topapi/message/corpconversation/asyncsend_v2");
        rule["count"] = json!(1);
        platform.control.add_faults(rule).unwrap();

        let url = format!(
            "{}/topapi/message/corpconversation/asyncsend_v2?access_token={}",
            platform.base, platform.token
        );
        let msg = json!({"msgtype": "text", "text": {"content": content}});
        let body = json!({"agent_id": 836_390_886, "userid_list": userid, "msg": msg});
        let call = platform.http.post(url).json(&body).timeout(Duration::from_millis(500));
        assert!(call.send().await.is_err());
        assert_eq!(
            platform.control.received(userid)["received"].as_array().unwrap().len(),
            received
        );
    }
}

#[tokio::test]
async fn a_notification_goes_from_accepted_to_delivered_and_flow_control_is_silent() {
    let platform = start(small()).await;
    let directory = platform.control.directory();
    let user = |index: usize| directory["users"][index]["userid"].as_str().unwrap().to_owned();
    let (first, second) = (user(3), user(4));
    platform
        .control
        .set_delivery(json!({"deliver_after_ms": 60_000}))
        .unwrap();

    let sent = platform.send(&[&first, "nobody"], "hello").await;
    let task_id = sent["task_id"].as_i64().unwrap();
    assert!(task_id > 256_000_000_000, "{sent}");
    let task = json!({"agent_id": 836_390_886, "task_id": task_id});
    let progress = platform
        .call("/topapi/message/corpconversation/getsendprogress", task.clone())
        .await;
    assert_eq!(progress["progress"], json!({"progress_in_percent": 0, "status": 0}));
    let early = platform
        .call("/topapi/message/corpconversation/getsendresult", task)
        .await;
    assert_eq!(early["send_result"]["unread_user_id_list"], json!([]));

    platform.control.set_delivery(json!({"deliver_after_ms": 0})).unwrap();
    let sent = platform.send(&[&first, &second, "nobody"], "hello").await;
    let task = json!({"agent_id": "836390886", "task_id": sent["task_id"]});
    let result = platform
        .call("/topapi/message/corpconversation/getsendresult", task)
        .await["send_result"]
        .take();
    assert_eq!(result["invalid_user_id_list"], json!(["nobody"]));
    assert_eq!(result["unread_user_id_list"], json!([second]));
    assert_eq!(result["forbidden_user_id_list"], json!([first]));
    assert_eq!(
        result["forbidden_list"],
        json!([{"code": "143106", "count": 1, "userid": first}])
    );

    let received = platform.get(&format!("/control/messages?userid={second}")).await;
    assert_eq!(received["received"][0]["msg"]["text"]["content"], "hello");

    let recall = json!({"agent_id": 836_390_886, "msg_task_id": sent["task_id"]});
    assert_eq!(
        platform.call("/topapi/message/corpconversation/recall", recall).await["errcode"],
        0
    );

    let wrong = json!({"agent_id": 836_390_886, "task_id": sent["task_id"]});
    assert_eq!(
        platform.call("/topapi/message/corpconversation/recall", wrong).await["errcode"],
        400002
    );
}

#[tokio::test]
async fn a_bad_message_is_refused_with_its_code() {
    let platform = start(small()).await;
    let send = |body: Value| platform.call("/topapi/message/corpconversation/asyncsend_v2", body);
    let msg = json!({"msgtype": "text", "text": {"content": "x"}});

    assert_eq!(send(json!({"userid_list": "a", "msg": msg})).await["errcode"], 41011);
    assert_eq!(
        send(json!({"agent_id": 1, "userid_list": "a", "msg": msg})).await["errcode"],
        40056
    );

    let agent_id = 836_390_886;
    assert_eq!(send(json!({"agent_id": agent_id, "msg": msg})).await["errcode"], 40035);
    assert_eq!(
        send(json!({"agent_id": agent_id, "userid_list": "a", "dept_id_list": "", "msg": msg})).await["errcode"],
        40035
    );

    let text = json!({"agent_id": agent_id, "userid_list": "a", "msg": msg.to_string()});
    assert_eq!(send(text).await["errcode"], 0, "a message may be text that holds JSON");

    let everybody = send(json!({"agent_id": agent_id, "dept_id_list": "1", "msg": msg})).await;
    let task = json!({"agent_id": agent_id, "task_id": everybody["task_id"]});
    let result = platform
        .call("/topapi/message/corpconversation/getsendresult", task)
        .await;
    assert_eq!(result["errcode"], 41052, "no result for more than 100 receivers");
    let messages = platform.get("/control/messages").await;
    assert_eq!(messages["tasks"][1]["receivers"].as_array().unwrap().len(), 300);
}
