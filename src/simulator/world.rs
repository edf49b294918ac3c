//! Everything the simulated platform knows, and how a call goes through it.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::SimulatorConfig;
use super::company::{Company, Newcomer, generate};
use super::events::Events;
use super::faults::{Faults, Kind, Rule, Stage};
use super::leavers::Leavers;
use super::limits::{Limits, platform_throttled, throttled};
use super::notifications::Notifications;
use super::oapi::{self, APIS, Answer};
use super::permissions::Permissions;
use super::random::Random;
use super::scope::Scope;
use super::tokens::Tokens;
use super::wire::{Args, Call, Fields, Refusal, RequestIds};

/// The whole state. It lives behind one mutex that is never held across an await.
pub(crate) struct World {
    pub(crate) config: Arc<SimulatorConfig>,
    /// Shared, so that a long look at it needs no lock; changed through [`World::company_mut`].
    pub(crate) company: Arc<Company>,
    pub(crate) newcomer: Newcomer,
    pub(crate) random: Random,
    pub(crate) scope: Scope,
    pub(crate) permissions: Permissions,
    pub(crate) tokens: Tokens,
    pub(crate) limits: Limits,
    pub(crate) faults: Faults,
    pub(crate) notifications: Notifications,
    pub(crate) events: Events,
    pub(crate) leavers: Leavers,
    pub(crate) request_ids: RequestIds,
}

impl World {
    /// A fresh platform with the company of this configuration.
    pub(crate) fn new(config: Arc<SimulatorConfig>) -> Self {
        let (company, newcomer, random) = generate(&config);

        Self {
            company: Arc::new(company),
            newcomer,
            random,
            scope: Scope::default(),
            permissions: Permissions::default(),
            tokens: Tokens::default(),
            limits: Limits::new(config.rate_limit_per_second),
            faults: Faults::default(),
            notifications: Notifications::new(config.deliver_after, config.receivers_per_minute),
            events: Events::default(),
            leavers: Leavers::default(),
            request_ids: RequestIds::new(config.seed),
            config,
        }
    }

    /// The simulated time.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.config.clock.now()
    }

    /// The company, to be changed; whoever looks at it keeps seeing it as it was.
    pub(crate) fn company_mut(&mut self) -> &mut Company {
        Arc::make_mut(&mut self.company)
    }

    /// A token for the right credentials; every request is recorded.
    pub(crate) fn token(&mut self, key: &str, secret: &str, path: &str) -> Option<String> {
        let now = self.now();
        let right = key == self.config.app_key && secret == self.config.app_secret;
        self.tokens.record(now, path, key, right);
        right.then(|| self.tokens.issue(now, &self.permissions))
    }

    /// Serves a call of the old API in the platform's order of checks: name, token, permission, throttle, parameters,
    /// then scope and existence.
    pub(crate) fn serve(&mut self, call: &Call) -> Answer {
        if call.path == "/gettoken" {
            return self.behind_the_gateway(&call.path, &call.args, oapi::gettoken);
        }

        let api = APIS
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
        args: &Args,
        handler: impl FnOnce(&mut Self, &Args) -> Answer,
    ) -> Answer {
        let now = self.now();
        self.limits.admit(path, now)?;
        let Some(rule) = self.faults.strike(path, args, Stage::Service) else {
            return handler(self, args);
        };

        self.limits.faulted(path, rule.kind.is_throttle());
        match rule.kind {
            Kind::MissingResult => handler(self, args).map(|_| Fields::new()),
            Kind::EmptyList => handler(self, args).map(emptied),
            _ => {
                if rule.after_effect {
                    // The caller will never learn what came of it; that is the point.
                    let _ = handler(self, args);
                }
                Err(self.refusal(&rule, path, now))
            }
        }
    }

    fn refusal(&self, rule: &Rule, path: &str, now: DateTime<Utc>) -> Refusal {
        match &rule.kind {
            Kind::Throttle => throttled(path, now, self.config.rate_limit_per_second.unwrap_or(20)),
            Kind::PlatformThrottle => platform_throttled(path, now),
            Kind::Timeout15 => Refusal::Timeout,
            Kind::EmptySubCode88 => Refusal::gateway("", ""),
            Kind::MonthlyQuota => Refusal::business(
                90_020,
                "您的企业本月api调用量已超过限制,调用量:10001次,额度:10000次,请登录开发者后台-资源管理-查看用量明细",
            ),
            Kind::Errcode {
                code,
                msg,
                wrapped: true,
            } => Refusal::gateway(code.to_string(), msg.clone()),
            Kind::Errcode { code, msg, .. } => Refusal::business(*code, msg.clone()),
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
    use serde_json::{Value, json};

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
