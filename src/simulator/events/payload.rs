//! The bodies of events: one for the push, one for the stream.

use serde_json::{Value, json};

use super::log::Event;
use super::settings::KeyStyle;
use crate::simulator::wire::fields;

/// The plaintext of a push.
pub(crate) fn pushed(event: &Event, corp_id: &str, style: KeyStyle) -> Value {
    let at = event.at.timestamp_millis();
    let (mut body, [users, departments]) = match style {
        KeyStyle::Pascal => (
            fields(json!({"EventType": event.event_type, "CorpId": corp_id, "TimeStamp": at.to_string()})),
            ["UserId", "DeptId"],
        ),
        KeyStyle::Camel => (
            fields(
                json!({"EventType": event.event_type, "CorpId": corp_id, "EventTime": at, "eventId": event.event_id,
                "timeStamp": at.to_string()}),
            ),
            ["userId", "deptId"],
        ),
    };

    if !event.user_ids.is_empty() {
        body.insert(users.to_owned(), json!(event.user_ids));
    }
    if !event.dept_ids.is_empty() {
        body.insert(departments.to_owned(), json!(event.dept_ids));
    }
    if let Some(diff) = event.diff_info.as_ref().filter(|_| style == KeyStyle::Camel) {
        body.insert("diffInfo".to_owned(), diff.clone());
    }

    Value::Object(body)
}

/// The `data` of a stream frame, always in camelCase.
pub(crate) fn streamed(event: &Event) -> Value {
    let mut body = fields(json!({"eventId": event.event_id}));
    if !event.user_ids.is_empty() {
        body.insert("timeStamp".to_owned(), json!(event.at.timestamp_millis().to_string()));
        body.insert("userId".to_owned(), json!(event.user_ids));
    }
    if !event.dept_ids.is_empty() {
        body.insert("deptId".to_owned(), json!(event.dept_ids));
    }
    if let Some(diff) = &event.diff_info {
        body.insert("diffInfo".to_owned(), diff.clone());
    }
    Value::Object(body)
}

/// An entry of the list of failed pushes: the content sits below a key named after the event.
pub(crate) fn failed(event: &Event, corp_id: &str) -> Value {
    let mut content = json!({"corpid": corp_id});
    if !event.user_ids.is_empty() {
        content["userid"] = json!(event.user_ids);
    }
    if !event.dept_ids.is_empty() {
        content["deptid"] = json!(event.dept_ids);
    }

    let mut entry = json!({"call_back_tag": event.event_type, "event_time": event.at.timestamp_millis()});
    entry[event.event_type] = content;
    entry
}
