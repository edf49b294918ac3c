//! What may be asked now.

use chrono::{DateTime, TimeDelta, Utc};

use super::{context::DeliveryContext, quota::quota};
use crate::{
    catalogue::{
        Statement,
        delivery::{CALLS_ARE_KEPT_FOR_SENDING, RESERVE_IS_KEPT},
    },
    message::{FollowUpBudget, FollowUpPolicy, month_of},
    store::{FollowUpTask, StoreError},
};

/// The month's messages are counted again after so long: there may be many.
const COUNTED_FOR: TimeDelta = TimeDelta::minutes(1);

/// How many messages were sent this month, and when that was counted.
#[derive(Debug, Default)]
pub(super) struct MessageCount(Option<(DateTime<Utc>, u64)>);

impl MessageCount {
    async fn at(&mut self, context: &DeliveryContext, now: DateTime<Utc>) -> Result<u64, StoreError> {
        let began = month_of(now).0;
        if let Some((at, count)) = self.0
            && at >= began
            && (TimeDelta::zero()..COUNTED_FOR).contains(&(now - at))
        {
            return Ok(count);
        }
        let count = context.store.messages_sent(began).await?;
        self.0 = Some((now, count));
        Ok(count)
    }
}

/// What may be asked in one round.
#[derive(Debug)]
pub(super) struct Allowance {
    /// Only the reserve is left.
    is_reserve: bool,
    /// `None`: no question is counted.
    auto: Option<FollowUpBudget>,
}

impl Allowance {
    /// As the month stands at `now`, as far as these tasks ask for that.
    pub(super) async fn of(
        context: &DeliveryContext,
        tasks: &[FollowUpTask],
        messages: &mut MessageCount,
        now: DateTime<Utc>,
    ) -> Result<Self, StoreError> {
        let is_counted = tasks.iter().any(|task| task.policy == FollowUpPolicy::Auto);
        if !is_counted && context.config.quota.reserved == 0 {
            return Ok(Self {
                is_reserve: false,
                auto: None,
            });
        }

        let (quota, calls) = quota(context, now).await?;
        let auto = if is_counted {
            let messages = messages.at(context, now).await?;
            Some(FollowUpBudget::of(&quota, &calls, messages, now))
        } else {
            None
        };
        Ok(Self {
            is_reserve: quota.is_for_high_priority(),
            auto,
        })
    }

    /// Why this question is not to be asked now; one that is to be is taken off.
    pub(super) fn refuse(&mut self, task: &FollowUpTask) -> Option<Statement> {
        if self.is_reserve {
            return Some(RESERVE_IS_KEPT {}.into());
        }
        let is_counted = task.policy == FollowUpPolicy::Auto;
        let budget = self.auto.as_mut().filter(|_| is_counted)?;
        (!budget.take(task.in_doubt)).then(|| CALLS_ARE_KEPT_FOR_SENDING {}.into())
    }
}
