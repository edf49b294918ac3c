//! A user in DingTalk's words.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::ids::{DeptId, UserId};

/// One department of a user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Membership {
    /// The department.
    pub dept_id: DeptId,
    /// The user's place in it: larger is nearer the front (the opposite of a department's order); about 1.8e17.
    pub order: Option<i64>,
    /// Whether the user leads it.
    pub leader: Option<bool>,
}

/// What `user/get` (or `user/list`) said of a user.
///
/// `None` is "not said": the app lacks the permission, or there is no value. `Some("")` is "said to be empty".
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct UserFacts {
    /// `userid`.
    pub userid: UserId,
    /// `unionid`: stable across the apps of one developer.
    pub unionid: Option<String>,
    /// `name`.
    pub name: String,
    /// `avatar`, a URL.
    pub avatar: Option<String>,
    /// `state_code`, say "86"; needs the mobile permission.
    pub state_code: Option<String>,
    /// `mobile`; needs the mobile permission.
    pub mobile: Option<String>,
    /// `hide_mobile`.
    pub hide_mobile: Option<bool>,
    /// `telephone`.
    pub telephone: Option<String>,
    /// `job_number`, leading zeros significant, not unique.
    pub job_number: Option<String>,
    /// `title`.
    pub title: Option<String>,
    /// `email`; needs the permission 邮箱等个人信息.
    pub email: Option<String>,
    /// `org_email`.
    pub org_email: Option<String>,
    /// `work_place`.
    pub work_place: Option<String>,
    /// `remark`.
    pub remark: Option<String>,
    /// `extension`: JSON in a string, as it came.
    pub extension: Option<String>,
    /// `hired_date`, ms since the epoch: midnight China time.
    pub hired_date: Option<i64>,
    /// `active`: has logged in to DingTalk.
    pub active: Option<bool>,
    /// `real_authed`.
    pub real_authed: Option<bool>,
    /// `senior`.
    pub senior: Option<bool>,
    /// `admin`.
    pub admin: Option<bool>,
    /// `boss`.
    pub boss: Option<bool>,
    /// `exclusive_account`.
    pub exclusive_account: Option<bool>,
    /// `manager_userid`.
    pub manager_userid: Option<UserId>,
    /// The departments, sorted by `dept_id`, each once, home-school ones left out.
    pub memberships: Vec<Membership>,
    /// DingTalk's whole object, so that a field nobody mapped yet is not lost.
    pub raw: Value,
}
