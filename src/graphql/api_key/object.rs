//! API keys: reading them.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, Object};
use uuid::Uuid;

use crate::{
    auth::{self, Permission as Needed},
    graphql::{
        enums::Permission,
        error::ApiError,
        guard::require,
        relay::{
            connection::{connection, int},
            ids::{NodeKind, global_id},
            paging::{PageArgs, Paging},
        },
        scalars::DateTime,
        services::ContextExt,
    },
};

/// Name of the list in its cursors.
const KEYS: &str = "apiKeys";

/// How an API key stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "auth::ApiKeyState")]
pub enum ApiKeyState {
    /// It may be used.
    Active,
    /// Its time is over.
    Expired,
    /// Somebody revoked it.
    Revoked,
}

/// An API key.
#[derive(Clone)]
pub struct ApiKey(Arc<auth::ApiKey>);

impl ApiKey {
    pub(crate) fn new(key: auth::ApiKey) -> Self {
        Self(Arc::new(key))
    }
}

/// What a plugin shows in the place of a token: `Authorization: Bearer dm_…`. The key itself is shown once, where it is
/// made; the server has a hash of its secret alone.
#[Object]
impl ApiKey {
    /// Global id, for `node` and `revokeApiKey`.
    pub(crate) async fn id(&self) -> ID {
        global_id(NodeKind::ApiKey, self.0.id)
    }

    /// How the key begins, `dm_` and 32 digits: by this it is known again where it is kept. No secret.
    async fn prefix(&self) -> String {
        format!("{}{}", auth::KEY_PREFIX, self.0.id.simple())
    }

    /// Whom it is for. Who shows it is `key:` and this name, as `viewer { subject }` and wherever who did something is
    /// told; keys of one name are one caller.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// What it opens.
    async fn permissions(&self) -> Vec<Permission> {
        self.0.permissions.iter().map(|it| (*it).into()).collect()
    }

    /// How it stands now.
    async fn state(&self, ctx: &Context<'_>) -> ApiKeyState {
        self.0.state(ctx.services().clock.now()).into()
    }

    /// When it was made.
    async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }

    /// Who made it: the `sub` of a token, or `command line`.
    async fn created_by(&self) -> &str {
        &self.0.created_by
    }

    /// From when on it is refused.
    async fn expires_at(&self) -> DateTime {
        self.0.expires_at.into()
    }

    /// When it was last used, to about a minute; null: never.
    async fn last_used_at(&self) -> Option<DateTime> {
        self.0.last_used_at.map(Into::into)
    }

    /// When it was revoked; null: it was not.
    async fn revoked_at(&self) -> Option<DateTime> {
        self.0.revoked_at.map(Into::into)
    }

    /// Who revoked it; null: nobody did.
    async fn revoked_by(&self) -> Option<&str> {
        self.0.revoked_by.as_deref()
    }
}

connection! {
    /// A page of API keys.
    ApiKeyConnection, ApiKeyEdge, ApiKey, (), |_this, ctx| {
        let store = &ctx.services().store;
        store.count_api_keys().await.map(int).map_err(ApiError::from)
    }
}

/// Queries for API keys.
#[derive(Default)]
pub struct ApiKeyQuery;

#[Object]
impl ApiKeyQuery {
    /// The API keys, newest first, with those that have expired or were revoked. Needs `settings:read`.
    #[graphql(tag = "asks")]
    async fn api_keys(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the front, 1 to 500; 50 if neither `first` nor `last` is given.")]
        first: Option<i32>,
        #[graphql(desc = "Only those behind this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 1 to 500.")] last: Option<i32>,
        #[graphql(desc = "Only those in front of this cursor.")] before: Option<String>,
    ) -> Option<Result<ApiKeyConnection, ApiError>> {
        Some(keys(ctx, &PageArgs::new(first, after, last, before)).await)
    }
}

/// The key of this id, if the caller may see keys.
pub(crate) async fn key(ctx: &Context<'_>, id: Uuid) -> Result<Option<ApiKey>, ApiError> {
    require(ctx, Needed::SettingsRead)?;
    let store = &ctx.services().store;
    Ok(store.api_key(id).await?.map(ApiKey::new))
}

async fn keys(ctx: &Context<'_>, args: &PageArgs) -> Result<ApiKeyConnection, ApiError> {
    require(ctx, Needed::SettingsRead)?;
    let paging = Paging::<Uuid>::new(KEYS, args, 50)?;
    let store = &ctx.services().store;
    let page = store.api_keys(paging.request()).await?.map(ApiKey::new);
    let listing = paging.listing(page, |it| it.0.id);
    Ok(ApiKeyConnection { listing, extra: () })
}
