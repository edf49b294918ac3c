//! API keys: making and revoking them.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use secrecy::ExposeSecret;
use uuid::Uuid;

use super::object::ApiKey;
use crate::{
    admin::{CreatedKey, KeyCreationError},
    auth::{NewApiKey, Permission as Needed},
    catalogue::api_keys as said,
    graphql::{
        enums::Permission,
        error::ApiError,
        guard::{author, require, visible},
        relay::ids::{NodeKind, key_of},
        scalars::DateTime,
        services::ContextExt,
        user_error::{UserError, UserErrorCode},
    },
    problem::Problem,
};

/// An API key to make.
#[derive(InputObject)]
pub struct CreateApiKeyInput {
    /// Whom it is for: 1 to 64 characters. Keys of one name are one caller: to replace a key, make the next one under
    /// the same name, then revoke the former.
    name: String,
    /// What it shall open. You can give what your token has.
    permissions: Vec<Permission>,
    /// From when on it shall be refused: within the longest life that the operator allows, 365 days by default.
    expires_at: DateTime,
    /// Comes back unchanged in the payload.
    client_mutation_id: Option<String>,
}

/// Which API key to revoke.
#[derive(InputObject)]
pub struct RevokeApiKeyInput {
    /// Its `id`.
    id: ID,
    /// Comes back unchanged in the payload.
    client_mutation_id: Option<String>,
}

/// What came of making an API key.
#[derive(SimpleObject)]
pub struct CreateApiKeyPayload {
    /// The key as it is listed; null where none was made.
    api_key: Option<ApiKey>,
    /// The key itself: `Authorization: Bearer <secret>`. It is shown here and never again. Null where none was made.
    secret: Option<String>,
    /// What is wrong, all of it at once.
    user_errors: Vec<UserError>,
    /// As it was given.
    client_mutation_id: Option<String>,
}

/// What came of revoking an API key.
#[derive(SimpleObject)]
pub struct RevokeApiKeyPayload {
    /// The key as it stands now; null where there is none. Needs `settings:read`.
    api_key: Option<Result<ApiKey, ApiError>>,
    /// What is wrong, all of it at once.
    user_errors: Vec<UserError>,
    /// As it was given.
    client_mutation_id: Option<String>,
}

/// Mutations of API keys.
#[derive(Default)]
pub struct ApiKeyMutation;

#[Object]
impl ApiKeyMutation {
    /// Makes an API key, which is taken wherever a token is: by every replica within two seconds. With an API key no
    /// other is made. Needs `settings:write`.
    async fn create_api_key(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The key.")] input: CreateApiKeyInput,
    ) -> Option<Result<CreateApiKeyPayload, ApiError>> {
        Some(create(ctx, input).await)
    }

    /// Revokes an API key: every replica refuses it within two seconds, and closes the WebSockets and streams that were
    /// opened with it. One that was revoked already stays as it was. Needs `settings:write`.
    async fn revoke_api_key(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] input: RevokeApiKeyInput,
    ) -> Option<Result<RevokeApiKeyPayload, ApiError>> {
        Some(revoke(ctx, input).await)
    }
}

async fn create(ctx: &Context<'_>, input: CreateApiKeyInput) -> Result<CreateApiKeyPayload, ApiError> {
    let (caller, by) = (
        require(ctx, Needed::SettingsWrite)?,
        author(ctx, Needed::SettingsWrite)?,
    );
    let new = NewApiKey {
        name: input.name,
        permissions: input.permissions.into_iter().map(Into::into).collect(),
        expires_at: input.expires_at.into(),
    };
    let client_mutation_id = input.client_mutation_id;

    let problems = new.check_giver(caller);
    let made = if problems.is_empty() {
        ctx.services().api_keys.create(new, by).await
    } else {
        Err(KeyCreationError::Problems(problems))
    };
    match made {
        Ok(CreatedKey { key, secret }) => Ok(CreateApiKeyPayload {
            api_key: Some(ApiKey::new(key)),
            secret: Some(secret.expose_secret().to_owned()),
            user_errors: Vec::new(),
            client_mutation_id,
        }),
        Err(KeyCreationError::Problems(problems)) => Ok(CreateApiKeyPayload {
            api_key: None,
            secret: None,
            user_errors: told(problems),
            client_mutation_id,
        }),
        Err(KeyCreationError::Store(error)) => Err(error.into()),
        Err(error @ KeyCreationError::NoChance) => Err(ApiError::internal(&error)),
    }
}

async fn revoke(ctx: &Context<'_>, input: RevokeApiKeyInput) -> Result<RevokeApiKeyPayload, ApiError> {
    let by = author(ctx, Needed::SettingsWrite)?;
    let id: Uuid = key_of(&input.id, NodeKind::ApiKey, "id")?;

    let revoked = ctx.services().api_keys.revoke(id, by).await?;
    let user_errors = match &revoked {
        Some(_) => Vec::new(),
        None => vec![UserError::at(UserErrorCode::NotFound, ["id"], said::API_KEY_UNKNOWN {})],
    };
    Ok(RevokeApiKeyPayload {
        api_key: revoked.and_then(|key| visible(ctx, Needed::SettingsRead, || Some(ApiKey::new(key)))),
        user_errors,
        client_mutation_id: input.client_mutation_id,
    })
}

fn told(problems: Vec<Problem>) -> Vec<UserError> {
    problems.into_iter().map(Into::into).collect()
}
