//! A filter of people.

use std::collections::BTreeSet;

use async_graphql::InputObject;
use chrono::{Days, NaiveDate};

use super::{Filtered, Given, Nested, checked, dept_ids, joined, listed, one_of, starts_with, states};
use crate::{
    directory::{self, DeptId, Filter, LeaderOf, UserCondition},
    graphql::{enums::RecordState, error::ApiError, scalars::BigInt},
};

/// Which users. All given conditions must hold.
#[derive(Debug, Clone, Default, InputObject)]
pub struct UserFilter {
    /// Found by this, as `search` finds people: by name in characters, pinyin or initials, by job number, title and
    /// whole `userId`, with `directory:contact` by email address and mobile number, and with one typo where nothing
    /// else is found. At most 64 characters; blank searches nothing.
    search: Option<String>,
    /// One of these, by `userId`; at most 500.
    user_id_in: Option<Vec<String>>,
    /// The name is one of these; at most 500. Case and width of letters don't matter.
    name_in: Option<Vec<String>>,
    /// The name begins with this; case and width of letters don't matter.
    name_starts_with: Option<String>,
    /// The position is one of these; at most 500. Case and width of letters don't matter.
    title_in: Option<Vec<String>>,
    /// The position begins with this; case and width of letters don't matter.
    title_starts_with: Option<String>,
    /// Directly in this department.
    dept_id: Option<BigInt>,
    /// Directly in one of these departments; at most 500.
    dept_id_in: Option<Vec<BigInt>>,
    /// In this department or anywhere below it.
    subtree_of: Option<BigInt>,
    /// With this email address, personal or the company's; case doesn't matter. Needs `directory:contact`.
    email: Option<String>,
    /// With this job number; leading zeros matter.
    job_number: Option<String>,
    /// With one of these job numbers; at most 500. Leading zeros matter.
    job_number_in: Option<Vec<String>>,
    /// With a job number that begins with this; leading zeros matter.
    job_number_starts_with: Option<String>,
    /// Whether they have ever logged in to DingTalk.
    active: Option<bool>,
    /// Whether they lead a department: one of `deptId`, `deptIdIn` or `subtreeOf` beside it, or beside the nearest
    /// `and`, `or` or `not` that it stands in, if one of those is given; otherwise, among the members of a department,
    /// that one (`includeSubtree`: or one below it), and any elsewhere. What stands in another entry of an `and` or
    /// `or` doesn't count.
    leader: Option<bool>,
    /// With this direct manager, by `userId`.
    manager_id: Option<String>,
    /// Joined on this day or later, `YYYY-MM-DD` in China's time.
    hired_from: Option<String>,
    /// Joined on this day or earlier, `YYYY-MM-DD` in China's time.
    hired_to: Option<String>,
    /// In one of these states; ACTIVE and HELD if the list is empty or not given, and none is named in `and`, `or` and
    /// `not`.
    states: Option<Vec<RecordState>>,
    /// All of these hold, too.
    and: Option<Vec<UserFilter>>,
    /// One of these holds at least; of an empty list none does.
    or: Option<Vec<UserFilter>>,
    /// This doesn't hold.
    not: Option<Box<UserFilter>>,
}

impl UserFilter {
    /// As the directory looks for them. `home`: whose leaders are meant where the filter doesn't say.
    pub(crate) fn compiled(self, list: Filtered<'_>, home: &LeaderOf) -> Result<directory::UserFilter, ApiError> {
        checked(
            self.conditions(home)?,
            list,
            UserCondition::Found,
            UserCondition::States,
            |it| matches!(it, UserCondition::States(_)),
        )
    }

    /// Whether anybody's email address is asked for.
    pub(crate) fn asks_for_email(&self) -> bool {
        let mut parts = self.and.iter().chain(&self.or).flatten().chain(self.not.as_deref());
        self.email.is_some() || parts.any(Self::asks_for_email)
    }

    /// The one department that all of them are in, and whether its subtree counts.
    pub(crate) fn department(&self) -> Option<(DeptId, bool)> {
        match (self.dept_id, self.subtree_of) {
            (Some(id), _) => Some((DeptId(id.0), false)),
            (None, Some(id)) => Some((DeptId(id.0), true)),
            (None, None) => None,
        }
    }

    fn conditions(self, home: &LeaderOf) -> Result<Filter<Given<UserCondition>>, ApiError> {
        let dept_id = self.dept_id.map(|id| BTreeSet::from([DeptId(id.0)]));
        let dept_id_in = dept_ids("deptIdIn", self.dept_id_in)?;
        let subtree_of = self.subtree_of.map(|id| DeptId(id.0));
        let leader_of = match (&dept_id, &dept_id_in, subtree_of) {
            (Some(ids), _, _) | (None, Some(ids), _) => LeaderOf::These(ids.clone()),
            (None, None, Some(top)) => LeaderOf::Subtree(top),
            (None, None, None) => home.clone(),
        };
        let user_ids = listed("userIdIn", self.user_id_in)?;
        let hired_from = self
            .hired_from
            .map(|day| china_midnight("hiredFrom", &day, 0))
            .transpose()?;
        let hired_before = self
            .hired_to
            .map(|day| china_midnight("hiredTo", &day, 1))
            .transpose()?;
        let is_hired = hired_from.is_some() || hired_before.is_some();

        let conditions = [
            user_ids.map(|ids| UserCondition::Ids(ids.into_iter().map(Into::into).collect())),
            one_of("nameIn", self.name_in)?.map(UserCondition::Name),
            starts_with(self.name_starts_with).map(UserCondition::Name),
            one_of("titleIn", self.title_in)?.map(UserCondition::Title),
            starts_with(self.title_starts_with).map(UserCondition::Title),
            dept_id.map(UserCondition::Departments),
            dept_id_in.map(UserCondition::Departments),
            subtree_of.map(UserCondition::Subtree),
            self.email.map(UserCondition::Email),
            self.job_number.map(UserCondition::JobNumberIs),
            one_of("jobNumberIn", self.job_number_in)?.map(UserCondition::JobNumber),
            starts_with(self.job_number_starts_with).map(UserCondition::JobNumber),
            self.active.map(UserCondition::Active),
            self.leader.map(|leads| UserCondition::Leader(leader_of.clone(), leads)),
            self.manager_id.map(|id| UserCondition::Manager(id.into())),
            is_hired.then_some(UserCondition::Hired(hired_from, hired_before)),
            states(self.states.as_deref()).map(UserCondition::States),
        ];

        let nested = Nested {
            and: self.and,
            or: self.or,
            not: self.not,
        };
        joined(self.search, conditions, nested, |part| part.conditions(&leader_of))
    }
}

/// Midnight in China so many days after a day, in ms: what DingTalk keeps of a date.
fn china_midnight(argument: &str, day: &str, days_after: u64) -> Result<i64, ApiError> {
    let wrong = || ApiError::bad_input(format!("`{argument}` is \"{day}\": write a date as YYYY-MM-DD"));
    let date = NaiveDate::parse_from_str(day.trim(), "%Y-%m-%d").map_err(|_| wrong())?;
    let date = date.checked_add_days(Days::new(days_after)).ok_or_else(wrong)?;
    let midnight = date.and_hms_opt(0, 0, 0).ok_or_else(wrong)?;
    Ok(midnight.and_utc().timestamp_millis() - 8 * 3_600_000)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{super::present, *};
    use crate::directory::{Snapshot, fixtures};

    fn of(snapshot: &Arc<Snapshot>) -> Filtered<'_> {
        Filtered {
            snapshot,
            contact: false,
            searches: None,
        }
    }

    #[test]
    fn a_day_is_one_in_china() {
        assert_eq!(china_midnight("x", "2018-12-17", 0).ok(), Some(1_544_976_000_000));
        assert_eq!(china_midnight("x", "2018-12-17", 1).ok(), Some(1_545_062_400_000));
        for wrong in ["", "2018", "2018-13-01", "x", "+262142-12-31"] {
            assert!(china_midnight("x", wrong, 1).is_err(), "{wrong}");
        }
    }

    #[test]
    fn only_those_who_are_present_unless_states_are_named_anywhere() {
        let nobody = Arc::new(Snapshot::empty());
        let compiled = |filter: UserFilter| filter.compiled(of(&nobody), &LeaderOf::Any).unwrap();
        let mentions = |filter: &directory::UserFilter, states: &[directory::RecordState]| {
            filter.mentions(&|it| *it == UserCondition::States(states.to_vec()))
        };
        assert!(mentions(&compiled(UserFilter::default()), &present()));

        let gone = UserFilter {
            states: Some(vec![RecordState::Gone]),
            ..UserFilter::default()
        };
        let either = compiled(UserFilter {
            or: Some(vec![gone, UserFilter::default()]),
            ..UserFilter::default()
        });
        assert!(mentions(&either, &[directory::RecordState::Gone]) && !mentions(&either, &present()));
    }

    #[test]
    fn a_leader_is_one_of_the_departments_around() {
        let nobody = Arc::new(Snapshot::empty());
        let leader = || UserFilter {
            leader: Some(true),
            ..UserFilter::default()
        };
        let within = |filter: UserFilter| UserFilter {
            subtree_of: Some(BigInt(7)),
            ..filter
        };
        let of = |filter: UserFilter, of: LeaderOf| {
            let filter = filter.compiled(self::of(&nobody), &LeaderOf::Any).unwrap();
            filter.mentions(&|it| *it == UserCondition::Leader(of.clone(), true))
        };

        let below = || LeaderOf::Subtree(DeptId(7));
        let either = UserFilter {
            or: Some(vec![leader()]),
            ..UserFilter::default()
        };
        let not = UserFilter {
            not: Some(Box::new(leader())),
            ..UserFilter::default()
        };
        assert!(of(within(leader()), below()) && of(within(either.clone()), below()) && of(within(not), below()));

        let beside = UserFilter {
            and: Some(vec![within(UserFilter::default()), either]),
            ..UserFilter::default()
        };
        assert!(of(beside, LeaderOf::Any));
    }

    #[test]
    fn a_search_is_looked_for_where_the_list_is() {
        let mut user = fixtures::user("zs", &[1]);
        user.facts.name = "张三".into();
        user.facts.mobile = Some("13800138000".into());
        let snapshot = Arc::new(Snapshot::build(1, Vec::new(), vec![user]));
        let finds = |search: &str, contact: bool| {
            let filter = UserFilter {
                search: Some(search.to_owned()),
                ..UserFilter::default()
            };
            let list = Filtered {
                snapshot: &snapshot,
                contact,
                searches: None,
            };
            let filter = filter.compiled(list, &LeaderOf::Any).unwrap();
            filter.matches(&snapshot, snapshot.user("zs").unwrap())
        };
        assert!(finds("zhangs", false) && finds("  ", false) && finds("zhnagsan", false));
        assert!(!finds("·", true) && !finds("\u{0}", true), "nothing of it is compared");
        assert!(finds("138-0013", true) && !finds("138-0013", false) && !finds("李四", true));
    }

    #[test]
    fn leaders_are_those_of_the_named_department_or_of_where_the_list_is() {
        let nobody = Arc::new(Snapshot::empty());
        let home = LeaderOf::Subtree(DeptId(7));
        let leads = |filter: UserFilter| filter.compiled(of(&nobody), &home).unwrap();
        let is_of = |filter: &directory::UserFilter, of: LeaderOf| {
            filter.mentions(&|it| *it == UserCondition::Leader(of.clone(), true))
        };
        let anywhere = UserFilter {
            leader: Some(true),
            ..UserFilter::default()
        };
        assert!(is_of(&leads(anywhere.clone()), LeaderOf::Subtree(DeptId(7))));
        let named = UserFilter {
            dept_id: Some(BigInt(3)),
            ..anywhere
        };
        assert!(is_of(&leads(named), LeaderOf::These(BTreeSet::from([DeptId(3)]))));
    }
}
