//! The URLs of the form, as an input has them.

use std::collections::BTreeMap;

use async_graphql::{InputObject, MaybeUndefined};

use super::patch::field;
use crate::settings::Api;

/// A part of the inputs that change the settings and try them out.
#[derive(InputObject)]
pub struct SettingsUrls {
    /// URL of `/gettoken`. Its host, as every URL's, must be one that the operator allows.
    get_token_url: MaybeUndefined<String>,
    /// URL of `/topapi/v2/department/listsub`.
    department_list_sub_url: MaybeUndefined<String>,
    /// URL of `/topapi/v2/department/get`.
    department_get_url: MaybeUndefined<String>,
    /// URL of `/topapi/user/listid`.
    user_list_id_url: MaybeUndefined<String>,
    /// URL of `/topapi/v2/user/get`.
    user_get_url: MaybeUndefined<String>,
    /// URL of `/topapi/v2/user/getbymobile`.
    user_get_by_mobile_url: MaybeUndefined<String>,
    /// URL of `/topapi/message/corpconversation/asyncsend_v2`.
    async_send_url: MaybeUndefined<String>,
    /// URL of `/auth/scopes`; null switches it off.
    auth_scopes_url: MaybeUndefined<String>,
    /// URL of `/topapi/v2/user/list`; null switches bulk reading off.
    user_list_url: MaybeUndefined<String>,
    /// URL of `/topapi/user/count`; null switches it off.
    user_count_url: MaybeUndefined<String>,
    /// URL of `/topapi/message/corpconversation/getsendprogress`; null switches it off.
    get_send_progress_url: MaybeUndefined<String>,
    /// URL of `/topapi/message/corpconversation/getsendresult`; null switches follow-up off.
    get_send_result_url: MaybeUndefined<String>,
    /// URL of `/topapi/message/corpconversation/recall`; null switches it off.
    recall_url: MaybeUndefined<String>,
    /// URL of `/call_back/get_call_back_failed_result`; null: events that could not be pushed are not fetched.
    call_back_failed_result_url: MaybeUndefined<String>,
    /// URL of `/v1.0/gateway/connections/open`; null: no events by stream.
    stream_open_url: MaybeUndefined<String>,
}

impl SettingsUrls {
    /// Those that were given.
    pub(super) fn patch(self) -> BTreeMap<Api, Option<String>> {
        let given: [(Api, MaybeUndefined<String>); Api::ALL.len()] = [
            (Api::GetToken, self.get_token_url),
            (Api::DepartmentListSub, self.department_list_sub_url),
            (Api::DepartmentGet, self.department_get_url),
            (Api::UserListId, self.user_list_id_url),
            (Api::UserGet, self.user_get_url),
            (Api::UserGetByMobile, self.user_get_by_mobile_url),
            (Api::AsyncSend, self.async_send_url),
            (Api::AuthScopes, self.auth_scopes_url),
            (Api::UserList, self.user_list_url),
            (Api::UserCount, self.user_count_url),
            (Api::GetSendProgress, self.get_send_progress_url),
            (Api::GetSendResult, self.get_send_result_url),
            (Api::Recall, self.recall_url),
            (Api::CallBackFailedResult, self.call_back_failed_result_url),
            (Api::StreamOpen, self.stream_open_url),
        ];
        let given = given.into_iter();
        given.filter_map(|(api, url)| Some((api, field(url)?))).collect()
    }
}
