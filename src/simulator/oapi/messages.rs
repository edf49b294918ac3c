//! `/topapi/message/corpconversation/…`: work notifications.

use std::collections::HashSet;

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::simulator::company::Company;
use crate::simulator::notifications::{ReceiverOutcome, Task, validate};
use crate::simulator::permissions::Permissions;
use crate::simulator::wire::{CallArgs, CallResult, Fields, Refusal, fields};
use crate::simulator::world::World;

/// Userids in one call, as documented. The SDK lets 5,000 pass; the smaller number finds more mistakes.
const MOST_USERS: usize = 100;
/// Departments in one call, as documented.
const MOST_DEPARTMENTS: usize = 20;
/// Receivers of one call after departments are resolved.
const MOST_RECEIVERS: usize = 5_000;

/// `asyncsend_v2`: accepted is not delivered. Unknown people don't fail the call.
pub(super) fn send(world: &mut World, args: &CallArgs, _: &Permissions) -> CallResult {
    check_agent(world, args)?;
    let to_all_user = args.flag("to_all_user")?.unwrap_or(false);
    let users = list(args, "userid_list", MOST_USERS)?;
    let departments = list(args, "dept_id_list", MOST_DEPARTMENTS)?;
    if users.is_none() && departments.is_none() && !to_all_user {
        return Err(args.missing("userid_list or dept_id_list"));
    }

    let msg = args
        .object("msg")
        .map_err(|_| Refusal::business(34_014, "会话消息的json结构无效或不完整"))?;
    let msg = msg.ok_or_else(|| args.missing("msg"))?;
    validate(&msg)?;
    let has_status_bar = msg.get("oa").is_some_and(|oa| oa.get("status_bar").is_some());
    if has_status_bar && (to_all_user || departments.is_some() || users.as_ref().is_some_and(|users| users.len() > 5)) {
        return Err(args.bad("status_bar"));
    }

    let now = world.now();
    if to_all_user && !world.notifications.may_send_to_all(now) {
        return Err(Refusal::business(41_045, "超过发送全员消息的次数上限"));
    }

    let mut task = Task::new(Value::Object(msg), to_all_user);
    let receivers = receivers(&world.company, &mut task, users, departments)?;
    let task_id = world.notifications.accept(now, task, receivers);
    Ok(fields(json!({"task_id": task_id})))
}

fn check_agent(world: &World, args: &CallArgs) -> Result<(), Refusal> {
    let bad = || Refusal::business(40_056, "不合法的agentid");
    match args.int("agent_id").map_err(|_| bad())? {
        None => Err(Refusal::business(41_011, "缺少agentid")),
        Some(agent_id) if agent_id != world.config.agent_id => Err(bad()),
        Some(_) => Ok(()),
    }
}

/// A comma-separated list. An empty text is an error, which has surprised many.
fn list(args: &CallArgs, name: &str, most: usize) -> Result<Option<Vec<String>>, Refusal> {
    let Some(text) = args.text(name)? else { return Ok(None) };
    let items: Vec<String> = text.split(',').map(|item| item.trim().to_owned()).collect();
    if items.iter().any(String::is_empty) || items.len() > most {
        return Err(args.bad(name));
    }
    Ok(Some(items))
}

/// Everybody once, in the order named; what is unknown goes to the task's invalid lists.
fn receivers(
    company: &Company,
    task: &mut Task,
    users: Option<Vec<String>>,
    departments: Option<Vec<String>>,
) -> Result<Vec<String>, Refusal> {
    let mut receivers = Vec::new();
    for userid in users.into_iter().flatten() {
        match company.person(&userid) {
            Some(_) => receivers.push(userid),
            None => task.invalid_user_ids.push(userid),
        }
    }

    for text in departments.into_iter().flatten() {
        let dept_id: i64 = text
            .parse()
            .map_err(|_| Refusal::business(40_035, "不合法的参数:dept_id_list"))?;
        match company.department(dept_id) {
            Some(department) if !department.is_home_school() => {
                let below = company.subtree(dept_id);
                receivers.extend(
                    below
                        .iter()
                        .flat_map(|id| company.members(*id))
                        .map(|one| one.userid.clone()),
                );
            }
            _ => task.invalid_dept_ids.push(dept_id),
        }
    }

    if task.to_all_user {
        receivers.extend(
            company
                .people_by_entry()
                .into_iter()
                .map(|person| person.userid.clone()),
        );
    }

    let mut seen = HashSet::new();
    receivers.retain(|userid| seen.insert(userid.clone()));
    if !task.to_all_user {
        // Beyond the limit the call still succeeds and the rest is dropped in silence.
        receivers.truncate(MOST_RECEIVERS);
    }
    Ok(receivers)
}

/// `getsendprogress`.
pub(super) fn progress(world: &mut World, args: &CallArgs, _: &Permissions) -> CallResult {
    check_agent(world, args)?;
    let now = world.now();
    let (status, percent) = task(world, args, "task_id")?.progress(now);
    Ok(fields(
        json!({"progress": {"progress_in_percent": percent, "status": status}}),
    ))
}

/// `getsendresult`: for a day, and for at most 100 receivers. Who is in no list yet is still in progress.
pub(super) fn send_result(world: &mut World, args: &CallArgs, _: &Permissions) -> CallResult {
    check_agent(world, args)?;
    let now = world.now();
    let task = task(world, args, "task_id")?;
    if task.receivers.len() > MOST_USERS {
        return Err(Refusal::business(41_052, "消息接收者过多，无法查询结果: 调用超时"));
    }
    if now - task.sent_at > TimeDelta::hours(24) {
        return Err(args.bad("task_id"));
    }

    let done = task.progress(now).0 == 2;
    let mut lists = fields(
        json!({"failed_user_id_list": [], "invalid_dept_id_list": [], "invalid_user_id_list": [],
        "read_user_id_list": [], "unread_user_id_list": [], "forbidden_list": []}),
    );
    if done {
        fill(&mut lists, task);
    }
    Ok(fields(json!({"send_result": lists})))
}

fn fill(lists: &mut Fields, task: &Task) {
    let delivered = |read: bool| -> Value {
        let of = task
            .receivers
            .iter()
            .filter(|one| one.outcome == ReceiverOutcome::Delivered && one.read == read);
        of.map(|one| one.userid.as_str()).collect()
    };

    let forbidden: Vec<Value> = task
        .receivers
        .iter()
        .filter_map(|one| match one.outcome {
            // The code is a text, the count a number.
            ReceiverOutcome::Forbidden { code, count } => {
                Some(json!({"code": code.to_string(), "count": count, "userid": one.userid}))
            }
            ReceiverOutcome::Delivered => None,
        })
        .collect();

    if !forbidden.is_empty() {
        // Absent when there is nobody in it, unlike the other lists.
        let userids: Value = forbidden.iter().map(|one| one["userid"].clone()).collect();
        lists.insert("forbidden_user_id_list".to_owned(), userids);
    }
    lists.insert("forbidden_list".to_owned(), Value::Array(forbidden));
    lists.insert("invalid_user_id_list".to_owned(), json!(task.invalid_user_ids));
    lists.insert("invalid_dept_id_list".to_owned(), json!(task.invalid_dept_ids));
    lists.insert("read_user_id_list".to_owned(), delivered(true));
    lists.insert("unread_user_id_list".to_owned(), delivered(false));
}

/// `recall`, which names its task differently: `msg_task_id`.
pub(super) fn recall(world: &mut World, args: &CallArgs, _: &Permissions) -> CallResult {
    check_agent(world, args).map_err(|_| args.bad("agent_id"))?;
    let now = world.now();
    let task_id = args.required_int("msg_task_id")?;
    let task = world
        .notifications
        .task_mut(task_id)
        .ok_or_else(|| args.bad("msg_task_id"))?;
    if now - task.sent_at > TimeDelta::hours(24) {
        return Err(args.bad("msg_task_id"));
    }
    task.recalled_at.get_or_insert(now);
    Ok(Fields::new())
}

/// `status_bar/update`: OA messages with few receivers, once they are delivered.
pub(super) fn status_bar(world: &mut World, args: &CallArgs, _: &Permissions) -> CallResult {
    check_agent(world, args)?;
    let (value, colour) = (args.required_text("status_value")?, args.text("status_bg")?);
    let now = world.now();
    let task_id = args.required_int("task_id")?;
    let task = world
        .notifications
        .task_mut(task_id)
        .ok_or_else(|| args.bad("task_id"))?;

    if task.msg["msgtype"] != "oa" || now - task.sent_at > TimeDelta::days(7) {
        return Err(args.bad("task_id"));
    }
    if task.receivers.len() > 5 || task.progress(now).0 < 2 {
        return Err(Refusal::business(41_052, "消息接收者过多或者消息还未发送完成"));
    }

    task.status_bar = Some((value, colour));
    Ok(Fields::new())
}

fn task<'a>(world: &'a World, args: &CallArgs, name: &str) -> Result<&'a Task, Refusal> {
    world
        .notifications
        .task(args.required_int(name)?)
        .ok_or_else(|| args.bad(name))
}
