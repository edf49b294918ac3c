//! Revoking tokens.

use async_graphql::{Context, InputObject, Object, SimpleObject};

use crate::{
    admin::RevocationError,
    auth::{NewRevocation, Permission as Needed},
    graphql::{error::ApiError, guard::author, scalars::DateTime, services::ContextExt, user_error::UserError},
};

/// Which tokens to revoke: one by its id, or all of somebody.
#[derive(InputObject)]
pub struct RevokeTokensInput {
    /// The `jti` of one token.
    token_id: Option<String>,
    /// The `iss` of that token; without it, it is one of this server's own.
    issuer: Option<String>,
    /// Whose tokens, as `viewer { subject }` tells it of them.
    subject: Option<String>,
    /// Those that were issued before; without it, before now. A token that doesn't say when it was issued is one of
    /// them.
    issued_before: Option<DateTime>,
    /// Comes back unchanged in the payload.
    client_mutation_id: Option<String>,
}

/// What came of revoking tokens.
#[derive(SimpleObject)]
pub struct RevokeTokensPayload {
    /// When they were revoked, which may have been before; null where nothing was.
    revoked_at: Option<DateTime>,
    /// What is wrong, all of it at once.
    user_errors: Vec<UserError>,
    /// As it was given.
    client_mutation_id: Option<String>,
}

/// Mutations of tokens.
#[derive(Default)]
pub struct TokenMutation;

#[Object]
impl TokenMutation {
    /// Revokes tokens: every replica refuses them within two seconds, and closes the WebSockets and streams that were
    /// opened with them. API keys are revoked by `revokeApiKey`. Needs `settings:write`.
    async fn revoke_tokens(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which ones.")] input: RevokeTokensInput,
    ) -> Option<Result<RevokeTokensPayload, ApiError>> {
        Some(revoke(ctx, input).await)
    }
}

async fn revoke(ctx: &Context<'_>, input: RevokeTokensInput) -> Result<RevokeTokensPayload, ApiError> {
    let by = author(ctx, Needed::SettingsWrite)?;
    let new = NewRevocation {
        token_id: input.token_id,
        issuer: input.issuer,
        subject: input.subject,
        issued_before: input.issued_before.map(Into::into),
    };

    let (revoked_at, problems) = match ctx.services().tokens.revoke(new, by).await {
        Ok(revocation) => (Some(revocation.revoked_at.into()), Vec::new()),
        Err(RevocationError::Problems(problems)) => (None, problems),
        Err(RevocationError::Store(error)) => return Err(error.into()),
    };
    Ok(RevokeTokensPayload {
        revoked_at,
        user_errors: problems.into_iter().map(Into::into).collect(),
        client_mutation_id: input.client_mutation_id,
    })
}
