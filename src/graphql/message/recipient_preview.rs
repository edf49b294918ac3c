//! A recipient of a message that isn't sent.

use async_graphql::{Context, Object};

use super::recipient::{Prediction, Recipient, RecipientState};
use crate::graphql::{
    directory::objects::{Department, User},
    error::ApiError,
    identity::resolution::{ConfluenceIdentity, MatchingRule, ResolutionStatus},
    relay::connection::int,
    statement::Statement,
};

/// A recipient as `sendMessage` would record them. A type of its own, without an id: there is no row that an id could
/// name, and clients with a normalising cache take two objects with one id for one.
pub struct RecipientPreview(pub(crate) Recipient);

/// One of those whom a message would be sent to. It has no id, for nothing is recorded.
#[Object]
impl RecipientPreview {
    /// Place in the request, from 0: identities first, then user ids, then whom departments bring.
    async fn position(&self) -> i32 {
        int(self.0.row.position)
    }

    /// The Confluence user, where the request names one.
    async fn identity(&self, ctx: &Context<'_>) -> Option<ConfluenceIdentity> {
        self.0.shown_identity(ctx)
    }

    /// What resolving the Confluence user gives.
    async fn resolution_status(&self) -> Option<ResolutionStatus> {
        self.0.row.resolution_status.map(Into::into)
    }

    /// The rule that finds the DingTalk user; null where none finds anybody, or the request names them by `userId`.
    async fn rule(&self) -> Option<MatchingRule> {
        self.0.row.resolution_rule.map(Into::into)
    }

    /// The DingTalk user's `userId`. Of somebody whom a department brings it needs `directory:read`.
    async fn user_id(&self, ctx: &Context<'_>) -> Option<Result<&str, ApiError>> {
        self.0.shown_userid(ctx)
    }

    /// The DingTalk user, where the mirror has them. Needs `directory:read`, except of somebody whom the request names.
    async fn user(&self, ctx: &Context<'_>) -> Option<Result<User, ApiError>> {
        self.0.shown_user(ctx)
    }

    /// The state that the recipient would begin in.
    async fn state(&self) -> RecipientState {
        self.0.row.state.into()
    }

    /// Why, where there is more to say than the state.
    async fn reason(&self, ctx: &Context<'_>) -> Option<Result<String, ApiError>> {
        Some(self.0.shown_reason(ctx)?.map(ToString::to_string))
    }

    /// The reason as data.
    async fn reason_statement(&self, ctx: &Context<'_>) -> Option<Result<Statement, ApiError>> {
        Some(self.0.shown_reason(ctx)?.map(Into::into))
    }

    /// The department that brings them, where the request doesn't name them. Needs `directory:read`.
    async fn department(&self, ctx: &Context<'_>) -> Option<Result<Department, ApiError>> {
        self.0.shown_department(ctx)
    }

    /// What DingTalk is expected to drop.
    async fn prediction(&self) -> Option<Prediction> {
        self.0.row.prediction.map(Into::into)
    }
}
