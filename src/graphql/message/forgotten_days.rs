//! What is left of messages that are no longer kept.

use async_graphql::{Context, Object, SimpleObject};
use chrono::NaiveDate;

use super::recipient_count::{RecipientCount, count_list};
use crate::{
    auth::Permission,
    graphql::{
        error::ApiError,
        guard::require,
        relay::{connection::int, paging::page_size},
        services::ContextExt,
    },
    message::Day,
    store::ForgottenDay,
};

/// A day's messages that are no longer kept.
#[derive(Debug, Clone, SimpleObject)]
pub struct ForgottenMessageDay {
    /// The day in Beijing on which they were asked for: `2026-11-28`.
    day: String,
    /// How many messages.
    messages: i32,
    /// How many of their recipients were in each state at last; states without any are left out.
    recipient_counts: Vec<RecipientCount>,
}

impl From<ForgottenDay> for ForgottenMessageDay {
    fn from(forgotten: ForgottenDay) -> Self {
        Self {
            day: forgotten.day.date().to_string(),
            messages: int(forgotten.messages),
            recipient_counts: count_list(forgotten.recipients),
        }
    }
}

/// Queries for what is left of messages.
#[derive(Default)]
pub struct ForgottenDaysQuery;

#[Object]
impl ForgottenDaysQuery {
    /// Days of which messages are no longer kept (`DINGMIRROR_KEEP_MESSAGES`), newest first, with their numbers. Needs
    /// `message:read`.
    #[graphql(tag = "asks")]
    async fn forgotten_message_days(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, 1 to 500.", default = 31)] first: Option<i32>,
        #[graphql(desc = "Only days before this one: the `day` of the last that was seen.")] before: Option<String>,
    ) -> Option<Result<Vec<ForgottenMessageDay>, ApiError>> {
        Some(days(ctx, first.unwrap_or(31), before.as_deref()).await)
    }
}

async fn days(ctx: &Context<'_>, first: i32, before: Option<&str>) -> Result<Vec<ForgottenMessageDay>, ApiError> {
    require(ctx, Permission::MessageRead)?;
    let limit = u64::from(page_size(first)?);
    let before = before
        .map(|text| {
            let date: Result<NaiveDate, _> = text.parse();
            date.map(Day::from)
                .map_err(|_| ApiError::bad_input(format!("`before` is `{text}`: write a day as 2026-11-28")))
        })
        .transpose()?;

    let days = ctx.services().store.forgotten_days(before, limit).await?;
    Ok(days.into_iter().map(Into::into).collect())
}
