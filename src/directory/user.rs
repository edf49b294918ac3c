//! A user in DingTalk's words.

use serde::{Deserialize, Serialize};

use super::{
    ids::{DeptId, UserId},
    raw::Raw,
};

/// A text that many may hold at once: what a run reads again, and what a thousand people have in common, is there once.
pub type Text = arcstr::ArcStr;

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
    pub unionid: Option<Text>,
    /// `name`.
    pub name: Text,
    /// `avatar`, a URL.
    pub avatar: Option<Text>,
    /// `state_code`, say "86"; needs the mobile permission.
    pub state_code: Option<Text>,
    /// `mobile`; needs the mobile permission.
    pub mobile: Option<Text>,
    /// `hide_mobile`.
    pub hide_mobile: Option<bool>,
    /// `telephone`.
    pub telephone: Option<Text>,
    /// `job_number`, leading zeros significant, not unique.
    pub job_number: Option<Text>,
    /// `title`.
    pub title: Option<Text>,
    /// `email`; needs the permission 邮箱等个人信息.
    pub email: Option<Text>,
    /// `org_email`.
    pub org_email: Option<Text>,
    /// `work_place`.
    pub work_place: Option<Text>,
    /// `remark`.
    pub remark: Option<Text>,
    /// `extension`: JSON in a string, as it came.
    pub extension: Option<Text>,
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
    pub raw: Raw,
}

impl UserFacts {
    /// Holds the same values where they are those of `known`, and so holds them once.
    pub fn share_with(&mut self, known: &Self) {
        fn share<T: Clone + PartialEq>(own: &mut T, known: &T) {
            if own == known {
                own.clone_from(known);
            }
        }

        share(&mut self.userid, &known.userid);
        share(&mut self.unionid, &known.unionid);
        share(&mut self.name, &known.name);
        share(&mut self.avatar, &known.avatar);
        share(&mut self.state_code, &known.state_code);
        share(&mut self.mobile, &known.mobile);
        share(&mut self.telephone, &known.telephone);
        share(&mut self.job_number, &known.job_number);
        share(&mut self.title, &known.title);
        share(&mut self.email, &known.email);
        share(&mut self.org_email, &known.org_email);
        share(&mut self.work_place, &known.work_place);
        share(&mut self.remark, &known.remark);
        share(&mut self.extension, &known.extension);
        share(&mut self.manager_userid, &known.manager_userid);
        share(&mut self.raw, &known.raw);
    }
}
