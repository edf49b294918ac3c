//! The monthly quota as it stands.

use chrono::{DateTime, Utc};

use super::context::DeliveryContext;
use crate::{
    catalogue::delivery::STOPPED_BY_QUOTA,
    message::{Day, MeteredCalls, Quota, QuotaRules, month_of},
    store::{Store, StoreError},
};

/// The forecast looks so many days back, beyond the month's beginning.
const LOOKS_BACK: i32 = 8;

/// The quota at `now`, with the counts that it is told from.
pub(super) async fn quota(context: &DeliveryContext, now: DateTime<Utc>) -> Result<(Quota, MeteredCalls), StoreError> {
    counted(&context.store, context.config.quota, now).await
}

/// The quota at `now`, as this database tells it.
pub async fn quota_of(store: &Store, rules: QuotaRules, now: DateTime<Utc>) -> Result<Quota, StoreError> {
    Ok(counted(store, rules, now).await?.0)
}

async fn counted(store: &Store, rules: QuotaRules, now: DateTime<Utc>) -> Result<(Quota, MeteredCalls), StoreError> {
    let since = Day::of(month_of(now).0).0.min(Day::of(now).0 - LOOKS_BACK);
    let calls = store.metered_calls(Day(since)).await?;
    let stop = store.sending_stopped(now).await?;
    let is_exhausted = stop.is_some_and(|stop| stop.reason.is(&STOPPED_BY_QUOTA));
    Ok((Quota::of(rules, &calls, is_exhausted, now), calls))
}
