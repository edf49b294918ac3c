//! `asOf`: which snapshot a query is answered from.

use std::sync::Arc;

use async_graphql::{Context, ID};

use crate::{
    directory::Snapshot,
    graphql::{error::ApiError, relay::ids, scalars::DateTime, services::ContextExt},
};

/// The directory that the operation is answered from, or as the mirror knew it then.
pub(crate) async fn snapshot(ctx: &Context<'_>, as_of: Option<DateTime>) -> Result<Arc<Snapshot>, ApiError> {
    let Some(DateTime(at)) = as_of else {
        return Ok(ctx.snapshot());
    };
    let services = ctx.services();
    let (store, clock) = (&services.store, &services.clock);
    services.past.at((store, clock), ctx.snapshot(), at).await
}

/// The moment that is asked for, by the argument or else by the id of something of the past.
pub(super) fn chosen(as_of: Option<DateTime>, id: Option<&ID>) -> Option<DateTime> {
    as_of.or_else(|| id.and_then(|id| ids::moment_of(id)).map(Into::into))
}
