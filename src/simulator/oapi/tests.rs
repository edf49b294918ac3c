//! What time does to notifications.

use std::sync::Arc;
use std::time::Duration;

use chrono::DateTime;
use serde_json::{Value, json};

use super::messages;
use crate::clock::Clock;
use crate::simulator::SimulatorConfig;
use crate::simulator::permissions::Permissions;
use crate::simulator::wire::{CallArgs, CallResult, Refusal, fields};
use crate::simulator::world::World;

/// A world whose time stands still unless tokio's is moved.
fn world() -> World {
    let noon = DateTime::parse_from_rfc3339("2026-11-23T12:00:00+08:00")
        .unwrap()
        .to_utc();
    let clock = Clock::following_tokio(noon);
    World::new(Arc::new(SimulatorConfig {
        users: 150,
        departments: 4,
        clock,
        ..SimulatorConfig::default()
    }))
}

fn args(mut body: Value) -> CallArgs {
    body["agent_id"] = json!(836_390_886);
    CallArgs::new(fields(body))
}

fn send(world: &mut World, mut body: Value) -> CallResult {
    body["msg"] = json!({"msgtype": "text", "text": {"content": body["text"]}});
    messages::send(world, &args(body), &Permissions::default())
}

fn code(answer: CallResult) -> i64 {
    match answer {
        Ok(_) => 0,
        Err(Refusal::Business { code, .. }) => code,
        Err(other) => panic!("{other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn progress_passes_through_all_three_states() {
    let mut world = world();
    let task = send(&mut world, json!({"userid_list": "nobody", "text": "x"})).unwrap();
    let status = |world: &mut World| {
        let args = args(json!({"task_id": task["task_id"]}));
        messages::progress(world, &args, &Permissions::default()).unwrap()["progress"]["status"].clone()
    };

    assert_eq!(status(&mut world), 0);
    tokio::time::advance(Duration::from_millis(100)).await;
    assert_eq!(status(&mut world), 1);
    tokio::time::advance(Duration::from_millis(101)).await;
    assert_eq!(status(&mut world), 2);
}

#[tokio::test(start_paused = true)]
async fn results_and_recalls_end_after_a_day() {
    let mut world = world();
    let task = send(&mut world, json!({"userid_list": "nobody", "text": "x"})).unwrap();
    let result = args(json!({"task_id": task["task_id"]}));
    let recall = args(json!({"msg_task_id": task["task_id"]})).refused_with(400_002);

    tokio::time::advance(Duration::from_secs(24 * 3_600 - 1)).await;
    assert_eq!(
        code(messages::send_result(&mut world, &result, &Permissions::default())),
        0
    );
    assert_eq!(code(messages::recall(&mut world, &recall, &Permissions::default())), 0);

    tokio::time::advance(Duration::from_secs(2)).await;
    assert_eq!(
        code(messages::send_result(&mut world, &result, &Permissions::default())),
        40_035
    );
    assert_eq!(
        code(messages::recall(&mut world, &recall, &Permissions::default())),
        400_002
    );
}

#[tokio::test(start_paused = true)]
async fn everybody_may_be_told_three_times_a_beijing_day() {
    let mut world = world();
    for text in ["a", "b", "c"] {
        assert_eq!(code(send(&mut world, json!({"to_all_user": "true", "text": text}))), 0);
    }
    assert_eq!(
        code(send(&mut world, json!({"to_all_user": true, "text": "d"}))),
        41_045
    );

    let delivered = world
        .notifications
        .tasks()
        .map(|task| task.receivers.len())
        .sum::<usize>();
    assert_eq!(delivered, 450);

    tokio::time::advance(Duration::from_secs(12 * 3_600)).await;
    assert_eq!(code(send(&mut world, json!({"to_all_user": true, "text": "d"}))), 0);
}

#[tokio::test(start_paused = true)]
async fn a_department_stands_for_everybody_in_it_and_below_it_once() {
    let mut world = world();
    let task = send(&mut world, json!({"dept_id_list": "1,2,-7", "text": "x"})).unwrap();
    let task = world.notifications.task(task["task_id"].as_i64().unwrap()).unwrap();
    assert_eq!(task.receivers.len(), 150);
    assert_eq!(task.invalid_dept_ids, [2, -7]);

    let many = vec!["a"; 101].join(",");
    assert_eq!(
        code(send(&mut world, json!({"userid_list": many, "text": "x"}))),
        40_035
    );
}

#[tokio::test(start_paused = true)]
async fn a_message_recalled_before_it_arrived_was_never_received() {
    let mut world = world();
    let userid = world.company.people_by_entry()[0].userid.clone();
    let mut tasks = Vec::new();

    for text in ["early", "late"] {
        let task = send(&mut world, json!({"userid_list": userid, "text": text})).unwrap();
        tasks.push(task["task_id"].clone());
        if text == "late" {
            tokio::time::advance(Duration::from_secs(1)).await;
        }
        let recall = args(json!({"msg_task_id": tasks.last()}));
        assert_eq!(code(messages::recall(&mut world, &recall, &Permissions::default())), 0);
    }

    let received = |task: &Value| {
        let task = world.notifications.task(task.as_i64().unwrap()).unwrap();
        task.received_by(&userid, world.now())
    };
    assert!(!received(&tasks[0]));
    assert!(received(&tasks[1]), "it was on the screen for a moment");
}
