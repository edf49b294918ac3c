//! DingTalk's calls that the form has a URL for.

use serde::{Deserialize, Serialize};

use crate::catalogue::{Statement, settings::URL_NOT_SET};

/// One of DingTalk's calls. The first seven are the form's; the others are optional and make more possible.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Api {
    /// `GET /gettoken`.
    GetToken,
    /// `POST /topapi/v2/department/listsub`.
    DepartmentListSub,
    /// `POST /topapi/v2/department/get`.
    DepartmentGet,
    /// `POST /topapi/user/listid`.
    UserListId,
    /// `POST /topapi/v2/user/get`.
    UserGet,
    /// `POST /topapi/v2/user/getbymobile`.
    UserGetByMobile,
    /// `POST /topapi/message/corpconversation/asyncsend_v2`.
    AsyncSend,
    /// `GET /auth/scopes`.
    AuthScopes,
    /// `POST /topapi/v2/user/list`: bulk reading.
    UserList,
    /// `POST /topapi/user/count`.
    UserCount,
    /// `POST /topapi/message/corpconversation/getsendprogress`.
    GetSendProgress,
    /// `POST /topapi/message/corpconversation/getsendresult`.
    GetSendResult,
    /// `POST /topapi/message/corpconversation/recall`.
    Recall,
    /// `GET /call_back/get_call_back_failed_result`: events that could not be pushed.
    CallBackFailedResult,
    /// `POST https://api.dingtalk.com/v1.0/gateway/connections/open`: events by stream.
    StreamOpen,
}

impl Api {
    /// Every call, the form's seven first.
    pub const ALL: [Self; 15] = [
        Self::GetToken,
        Self::DepartmentListSub,
        Self::DepartmentGet,
        Self::UserListId,
        Self::UserGet,
        Self::UserGetByMobile,
        Self::AsyncSend,
        Self::AuthScopes,
        Self::UserList,
        Self::UserCount,
        Self::GetSendProgress,
        Self::GetSendResult,
        Self::Recall,
        Self::CallBackFailedResult,
        Self::StreamOpen,
    ];

    /// What is told of a call without a URL.
    pub(crate) fn not_set(self) -> Statement {
        URL_NOT_SET { field: self.field() }.into()
    }

    /// The path of DingTalk's real URL on `https://oapi.dingtalk.com`, or, of the stream, on
    /// `https://api.dingtalk.com`.
    pub const fn path(self) -> &'static str {
        match self {
            Self::GetToken => "/gettoken",
            Self::DepartmentListSub => "/topapi/v2/department/listsub",
            Self::DepartmentGet => "/topapi/v2/department/get",
            Self::UserListId => "/topapi/user/listid",
            Self::UserGet => "/topapi/v2/user/get",
            Self::UserGetByMobile => "/topapi/v2/user/getbymobile",
            Self::AsyncSend => "/topapi/message/corpconversation/asyncsend_v2",
            Self::AuthScopes => "/auth/scopes",
            Self::UserList => "/topapi/v2/user/list",
            Self::UserCount => "/topapi/user/count",
            Self::GetSendProgress => "/topapi/message/corpconversation/getsendprogress",
            Self::GetSendResult => "/topapi/message/corpconversation/getsendresult",
            Self::Recall => "/topapi/message/corpconversation/recall",
            Self::CallBackFailedResult => "/call_back/get_call_back_failed_result",
            Self::StreamOpen => "/v1.0/gateway/connections/open",
        }
    }

    /// The field of the settings form, and of the GraphQL input, that holds the URL.
    pub const fn field(self) -> &'static str {
        match self {
            Self::GetToken => "getTokenUrl",
            Self::DepartmentListSub => "departmentListSubUrl",
            Self::DepartmentGet => "departmentGetUrl",
            Self::UserListId => "userListIdUrl",
            Self::UserGet => "userGetUrl",
            Self::UserGetByMobile => "userGetByMobileUrl",
            Self::AsyncSend => "asyncSendUrl",
            Self::AuthScopes => "authScopesUrl",
            Self::UserList => "userListUrl",
            Self::UserCount => "userCountUrl",
            Self::GetSendProgress => "getSendProgressUrl",
            Self::GetSendResult => "getSendResultUrl",
            Self::Recall => "recallUrl",
            Self::CallBackFailedResult => "callBackFailedResultUrl",
            Self::StreamOpen => "streamOpenUrl",
        }
    }

    /// Whether the form can't do without it.
    pub const fn is_required(self) -> bool {
        matches!(
            self,
            Self::GetToken
                | Self::DepartmentListSub
                | Self::DepartmentGet
                | Self::UserListId
                | Self::UserGet
                | Self::UserGetByMobile
                | Self::AsyncSend
        )
    }
}
