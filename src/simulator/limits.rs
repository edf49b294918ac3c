//! Rate limits of one app on one API, and the figures about the calls that came in.

use std::{
    collections::{BTreeMap, HashSet, VecDeque},
    hash::{DefaultHasher, Hash, Hasher},
};

use chrono::{DateTime, FixedOffset, TimeDelta, Utc};
use serde_json::{Value, json};

use super::wire::Refusal;

/// China has had one time zone and no summer time since 1991.
pub(crate) fn beijing(at: DateTime<Utc>) -> DateTime<FixedOffset> {
    at.with_timezone(&FixedOffset::east_opt(8 * 3_600).expect("eight hours are a valid offset"))
}

/// The moments within the last second.
#[derive(Debug, Default)]
struct Window(VecDeque<DateTime<Utc>>);

impl Window {
    /// How many moments lie less than one second back.
    fn count(&mut self, now: DateTime<Utc>) -> usize {
        while self.0.front().is_some_and(|at| now - *at >= TimeDelta::seconds(1)) {
            self.0.pop_front();
        }
        self.0.len()
    }
}

/// What came in on one API, and what became of it.
#[derive(Debug, Default)]
struct ApiTraffic {
    served: Window,
    arrived: Window,
    total: u64,
    throttled: u64,
    faults: u64,
    peak_per_second: usize,
    /// Hashes of the arguments: enough to tell repeated calls from new ones.
    asked: HashSet<u64>,
}

/// So many different calls are told apart on one API: more than the largest company needs for a crawl.
const TOLD_APART: usize = 1 << 19;

/// Calls by path. Only known paths are counted, so this can't grow without bound.
#[derive(Debug)]
pub(crate) struct Limits {
    per_second: Option<u32>,
    apis: BTreeMap<String, ApiTraffic>,
}

impl Limits {
    /// `None` for no limit.
    pub(crate) fn new(per_second: Option<u32>) -> Self {
        Self {
            per_second,
            apis: BTreeMap::new(),
        }
    }

    /// Changes the limit.
    pub(crate) fn set(&mut self, per_second: Option<u32>) {
        self.per_second = per_second;
    }

    /// Counts a call that came in, whatever becomes of it. `arguments` are its own, without the token.
    pub(crate) fn arrived(&mut self, path: &str, arguments: &str, now: DateTime<Utc>) {
        let api = self.apis.entry(path.to_owned()).or_default();
        api.total += 1;
        if api.asked.len() < TOLD_APART {
            let mut hasher = DefaultHasher::new();
            arguments.hash(&mut hasher);
            api.asked.insert(hasher.finish());
        }
        api.arrived.0.push_back(now);
        api.peak_per_second = api.peak_per_second.max(api.arrived.count(now));
    }

    /// Counts a call that met a fault.
    pub(crate) fn faulted(&mut self, path: &str, throttled: bool) {
        let api = self.apis.entry(path.to_owned()).or_default();
        api.faults += 1;
        api.throttled += u64::from(throttled);
    }

    /// Lets the call pass or throttles it. Throttled calls don't use up the limit.
    pub(crate) fn admit(&mut self, path: &str, now: DateTime<Utc>) -> Result<(), Refusal> {
        let Some(per_second) = self.per_second else {
            return Ok(());
        };

        let api = self.apis.entry(path.to_owned()).or_default();
        if api.served.count(now) < per_second as usize {
            api.served.0.push_back(now);
            return Ok(());
        }
        api.throttled += 1;
        Err(throttled(path, now, per_second))
    }

    /// `{path: {total, distinct, throttled, faults, peak_per_second}}`; `distinct` counts calls with the same arguments
    /// once.
    pub(crate) fn report(&self) -> Value {
        let figures = |api: &ApiTraffic| {
            json!({"total": api.total, "distinct": api.asked.len(), "throttled": api.throttled, "faults": api.faults,
                   "peak_per_second": api.peak_per_second})
        };
        self.apis
            .iter()
            .map(|(path, api)| (path.clone(), figures(api)))
            .collect()
    }

    /// Forgets all figures and windows.
    pub(crate) fn clear(&mut self) {
        self.apis.clear();
    }
}

/// 90018. Its full text is not known; this is modelled on the confirmed text of 90002.
pub(crate) fn throttled(path: &str, now: DateTime<Utc>, limit: u32) -> Refusal {
    let what = "当前应用调用该接口次数过多，触发了qps流控，请求被暂时限制了";
    Refusal::gateway("90018", sentence(what, path, now, limit))
}

/// 90002: all apps of the platform together called this API too often.
pub(crate) fn platform_throttled(path: &str, now: DateTime<Utc>) -> Refusal {
    let what =
        "当前所有钉钉应用调用该接口次数过多，超出了该接口承受的最大qps，请求被暂时限制了，建议错开整点时刻调用该接口";
    Refusal::gateway("90002", sentence(what, path, now, 1_200))
}

fn sentence(what: &str, path: &str, now: DateTime<Utc>, limit: u32) -> String {
    let name = path.trim_start_matches("/topapi/").replace('/', ".");
    let from = beijing(now).format("%F %T");
    let end = beijing(now + TimeDelta::seconds(1)).format("%F %T");
    format!(
        "{what}, apiPath(dingtalk.oapi.{name}), 从 {from} 到 {from} 请求总次数超过 {limit} 次, 限制将在 {end} 结束."
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_twenty_first_call_within_any_second_is_throttled_and_only_on_its_own_api() {
        let mut limits = Limits::new(Some(20));
        let at = |ms| DateTime::UNIX_EPOCH + TimeDelta::milliseconds(ms);
        for call in 0..20 {
            limits.arrived("/topapi/a", "{}", at(call * 40));
            assert!(limits.admit("/topapi/a", at(call * 40)).is_ok());
        }

        assert!(limits.admit("/topapi/a", at(999)).is_err());
        assert!(limits.admit("/topapi/b", at(999)).is_ok());
        assert!(
            limits.admit("/topapi/a", at(1_000)).is_ok(),
            "the first call left the window"
        );
        assert!(limits.admit("/topapi/a", at(1_001)).is_err());
        assert_eq!(limits.report()["/topapi/a"]["throttled"], 2);
        assert_eq!(limits.report()["/topapi/a"]["peak_per_second"], 20);

        limits.arrived("/topapi/a", "{\"userid\":\"1\"}", at(3_000));
        assert_eq!(limits.report()["/topapi/a"]["total"], 21);
        assert_eq!(limits.report()["/topapi/a"]["distinct"], 2);
    }

    #[test]
    fn the_platform_throttle_reads_as_captured() {
        let at = DateTime::parse_from_rfc3339("2026-09-03T00:01:02+08:00")
            .unwrap()
            .to_utc();
        let Refusal::Gateway { code, message } = platform_throttled("/topapi/v2/department/listsub", at) else {
            panic!("it is the gateway that throttles")
        };

        assert_eq!(code, "90002");
        assert!(message.ends_with(
            "apiPath(dingtalk.oapi.v2.department.listsub), 从 2026-09-03 00:01:02 到 2026-09-03 00:01:02 \
             请求总次数超过 1200 次, 限制将在 2026-09-03 00:01:03 结束."
        ));
    }
}
