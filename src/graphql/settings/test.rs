//! Trying the settings out.

use async_graphql::{Context, Enum, InputObject, MaybeUndefined, Object, SimpleObject};

use super::{
    object::MatchingMethod,
    patch::{field, or_default, secret},
    urls::SettingsUrls,
};
use crate::{
    audit::{AuditAction, Deed},
    auth::Permission,
    catalogue::checks::TEST_RUNNING,
    checkup,
    graphql::{
        error::ApiError,
        guard::{author, visible},
        relay::connection::int,
        scalars::BigInt,
        services::ContextExt,
        statement::Statement,
        user_error::{UserError, UserErrorCode},
    },
    message::CallPurpose,
    settings::{self, Api, SettingsPatch},
    word::word,
};

/// The form as it would stand: what is absent is tested as it is stored, and null as if it were cleared or put back to
/// its default. The fields are those of `UpdateSettingsInput`.
#[derive(InputObject)]
pub struct TestSettingsInput {
    /// AgentId: decimal digits.
    agent_id: MaybeUndefined<String>,
    /// AppKey (Client ID).
    app_key: MaybeUndefined<String>,
    /// AppSecret (Client Secret). It is neither stored nor shown.
    app_secret: MaybeUndefined<String>,
    #[graphql(flatten)]
    urls: SettingsUrls,
    /// How people are matched: it decides which fields have to be visible.
    matching_method: MaybeUndefined<MatchingMethod>,
    /// Comes back unchanged in the payload.
    client_mutation_id: Option<String>,
}

impl TestSettingsInput {
    fn patch(self) -> SettingsPatch {
        let defaults = settings::Settings::defaults();
        SettingsPatch {
            agent_id: field(self.agent_id),
            app_key: field(self.app_key),
            app_secret: secret(self.app_secret),
            urls: self.urls.patch(),
            matching_method: or_default(self.matching_method, defaults.matching_method),
            ..SettingsPatch::default()
        }
    }
}

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "checkup::CheckState")]
pub enum CheckState {
    /// It was not tested: it is switched off, or what it rests on failed.
    Skipped,
    /// It is proved to work.
    Passed,
    /// It works in part, or can't be proved without an effect; `message` says which.
    Limited,
    /// It does not work.
    Failed,
}

/// What is checked. New ones may be added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum SettingsCheckName {
    /// Whether an access token is given for appKey and appSecret at getTokenUrl.
    Token,
    /// Whether messages can be sent. A message to nobody is sent, which DingTalk refuses.
    AsyncSendUrl,
    /// Whether agentId is the app's, as far as that can be proved without sending.
    AgentId,
    /// Whether departments can be read.
    DepartmentListSubUrl,
    /// Whether the details of departments can be read.
    DepartmentGetUrl,
    /// Whether it can be read who is in a department.
    UserListIdUrl,
    /// Whether people's records can be read.
    UserGetUrl,
    /// Whether people can be looked up by mobile number. A number is asked for that nobody has.
    UserGetByMobileUrl,
    /// Whether the contact scope can be asked.
    AuthScopesUrl,
    /// Whether people can be read in bulk.
    UserListUrl,
    /// Whether DingTalk's own count can be asked.
    UserCountUrl,
    /// Whether the URL is right. It is called without a token, which counts against no quota.
    GetSendProgressUrl,
    /// Whether the URL is right. It is called without a token, which counts against no quota.
    GetSendResultUrl,
    /// Whether the URL is right. It is called without a token, which takes nothing back.
    RecallUrl,
    /// Whether the URL is right. It is called without a token, which empties no list.
    CallBackFailedResultUrl,
    /// Whether a ticket for a stream is given. It is not used.
    StreamOpenUrl,
    /// How much of the company the app sees (通讯录权限范围).
    ContactScope,
    /// Whether email addresses are shown (邮箱等个人信息).
    FieldEmail,
    /// Whether mobile numbers are shown (企业员工手机号信息).
    FieldMobile,
    /// Whether people have job numbers.
    FieldJobNumber,
    /// DingTalk's own count of the company.
    UserCount,
    /// Whether changes arrive by themselves.
    Events,
}

impl From<checkup::CheckName> for SettingsCheckName {
    fn from(name: checkup::CheckName) -> Self {
        use checkup::CheckName as Name;
        match name {
            Name::Token | Name::Url(Api::GetToken) => Self::Token,
            Name::Url(Api::AsyncSend) => Self::AsyncSendUrl,
            Name::Url(Api::DepartmentListSub) => Self::DepartmentListSubUrl,
            Name::Url(Api::DepartmentGet) => Self::DepartmentGetUrl,
            Name::Url(Api::UserListId) => Self::UserListIdUrl,
            Name::Url(Api::UserGet) => Self::UserGetUrl,
            Name::Url(Api::UserGetByMobile) => Self::UserGetByMobileUrl,
            Name::Url(Api::AuthScopes) => Self::AuthScopesUrl,
            Name::Url(Api::UserList) => Self::UserListUrl,
            Name::Url(Api::UserCount) => Self::UserCountUrl,
            Name::Url(Api::GetSendProgress) => Self::GetSendProgressUrl,
            Name::Url(Api::GetSendResult) => Self::GetSendResultUrl,
            Name::Url(Api::Recall) => Self::RecallUrl,
            Name::Url(Api::CallBackFailedResult) => Self::CallBackFailedResultUrl,
            Name::Url(Api::StreamOpen) => Self::StreamOpenUrl,
            Name::AgentId => Self::AgentId,
            Name::ContactScope => Self::ContactScope,
            Name::FieldEmail => Self::FieldEmail,
            Name::FieldMobile => Self::FieldMobile,
            Name::FieldJobNumber => Self::FieldJobNumber,
            Name::UserCount => Self::UserCount,
            Name::Events => Self::Events,
        }
    }
}

/// What one check found.
#[derive(Debug, Clone, SimpleObject)]
pub struct SettingsCheck {
    /// What was checked.
    check: SettingsCheckName,
    /// How it ended.
    state: CheckState,
    /// What was found, in product words.
    message: String,
    /// The same as data.
    statement: Statement,
    /// What to do about it; null: nothing.
    remedy: Option<String>,
    /// The same as data.
    remedy_statement: Option<Statement>,
    /// The field of the form that it is about; null: none alone.
    field: Option<String>,
    /// The value to write there instead, where it is known.
    suggestion: Option<String>,
    /// Address of DingTalk's page about it.
    document: String,
    /// DingTalk's code, where it refused.
    dingtalk_code: Option<String>,
}

impl From<checkup::Check> for SettingsCheck {
    fn from(check: checkup::Check) -> Self {
        let field = check.field().map(str::to_owned);
        let finding = check.finding;
        Self {
            check: check.name.into(),
            state: finding.state.into(),
            message: finding.found.to_string(),
            statement: finding.found.into(),
            remedy: finding.remedy.as_ref().map(ToString::to_string),
            remedy_statement: finding.remedy.map(Into::into),
            field,
            suggestion: finding.suggestion,
            document: check.name.document(),
            dingtalk_code: finding.dingtalk_code,
        }
    }
}

/// What came of `testSettings`.
#[derive(SimpleObject)]
pub struct TestSettingsPayload {
    /// Every check, in the order of the form; none where `userErrors` says why nothing was tested.
    checks: Vec<SettingsCheck>,
    /// The worst of the checks: FAILED, LIMITED or PASSED. Settings that are right come to LIMITED: that agentId is the
    /// app's only a message would prove. Null where nothing was tested.
    state: Option<CheckState>,
    /// Calls to DingTalk that were made. One of them, to the Send Message URL, may count against the monthly quota.
    calls: i32,
    /// The version of the settings that what is absent was taken from. Needs `settings:read`.
    settings_version: Option<Result<BigInt, ApiError>>,
    /// Why nothing was tested. What is wrong with a field is told by its check.
    user_errors: Vec<UserError>,
    /// As it was given.
    client_mutation_id: Option<String>,
}

/// Trying the settings out.
#[derive(Default)]
pub struct TestSettingsMutation;

#[Object]
impl TestSettingsMutation {
    /// Tries the settings out, stored or not: each URL and each permission by calls that have no effect. Nobody is sent
    /// anything, nothing is stored, and a sync or sending that is under way goes on as before. It takes some seconds,
    /// 15 at most, and one test runs at a time. Needs `settings:write`.
    #[graphql(tag = "asks")]
    async fn test_settings(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The form as it would stand.")] input: TestSettingsInput,
    ) -> Option<Result<TestSettingsPayload, ApiError>> {
        Some(test(ctx, input).await)
    }
}

async fn test(ctx: &Context<'_>, mut input: TestSettingsInput) -> Result<TestSettingsPayload, ApiError> {
    let by = author(ctx, Permission::SettingsWrite)?;
    let client_mutation_id = input.client_mutation_id.take();
    let report = ctx.services().checkup.run(&input.patch()).await;
    if let Ok(report) = &report {
        tracing::info!(caller = by.subject, calls = report.calls, "settings were tried out");
    }

    let Ok(report) = report else {
        let running = UserError::at::<&str>(UserErrorCode::Conflict, [], TEST_RUNNING {});
        return Ok(TestSettingsPayload {
            checks: Vec::new(),
            state: None,
            calls: 0,
            settings_version: None,
            user_errors: vec![running],
            client_mutation_id,
        });
    };

    let metered = i64::from(report.metered_calls);
    if metered > 0 {
        ctx.services().store.meter(CallPurpose::Test, metered).await?;
    }

    let deed = Deed::new(AuditAction::SettingsTried, &by)
        .with("state", word(&report.state()))
        .with("calls", report.calls);
    ctx.services().store.note_deed(&deed).await?;

    let version = BigInt(report.settings_version);
    Ok(TestSettingsPayload {
        state: Some(report.state().into()),
        calls: int(report.calls),
        settings_version: visible(ctx, Permission::SettingsRead, || Some(version)),
        checks: report.checks.into_iter().map(Into::into).collect(),
        user_errors: Vec::new(),
        client_mutation_id,
    })
}
