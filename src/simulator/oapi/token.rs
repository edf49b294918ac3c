//! `GET /gettoken`. Its errors are never wrapped and carry no request id.

use serde_json::json;

use crate::simulator::tokens::LIFETIME;
use crate::simulator::wire::{CallArgs, CallResult, Refusal, fields};
use crate::simulator::world::World;

/// The token for an app key and its secret, in exchange for exactly those.
pub(crate) fn gettoken(world: &mut World, args: &CallArgs) -> CallResult {
    let missing = || Refusal::business(40_035, "缺少参数 corpid or appkey");
    let named = |name: &str| args.text(name).ok().flatten().filter(|text| !text.is_empty());
    let (key, secret) = match (named("appkey"), named("appsecret")) {
        (Some(key), Some(secret)) => (key, secret),
        (None, _) if named("corpid").is_some() && named("corpsecret").is_some() => {
            return Err(Refusal::business(40_089, "不合法的corpid或corpsecret"));
        }
        _ => return Err(missing()),
    };

    match world.token(&key, &secret, "/gettoken") {
        Some(token) => Ok(fields(json!({"access_token": token, "expires_in": LIFETIME}))),
        None => Err(Refusal::business(40_096, "不合法的appKey或appSecret")),
    }
}
