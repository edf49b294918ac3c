//! Why a call is not served.

/// A refusal as the old API knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// Refused by the gateway (token, permission, throttling): wrapped in 88 on topapi, plain elsewhere.
    Gateway {
        /// The code, as text; empty when the authorisation service itself timed out.
        code: String,
        /// DingTalk's sentence.
        message: String,
    },
    /// Refused by the service behind: always plain.
    Business {
        /// The `errcode`.
        code: i64,
        /// DingTalk's sentence.
        message: String,
    },
    /// No call of this name exists on topapi: 22, with `sub_msg` but without `sub_code`.
    UnknownApi {
        /// The name DingTalk makes of the path, such as `dingtalk.oapi.v2.user.notexist`.
        name: String,
    },
    /// The 3 s time-out between gateway and service: 15 with its own sub_code.
    Timeout,
}

impl Refusal {
    /// A refusal of the service behind the gateway.
    pub(crate) fn business(code: i64, message: impl Into<String>) -> Self {
        Self::Business {
            code,
            message: message.into(),
        }
    }

    /// A refusal of the gateway.
    pub(crate) fn gateway(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Gateway {
            code: code.into(),
            message: message.into(),
        }
    }

    /// 60121: no such employee.
    pub(crate) fn no_such_user() -> Self {
        Self::business(60_121, "找不到该用户")
    }

    /// 60003: no such department.
    pub(crate) fn no_such_department() -> Self {
        Self::business(60_003, "部门不存在")
    }

    /// 50002: outside the contact scope.
    pub(crate) fn user_out_of_scope() -> Self {
        Self::business(50_002, "请求的员工userid不在授权范围内")
    }

    /// 50004: outside the contact scope.
    pub(crate) fn department_out_of_scope() -> Self {
        Self::business(50_004, "请求的部门id不在授权范围内")
    }
}
