//! How many people and departments there were at the end of each day: what there is now, with what came and went since
//! taken back.

use chrono::{DateTime, Utc};

use super::record_id::EntityKind;

/// A day, whichever clock it is a day of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DaySpan {
    /// Its first moment.
    pub start: DateTime<Utc>,
    /// The first moment behind it.
    pub end: DateTime<Utc>,
}

/// A record that came into the mirror, or went out of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Passage {
    /// Department or user.
    pub entity: EntityKind,
    /// When.
    pub at: DateTime<Utc>,
    /// Whether it came.
    pub came: bool,
}

/// What the change log tells of comings and goings.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Passages {
    /// Each of them.
    pub all: Vec<Passage>,
    /// Nothing is told of what was before; `None`: the log is whole.
    pub told_from: Option<DateTime<Utc>>,
}

/// Records of one kind that are there, and those of a day that came and went.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DayFigure {
    /// How many there were at its end.
    pub count: Option<u64>,
    /// How many came; `None` as of all these, where the log doesn't tell of the whole day.
    pub came: Option<u64>,
    /// How many went.
    pub went: Option<u64>,
}

impl Passages {
    /// The figures of these days, which are in order, for records of this kind, of which there are `now` so many.
    pub fn figures(&self, entity: EntityKind, now: u64, days: &[DaySpan]) -> Vec<DayFigure> {
        let mut latest_first: Vec<Passage> = self.all.iter().filter(|it| it.entity == entity).copied().collect();
        latest_first.sort_unstable_by_key(|it| std::cmp::Reverse(it.at));
        let mut left = latest_first.into_iter().peekable();

        let mut there = now;
        let take_back = |there: u64, passage: Passage| match passage.came {
            true => there.saturating_sub(1),
            false => there + 1,
        };
        let mut figures = Vec::with_capacity(days.len());
        for day in days.iter().rev() {
            while let Some(passage) = left.next_if(|it| it.at >= day.end) {
                there = take_back(there, passage);
            }
            let count = there;

            let (mut came, mut went) = (0, 0);
            while let Some(passage) = left.next_if(|it| it.at >= day.start) {
                there = take_back(there, passage);
                *(if passage.came { &mut came } else { &mut went }) += 1;
            }

            let is_told = |since: DateTime<Utc>| self.told_from.is_none_or(|from| from <= since);
            figures.push(DayFigure {
                count: is_told(day.end).then_some(count),
                came: is_told(day.start).then_some(came),
                went: is_told(day.start).then_some(went),
            });
        }
        figures.reverse();
        figures
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hour(hour: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + chrono::Duration::hours(hour)
    }

    fn days(first: i64, count: i64) -> Vec<DaySpan> {
        (first..first + count)
            .map(|day| DaySpan {
                start: hour(day * 24),
                end: hour((day + 1) * 24),
            })
            .collect()
    }

    fn passages(of: &[(i64, bool)], told_from: Option<i64>) -> Passages {
        Passages {
            all: of
                .iter()
                .map(|(at, came)| Passage {
                    entity: EntityKind::User,
                    at: hour(*at),
                    came: *came,
                })
                .collect(),
            told_from: told_from.map(hour),
        }
    }

    #[test]
    fn a_days_end_is_what_is_there_now_without_what_came_since() {
        // Two on the first day; on the second one goes and two come; on the fourth one comes.
        let log = passages(
            &[(1, true), (2, true), (24, false), (30, true), (47, true), (80, true)],
            None,
        );
        let figures = log.figures(EntityKind::User, 4, &days(0, 5));
        let told: Vec<_> = figures
            .iter()
            .map(|it| (it.count.unwrap(), it.came.unwrap(), it.went.unwrap()))
            .collect();
        assert_eq!(told, [(2, 2, 0), (3, 2, 1), (3, 0, 0), (4, 1, 0), (4, 0, 0)]);

        let later = log.figures(EntityKind::User, 4, &days(1, 1));
        assert_eq!(later[0], figures[1], "whatever days are asked for");
        let departments = log.figures(EntityKind::Department, 9, &days(1, 1));
        assert_eq!((departments[0].count, departments[0].came), (Some(9), Some(0)));
    }

    #[test]
    fn what_the_log_does_not_tell_is_not_told() {
        let log = passages(&[(30, true)], Some(30));
        let figures = log.figures(EntityKind::User, 3, &days(0, 3));
        assert_eq!(figures[0], DayFigure::default());
        assert_eq!(
            (figures[1].count, figures[1].came),
            (Some(3), None),
            "its end is told, and not all of it"
        );
        assert_eq!((figures[2].count, figures[2].came), (Some(3), Some(0)));
    }
}
