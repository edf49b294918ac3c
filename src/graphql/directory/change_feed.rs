//! The change feed as a subscription.

use async_graphql::{Context, Subscription};
use futures_util::{Stream, StreamExt};

use super::{change::Change, change_list::ChangeFilter};
use crate::{
    auth::Permission,
    graphql::{error::ApiError, guard::require, relay::feed, services::ContextExt},
};

/// Subscriptions to changes.
#[derive(Default)]
pub struct ChangeSubscription;

#[Subscription]
impl ChangeSubscription {
    /// Each change of the directory as it is applied: first those behind `after`, then the new ones. Resume with the
    /// last `cursor` that you have seen; one that is older than what is kept is refused, as by `changes`. Needs
    /// `directory:read`.
    async fn directory_changes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Begin behind this cursor; without it with the next change.")] after: Option<String>,
        #[graphql(desc = "Which ones; without it all.")] filter: Option<ChangeFilter>,
    ) -> Result<impl Stream<Item = Result<Change, ApiError>> + use<>, ApiError> {
        require(ctx, Permission::DirectoryRead)?;
        let services = ctx.services();
        let filter = filter.unwrap_or_default().of_log()?;
        let beginning = feed::beginning(services, after.as_deref()).await?;

        let log = (&services.store, &services.snapshots);
        let told = services.change_feed.follow(log, beginning, filter).await?;
        Ok(told.map(|told| told.map(Change::new)))
    }
}
