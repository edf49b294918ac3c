//! Events in DingTalk's words. Three generations of bodies are about: PascalCase and camelCase keys, times as text and
//! as number.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

use crate::{
    dingtalk::lenient,
    directory::{DeptId, DirectoryEvent, EventKind, UserId},
    id::random_id,
};

/// One event of DingTalk names a handful, of a department that moves perhaps all its people; what is beyond is the next
/// run's, and is told.
const MOST_IDS: usize = 100_000;

/// Keys are unique in the database, whose indexes refuse long texts: beyond this many bytes the digest stands in.
const LONGEST_KEY: usize = 200;

/// What a push holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pushed {
    /// `check_url`: is anybody there?
    CheckUrl,
    /// `check_create_suite_url`, `check_update_suite_url`: the answer repeats this text instead of `success`.
    CheckSuiteUrl {
        /// DingTalk's `Random`.
        random: String,
    },
    /// An event.
    Event(DirectoryEvent),
}

/// Reads the decrypted text of a push; `None` where it isn't an event's JSON. `encrypt` is the text as it came:
/// DingTalk's random bytes make it unique, so it tells pushes apart whose events have neither an id nor a time.
pub fn pushed(text: &str, encrypt: &str) -> Option<Pushed> {
    let body: Value = lenient::value(text.as_bytes()).ok()?;
    let event_type = text_of(&body, &["EventType", "eventType"])?;
    match event_type.as_str() {
        "check_url" => return Some(Pushed::CheckUrl),
        "check_create_suite_url" | "check_update_suite_url" => {
            let random = text_of(&body, &["Random", "random"])?;
            return Some(Pushed::CheckSuiteUrl { random });
        }
        _ => {}
    }
    Some(Pushed::Event(event(&event_type, Named::Push(encrypt), None, &body)))
}

/// An event of the stream: its headers name it, `data` is its JSON as text. What can't be read names nobody.
pub fn streamed(event_type: &str, event_id: &str, born_ms: Option<&str>, data: &str) -> DirectoryEvent {
    let body = lenient::value(data.as_bytes()).unwrap_or(Value::Null);
    let named = if event_id.is_empty() {
        Named::Not
    } else {
        Named::Id(event_id)
    };
    event(event_type, named, born_ms, &body)
}

/// An entry of the list of failed pushes: its payload stands under the event's name.
pub fn failed_entry(entry: &Value) -> Option<DirectoryEvent> {
    let event_type = text_of(entry, &["call_back_tag"])?;
    let born = text_of(entry, &["event_time"]);
    let payload = [event_type.as_str(), "callbackData", "roleLabelChange"];
    let body = payload
        .iter()
        .find_map(|key| object(entry.get(*key)?))
        .unwrap_or_default();
    // Role events carry their ids one level deeper.
    let body = body.get("roleLabelChange").and_then(object).unwrap_or(body);
    Some(event(&event_type, Named::Not, born.as_deref(), &Value::Object(body)))
}

/// What the envelope of an event tells it apart by.
#[derive(Clone, Copy)]
enum Named<'a> {
    /// DingTalk's id.
    Id(&'a str),
    /// The encrypted text of its push.
    Push(&'a str),
    /// Nothing.
    Not,
}

fn event(event_type: &str, named: Named<'_>, born_ms: Option<&str>, body: &Value) -> DirectoryEvent {
    let users = ids(
        body,
        &["UserId", "userId", "userid", "UserIdList", "userIdList", "useridList"],
    );
    let departments = ids(body, &["DeptId", "deptId", "deptid", "dept_id"]);
    let departments: BTreeSet<DeptId> = departments
        .iter()
        .filter_map(|id| id.parse().ok().map(DeptId))
        .filter(|id| id.is_company())
        .collect();
    let departments: Vec<DeptId> = departments.into_iter().collect();

    let time = born_ms
        .filter(|time| !time.is_empty())
        .map(str::to_owned)
        .or_else(|| text_of(body, &["TimeStamp", "timeStamp", "EventTime", "eventTime"]));

    let id = match named {
        Named::Id(id) => Some(id.to_owned()),
        Named::Push(_) | Named::Not => text_of(body, &["eventId", "EventId"]),
    };
    let key = id.unwrap_or_else(|| stand_in(event_type, named, time.as_deref(), body, &users, &departments));

    DirectoryEvent {
        key: if key.len() > LONGEST_KEY { digest(&key) } else { key },
        kind: EventKind::of(event_type),
        users: users.into_iter().map(UserId::from).collect(),
        departments,
        born_at: time
            .and_then(|ms| ms.parse().ok())
            .and_then(DateTime::<Utc>::from_timestamp_millis),
    }
}

/// Without an id of DingTalk's: the type, the time (or else the `BizId`) and what it names, as a digest. With neither,
/// the push itself: whoever captured it can't have it acted upon again. Where there was no push, nothing tells a
/// repetition from the next one of its kind: then it is acted upon once more rather than not at all.
fn stand_in(
    event_type: &str,
    named: Named<'_>,
    time: Option<&str>,
    body: &Value,
    users: &[String],
    departments: &[DeptId],
) -> String {
    let when = match (time, text_of(body, &["BizId", "bizId"])) {
        (Some(time), _) => time.to_owned(),
        (None, Some(biz_id)) => format!("biz-{biz_id}"),
        (None, None) => {
            return match named {
                Named::Push(encrypt) => format!("{event_type}:{}", digest(encrypt)),
                Named::Id(_) | Named::Not => format!("{event_type}:{}", random_id()),
            };
        }
    };

    let roles = ids(body, &["LabelIdList", "labelIdList"]);
    let action = text_of(body, &["action", "Action"]);
    // As JSON: texts that hold a separator can't pass for two.
    let named = serde_json::json!([users, departments, roles, action]).to_string();
    format!("{event_type}@{when}:{}", digest(&named))
}

fn digest(text: &str) -> String {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, text.as_bytes());
    hex::encode(&digest.as_ref()[..16])
}

/// An object, also as JSON in text.
fn object(value: &Value) -> Option<Map<String, Value>> {
    match value {
        Value::Object(object) => Some(object.clone()),
        Value::String(text) => match lenient::value(text.as_bytes()) {
            Ok(Value::Object(object)) => Some(object),
            _ => None,
        },
        _ => None,
    }
}

/// The first of these keys that holds a number or a text that isn't empty.
fn text_of(body: &Value, keys: &[&str]) -> Option<String> {
    keys.iter().find_map(|key| scalar(body.get(*key)?))
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// The ids under the first of these keys that holds any: a list, or one alone; each once, sorted.
fn ids(body: &Value, keys: &[&str]) -> Vec<String> {
    let fits = |id: &String| id.chars().count() <= 64;
    let held = |key: &&str| -> Option<BTreeSet<String>> {
        let bounded = |named: usize, ids: &mut dyn Iterator<Item = String>| -> BTreeSet<String> {
            let found: BTreeSet<String> = ids.filter(fits).take(MOST_IDS).collect();
            if named > MOST_IDS {
                tracing::warn!(
                    ids = named,
                    "an event names more than is acted upon: the next run reads the others"
                );
            }
            found
        };
        let listed = |items: &[Value]| bounded(items.len(), &mut items.iter().filter_map(scalar));

        let found = match body.get(*key)? {
            Value::Array(items) => listed(items),
            // A list in text, as JSON or with commas: ids have neither.
            Value::String(text) if text.trim_start().starts_with('[') => match lenient::value(text.as_bytes()) {
                Ok(Value::Array(items)) => listed(&items),
                _ => BTreeSet::new(),
            },
            Value::String(text) if text.contains(',') => {
                let ids = text
                    .split(',')
                    .map(|id| id.trim().to_owned())
                    .filter(|id| !id.is_empty());
                bounded(text.split(',').count(), &mut ids.into_iter())
            }
            one => scalar(one).filter(fits).into_iter().collect(),
        };

        Some(found).filter(|found: &BTreeSet<String>| !found.is_empty())
    };

    keys.iter().find_map(held).unwrap_or_default().into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> DirectoryEvent {
        of_push(text, "encrypted")
    }

    fn of_push(text: &str, encrypt: &str) -> DirectoryEvent {
        match pushed(text, encrypt) {
            Some(Pushed::Event(event)) => event,
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn every_generation_of_bodies_is_read() {
        let old = of(
            r#"{"CorpId":"ding0","EventType":"user_add_org","UserId":["184919295227658120"],"OptStaffId":"manager164","TimeStamp":"1640921671286"}"#,
        );
        assert_eq!(
            (old.kind, old.users[0].as_str()),
            (EventKind::UserAdd, "184919295227658120")
        );
        assert_eq!(old.born_at.map(|at| at.timestamp_millis()), Some(1_640_921_671_286));

        let new = of(
            r#"{"EventType":"user_add_org","EventTime":1663143335567,"CorpId":"ding0","BizId":"1663","eventId":"c7c7","timeStamp":"1685501863357","userId":["015227"]}"#,
        );
        assert_eq!((new.key.as_str(), new.users[0].as_str()), ("c7c7", "015227"));

        let department = of(
            r#"{"CorpId":"ding0","EventType":"org_dept_remove","DeptId":[97393190,97393189,-7],"TimeStamp":43535463645}"#,
        );
        assert_eq!(department.kind, EventKind::DepartmentRemove);
        assert_eq!(department.departments, [DeptId(97_393_189), DeptId(97_393_190)]);

        let role = of(
            r#"{"UserIdList":["011505184066774889"],"CorpId":"ding0","EventType":"label_user_change","LabelIdList":[1299380990],"action":"add","TimeStamp":"1640670965490"}"#,
        );
        assert_eq!(
            (role.kind, role.users[0].as_str()),
            (EventKind::RoleMembers, "011505184066774889")
        );

        let unknown = of(r#"{"EventType":"something_new","TimeStamp":"1"}"#);
        assert_eq!((unknown.kind, unknown.users.len()), (EventKind::Other, 0));
    }

    #[test]
    fn urls_are_checked_and_what_is_no_event_is_nothing() {
        assert_eq!(pushed(r#"{"EventType":"check_url"}"#, ""), Some(Pushed::CheckUrl));
        assert_eq!(
            pushed(
                r#"{"EventType":"check_create_suite_url","Random":"LPIdSnlF","TestSuiteKey":"suite4"}"#,
                ""
            ),
            Some(Pushed::CheckSuiteUrl {
                random: "LPIdSnlF".into()
            })
        );

        for text in ["", "success", "[]", "{}", r#"{"EventType":null}"#] {
            assert_eq!(pushed(text, ""), None, "{text}");
        }
    }

    #[test]
    fn half_an_emoji_costs_no_event_and_several_ids_in_one_text_are_several() {
        let event = of(r#"{"EventType":"user_modify_org","TimeStamp":"1","UserId":["a"],"OptName":"\ud83d"}"#);
        assert_eq!(event.users, ["a".into()]);
        for ids in [r#""[\"u1\",\"u2\"]""#, r#""u2,u1""#, r#"["u1","u2"]"#] {
            let event = of(&format!(
                r#"{{"EventType":"user_leave_org","TimeStamp":"1","UserId":{ids}}}"#
            ));
            assert_eq!(event.users, ["u1".into(), "u2".into()], "{ids}");
        }

        let many: Vec<String> = (0..12_001).map(|n| format!("\"u{n}\"")).collect();
        let text = format!(
            r#"{{"EventType":"user_modify_org","TimeStamp":"1","UserId":[{}]}}"#,
            many.join(",")
        );
        assert_eq!(of(&text).users.len(), 12_001, "none is dropped in silence");
    }

    #[test]
    fn an_event_without_an_id_has_the_same_key_each_time_and_another_has_another() {
        let text = |time, user| format!(r#"{{"EventType":"user_modify_org","TimeStamp":{time},"UserId":["{user}"]}}"#);
        assert_eq!(of(&text(1, "a")).key, of(&text(1, "a")).key);
        assert_ne!(of(&text(1, "a")).key, of(&text(2, "a")).key);
        assert_ne!(of(&text(1, "a")).key, of(&text(1, "b")).key);

        let bare = r#"{"EventType":"org_change","CorpId":"ding0"}"#;
        assert_ne!(
            of_push(bare, "one").key,
            of_push(bare, "another").key,
            "the next change of the company must not be taken for the last one"
        );
        assert_eq!(
            of_push(bare, "one").key,
            of_push(bare, "one").key,
            "nor a push for the next one"
        );
        assert_ne!(
            streamed("org_change", "", None, "{}").key,
            streamed("org_change", "", None, "{}").key
        );

        let long: Vec<String> = (0..5_000).map(|n| format!("\"u{n}\"")).collect();
        let event = of(&format!(
            r#"{{"EventType":"user_modify_org","TimeStamp":"1","UserId":[{}]}}"#,
            long.join(",")
        ));
        assert!(event.users.len() == 5_000 && event.key.len() < 100);
    }

    #[test]
    fn the_streams_and_the_failed_lists_forms_are_read() {
        let event = streamed(
            "user_leave_org",
            "e1",
            Some("1683533823336"),
            r#"{"timeStamp":"1685501863357","userId":["015"],"diffInfo":[{"prev":{},"curr":{},"userid":"015"}]}"#,
        );
        assert_eq!(
            (event.key.as_str(), event.kind, event.users.len()),
            ("e1", EventKind::UserLeave, 1)
        );
        assert_eq!(event.born_at.map(|at| at.timestamp_millis()), Some(1_683_533_823_336));

        let nothing = streamed("org_change", "e2", None, "not JSON");
        assert_eq!((nothing.kind, nothing.users.len()), (EventKind::OrgChange, 0));

        let entry: Value = serde_json::from_str(
            r#"{"call_back_tag":"user_add_org","event_time":1606126433000,"user_add_org":{"userid":["zhangsan"],"corpid":"ding0"}}"#,
        )
        .expect("JSON");
        let event = failed_entry(&entry).expect("an event");
        assert_eq!((event.kind, event.users[0].as_str()), (EventKind::UserAdd, "zhangsan"));
    }

    #[test]
    fn an_empty_text_is_not_said_so_that_no_two_events_share_it_as_key() {
        let text = |id, time, user| {
            format!(r#"{{"EventType":"user_modify_org","eventId":"{id}","TimeStamp":"{time}","UserId":["{user}"]}}"#)
        };
        assert_ne!(of(&text("", "1", "a")).key, of(&text("", "2", "a")).key);
        assert_eq!(of(&text("", "1", "a")).key, of(&text("", "1", "a")).key);
        assert_ne!(
            of_push(&text("", "", "a"), "one").key,
            of_push(&text("", "", "a"), "another").key
        );
        let streamed = streamed("user_add_org", "", Some(""), r#"{"timeStamp":"5","userId":["a"]}"#);
        assert_eq!(streamed.born_at.map(|at| at.timestamp_millis()), Some(5));
    }

    #[test]
    fn keys_tell_apart_whatever_the_event_names_and_stay_short() {
        let key = |rest: &str| of(&format!(r#"{{"EventType":"label_conf_add",{rest}}}"#)).key;
        let time = r#""TimeStamp":"1""#;
        let differ = [
            time.to_owned(),
            format!(r#"{time},"LabelIdList":[1]"#),
            format!(r#"{time},"LabelIdList":[2]"#),
            format!(r#"{time},"LabelIdList":[2],"action":"remove""#),
            format!(r#"{time},"UserId":["a,b"]"#),
            format!(r#"{time},"UserId":["a","b"]"#),
            r#""BizId":"166""#.to_owned(),
            r#""BizId":"167""#.to_owned(),
        ];

        let keys: BTreeSet<String> = differ.iter().map(|rest| key(rest)).collect();
        assert_eq!(keys.len(), differ.len());
        assert!(
            differ.iter().all(|rest| keys.contains(&key(rest))),
            "each has its key again"
        );

        let long = "x".repeat(5_000);
        assert!(key(&format!(r#""eventId":"{long}""#)).len() <= LONGEST_KEY);
        assert!(of(&format!(r#"{{"EventType":"{long}","TimeStamp":"1"}}"#)).key.len() <= LONGEST_KEY);
    }

    #[test]
    fn a_push_that_failed_has_the_key_it_was_pushed_with() {
        let pushed = of(r#"{"CorpId":"d","EventType":"user_add_org","UserId":["z"],"TimeStamp":"1606126433000"}"#);
        let entry: Value = serde_json::from_str(
            r#"{"call_back_tag":"user_add_org","event_time":1606126433000,"user_add_org":{"userid":["z"],"corpid":"d"}}"#,
        )
        .expect("JSON");
        assert_eq!(failed_entry(&entry), Some(pushed));
    }

    #[test]
    fn ids_are_found_wherever_an_entry_of_the_failed_list_keeps_them() {
        for payload in [
            r#""label_user_change":{"roleLabelChange":{"userIdList":["a"]},"corpid":"d"}"#,
            r#""roleLabelChange":{"userIdList":["a"]},"corpid":"d""#,
            r#""label_user_change":null,"callbackData":{"userid":["a"]}"#,
            r#""callbackData":"{\"UserIdList\":[\"a\"]}""#,
            r#""label_user_change":{"userid":null,"userIdList":"a"}"#,
            r#""label_user_change":{"userid":null,"userIdList":"[\"a\"]"}"#,
            r#""label_user_change":{"userid":null,"userIdList":" a, "}"#,
        ] {
            let text = format!(r#"{{"call_back_tag":"label_user_change","event_time":1,{payload}}}"#);
            let entry: Value = serde_json::from_str(&text).expect("JSON");
            assert_eq!(
                failed_entry(&entry).map(|it| it.users),
                Some(vec!["a".into()]),
                "{text}"
            );
        }

        let departments =
            of(r#"{"EventType":"org_dept_modify","TimeStamp":"1","DeptId":[10,9,"9","09",-7,0]}"#).departments;
        assert_eq!(departments, [DeptId(9), DeptId(10)]);
    }
}
