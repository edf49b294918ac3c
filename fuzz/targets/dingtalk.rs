//! An answer of DingTalk's: the first line is the HTTP status, the rest the body.
//!
//! Whoever is read of it has an id, is in departments of the company alone, each once, and fits into the mirror.

use dingmirror::{dingtalk::decode, settings::Api};

/// One answer, to each call.
pub fn run(data: &[u8]) {
    let line = data.iter().position(|byte| *byte == b'\n').unwrap_or(data.len());
    let status = std::str::from_utf8(&data[..line])
        .ok()
        .and_then(|text| text.parse().ok());
    let body = data.get(line + 1..).unwrap_or_default();

    for api in Api::ALL {
        let Some(decoded) = decode(api, status.unwrap_or(200), body) else {
            continue;
        };
        for user in &decoded.users {
            assert!(!user.userid.as_str().trim().is_empty(), "somebody without an id");
            let ids: Vec<i64> = user.memberships.iter().map(|it| it.dept_id.0).collect();
            assert!(
                ids.is_sorted_by(|one, other| one < other) && ids.iter().all(|id| *id > 0),
                "{ids:?}"
            );
        }
        // An answer names nobody whom its bytes don't.
        assert!(decoded.users.len() + decoded.departments.len() + decoded.named <= 2 * body.len() + 2);
    }
}
