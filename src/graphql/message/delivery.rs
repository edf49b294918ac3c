//! Sending as it stands.

use async_graphql::{ComplexObject, Context, ID, Object, SimpleObject};

use super::object::FollowUp;
use crate::{
    auth::Permission,
    graphql::{
        error::ApiError,
        guard::require,
        relay::{
            connection::int,
            ids::{NodeKind, ONLY, global_id},
        },
        scalars::DateTime,
        services::{ContextExt, Services},
        settings::object::DeliveryMode,
        statement::Statement,
    },
    message::month_of,
    settings::Api,
};

/// The mode's name in the record of who changed the settings.
const MODE: &str = "deliveryMode";

/// Sending as it stands.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(complex)]
pub struct DeliveryStatus {
    /// How it stands in the settings.
    mode: DeliveryMode,
    /// When that was set. Null: nobody has changed it yet.
    mode_set_at: Option<DateTime>,
    /// Who set it: the `sub` of the token.
    mode_set_by: Option<String>,
    /// Nothing is sent before then; null: it is.
    stopped_until: Option<DateTime>,
    /// Why not, and what to do: DingTalk's monthly quota is used up, or something has to be put right in the settings
    /// or at DingTalk. Messages wait meanwhile.
    stopped_reason: Option<String>,
    /// The same as data.
    stopped_statement: Option<Statement>,
    /// Recipients who wait or are being sent to.
    queued: i32,
    /// Of those, recipients whose messages are held: they were resolved for another app than the one that the settings
    /// name. Somebody has to decide: `releaseHeldMessages` or `recallMessage`.
    held: i32,
    /// What keeps the process that answers from sending, and perhaps no other one: its key, its list of hosts, its
    /// address. Null: nothing.
    own_fault: Option<String>,
    /// The same as data.
    own_fault_statement: Option<Statement>,
    /// Calls of this month in Beijing that count against DingTalk's monthly quota: `used` of `quota`, which tells what
    /// for.
    calls_this_month: i32,
    /// Recipients of this month's calls.
    recipients_this_month: i32,
    /// When DingTalk's next month begins.
    month_ends_at: DateTime,
    /// Whether DingTalk is asked what became of sends.
    follow_up: FollowUp,
}

#[ComplexObject]
impl DeliveryStatus {
    /// Global id, for `node`: the same at any time.
    pub(crate) async fn id(&self) -> ID {
        global_id(NodeKind::DeliveryStatus, ONLY)
    }
}

impl DeliveryStatus {
    pub(crate) async fn now(services: &Services) -> Result<Self, ApiError> {
        let (now, settings) = (services.clock.now(), services.settings.current());
        let (began, ends) = month_of(now);
        let stop = services.store.sending_stopped(now).await?;
        let own_fault = services.delivery.fault();
        let (_, held) = services.store.count_held().await?;
        let figures = services.store.delivery_figures(began).await?;
        let quota = services.delivery.quota().await?;
        let mode_set = services.store.last_setting_change(MODE).await?;

        Ok(Self {
            mode: settings.delivery_mode.into(),
            mode_set_at: mode_set.as_ref().map(|set| set.at.into()),
            mode_set_by: mode_set.map(|set| set.actor),
            stopped_until: stop.as_ref().map(|stop| stop.until.into()),
            stopped_reason: stop.as_ref().map(|stop| stop.reason.to_string()),
            stopped_statement: stop.map(|stop| stop.reason.into()),
            queued: int(figures.open),
            held: int(held),
            own_fault: own_fault.as_ref().map(ToString::to_string),
            own_fault_statement: own_fault.map(Into::into),
            calls_this_month: int(quota.used),
            recipients_this_month: int(figures.recipients),
            month_ends_at: ends.into(),
            follow_up: if settings.urls.contains_key(&Api::GetSendResult) {
                FollowUp::On
            } else {
                FollowUp::Off
            },
        })
    }
}

/// Queries for sending.
#[derive(Default)]
pub struct DeliveryQuery;

#[Object]
impl DeliveryQuery {
    /// Sending as it stands. Needs `message:read`.
    #[graphql(tag = "asks")]
    async fn delivery(&self, ctx: &Context<'_>) -> Option<Result<DeliveryStatus, ApiError>> {
        Some(status(ctx).await)
    }
}

/// Sending as it stands.
pub(crate) async fn status(ctx: &Context<'_>) -> Result<DeliveryStatus, ApiError> {
    require(ctx, Permission::MessageRead)?;
    DeliveryStatus::now(ctx.services()).await
}
