//! Who left: `GET /v1.0/contact/empLeaveRecords` of the new API.

use std::collections::VecDeque;

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};

use super::wire::CallArgs;

/// How many are remembered.
const REMEMBERED: usize = 10_000;
/// The largest page.
const LARGEST_PAGE: i64 = 50;

struct Leaver {
    left_at: DateTime<Utc>,
    userid: String,
    name: String,
    mobile: String,
}

/// The people who left since the start, the oldest first.
#[derive(Default)]
pub(crate) struct Leavers(VecDeque<Leaver>);

impl Leavers {
    /// Somebody left.
    pub(crate) fn add(&mut self, left_at: DateTime<Utc>, userid: &str, name: &str, mobile: &str) {
        let [userid, name, mobile] = [userid, name, mobile].map(str::to_owned);
        self.0.push_back(Leaver {
            left_at,
            userid,
            name,
            mobile,
        });

        while self.0.len() > REMEMBERED {
            self.0.pop_front();
        }
    }

    /// One page; `nextToken` is "0" after the last. `None` when an argument is bad.
    pub(crate) fn page(&self, args: &CallArgs) -> Option<Value> {
        let time = |name: &str| match args.text(name).ok()? {
            None => Some(None),
            Some(text) => DateTime::parse_from_rfc3339(&text).ok().map(Some),
        };
        let (start, end) = (time("startTime")??, time("endTime")?);
        let skip = usize::try_from(args.int("nextToken").ok()?.unwrap_or(0)).ok()?;
        let size = args.int("maxResults").ok()?.unwrap_or(LARGEST_PAGE);
        let size = usize::try_from(size)
            .ok()
            .filter(|_| (1..=LARGEST_PAGE).contains(&size))?;

        let within = |leaver: &&Leaver| leaver.left_at >= start && end.is_none_or(|end| leaver.left_at <= end);
        let found: Vec<&Leaver> = self.0.iter().filter(within).collect();
        let page = found.iter().skip(skip).take(size).map(|leaver| {
            json!({
                "userId": leaver.userid, "name": leaver.name, "stateCode": "86", "mobile": leaver.mobile,
                "leaveTime": leaver.left_at.to_rfc3339_opts(SecondsFormat::Secs, true), "leaveReason": "delete",
            })
        });

        let next = skip.saturating_add(size);
        let next = if next < found.len() {
            next.to_string()
        } else {
            "0".to_owned()
        };
        Some(json!({"nextToken": next, "records": page.collect::<Value>()}))
    }
}
