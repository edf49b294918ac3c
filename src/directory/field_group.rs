//! DingTalk's permissions for groups of fields.

use crate::catalogue::{Statement, sync::FIELDS_WITHHELD};

/// Fields that DingTalk says only with a permission, and with which one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FieldGroup {
    /// Mobile numbers: 企业员工手机号信息.
    Mobile,
    /// Emails and other personal fields: 邮箱等个人信息.
    Personal,
}

impl FieldGroup {
    pub(super) const ALL: [Self; 2] = [Self::Mobile, Self::Personal];

    /// The permission's name in DingTalk's console.
    pub const fn permission(self) -> &'static str {
        match self {
            Self::Mobile => "企业员工手机号信息",
            Self::Personal => "邮箱等个人信息",
        }
    }

    /// The group whose permission has this name.
    pub fn of_permission(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|group| group.permission() == name)
    }

    /// That DingTalk says nobody's fields of the group any more.
    pub fn withheld(self) -> Statement {
        let group = match self {
            Self::Mobile => "MOBILE",
            Self::Personal => "PERSONAL",
        };
        let permission = self.permission();
        FIELDS_WITHHELD { group, permission }.into()
    }
}
