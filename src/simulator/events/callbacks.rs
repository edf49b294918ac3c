//! `/call_back/…`: subscribing to pushes by the API, and fetching what could not be pushed.

use std::time::Duration;

use serde_json::{Value, json};

use super::log::PushSubscription;
use super::push::push;
use crate::simulator::permissions::Permissions;
use crate::simulator::state::SimulatorState;
use crate::simulator::wire::{Call, CallArgs, CallResult, Fields, Refusal, fields};
use crate::simulator::world::World;

/// How many failed events one call gives.
const MOST_FAILED: usize = 200;
const REGISTER: &str = "/call_back/register_call_back";
const UPDATE: &str = "/call_back/update_call_back";

/// `register_call_back`: checks what can be checked without asking the URL.
pub(crate) fn register(world: &mut World, args: &CallArgs, _: &Permissions) -> CallResult {
    if world.events.subscription.is_some() {
        return Err(Refusal::business(71_006, "回调地址已经存在"));
    }
    subscription(world, args).map(|_| Fields::new())
}

/// `update_call_back`.
pub(crate) fn update(world: &mut World, args: &CallArgs, _: &Permissions) -> CallResult {
    existing(world)?;
    subscription(world, args).map(|_| Fields::new())
}

/// `get_call_back`.
pub(crate) fn get(world: &mut World, _: &CallArgs, _: &Permissions) -> CallResult {
    let found = existing(world)?;
    Ok(fields(
        json!({"call_back_tag": found.tags, "token": found.token, "aes_key": found.aes_key, "url": found.url}),
    ))
}

/// `delete_call_back`.
pub(crate) fn delete(world: &mut World, _: &CallArgs, _: &Permissions) -> CallResult {
    existing(world)?;
    world.events.subscription = None;
    Ok(Fields::new())
}

/// `get_call_back_failed_result`: reading clears.
pub(crate) fn failed(world: &mut World, _: &CallArgs, _: &Permissions) -> CallResult {
    let (failed_list, has_more) = world.events.take_failed(MOST_FAILED);
    Ok(fields(json!({"has_more": has_more, "failed_list": failed_list})))
}

fn existing(world: &World) -> Result<&PushSubscription, Refusal> {
    world
        .events
        .subscription
        .as_ref()
        .ok_or_else(|| Refusal::business(71_007, "回调地址不存在"))
}

/// The subscription of these arguments. Registered ones are encrypted for the CorpId.
fn subscription(world: &World, args: &CallArgs) -> Result<PushSubscription, Refusal> {
    let tags = match args.value("call_back_tag") {
        Some(Value::Array(tags)) if !tags.is_empty() => {
            let text = |tag: &Value| tag.as_str().map(str::to_owned);
            tags.iter().map(text).collect::<Option<Vec<String>>>()
        }
        _ => None,
    };
    let tags = tags.ok_or_else(|| Refusal::business(71_008, "不合法的call_back_tag"))?;

    let (url, token) = (args.required_text("url")?, args.required_text("token")?);
    let aes_key = args.required_text("aes_key")?;
    let owner = world.config.corp_id.clone();
    let subscription = PushSubscription {
        url,
        token,
        aes_key,
        owner,
        tags,
    };

    match subscription.is_usable() {
        true => Ok(subscription),
        false => Err(Refusal::business(900_004, "不合法的aeskey")),
    }
}

/// Registering and updating end with a `check_url` that the URL must answer, which takes time.
pub(crate) async fn finish(shared: &SimulatorState, call: &Call) -> Result<(), Refusal> {
    if call.path != REGISTER && call.path != UPDATE {
        return Ok(());
    }

    let (subscription, now) = {
        let world = shared.world();
        (subscription(&world, &call.args)?, world.now())
    };

    let body = json!({"EventType": "check_url"});
    let pushed = push(&subscription, &body, now.timestamp_millis(), Duration::from_secs(5)).await;
    pushed.map_err(|failed| Refusal::business(failed.code, failed.reason))?;
    shared.world().events.subscription = Some(subscription);
    Ok(())
}
