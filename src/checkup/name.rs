//! What is checked.

use crate::settings::Api;

/// What is checked, in the order in which it is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum CheckName {
    /// Whether an access token is given: key, secret and the URL that it is asked for at.
    Token,
    /// Whether a call other than that can be made at its URL.
    Url(Api),
    /// Whether the agent id is the app's.
    AgentId,
    /// How much of the company the app sees.
    ContactScope,
    /// Whether email addresses are shown.
    FieldEmail,
    /// Whether mobile numbers are shown.
    FieldMobile,
    /// Whether people have job numbers.
    FieldJobNumber,
    /// DingTalk's own count of the company.
    UserCount,
    /// Whether changes arrive by themselves.
    Events,
}

/// The calls in the order of the form.
const CALLS: [Api; 14] = [
    Api::AsyncSend,
    Api::DepartmentListSub,
    Api::DepartmentGet,
    Api::UserListId,
    Api::UserGet,
    Api::UserGetByMobile,
    Api::AuthScopes,
    Api::UserList,
    Api::UserCount,
    Api::GetSendProgress,
    Api::GetSendResult,
    Api::Recall,
    Api::CallBackFailedResult,
    Api::StreamOpen,
];

impl CheckName {
    /// Every check, in the order of the form.
    pub fn all() -> impl Iterator<Item = Self> {
        use CheckName::{AgentId, ContactScope, Events, FieldEmail, FieldJobNumber, FieldMobile, Token, UserCount};
        let calls = CALLS.into_iter().flat_map(|api| {
            let agent = (api == Api::AsyncSend).then_some(AgentId);
            std::iter::once(Self::Url(api)).chain(agent)
        });
        let others = [ContactScope, FieldEmail, FieldMobile, FieldJobNumber, UserCount, Events];
        std::iter::once(Token).chain(calls).chain(others)
    }

    /// Its name, as the API and the command have it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Token => "TOKEN",
            Self::Url(api) => match api {
                Api::GetToken => "GET_TOKEN_URL",
                Api::DepartmentListSub => "DEPARTMENT_LIST_SUB_URL",
                Api::DepartmentGet => "DEPARTMENT_GET_URL",
                Api::UserListId => "USER_LIST_ID_URL",
                Api::UserGet => "USER_GET_URL",
                Api::UserGetByMobile => "USER_GET_BY_MOBILE_URL",
                Api::AsyncSend => "ASYNC_SEND_URL",
                Api::AuthScopes => "AUTH_SCOPES_URL",
                Api::UserList => "USER_LIST_URL",
                Api::UserCount => "USER_COUNT_URL",
                Api::GetSendProgress => "GET_SEND_PROGRESS_URL",
                Api::GetSendResult => "GET_SEND_RESULT_URL",
                Api::Recall => "RECALL_URL",
                Api::CallBackFailedResult => "CALL_BACK_FAILED_RESULT_URL",
                Api::StreamOpen => "STREAM_OPEN_URL",
            },
            Self::AgentId => "AGENT_ID",
            Self::ContactScope => "CONTACT_SCOPE",
            Self::FieldEmail => "FIELD_EMAIL",
            Self::FieldMobile => "FIELD_MOBILE",
            Self::FieldJobNumber => "FIELD_JOB_NUMBER",
            Self::UserCount => "USER_COUNT",
            Self::Events => "EVENTS",
        }
    }

    /// The field of the form that it is about, where it is about one.
    pub const fn field(self) -> Option<&'static str> {
        match self {
            Self::Url(api) => Some(api.field()),
            Self::AgentId => Some("agentId"),
            Self::UserCount => Some(Api::UserCount.field()),
            Self::Token
            | Self::ContactScope
            | Self::FieldEmail
            | Self::FieldMobile
            | Self::FieldJobNumber
            | Self::Events => None,
        }
    }

    /// The last part of the address of DingTalk's page about it (`docs/dingtalk.md`).
    const fn page(self) -> &'static str {
        match self {
            Self::Token | Self::Url(Api::GetToken) => "obtain-orgapp-token",
            Self::Url(Api::DepartmentListSub) => "user-management-acquires-the-list-departments",
            Self::Url(Api::DepartmentGet) => "query-department-details0-v2",
            Self::Url(Api::UserListId) => "query-the-list-of-department-userids",
            Self::Url(Api::UserGet) | Self::FieldEmail | Self::FieldMobile | Self::FieldJobNumber => {
                "query-user-details"
            }
            Self::Url(Api::UserGetByMobile) => "query-users-by-phone-number",
            Self::Url(Api::AsyncSend) | Self::AgentId => "asynchronous-sending-of-enterprise-session-messages",
            Self::Url(Api::AuthScopes) | Self::ContactScope => "obtain-corpsecret-authorization-scope",
            Self::Url(Api::UserList) => "queries-the-complete-information-of-a-department-user",
            Self::Url(Api::UserCount) | Self::UserCount => "user-management-acquires-number-employees",
            Self::Url(Api::GetSendProgress) => {
                "obtain-the-sending-progress-of-asynchronous-sending-of-enterprise-session"
            }
            Self::Url(Api::GetSendResult) => "gets-the-result-of-sending-messages-asynchronously-to-the-enterprise",
            Self::Url(Api::Recall) => "notification-of-work-withdrawal",
            Self::Url(Api::CallBackFailedResult) => "obtain-the-event-list-of-failed-push-messages",
            Self::Url(Api::StreamOpen) | Self::Events => "overview-of-event-subscription",
        }
    }

    /// DingTalk's page about it.
    pub fn document(self) -> String {
        format!("https://open.dingtalk.com/document/development/{}", self.page())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_call_of_the_form_is_checked_once_and_has_its_own_name() {
        let all: Vec<CheckName> = CheckName::all().collect();
        let words: BTreeSet<&str> = all.iter().map(|name| name.word()).collect();
        assert_eq!(words.len(), all.len());

        for api in Api::ALL {
            let name = match api {
                Api::GetToken => CheckName::Token,
                api => CheckName::Url(api),
            };
            assert_eq!(all.iter().filter(|it| **it == name).count(), 1, "{api:?}");
        }
    }
}
