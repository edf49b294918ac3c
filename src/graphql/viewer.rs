//! Who the caller is, by the token or the API key that they have shown.

use async_graphql::{Context, ID, Object};

use super::{
    enums::Permission,
    relay::ids::{NodeKind, global_id},
    scalars::DateTime,
};
use crate::auth::Caller;

/// The caller.
pub struct Viewer(Caller);

/// Who the token or the API key says you are.
#[Object]
impl Viewer {
    /// Global id, for `node`: the same for each token or key of this subject.
    pub(crate) async fn id(&self) -> ID {
        global_id(NodeKind::Viewer, &self.0.subject)
    }

    /// The token's `sub`, or `key:` and the name of the API key: stands in the audit log and beside messages.
    async fn subject(&self) -> &str {
        &self.0.subject
    }

    /// What the token or key allows.
    async fn permissions(&self) -> Vec<Permission> {
        self.0
            .permissions
            .iter()
            .map(|permission| (*permission).into())
            .collect()
    }

    /// When the token or key ends.
    async fn expires_at(&self) -> DateTime {
        self.0.expires_at.into()
    }
}

/// Who the caller is.
pub(crate) fn viewer(ctx: &Context<'_>) -> Option<Viewer> {
    ctx.data_opt::<Caller>().cloned().map(Viewer)
}

impl Viewer {
    /// The same viewer, if that is their subject.
    pub(crate) fn with_subject(self, subject: &str) -> Option<Self> {
        Some(self).filter(|it| it.0.subject == subject)
    }
}

/// Queries about the caller.
#[derive(Default)]
pub struct ViewerQuery;

#[Object]
impl ViewerQuery {
    /// Who the token or the API key says you are; null without either.
    async fn viewer(&self, ctx: &Context<'_>) -> Option<Viewer> {
        viewer(ctx)
    }

    /// This server's version.
    async fn version(&self) -> &'static str {
        env!("CARGO_PKG_VERSION")
    }
}
