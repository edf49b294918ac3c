//! Changing the settings form.

use std::sync::Arc;

use async_graphql::{Context, InputObject, MaybeUndefined, Object, SimpleObject};

use super::{
    object::{DeliveryMode, MatchingMethod, Settings},
    patch::{department_ids, field, or_default, secret},
    urls::SettingsUrls,
};
use crate::{
    admin::UpdateError,
    auth::Permission,
    catalogue::{
        self,
        settings::{METHOD_NOT_REHEARSED, SETTINGS_VERSION, SETTINGS_VERSION_HIDDEN},
    },
    graphql::{
        error::ApiError,
        guard::{author, require, visible},
        scalars::BigInt,
        services::ContextExt,
        user_error::{UserError, UserErrorCode},
    },
    settings::{self, SettingsPatch},
};

/// The fields to change: absent ones stay as they are, null clears one or puts its default back.
#[derive(InputObject)]
pub struct UpdateSettingsInput {
    /// The `version` that you have seen; if somebody changed the settings since, nothing is written.
    expected_version: BigInt,
    /// AgentId: decimal digits.
    agent_id: MaybeUndefined<String>,
    /// AppKey (Client ID).
    app_key: MaybeUndefined<String>,
    /// AppSecret (Client Secret). It is kept sealed and never shown.
    app_secret: MaybeUndefined<String>,
    #[graphql(flatten)]
    urls: SettingsUrls,
    /// How people are matched. Where somebody known would be another person by it, `rehearsalToken` is needed.
    matching_method: MaybeUndefined<MatchingMethod>,
    /// The token of `rehearseMatching`, made for these settings and the same changes of persons.
    rehearsal_token: Option<String>,
    /// Yes or no: false is `deliveryMode` OFF; true is ON where it was OFF, and leaves any other mode alone.
    enabled: MaybeUndefined<bool>,
    /// Whether and how messages are sent.
    delivery_mode: MaybeUndefined<DeliveryMode>,
    /// The tester's DingTalk `userId`, which `deliveryMode` REDIRECT needs.
    redirect_to: MaybeUndefined<String>,
    /// `deptId`s of the subtrees to mirror, the whole list, at most 1,000; empty or null: everything that the app may
    /// see. See `previewDepartmentSelection` for who would fall out.
    include_departments: MaybeUndefined<Vec<BigInt>>,
    /// `deptId`s of the subtrees to leave out, the whole list, at most 1,000; empty or null: none. The nearest named
    /// department decides, so that one included below an excluded one is mirrored.
    exclude_departments: MaybeUndefined<Vec<BigInt>>,
    /// Comes back unchanged in the payload.
    client_mutation_id: Option<String>,
}

impl UpdateSettingsInput {
    fn patch(self) -> SettingsPatch {
        let defaults = settings::Settings::defaults();
        SettingsPatch {
            agent_id: field(self.agent_id),
            app_key: field(self.app_key),
            app_secret: secret(self.app_secret),
            reset_urls: false,
            urls: self.urls.patch(),
            matching_method: or_default(self.matching_method, defaults.matching_method),
            enabled: or_default(self.enabled, defaults.enabled()),
            delivery_mode: or_default(self.delivery_mode, defaults.delivery_mode),
            redirect_to: field(self.redirect_to),
            include_departments: department_ids(self.include_departments),
            exclude_departments: department_ids(self.exclude_departments),
        }
    }
}

/// What came of `updateSettings`.
#[derive(SimpleObject)]
pub struct UpdateSettingsPayload {
    /// The settings after the change; null where nothing was written. Needs `settings:read`.
    settings: Option<Result<Settings, ApiError>>,
    /// What is wrong, all of it at once.
    user_errors: Vec<UserError>,
    /// As it was given.
    client_mutation_id: Option<String>,
}

/// What to reset.
#[derive(InputObject)]
pub struct ResetSettingsInput {
    /// The `version` that you have seen; if somebody changed the settings since, nothing is written.
    expected_version: BigInt,
    /// The token of `rehearseMatching`, where the default matching method would make somebody known another person.
    rehearsal_token: Option<String>,
    /// Comes back unchanged in the payload.
    client_mutation_id: Option<String>,
}

/// What came of `resetSettings`.
#[derive(SimpleObject)]
pub struct ResetSettingsPayload {
    /// The settings after the change; null where nothing was written. Needs `settings:read`.
    settings: Option<Result<Settings, ApiError>>,
    /// What is wrong.
    user_errors: Vec<UserError>,
    /// As it was given.
    client_mutation_id: Option<String>,
}

/// Mutations of the settings.
#[derive(Default)]
pub struct SettingsMutation;

#[Object]
impl SettingsMutation {
    /// Changes fields of the settings form. It takes effect at once, and is recorded with your name. Needs
    /// `settings:write`.
    async fn update_settings(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The fields to change.")] input: UpdateSettingsInput,
    ) -> Option<Result<UpdateSettingsPayload, ApiError>> {
        Some(update(ctx, input).await)
    }

    /// Puts every field back to its default; the secret is cleared. Needs `settings:write`.
    async fn reset_settings(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to reset.")] input: ResetSettingsInput,
    ) -> Option<Result<ResetSettingsPayload, ApiError>> {
        Some(reset(ctx, input).await)
    }
}

async fn update(ctx: &Context<'_>, input: UpdateSettingsInput) -> Result<UpdateSettingsPayload, ApiError> {
    let by = author(ctx, Permission::SettingsWrite)?;
    let (expected, client_mutation_id) = (input.expected_version.0, input.client_mutation_id.clone());
    let token = input.rehearsal_token.clone();
    let admin = &ctx.services().admin;

    let done = admin.update_rehearsed(expected, input.patch(), token.as_deref(), by);
    let (settings, user_errors) = outcome(ctx, expected, done.await)?;
    Ok(UpdateSettingsPayload {
        settings,
        user_errors,
        client_mutation_id,
    })
}

async fn reset(ctx: &Context<'_>, input: ResetSettingsInput) -> Result<ResetSettingsPayload, ApiError> {
    let by = author(ctx, Permission::SettingsWrite)?;
    let admin = &ctx.services().admin;
    let (expected, token) = (input.expected_version.0, input.rehearsal_token.as_deref());

    let done = admin.reset(expected, token, by).await;
    let (settings, user_errors) = outcome(ctx, expected, done)?;
    Ok(ResetSettingsPayload {
        settings,
        user_errors,
        client_mutation_id: input.client_mutation_id,
    })
}

/// The settings, or why they aren't shown, and what is wrong.
type SettingsOutcome = (Option<Result<Settings, ApiError>>, Vec<UserError>);

fn outcome(
    ctx: &Context<'_>,
    expected: i64,
    done: Result<Arc<settings::Settings>, UpdateError>,
) -> Result<SettingsOutcome, ApiError> {
    match done {
        Ok(settings) => {
            let shown = visible(ctx, Permission::SettingsRead, || Some(Settings::new(settings)));
            Ok((shown, Vec::new()))
        }
        Err(UpdateError::Invalid(problems)) => Ok((None, problems.into_iter().map(Into::into).collect())),
        Err(UpdateError::VersionConflict { actual }) => {
            // Only who may read the settings is told their version.
            let message = if require(ctx, Permission::SettingsRead).is_ok() {
                catalogue::Statement::from(SETTINGS_VERSION { actual, sent: expected })
            } else {
                SETTINGS_VERSION_HIDDEN { sent: expected }.into()
            };

            Ok((
                None,
                vec![UserError::at(
                    UserErrorCode::VersionConflict,
                    ["expectedVersion"],
                    message,
                )],
            ))
        }
        Err(UpdateError::NotRehearsed { changes_person, stale }) => {
            let count = changes_person;
            let message = METHOD_NOT_REHEARSED { count, stale };

            Ok((
                None,
                vec![UserError::at(UserErrorCode::NotRehearsed, ["rehearsalToken"], message)],
            ))
        }
        Err(UpdateError::Store(error)) => Err(error.into()),
    }
}
