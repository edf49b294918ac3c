//! What `GET /control` shows.

use serde_json::{Value, json};

/// The endpoints with one line about each.
pub(super) fn index() -> Value {
    json!({
        "about": "The control API of a simulated DingTalk. No authentication: keep it on the loopback interface.",
        "endpoints": {
            "GET /control/directory": "the whole truth: departments, users, home_school, counts (home-school departments not counted)",
            "GET /control/calls": "calls by path: total, distinct, throttled, faults, peak_per_second; DELETE forgets them",
            "GET /control/messages": "every notification with its receivers and their outcome; ?userid= gives what that person received",
            "POST /control/messages/read": {"task_id": 256_271_667_527_i64, "userid": "manager164"},
            "PUT /control/delivery": {"deliver_after_ms": 200},
            "GET|PUT /control/scope": {"authed_dept": [1], "authed_user": []},
            "GET|PUT /control/permissions": {"mobile": true, "personal": true, "points": crate::simulator::permissions::POINTS,
                "empty_fields": "as_stored | blank | omitted", "note": "fields left out stay; tokens that are out keep theirs"},
            "PUT /control/limits": {"rate_limit_per_second": 20},
            "GET|POST|DELETE /control/faults": {
                "api": "a path or *", "kind": "throttle | platform_throttle | busy | timeout15 | empty_sub_code_88 | monthly_quota | \
                    errcode{code,msg,wrapped} | answer{status,body} | missing_result | empty_list | html_ban | punish_json | slow{ms} | truncated_json | close_connection | endless | garbled{text,bytes}",
                "dept_id": "optional", "userid": "optional", "task_id": "optional", "count": "absent: every time", "skip": 0, "after_effect": false,
                "note": "POST takes one or an array; DELETE removes all, or the one of ?id="},
            "POST /control/edits": {"note": "one or an array", "edits": [
                {"edit": "hire", "departments": [1], "userid": "optional", "name": "optional", "fields": {}},
                {"edit": "leave", "userid": ""},
                {"edit": "move", "userid": "", "departments": [1]},
                {"edit": "update_user", "userid": "", "fields": {"title": "", "leader": [1], "email": null}},
                {"edit": "rename_department", "dept_id": 2, "name": ""},
                {"edit": "move_department", "dept_id": 2, "parent_id": 1},
                {"edit": "create_department", "parent_id": 1, "name": "", "dept_id": null},
                {"edit": "remove_department", "dept_id": 2},
                {"edit": "merge_departments", "from": 2, "into": 3}]},
            "POST /control/churn": {"count": 50, "note": "that many edits of all kinds, made up; the answer lists them"},
            "GET /control/events": "events with their numbers and the attempts to deliver them; ?after= gives those after a number",
            "PUT /control/events": {"key_style": "pascal | camel", "duplicates": false, "push_retry_ms": [10_000, 30_000],
                "push_timeout_ms": 2_500, "redeliver_ms": [10_000, 30_000, 60_000, 120_000], "ack_timeout_ms": 3_000,
                "ping_ms": 60_000, "lifetime_ms": 7_200_000, "close_after_ms": 10_000, "ticket_ms": 90_000,
                "note": "fields left out stay; connections that are open keep theirs"},
            "PUT /control/push": {"url": "http://127.0.0.1:9/events", "token": "t", "aes_key": "43 letters and digits", "tags": [],
                "note": "a subscription as the console makes it; null removes it. /call_back/* works too"},
            "POST /control/streams/disconnect": "tells every stream connection to go, and cuts it off later",
            "POST /control/tokens/expire": "makes every access token unknown",
            "GET /control/token-requests": "who asked for tokens: total, issued, recent",
            "POST /control/reset": "back to the state after the start"
        }
    })
}
