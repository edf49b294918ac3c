//! What came in over the wire, and how it is hindered.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Control, ControlResult, many, parse, refused};
use crate::simulator::faults::{FaultRule, Faults};
use crate::simulator::gateway::is_known;

impl Control {
    /// Calls by path: `{apis: {path: {total, distinct, throttled, faults, peak_per_second}}}`.
    pub fn calls(&self) -> Value {
        json!({"apis": self.shared.world().limits.report()})
    }

    /// Forgets the figures of [`Control::calls`].
    pub fn forget_calls(&self) {
        self.shared.world().limits.clear();
    }

    /// Changes the rate limit: `{rate_limit_per_second}`, a number or null for none.
    pub fn set_limits(&self, body: Value) -> ControlResult {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Limits {
            rate_limit_per_second: Value,
        }
        let limits: Limits = parse(body)?;
        let per_second: Option<u32> = parse(limits.rate_limit_per_second)?;
        self.shared.world().limits.set(per_second);
        Ok(json!({"rate_limit_per_second": per_second}))
    }

    /// The fault rules in force: `{rules: […]}`.
    pub fn faults(&self) -> Value {
        json!({"rules": self.shared.world().faults.rules()})
    }

    /// Adds a rule, or an array of them: `{ids: […]}`.
    pub fn add_faults(&self, body: Value) -> ControlResult {
        let unknown = match &body {
            Value::Array(rules) => rules.iter().find_map(Faults::unknown_key),
            rule => Faults::unknown_key(rule),
        };
        if let Some(unknown) = unknown {
            return Err(refused(format!(
                "{unknown}: no rule has such a key; GET /control shows those it may have"
            )));
        }

        let rules: Vec<FaultRule> = many(body)?;
        if let Some(rule) = rules.iter().find(|rule| rule.api != "*" && !is_known(&rule.api)) {
            return Err(refused(format!(
                "api: {:?} is not served; give a path such as /topapi/v2/user/get, or *",
                rule.api
            )));
        }

        let mut world = self.shared.world();
        let ids: Vec<u64> = rules.into_iter().map(|rule| world.faults.add(rule)).collect();
        Ok(json!({"ids": ids}))
    }

    /// Removes one rule, or all of them: `{removed}`.
    pub fn remove_faults(&self, id: Option<u64>) -> Value {
        json!({"removed": self.shared.world().faults.remove(id)})
    }

    /// Makes every token unknown.
    pub fn expire_tokens(&self) {
        self.shared.world().tokens.expire();
    }

    /// Who asked for tokens: `{total, issued, recent}`.
    pub fn token_requests(&self) -> Value {
        self.shared.world().tokens.report()
    }
}
