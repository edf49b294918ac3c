//! What the app may call and which fields it may see.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::wire::Refusal;

/// The permission points this simulator knows.
pub(crate) const POINTS: &[&str] = &[
    "qyapi_base",
    "qyapi_get_department_list",
    "qyapi_get_member",
    "qyapi_get_department_member",
    "qyapi_get_member_by_mobile",
    "Contact.Common.Read",
];

/// What texts look like that somebody entered and cleared again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum EmptyFields {
    /// Cleared ones are `""`, never entered ones are missing: both forms occur.
    #[default]
    AsStored,
    /// All are `""`, as in the captures with the personal-information permission.
    Blank,
    /// All are missing.
    Omitted,
}

/// The permissions of the app. A token keeps those of the moment it was issued.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Permissions {
    /// 企业员工手机号信息: `mobile` and `state_code`.
    pub(crate) mobile: bool,
    /// 邮箱等个人信息: `email`, `org_email`, `work_place`, `remark`, `extension`.
    pub(crate) personal: bool,
    /// The API permission points.
    pub(crate) points: BTreeSet<String>,
    /// How empty texts are shown.
    pub(crate) empty_fields: EmptyFields,
}

impl Default for Permissions {
    fn default() -> Self {
        let points = POINTS.iter().map(|point| (*point).to_owned()).collect();
        Self {
            mobile: true,
            personal: true,
            points,
            empty_fields: EmptyFields::AsStored,
        }
    }
}

impl Permissions {
    /// 60011 when the point was not granted.
    pub(crate) fn check(&self, point: &str, app_key: &str) -> Result<(), Refusal> {
        if self.points.contains(point) {
            return Ok(());
        }
        let message = format!(
            "应用尚未开通所需的权限：[{point}]，点击链接申请并开通即可：\
             https://open-dev.dingtalk.com/appscope/apply?content={app_key}%23{point} {{requiredScopes=[{point}]}}"
        );
        Err(Refusal::gateway("60011", message))
    }
}
