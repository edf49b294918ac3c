//! What the smaller calls answer.

use std::collections::HashSet;

use super::fields::{self, Object};
use crate::directory::{DeptId, UserFacts, UserId};

/// Where the visible part of the company starts.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Scopes {
    /// Each is the root of a visible subtree; home-school ids are left out.
    pub departments: Vec<DeptId>,
    /// Single people that are visible beside them.
    pub users: Vec<UserId>,
}

/// One page of `user/list`.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct UserPage {
    /// The people of the page, each once.
    pub users: Vec<UserFacts>,
    /// Where the next page starts; `None`: this was the last. Always larger than the cursor that was asked for.
    pub next_cursor: Option<i64>,
}

/// How far DingTalk is with a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SendProgress {
    /// 0 to 100.
    pub percent: u8,
    /// 0 not started, 1 under way, 2 done.
    pub status: i64,
}

/// What became of a message, by recipient; who is in no list is still under way.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SendResult {
    /// No such user.
    pub invalid: Vec<UserId>,
    /// Could not be delivered.
    pub failed: Vec<UserId>,
    /// Delivered and read.
    pub read: Vec<UserId>,
    /// Delivered.
    pub unread: Vec<UserId>,
    /// Dropped by flow control.
    pub forbidden: Vec<Forbidden>,
}

/// A recipient whom flow control dropped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Forbidden {
    /// Who.
    pub userid: UserId,
    /// Why: 143105 too many today, 143106 same content today, …; `None` where DingTalk doesn't say.
    pub code: Option<String>,
}

/// One page of the events that could not be pushed.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FailedPushes {
    /// The entries, as they came.
    pub entries: Vec<serde_json::Value>,
    /// Whether there are more.
    pub has_more: bool,
}

pub(super) fn user_ids(object: &Object, key: &str) -> Option<Vec<UserId>> {
    Some(fields::texts(object, key)?.into_iter().map(UserId::from).collect())
}

/// `auth_org_scopes` is needed: taking its absence for "nothing is visible" could empty a mirror.
pub(super) fn scopes(answer: &Object) -> Option<Scopes> {
    let scopes = fields::object(answer, "auth_org_scopes")?;
    let mut departments: Vec<_> = fields::integers(&scopes, "authed_dept")
        .unwrap_or_default()
        .into_iter()
        .map(DeptId)
        .collect();
    departments.retain(|dept| dept.is_company());
    departments.sort();
    departments.dedup();

    Some(Scopes {
        departments,
        users: user_ids(&scopes, "authed_user").unwrap_or_default(),
    })
}

pub(super) fn send_progress(answer: &Object) -> Option<SendProgress> {
    let progress = fields::object(answer, "progress")?;
    let percent = fields::integer(&progress, "progress_in_percent")
        .unwrap_or(0)
        .clamp(0, 100);
    Some(SendProgress {
        percent: u8::try_from(percent).unwrap_or(100),
        status: fields::integer(&progress, "status")?,
    })
}

/// A missing `send_result` means what empty lists mean: still under way.
pub(super) fn send_result(answer: &Object) -> SendResult {
    let Some(result) = fields::object(answer, "send_result") else {
        return SendResult::default();
    };

    let users = |key| user_ids(&result, key).unwrap_or_default();
    let mut forbidden: Vec<_> = fields::objects(&result, "forbidden_list")
        .unwrap_or_default()
        .iter()
        .filter_map(|entry| {
            Some(Forbidden {
                userid: fields::id(entry, "userid")?.into(),
                code: fields::id(entry, "code"),
            })
        })
        .collect();

    // An entry that says why counts before the same person in the list that doesn't.
    let mut named = HashSet::new();
    forbidden.retain(|entry| named.insert(entry.userid.clone()));
    let unnamed = users("forbidden_user_id_list")
        .into_iter()
        .filter(|userid| named.insert(userid.clone()));
    forbidden.extend(unnamed.map(|userid| Forbidden { userid, code: None }));

    SendResult {
        invalid: users("invalid_user_id_list"),
        failed: users("failed_user_id_list"),
        read: users("read_user_id_list"),
        unread: users("unread_user_id_list"),
        forbidden,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn flow_control_is_read_from_both_of_its_lists() {
        let answer = json!({"errcode": 0, "send_result": {
            "forbidden_list": [{"code": "143106", "count": 1, "userid": "a"}, {"code": 143105, "userid": "b"}],
            "forbidden_user_id_list": ["a", "c"], "read_user_id_list": ["d"], "unread_user_id_list": null}});
        let result = send_result(answer.as_object().expect("an object"));
        let codes: Vec<_> = result
            .forbidden
            .iter()
            .map(|f| (f.userid.as_str(), f.code.as_deref()))
            .collect();
        assert_eq!(codes, [("a", Some("143106")), ("b", Some("143105")), ("c", None)]);
        assert_eq!(result.read, [UserId::from("d")]);
    }

    #[test]
    fn scopes_without_their_object_are_not_taken_for_nothing() {
        assert_eq!(scopes(json!({"errcode": 0}).as_object().expect("an object")), None);
        let answer = json!({"auth_org_scopes": {"authed_dept": [-7, 1, 1], "authed_user": ["u"]}});
        let read = scopes(answer.as_object().expect("an object")).expect("scopes");
        assert_eq!(
            read,
            Scopes {
                departments: vec![DeptId(1)],
                users: vec!["u".into()]
            }
        );
    }
}
