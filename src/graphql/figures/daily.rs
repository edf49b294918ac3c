//! A figure a day: people, departments, and what became of the day's messages.

use async_graphql::{Context, Object};
use chrono::{Days, FixedOffset, NaiveDate, NaiveTime};

use crate::{
    auth::Permission,
    directory::{DayFigure, DaySpan, EntityKind},
    graphql::{
        error::ApiError,
        guard::{require, visible},
        message::recipient_count::{RecipientCount, count_list},
        relay::connection::int,
        services::ContextExt,
    },
    message::Day,
    store::{DayDeliveries, ForgottenDay},
};

/// Days that are told at once: a year, and a leap day.
const MOST_DAYS: i64 = 366;

/// The figures of a day.
pub struct DailyFigures {
    date: NaiveDate,
    users: DayFigure,
    departments: DayFigure,
    /// None where they are not told.
    deliveries: Option<DayDeliveries>,
}

/// The figures of one day. The mirror's are null where the change feed does not reach back so far, the messages' where
/// messages of the day are no longer kept and their numbers are those of other days (`utcOffset`).
#[Object]
impl DailyFigures {
    /// The day: `2026-11-28`.
    async fn day(&self) -> String {
        self.date.to_string()
    }

    /// People who were not gone at the end of the day; of today: now. Needs `directory:read`.
    async fn user_count(&self, ctx: &Context<'_>) -> Option<Result<i32, ApiError>> {
        mirrored(ctx, self.users.count)
    }

    /// Departments that were not gone at the end of the day, the company itself included. Needs `directory:read`.
    async fn department_count(&self, ctx: &Context<'_>) -> Option<Result<i32, ApiError>> {
        mirrored(ctx, self.departments.count)
    }

    /// People whom the mirror saw for the first time on that day, or saw again after they were gone: on the day of the
    /// first sync everybody. Needs `directory:read`.
    async fn users_joined(&self, ctx: &Context<'_>) -> Option<Result<i32, ApiError>> {
        mirrored(ctx, self.users.came)
    }

    /// People who became GONE on that day, whatever the cause. Needs `directory:read`.
    async fn users_left(&self, ctx: &Context<'_>) -> Option<Result<i32, ApiError>> {
        mirrored(ctx, self.users.went)
    }

    /// As `usersJoined`, of departments. Needs `directory:read`.
    async fn departments_added(&self, ctx: &Context<'_>) -> Option<Result<i32, ApiError>> {
        mirrored(ctx, self.departments.came)
    }

    /// As `usersLeft`, of departments. Needs `directory:read`.
    async fn departments_removed(&self, ctx: &Context<'_>) -> Option<Result<i32, ApiError>> {
        mirrored(ctx, self.departments.went)
    }

    /// Messages that were asked for on that day. Needs `message:read`.
    async fn messages(&self, ctx: &Context<'_>) -> Option<Result<i32, ApiError>> {
        visible(ctx, Permission::MessageRead, || {
            self.deliveries.as_ref().map(|it| int(it.messages))
        })
    }

    /// How many recipients of these messages are in each state by now; states without any are left out. Needs
    /// `message:read`.
    async fn recipient_counts(&self, ctx: &Context<'_>) -> Option<Result<Vec<RecipientCount>, ApiError>> {
        visible(ctx, Permission::MessageRead, || {
            let deliveries = self.deliveries.as_ref()?;
            Some(count_list(deliveries.recipients.clone()))
        })
    }
}

fn mirrored(ctx: &Context<'_>, figure: Option<u64>) -> Option<Result<i32, ApiError>> {
    visible(ctx, Permission::DirectoryRead, || figure.map(int))
}

/// Queries for figures a day.
#[derive(Default)]
pub struct DailyQuery;

#[Object]
impl DailyQuery {
    /// A figure a day, the earliest day first: people, departments, and what became of the day's messages. They come
    /// from the change feed and from the messages, as far back as these are kept. At most 366 days; those that have not
    /// begun are left out. Needs `directory:read` or `message:read`, each for its own figures.
    #[graphql(tag = "asks", tag = "items:366")]
    async fn daily_figures(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first day: `2026-10-30`.")] from: String,
        #[graphql(desc = "The last day.")] to: String,
        #[graphql(
            desc = "Where the days begin at midnight, say `+00:00`. DingTalk's own days, by which it drops repeated content and counts \
                    its limits, are Beijing's, and so are the numbers of messages that are no longer kept: so without it `+08:00`.",
            default_with = "Some(BEIJING.to_owned())"
        )]
        utc_offset: Option<String>,
    ) -> Option<Result<Vec<DailyFigures>, ApiError>> {
        Some(daily_figures(ctx, &from, &to, utc_offset.as_deref()).await)
    }
}

/// Midnight in Beijing.
const BEIJING: &str = "+08:00";

/// The days that are asked for, by whose clock.
struct Calendar {
    dates: Vec<NaiveDate>,
    offset: FixedOffset,
}

impl Calendar {
    fn new(from: &str, to: &str, offset: &str, now: chrono::DateTime<chrono::Utc>) -> Result<Self, ApiError> {
        let offset = utc_offset(offset)
            .ok_or_else(|| ApiError::bad_input(format!("`utcOffset` is `{offset}`: write it as +08:00")))?;
        let date = |argument: &str, text: &str| {
            let date: Result<NaiveDate, _> = text.parse();
            date.map_err(|_| ApiError::bad_input(format!("`{argument}` is `{text}`: write a day as 2026-11-28")))
        };

        let (from, to) = (date("from", from)?, date("to", to)?);
        let count = (to - from).num_days() + 1;
        if !(1..=MOST_DAYS).contains(&count) {
            return Err(ApiError::bad_input(format!(
                "`from` to `to` are {count} days: choose 1 to {MOST_DAYS}"
            )));
        }

        let today = now.with_timezone(&offset).date_naive();
        let dates = from.iter_days().take_while(|date| *date <= to && *date <= today);
        Ok(Self {
            dates: dates.collect(),
            offset,
        })
    }

    fn days(&self) -> Vec<DaySpan> {
        let midnight = |date: NaiveDate| {
            let local = date.and_time(NaiveTime::MIN).and_local_timezone(self.offset);
            local.single().unwrap_or_default().to_utc()
        };
        let day = |date: &NaiveDate| DaySpan {
            start: midnight(*date),
            end: midnight(date.checked_add_days(Days::new(1)).unwrap_or(*date)),
        };
        self.dates.iter().map(day).collect()
    }

    /// Whether its days are those by which the numbers of forgotten messages are kept.
    fn is_beijing(&self) -> bool {
        self.offset.local_minus_utc() == 8 * 3_600
    }
}

/// `+08:00`, and nothing else that stands for it.
fn utc_offset(text: &str) -> Option<FixedOffset> {
    let is_written = text.bytes().enumerate().all(|(at, byte)| match at {
        0 => matches!(byte, b'+' | b'-'),
        3 => byte == b':',
        _ => byte.is_ascii_digit(),
    });
    text.parse().ok().filter(|_| is_written && text.len() == 6)
}

async fn daily_figures(
    ctx: &Context<'_>,
    from: &str,
    to: &str,
    offset: Option<&str>,
) -> Result<Vec<DailyFigures>, ApiError> {
    let (directory, messages) = (
        require(ctx, Permission::DirectoryRead),
        require(ctx, Permission::MessageRead),
    );
    if let (Err(error), Err(_)) = (&directory, &messages) {
        return Err(error.clone());
    }

    let calendar = Calendar::new(from, to, offset.unwrap_or(BEIJING), ctx.services().clock.now())?;
    let days = calendar.days();
    let asks_for = |fields: &[&str]| fields.iter().any(|field| ctx.look_ahead().field(field).exists());
    let [users, departments] = if directory.is_ok() && asks_for(&OF_THE_MIRROR) {
        mirrored_days(ctx, &days).await?
    } else {
        [(); 2].map(|()| vec![DayFigure::default(); days.len()])
    };
    let deliveries = if messages.is_ok() && asks_for(&OF_MESSAGES) {
        delivered_days(ctx, &calendar, &days).await?
    } else {
        vec![None; days.len()]
    };

    let figures = calendar.dates.iter().zip(users).zip(departments).zip(deliveries);
    let figures = figures.map(|(((date, users), departments), deliveries)| DailyFigures {
        date: *date,
        users,
        departments,
        deliveries,
    });
    Ok(figures.collect())
}

const OF_THE_MIRROR: [&str; 6] = [
    "userCount",
    "departmentCount",
    "usersJoined",
    "usersLeft",
    "departmentsAdded",
    "departmentsRemoved",
];
const OF_MESSAGES: [&str; 2] = ["messages", "recipientCounts"];

/// People and departments.
async fn mirrored_days(ctx: &Context<'_>, days: &[DaySpan]) -> Result<[Vec<DayFigure>; 2], ApiError> {
    let snapshot = ctx.snapshot();
    let Some(first) = days.first() else {
        return Ok([Vec::new(), Vec::new()]);
    };
    let passages = ctx.services().store.passages(first.start, snapshot.revision()).await?;
    let figures = |kind, now: usize| passages.figures(kind, now as u64, days);
    Ok([
        figures(EntityKind::User, snapshot.user_count()),
        figures(EntityKind::Department, snapshot.department_count()),
    ])
}

/// Messages that are kept, and the numbers of those that aren't.
async fn delivered_days(
    ctx: &Context<'_>,
    calendar: &Calendar,
    days: &[DaySpan],
) -> Result<Vec<Option<DayDeliveries>>, ApiError> {
    let store = &ctx.services().store;
    let kept = store.deliveries(days).await?;
    let forgotten = match days.last() {
        Some(last) => {
            let behind = Day(Day::of(last.end).0 + 1);
            store.forgotten_days(Some(behind), days.len() as u64 + 2).await?
        }
        None => Vec::new(),
    };

    let told = days.iter().zip(kept).map(|(day, mut kept)| {
        // What stands for whole days of Beijing can't be told apart by other days.
        let within = Day::of(day.start)..=Day::of(day.end - chrono::TimeDelta::nanoseconds(1));
        let of_day = forgotten.iter().filter(|it| within.contains(&it.day));
        for ForgottenDay {
            messages, recipients, ..
        } in of_day
        {
            if !calendar.is_beijing() {
                return None;
            }
            kept.messages += messages;
            for (state, count) in recipients {
                *kept.recipients.entry(*state).or_default() += count;
            }
        }
        Some(kept)
    });
    Ok(told.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calendar(from: &str, to: &str, offset: &str) -> Result<Calendar, ApiError> {
        let now = "2026-11-28T20:00:00Z".parse().expect("a time");
        Calendar::new(from, to, offset, now)
    }

    #[test]
    fn days_begin_where_they_are_asked_for_and_none_is_told_before_it_has_begun() {
        let beijing = calendar("2026-11-27", "2026-12-05", BEIJING).expect("good");
        let dates: Vec<_> = beijing.dates.iter().map(ToString::to_string).collect();
        assert_eq!(
            dates,
            ["2026-11-27", "2026-11-28", "2026-11-29"],
            "it is the 29th in Beijing"
        );
        assert_eq!(
            (beijing.days()[0].start.to_rfc3339(), beijing.is_beijing()),
            ("2026-11-26T16:00:00+00:00".to_owned(), true)
        );
        assert!(beijing.days().windows(2).all(|pair| pair[0].end == pair[1].start));

        let utc = calendar("2026-11-28", "2026-11-29", "+00:00").expect("good");
        assert_eq!((utc.dates.len(), utc.is_beijing()), (1, false));
    }

    #[test]
    fn what_is_no_day_or_too_many_is_refused() {
        for (from, to, offset) in [
            ("2026-11-31", "2026-12-01", BEIJING),
            ("2026-11-28", "2026-11-27", BEIJING),
            ("2025-11-27", "2026-11-28", BEIJING),
            ("2026-11-27", "2026-11-28", "Asia/Shanghai"),
        ] {
            assert!(calendar(from, to, offset).is_err(), "{from} {to} {offset}");
        }
        let odd = "+8:00,+0800,+08,Z,08:00,+08:00 ,+08:0\u{660},+25:00,\u{2212}08:00,";
        for offset in odd.split(',') {
            assert!(calendar("2026-11-27", "2026-11-28", offset).is_err(), "{offset:?}");
        }
        assert!(calendar("2025-11-28", "2026-11-28", BEIJING).is_ok(), "366 days");
    }
}
