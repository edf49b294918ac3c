//! The settings form.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, Object, SimpleObject};

use crate::{
    auth::Permission,
    graphql::{
        error::ApiError,
        guard::require,
        relay::ids::{NodeKind, ONLY, global_id},
        scalars::{BigInt, DateTime},
        services::ContextExt,
        statement::Statement,
        user_error::UserErrorCode,
    },
    settings::{self, Api},
};

/// How a Confluence user is matched with a DingTalk user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "settings::MatchingMethod")]
pub enum MatchingMethod {
    /// Confluence email against DingTalk's `email` and `org_email`.
    EmailToEmail,
    /// Confluence username against DingTalk's `job_number`.
    UsernameToJobNumber,
}

/// Whether and how messages are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "settings::DeliveryMode")]
pub enum DeliveryMode {
    /// Nothing is sent: messages are recorded, and their recipients are SUPPRESSED.
    Off,
    /// Everything is resolved and recorded, and nothing is sent: recipients end as SHADOWED.
    Shadow,
    /// Everything goes to the tester `redirectTo` alone, whoever the recipients are.
    Redirect,
    /// Messages are sent.
    On,
}

/// A secret that can be set and never read.
#[derive(Debug, SimpleObject)]
pub struct SecretStatus {
    /// Whether one is stored. The settings' `unused` tell where it can't be opened.
    is_set: bool,
    /// When it was last set.
    set_at: Option<DateTime>,
}

/// A field of the form whose value is kept and not used.
#[derive(Debug, SimpleObject)]
pub struct UnusedSetting {
    /// The field, say `getTokenUrl`.
    field: String,
    /// Why: HOST_NOT_ALLOWED, or INVALID where the value can't be read.
    code: UserErrorCode,
    /// Why and what to do, for people.
    message: String,
    /// The same as data.
    statement: Statement,
    /// Of a URL: what the operator would have to add to DINGMIRROR_ALLOWED_HOSTS.
    allow: Option<String>,
}

/// The settings in force.
#[derive(Clone)]
pub struct Settings(Arc<settings::Settings>);

impl Settings {
    pub(crate) fn new(settings: Arc<settings::Settings>) -> Self {
        Self(settings)
    }

    /// What is stored, used or not: whoever gives the form back as it was shown changes nothing.
    fn url(&self, api: Api) -> Option<String> {
        self.0.shown_url(api).map(ToOwned::to_owned)
    }

    /// A URL that the form can't do without: cleared ones fall back to DingTalk's own.
    fn required_url(&self, api: Api) -> String {
        self.url(api).unwrap_or_default()
    }
}

/// The settings form: the DingTalk app, the URLs of its calls, how people are matched, and whether messages are sent.
#[Object]
impl Settings {
    /// Global id, for `node`: the same at any time.
    pub(crate) async fn id(&self) -> ID {
        global_id(NodeKind::Settings, ONLY)
    }

    /// Goes up by one with each change: the next one's `expectedVersion`.
    async fn version(&self) -> BigInt {
        BigInt(self.0.version)
    }

    /// AgentId of the DingTalk app, needed to send.
    async fn agent_id(&self) -> Option<&str> {
        self.0.agent_id.as_deref()
    }

    /// AppKey (Client ID) of the DingTalk app.
    async fn app_key(&self) -> Option<&str> {
        self.0.app_key.as_deref()
    }

    /// AppSecret (Client Secret): whether and when it was set. It is never shown.
    async fn app_secret(&self) -> SecretStatus {
        let usable = self.0.app_secret.as_ref().map(|secret| secret.set_at);
        let set_at = usable.or(self.0.unreadable_secret);
        SecretStatus {
            is_set: set_at.is_some(),
            set_at: set_at.map(Into::into),
        }
    }

    /// URL of `GET /gettoken`.
    async fn get_token_url(&self) -> String {
        self.required_url(Api::GetToken)
    }

    /// URL of `POST /topapi/v2/department/listsub`.
    async fn department_list_sub_url(&self) -> String {
        self.required_url(Api::DepartmentListSub)
    }

    /// URL of `POST /topapi/v2/department/get`.
    async fn department_get_url(&self) -> String {
        self.required_url(Api::DepartmentGet)
    }

    /// URL of `POST /topapi/user/listid`.
    async fn user_list_id_url(&self) -> String {
        self.required_url(Api::UserListId)
    }

    /// URL of `POST /topapi/v2/user/get`.
    async fn user_get_url(&self) -> String {
        self.required_url(Api::UserGet)
    }

    /// URL of `POST /topapi/v2/user/getbymobile`.
    async fn user_get_by_mobile_url(&self) -> String {
        self.required_url(Api::UserGetByMobile)
    }

    /// URL of `POST /topapi/message/corpconversation/asyncsend_v2`.
    async fn async_send_url(&self) -> String {
        self.required_url(Api::AsyncSend)
    }

    /// URL of `GET /auth/scopes`; null: a sync starts at the root.
    async fn auth_scopes_url(&self) -> Option<String> {
        self.url(Api::AuthScopes)
    }

    /// URL of `POST /topapi/v2/user/list`; null: people are read one by one.
    async fn user_list_url(&self) -> Option<String> {
        self.url(Api::UserList)
    }

    /// URL of `POST /topapi/user/count`; null: a sync can't compare the number of people.
    async fn user_count_url(&self) -> Option<String> {
        self.url(Api::UserCount)
    }

    /// URL of `POST /topapi/message/corpconversation/getsendprogress`; null: not asked.
    async fn get_send_progress_url(&self) -> Option<String> {
        self.url(Api::GetSendProgress)
    }

    /// URL of `POST /topapi/message/corpconversation/getsendresult`; null: sent messages are not followed up.
    async fn get_send_result_url(&self) -> Option<String> {
        self.url(Api::GetSendResult)
    }

    /// URL of `POST /topapi/message/corpconversation/recall`; null: messages can't be recalled.
    async fn recall_url(&self) -> Option<String> {
        self.url(Api::Recall)
    }

    /// URL of `GET /call_back/get_call_back_failed_result`; null: events that could not be pushed are not fetched.
    async fn call_back_failed_result_url(&self) -> Option<String> {
        self.url(Api::CallBackFailedResult)
    }

    /// URL of `POST /v1.0/gateway/connections/open` on `api.dingtalk.com`; null: no events by stream.
    async fn stream_open_url(&self) -> Option<String> {
        self.url(Api::StreamOpen)
    }

    /// How people are matched.
    async fn matching_method(&self) -> MatchingMethod {
        self.0.matching_method.into()
    }

    /// The form's Yes or No: whether `deliveryMode` is anything but OFF.
    async fn enabled(&self) -> bool {
        self.0.enabled()
    }

    /// Whether and how messages are sent.
    async fn delivery_mode(&self) -> DeliveryMode {
        self.0.delivery_mode.into()
    }

    /// The tester's `userId`: with `deliveryMode` REDIRECT everything goes to them alone.
    async fn redirect_to(&self) -> Option<&str> {
        self.0.redirect_to.as_deref()
    }

    /// `deptId`s of the subtrees that are mirrored; empty: everything that the app may see.
    async fn include_departments(&self) -> Vec<BigInt> {
        self.0.include_departments.iter().copied().map(BigInt).collect()
    }

    /// `deptId`s of the subtrees that are left out. Of the named departments above a department, itself included, the
    /// nearest decides: one that is included below an excluded one is mirrored.
    async fn exclude_departments(&self) -> Vec<BigInt> {
        self.0.exclude_departments.iter().copied().map(BigInt).collect()
    }

    /// When the settings were last changed.
    async fn updated_at(&self) -> Option<DateTime> {
        self.0.updated_at.map(Into::into)
    }

    /// Who changed them last.
    async fn updated_by(&self) -> Option<&str> {
        self.0.updated_by.as_deref()
    }

    /// The fields whose value is kept and not used, each with the reason: a URL whose host the operator doesn't allow
    /// (any more) is shown as it is stored and not called, and a secret that was sealed with another key can't be
    /// opened. Where something needs them, `missing` has them, too.
    async fn unused(&self) -> Vec<UnusedSetting> {
        let unused = self.0.unused().into_iter();
        unused
            .map(|(problem, allow)| UnusedSetting {
                field: problem.field(),
                code: problem.code.into(),
                message: problem.message.to_string(),
                statement: problem.message.into(),
                allow,
            })
            .collect()
    }

    /// Whether everything is there that syncing and sending need.
    async fn complete(&self) -> bool {
        self.0.missing().is_empty()
    }

    /// The fields that are still needed.
    async fn missing(&self) -> Vec<&'static str> {
        self.0.missing()
    }
}

/// Queries for the settings.
#[derive(Default)]
pub struct SettingsQuery;

#[Object]
impl SettingsQuery {
    /// The settings in force. Needs `settings:read`.
    async fn settings(&self, ctx: &Context<'_>) -> Option<Result<Settings, ApiError>> {
        Some(require(ctx, Permission::SettingsRead).map(|_| Settings::new(ctx.services().settings.current())))
    }
}
