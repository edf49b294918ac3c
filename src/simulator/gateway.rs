//! A call's way through the platform: faults around it, then name, token, permission, throttle, parameters, scope and
//! existence.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::faults::{FaultKind, FaultRule, Stage};
use super::limits::{platform_throttled, throttled};
use super::wire::{Call, CallArgs, CallResult, Fields, Refusal};
use super::world::World;
use super::{newapi, oapi};

/// True for every path this simulator serves beside the control API.
pub(crate) fn is_known(path: &str) -> bool {
    path == "/gettoken" || newapi::PATHS.contains(&path) || oapi::APIS.iter().any(|api| api.path == path)
}

impl World {
    /// Counts a call of a known API and gives the fault around it, if there is one.
    pub(super) fn arrive(&mut self, call: &Call) -> Option<FaultRule> {
        if !is_known(&call.path) {
            return None;
        }
        let now = self.now();
        self.limits.arrived(&call.path, &call.args.fingerprint(), now);
        let rule = self.faults.strike(&call.path, &call.args, Stage::Edge)?;
        self.limits.faulted(&call.path, false);
        Some(rule)
    }

    /// Serves a call of the old API in the platform's order of checks: name, token, permission, throttle, parameters,
    /// then scope and existence.
    pub(crate) fn serve(&mut self, call: &Call) -> CallResult {
        if call.path == "/gettoken" {
            return self.behind_the_gateway(&call.path, &call.args, oapi::gettoken);
        }

        let api = oapi::APIS
            .iter()
            .find(|api| api.path == call.path)
            .ok_or_else(|| unknown(call))?;
        let permissions = self.tokens.check(call.token.as_deref(), self.now(), call.is_topapi())?;
        permissions.check(api.point, &self.config.app_key)?;

        let args = call.args.refused_with(api.bad_parameter);
        self.behind_the_gateway(&call.path, &args, |world, args| {
            if call.malformed {
                return Err(Refusal::business(47_001, "不合法的JSON格式"));
            }
            (api.handler)(world, args, &permissions)
        })
    }

    /// Throttle, then faults of the service, then the call itself.
    fn behind_the_gateway(
        &mut self,
        path: &str,
        args: &CallArgs,
        handler: impl FnOnce(&mut Self, &CallArgs) -> CallResult,
    ) -> CallResult {
        let now = self.now();
        self.limits.admit(path, now)?;
        let Some(rule) = self.faults.strike(path, args, Stage::Service) else {
            return handler(self, args);
        };

        self.limits.faulted(path, rule.kind.is_throttle());
        match rule.kind {
            FaultKind::MissingResult => handler(self, args).map(|_| Fields::new()),
            FaultKind::EmptyList => handler(self, args).map(emptied),
            _ => {
                if rule.after_effect {
                    // The caller will never learn what came of it; that is the point.
                    let _ = handler(self, args);
                }
                Err(self.refusal(&rule, path, now))
            }
        }
    }

    fn refusal(&self, rule: &FaultRule, path: &str, now: DateTime<Utc>) -> Refusal {
        match &rule.kind {
            FaultKind::Throttle => throttled(path, now, self.config.rate_limit_per_second.unwrap_or(20)),
            FaultKind::PlatformThrottle => platform_throttled(path, now),
            FaultKind::Timeout15 => Refusal::Timeout,
            FaultKind::EmptySubCode88 => Refusal::gateway("", ""),
            FaultKind::MonthlyQuota => Refusal::business(
                90_020,
                "您的企业本月api调用量已超过限制,调用量:10001次,额度:10000次,请登录开发者后台-资源管理-查看用量明细",
            ),
            FaultKind::Errcode {
                code,
                msg,
                wrapped: true,
            } => Refusal::gateway(code.to_string(), msg.clone()),
            FaultKind::Errcode { code, msg, .. } => Refusal::business(*code, msg.clone()),
            _ => Refusal::business(-1, "系统繁忙"),
        }
    }
}

/// 22 on topapi, 404 elsewhere: a misspelt path is found before the token is looked at.
fn unknown(call: &Call) -> Refusal {
    match call.path.strip_prefix("/topapi/") {
        Some(name) => Refusal::UnknownApi {
            name: format!("dingtalk.oapi.{}", name.trim_end_matches('/').replace('/', ".")),
        },
        None => Refusal::business(404, "请求的URI地址不存在"),
    }
}

/// The same answer with nothing in its lists, and no further page.
fn emptied(mut answer: Fields) -> Fields {
    for value in answer.values_mut() {
        match value {
            Value::Array(list) => list.clear(),
            Value::Object(object) => {
                object.values_mut().filter_map(Value::as_array_mut).for_each(Vec::clear);
                object.remove("next_cursor");
                if let Some(more) = object.get_mut("has_more") {
                    *more = json!(false);
                }
            }
            _ => {}
        }
    }
    answer
}
