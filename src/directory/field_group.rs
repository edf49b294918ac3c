//! DingTalk's permissions for groups of fields.

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

    /// The fields, for people.
    pub const fn fields(self) -> &'static str {
        match self {
            Self::Mobile => "mobile numbers",
            Self::Personal => "emails and other personal fields",
        }
    }
}
