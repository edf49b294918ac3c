//! DingTalk's monthly quota of calls.

use async_graphql::{Context, Enum, Object, SimpleObject};

use crate::{
    auth::Permission,
    graphql::{error::ApiError, guard::require, relay::connection::int, scalars::DateTime, services::ContextExt},
    message,
};

/// What metered calls are made for. Reading departments and people is not among these: DingTalk doesn't meter it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "message::CallPurpose")]
pub enum CallPurpose {
    /// Sending: one call for up to 100 people.
    Send,
    /// Asking what became of a send.
    FollowUp,
    /// Taking a send back.
    Recall,
    /// Trying the settings out (`testSettings`).
    Test,
}

/// Calls for one purpose.
#[derive(Debug, Clone, SimpleObject)]
pub struct PurposeCalls {
    /// What for.
    purpose: CallPurpose,
    /// How many this month.
    calls: i32,
}

/// DingTalk's quota of metered calls in this month, which is Beijing's. It is the company's, over all its apps; what
/// other programs use of it is not known here.
#[derive(Debug, Clone, SimpleObject)]
pub struct Quota {
    /// Calls that the company has this month: what the operator says (`DINGMIRROR_CALLS_PER_MONTH`, 5,000 in the
    /// standard edition). Once DingTalk has said that there are no more (90020), what was used until then.
    limit: i32,
    /// The last of these, by which only messages of priority HIGH are sent, and sends taken back
    /// (`DINGMIRROR_CALLS_RESERVED`).
    reserved: i32,
    /// Whether DingTalk has said that there are no more, and nobody has called `resumeDelivery` since.
    exhausted: bool,
    /// Calls of this month by all replicas. Each is counted before it is made; calls that did not reach DingTalk, that
    /// it throttled, and sends that it refused as a whole and that are made again, are taken off.
    used: i32,
    /// When `limit` is reached if each coming day costs what the same weekday of the last seven days did. Null: not
    /// this month, or less than a whole day was counted.
    forecast_exhausted_at: Option<DateTime>,
    /// When the next month begins, and `used` is 0 again.
    month_ends_at: DateTime,
    /// What the calls were made for; every purpose once.
    by_purpose: Vec<PurposeCalls>,
}

impl From<message::Quota> for Quota {
    fn from(quota: message::Quota) -> Self {
        let by_purpose = quota.by_purpose.into_iter().map(|(purpose, calls)| PurposeCalls {
            purpose: purpose.into(),
            calls: int(calls),
        });
        Self {
            limit: int(quota.limit),
            reserved: int(quota.reserved),
            exhausted: quota.is_exhausted,
            used: int(quota.used),
            forecast_exhausted_at: quota.forecast_exhausted_at.map(Into::into),
            month_ends_at: quota.month_ends_at.into(),
            by_purpose: by_purpose.collect(),
        }
    }
}

/// Queries for the quota.
#[derive(Default)]
pub struct QuotaQuery;

#[Object]
impl QuotaQuery {
    /// What is left of DingTalk's monthly quota of calls, and what it was used for. Needs `message:read`.
    #[graphql(tag = "asks")]
    async fn quota(&self, ctx: &Context<'_>) -> Option<Result<Quota, ApiError>> {
        Some(quota(ctx).await)
    }
}

async fn quota(ctx: &Context<'_>) -> Result<Quota, ApiError> {
    require(ctx, Permission::MessageRead)?;
    Ok(ctx.services().delivery.quota().await?.into())
}
