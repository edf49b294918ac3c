//! Pushes to a receiver that decrypts, checks the signature and answers as the documentation says.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::extract::{Query, State};
use axum::{Json, Router, routing::post};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::callbacks;
use super::crypto::Seal;
use crate::simulator::state::SimulatorState;
use crate::simulator::wire::{Call, fields};
use crate::simulator::{Control, Simulator, SimulatorConfig};

const KEY: &str = "Yue0EfdN5900c1ce5cf6A152c63DDe1808a60c5ecd7";

/// What a receiver got, and how many pushes it is to refuse first.
#[derive(Clone)]
struct PushReceiver {
    owner: String,
    got: Arc<Mutex<Vec<Value>>>,
    refuse: Arc<Mutex<usize>>,
}

async fn receive(
    State(receiver): State<PushReceiver>,
    Query(query): Query<HashMap<String, String>>,
    Json(body): Json<Value>,
) -> Json<Value> {
    let seal = Seal::new("mryue", KEY, &receiver.owner).unwrap();
    let encrypt = body["encrypt"].as_str().unwrap();
    assert_eq!(
        query["signature"],
        seal.signature(&query["timestamp"], &query["nonce"], encrypt)
    );
    assert_eq!(query["msg_signature"], query["signature"]);

    let message = serde_json::from_str(&seal.decrypt(encrypt).expect("the owner key is right")).unwrap();
    let refused = {
        let mut refuse = receiver.refuse.lock().unwrap();
        let refused = *refuse > 0;
        *refuse = refuse.saturating_sub(1);
        refused
    };

    receiver.got.lock().unwrap().push(message);
    let answer = seal
        .encrypt(*b"0123456789abcdef", if refused { "failure" } else { "success" })
        .unwrap();
    let signature = seal.signature("1", "n", &answer);
    Json(json!({"msg_signature": signature, "timeStamp": "1", "nonce": "n", "encrypt": answer}))
}

async fn receiver(owner: &str, refuse: usize) -> (PushReceiver, String) {
    let receiver = PushReceiver {
        owner: owner.to_owned(),
        got: Arc::default(),
        refuse: Arc::new(Mutex::new(refuse)),
    };

    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/events", listener.local_addr().unwrap());
    let app = Router::new()
        .route("/events", post(receive))
        .with_state(receiver.clone());
    tokio::spawn(async move { axum::serve(listener, app).await });
    (receiver, url)
}

async fn simulator(config: SimulatorConfig) -> (Simulator, Control) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let simulator = Simulator::start(config, listener, CancellationToken::new()).await;
    let control = simulator.control();
    (simulator, control)
}

fn tiny() -> SimulatorConfig {
    SimulatorConfig {
        users: 5,
        departments: 3,
        ..SimulatorConfig::default()
    }
}

async fn wait_for(condition: impl Fn() -> bool) {
    for _ in 0..500 {
        if condition() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("it did not happen within five seconds");
}

#[tokio::test]
async fn events_are_pushed_encrypted_for_the_app_key_in_both_key_styles() {
    let (_simulator, control) = simulator(tiny()).await;
    let (receiver, url) = receiver(&tiny().app_key, 0).await;
    control
        .set_push(json!({"url": url, "token": "mryue", "aes_key": KEY, "tags": ["user_leave_org"]}))
        .unwrap();

    let directory = control.directory();
    let userid = |index: usize| directory["users"][index]["userid"].clone();
    control
        .edit(json!([{"edit": "leave", "userid": userid(1)}, {"edit": "hire"}]))
        .unwrap();
    wait_for(|| receiver.got.lock().unwrap().len() == 1).await;

    control
        .set_events(json!({"key_style": "camel", "duplicates": true}))
        .unwrap();
    control.edit(json!({"edit": "leave", "userid": userid(2)})).unwrap();
    wait_for(|| receiver.got.lock().unwrap().len() == 3).await;

    let got = receiver.got.lock().unwrap();
    assert_eq!(got[0]["UserId"], json!([userid(1)]));
    assert!(got[0]["TimeStamp"].is_string());
    assert_eq!(got[1]["userId"], json!([userid(2)]));
    assert_eq!(got[1]["eventId"], got[2]["eventId"], "a duplicate has the same id");
}

#[tokio::test]
async fn a_push_is_tried_three_times_and_then_listed_as_failed_until_it_is_read() {
    let (simulator, control) = simulator(tiny()).await;
    let (receiver, url) = receiver(&tiny().app_key, 5).await;
    control
        .set_push(json!({"url": url, "token": "mryue", "aes_key": KEY}))
        .unwrap();
    control.set_events(json!({"push_retry_ms": [1, 1]})).unwrap();

    let made = control
        .edit(json!({"edit": "create_department", "parent_id": 1, "name": "新"}))
        .unwrap();
    let dept_id = made["results"][0]["dept_id"].clone();
    let deliveries = |control: &Control| control.events(0)["deliveries"].as_array().unwrap().len();
    wait_for(|| deliveries(&control) == 3).await;

    let shared = &simulator.control();
    control
        .edit(json!({"edit": "rename_department", "dept_id": dept_id, "name": "旧"}))
        .unwrap();
    wait_for(|| deliveries(shared) == 6).await;
    assert_eq!(
        receiver.got.lock().unwrap().len(),
        6,
        "the last attempt of the second event succeeded"
    );

    let mut world = simulator.shared().world();
    let (failed, more) = world.events.take_failed(200);
    assert!(!more);
    assert_eq!(failed.len(), 1);
    assert_eq!(failed[0]["call_back_tag"], "org_dept_create");
    assert_eq!(failed[0]["org_dept_create"]["deptid"], json!([dept_id]));
    assert!(world.events.take_failed(200).0.is_empty(), "reading clears");
}

fn registration(url: &str) -> Call {
    let request = http::Request::post("/call_back/register_call_back");
    let body = json!({"call_back_tag": ["user_add_org"], "token": "mryue", "aes_key": KEY, "url": url}).to_string();
    let request = request
        .header("content-type", "application/json")
        .body(axum::body::Body::from(body))
        .unwrap();
    futures_util::FutureExt::now_or_never(Call::read(request)).expect("the body is there")
}

#[tokio::test]
async fn registering_asks_the_url_and_encrypts_for_the_corp_id() {
    let shared = SimulatorState::new(tiny(), CancellationToken::new());
    let (receiver, url) = receiver(&tiny().corp_id, 0).await;

    let refused = callbacks::finish(&shared, &registration("http://127.0.0.1:1/")).await;
    assert!(
        matches!(
            refused,
            Err(crate::simulator::wire::Refusal::Business { code: 71_012, .. })
        ),
        "{refused:?}"
    );
    assert!(shared.world().events.subscription.is_none());

    callbacks::finish(&shared, &registration(&url)).await.unwrap();
    assert_eq!(receiver.got.lock().unwrap()[0], json!({"EventType": "check_url"}));

    let mut world = shared.world();
    let permissions = crate::simulator::permissions::Permissions::default();
    let shown = callbacks::get(&mut world, &registration(&url).args, &permissions).unwrap();
    assert_eq!(
        shown,
        fields(json!({"call_back_tag": ["user_add_org"], "token": "mryue", "aes_key": KEY, "url": url}))
    );
    assert!(
        callbacks::register(&mut world, &registration(&url).args, &permissions).is_err(),
        "71006"
    );

    callbacks::delete(&mut world, &registration(&url).args, &permissions).unwrap();
    assert!(
        callbacks::get(&mut world, &registration(&url).args, &permissions).is_err(),
        "71007"
    );
}
