//! Faults on demand: rules that make calls fail in the ways the real platform fails.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::wire::CallArgs;

/// What goes wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum FaultKind {
    /// 88/90018, the app called this API too often.
    Throttle,
    /// 88/90002, everybody called this API too often.
    PlatformThrottle,
    /// -1, 系统繁忙.
    Busy,
    /// 15, the service behind the gateway took more than 3 s.
    Timeout15,
    /// 88 with an empty sub_code, the authorisation service timed out.
    #[serde(rename = "empty_sub_code_88")]
    EmptySubCode88,
    /// 90020, the month's calls are used up.
    MonthlyQuota,
    /// Any other refusal of the service.
    Errcode {
        /// The `errcode`.
        code: i64,
        /// The `errmsg`.
        msg: String,
        /// True when it is the gateway that refuses: 88 with this code as its `sub_code` on topapi.
        #[serde(default)]
        wrapped: bool,
    },
    /// The answer says 0 and has nothing else.
    MissingResult,
    /// The answer's lists are empty, as if nobody were there.
    EmptyList,
    /// The public address is banned: an HTML page.
    HtmlBan,
    /// The public address is banned: JSON without an errcode.
    PunishJson,
    /// Exactly this, whatever it is: any code on any call in any form, or any page.
    Answer {
        /// The HTTP status.
        #[serde(default = "ok")]
        status: u16,
        /// JSON; a text is sent as it is.
        body: Value,
    },
    /// The answer comes late.
    Slow {
        /// How late, in milliseconds.
        ms: u64,
    },
    /// The answer is cut off in the middle.
    TruncatedJson,
    /// The connection ends without an answer.
    CloseConnection,
    /// A list by pages that never ends: nobody is on any page, and there is always another one.
    Endless,
    /// Where this text stands in an answer, there is something that is no text: half an emoji, or bytes that aren't
    /// UTF-8.
    Garbled {
        /// The text.
        text: String,
        /// Whether it is bytes that aren't UTF-8.
        #[serde(default)]
        bytes: bool,
    },
}

/// Where on a call's way a fault strikes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Around the call: in the network or at the firewall.
    Edge,
    /// Behind token, permission and rate limit.
    Service,
    /// In the answer that is sent, beside whatever else strikes.
    Answer,
}

impl FaultKind {
    fn stage(&self) -> Stage {
        match self {
            Self::HtmlBan
            | Self::PunishJson
            | Self::Answer { .. }
            | Self::Slow { .. }
            | Self::TruncatedJson
            | Self::CloseConnection
            | Self::Endless => Stage::Edge,
            Self::Garbled { .. } => Stage::Answer,
            _ => Stage::Service,
        }
    }

    /// True for the two throttles.
    pub(crate) fn is_throttle(&self) -> bool {
        matches!(self, Self::Throttle | Self::PlatformThrottle)
    }
}

/// A rule: which calls fail, how, and how often.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FaultRule {
    /// Given by the simulator.
    #[serde(default)]
    pub(crate) id: u64,
    /// A path such as `/topapi/v2/user/get`, or `*`.
    #[serde(default = "any")]
    pub(crate) api: String,
    /// What goes wrong.
    #[serde(flatten)]
    pub(crate) kind: FaultKind,
    /// Only calls about this department.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) dept_id: Option<i64>,
    /// Only calls about this person, or a notification that has it among its receivers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) userid: Option<String>,
    /// Only questions about this send.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) task_id: Option<i64>,
    /// How many calls fail; absent for all of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) count: Option<u64>,
    /// How many calls are let through first.
    #[serde(default)]
    pub(crate) skip: u64,
    /// True when the call takes effect at once and only its answer is lost, or late: the "unknown outcome" of a
    /// notification.
    #[serde(default)]
    pub(crate) after_effect: bool,
    /// How many calls failed so far.
    #[serde(default)]
    pub(crate) struck: u64,
}

fn ok() -> u16 {
    200
}

fn any() -> String {
    "*".to_owned()
}

impl FaultRule {
    fn matches(&self, path: &str, args: &CallArgs) -> bool {
        let department = self
            .dept_id
            .is_none_or(|dept_id| args.int("dept_id") == Ok(Some(dept_id)));
        let person = self.userid.as_deref().is_none_or(|userid| {
            let named = |name| args.text(name).ok().flatten().unwrap_or_default();
            named("userid") == userid || named("userid_list").split(',').any(|one| one == userid)
        });
        let send = self.task_id.is_none_or(|task_id| {
            let asked = |name| args.int(name) == Ok(Some(task_id));
            asked("task_id") || asked("msg_task_id")
        });

        (self.api == "*" || self.api == path) && department && person && send
    }
}

/// The rules in force, in the order they were added.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    rules: Vec<FaultRule>,
    next_id: u64,
}

impl Faults {
    /// Adds a rule and gives its id.
    pub(crate) fn add(&mut self, mut rule: FaultRule) -> u64 {
        self.next_id += 1;
        (rule.id, rule.struck) = (self.next_id, 0);
        self.rules.push(rule);
        self.next_id
    }

    /// The first key that no rule has. A misspelt one must not silently make a rule wider.
    pub(crate) fn unknown_key(rule: &Value) -> Option<&str> {
        const KNOWN: [&str; 18] = [
            "id",
            "api",
            "kind",
            "dept_id",
            "userid",
            "task_id",
            "count",
            "skip",
            "after_effect",
            "struck",
            "ms",
            "code",
            "msg",
            "wrapped",
            "status",
            "body",
            "text",
            "bytes",
        ];

        rule.as_object()?
            .keys()
            .map(String::as_str)
            .find(|key| !KNOWN.contains(key))
    }

    /// Removes one rule, or all; gives how many went.
    pub(crate) fn remove(&mut self, id: Option<u64>) -> usize {
        let before = self.rules.len();
        self.rules.retain(|rule| id.is_some_and(|id| rule.id != id));
        before - self.rules.len()
    }

    /// The rules in force, used-up ones included, with how often each struck.
    pub(crate) fn rules(&self) -> &[FaultRule] {
        &self.rules
    }

    /// What stands in this call's answer in the place of which text.
    pub(crate) fn garbles(&self, path: &str, args: &CallArgs) -> Vec<(String, &'static [u8])> {
        let rules = self.rules.iter().filter(|rule| rule.matches(path, args));
        let garbled = rules.filter_map(|rule| match &rule.kind {
            FaultKind::Garbled { text, bytes: true } => Some((text.clone(), b"\xff\xfe".as_slice())),
            FaultKind::Garbled { text, bytes: false } => Some((text.clone(), br"\ud83d".as_slice())),
            _ => None,
        });
        garbled.collect()
    }

    /// The first rule that strikes this call at this stage, used up by one.
    pub(crate) fn strike(&mut self, path: &str, args: &CallArgs, stage: Stage) -> Option<FaultRule> {
        let used_up = |rule: &FaultRule| rule.count.is_some_and(|count| rule.struck >= count);

        for rule in &mut self.rules {
            if rule.kind.stage() != stage || used_up(rule) || !rule.matches(path, args) {
                continue;
            }
            if rule.skip > 0 {
                rule.skip -= 1;
                continue;
            }

            rule.struck += 1;
            return Some(rule.clone());
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::simulator::wire::fields;

    #[test]
    fn a_rule_skips_then_strikes_as_often_as_it_says_and_only_what_it_names() {
        let mut faults = Faults::default();
        let rule = json!({"api": "/topapi/v2/user/list", "kind": "busy", "dept_id": 7, "skip": 1, "count": 2});
        faults.add(serde_json::from_value(rule).unwrap());
        let seven = CallArgs::new(fields(json!({"dept_id": "7"})));
        let eight = CallArgs::new(fields(json!({"dept_id": 8})));
        let strikes = |faults: &mut Faults, args| faults.strike("/topapi/v2/user/list", args, Stage::Service).is_some();

        assert!(!strikes(&mut faults, &eight));
        assert!(!strikes(&mut faults, &seven));
        assert!(strikes(&mut faults, &seven));
        assert!(faults.strike("/topapi/v2/user/get", &seven, Stage::Service).is_none());
        assert!(strikes(&mut faults, &seven));
        assert!(!strikes(&mut faults, &seven));
        assert_eq!(faults.rules()[0].struck, 2);
    }

    #[test]
    fn every_kind_is_read_from_its_documented_name() {
        for kind in [
            "throttle",
            "platform_throttle",
            "busy",
            "timeout15",
            "empty_sub_code_88",
            "monthly_quota",
            "missing_result",
            "empty_list",
            "html_ban",
            "punish_json",
            "truncated_json",
            "close_connection",
            "endless",
        ] {
            assert!(
                serde_json::from_value::<FaultRule>(json!({"kind": kind})).is_ok(),
                "{kind}"
            );
        }

        assert!(serde_json::from_value::<FaultRule>(json!({"kind": "slow", "ms": 5})).is_ok());
        assert!(serde_json::from_value::<FaultRule>(json!({"kind": "garbled", "text": "x", "bytes": true})).is_ok());
        assert!(serde_json::from_value::<FaultRule>(json!({"kind": "answer", "body": {"errcode": 1}})).is_ok());
        assert!(
            serde_json::from_value::<FaultRule>(json!({"kind": "answer", "status": 403, "body": "<html>"})).is_ok()
        );
        assert!(serde_json::from_value::<FaultRule>(json!({"kind": "errcode", "code": 1, "msg": "x"})).is_ok());
    }
}
