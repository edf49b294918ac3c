//! Conditions on people.

use std::{collections::BTreeSet, ops::Bound::Unbounded, sync::Arc};

use super::{Filter, TextTest};
use crate::directory::{DeptId, RecordState, Snapshot, User, UserId, fold_key, search::Matching};

/// Whose department somebody leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LeaderOf {
    /// Any.
    Any,
    /// One of these.
    These(BTreeSet<DeptId>),
    /// One of this subtree.
    Subtree(DeptId),
}

/// A condition on a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UserCondition {
    /// A search of the same snapshot finds them.
    Found(Arc<Matching>),
    /// One of these.
    Ids(BTreeSet<UserId>),
    /// The name.
    Name(TextTest),
    /// The position.
    Title(TextTest),
    /// The job number.
    JobNumber(TextTest),
    /// This job number, as a key: leading zeros matter, look-alikes are others.
    JobNumberIs(String),
    /// With this email address, personal or the company's.
    Email(String),
    /// Directly in one of these departments.
    Departments(BTreeSet<DeptId>),
    /// In this department or below it.
    Subtree(DeptId),
    /// Whether they have ever logged in.
    Active(bool),
    /// Whether they lead a department.
    Leader(LeaderOf, bool),
    /// With this manager.
    Manager(UserId),
    /// Joined from the first moment on and before the second, in ms.
    Hired(Option<i64>, Option<i64>),
    /// In one of these states.
    States(Vec<RecordState>),
}

/// A filter of people.
pub type UserFilter = Filter<UserCondition>;

impl UserCondition {
    /// Whether it holds of a user.
    pub fn holds(&self, snapshot: &Snapshot, user: &User) -> bool {
        let facts = &user.facts;
        let present = user.standing.is_present();
        match self {
            Self::Found(matching) => matching.has_user(facts.userid.as_str()),
            Self::Ids(ids) => ids.contains(&facts.userid),
            Self::Name(test) => test.holds(Some(&facts.name)),
            Self::Title(test) => test.holds(facts.title.as_deref()),
            Self::JobNumber(test) => test.holds(facts.job_number.as_deref()),
            Self::JobNumberIs(wanted) => is_key(facts.job_number.as_deref(), wanted),
            Self::Email(wanted) => [&facts.email, &facts.org_email]
                .into_iter()
                .any(|email| is_key(email.as_deref(), wanted)),
            Self::Departments(ids) => facts
                .memberships
                .iter()
                .any(|it| ids.contains(&it.dept_id) && (!present || snapshot.is_in_subtree(it.dept_id, it.dept_id))),
            Self::Subtree(top) => facts
                .memberships
                .iter()
                .any(|it| is_below(snapshot, it.dept_id, *top, present)),
            Self::Active(active) => facts.active == Some(*active),
            Self::Leader(of, leads) => {
                let counts = |id: DeptId| match of {
                    LeaderOf::Any => true,
                    LeaderOf::These(ids) => ids.contains(&id),
                    LeaderOf::Subtree(top) => is_below(snapshot, id, *top, present),
                };
                let mut memberships = facts.memberships.iter();
                *leads == memberships.any(|it| it.leader == Some(true) && counts(it.dept_id))
            }
            Self::Manager(id) => facts.manager_userid.as_ref() == Some(id),
            Self::Hired(from, before) => facts
                .hired_date
                .is_some_and(|at| from.is_none_or(|from| at >= from) && before.is_none_or(|before| at < before)),
            Self::States(states) => states.contains(&user.standing.state),
        }
    }
}

/// Of those who are gone the departments may be gone, too: where these were counts.
fn is_below(snapshot: &Snapshot, id: DeptId, top: DeptId, present: bool) -> bool {
    if present {
        snapshot.is_in_subtree(id, top)
    } else {
        snapshot.was_in_subtree(id, top)
    }
}

/// Blank keys match nobody.
fn is_key(text: Option<&str>, wanted: &str) -> bool {
    let key = fold_key(wanted);
    key.is_some() && key == text.and_then(fold_key)
}

/// People from an index.
enum Source<'a> {
    Records(&'a [Arc<User>]),
    Ids(Vec<&'a UserId>),
    Listed(&'a [UserId]),
    Below(DeptId),
}

impl UserFilter {
    /// Whether a user matches.
    pub fn matches(&self, snapshot: &Snapshot, user: &User) -> bool {
        self.holds(&|condition| condition.holds(snapshot, user))
    }

    /// Everybody who can match, each once, in no order: from the narrowest index that a condition opens. `None`: only a
    /// walk over everybody finds them, or they are more than `most`.
    pub fn candidates<'a>(&'a self, snapshot: &'a Snapshot, most: usize) -> Option<Vec<&'a Arc<User>>> {
        let only_present = self.is_about_present_people_alone();
        let of = |condition: &'a UserCondition| source(snapshot, condition, only_present);
        let size = |source: &Source<'a>| match source {
            Source::Records(users) => users.len(),
            Source::Ids(ids) => ids.len(),
            Source::Listed(ids) => ids.len(),
            Source::Below(top) => snapshot.total_members(*top),
        };

        let sources = self.narrowest(&of, &size)?;
        if sources.iter().map(size).sum::<usize>() > most {
            return None;
        }

        let mut found: Vec<&Arc<User>> = Vec::new();
        for source in sources {
            match source {
                Source::Records(users) => found.extend(users),
                Source::Ids(ids) => found.extend(ids.into_iter().filter_map(|id| snapshot.user(id.as_str()))),
                Source::Listed(ids) => found.extend(ids.iter().filter_map(|id| snapshot.user(id.as_str()))),
                Source::Below(top) => {
                    let people = snapshot.members_below_between(top, false, Unbounded, Unbounded);
                    found.extend(people.filter_map(|(_, id)| snapshot.user(id.as_str())));
                }
            }
        }
        found.sort_unstable_by(|a, b| a.facts.userid.cmp(&b.facts.userid));
        found.dedup_by(|a, b| a.facts.userid == b.facts.userid);
        Some(found)
    }

    /// Whether it is nothing but ACTIVE and HELD: they are counted already.
    pub fn is_everybody_present(&self) -> bool {
        let present = [RecordState::Active, RecordState::Held];
        let is = |states: &[RecordState]| states.len() == present.len() && present.iter().all(|it| states.contains(it));
        match self {
            Self::All(parts) => matches!(parts.as_slice(), [Self::Is(UserCondition::States(states))] if is(states)),
            _ => false,
        }
    }

    /// Whether nobody who is gone can match. Several indexes have present people alone.
    pub(in crate::directory) fn is_about_present_people_alone(&self) -> bool {
        match self {
            Self::All(parts) => parts.iter().any(Self::is_about_present_people_alone),
            Self::Is(UserCondition::States(states)) => !states.contains(&RecordState::Gone),
            _ => false,
        }
    }
}

fn source<'a>(snapshot: &'a Snapshot, condition: &'a UserCondition, only_present: bool) -> Option<Vec<Source<'a>>> {
    Some(match condition {
        UserCondition::Email(email) => vec![Source::Records(snapshot.users_by_email(email))],
        UserCondition::JobNumberIs(number) => vec![Source::Records(snapshot.users_by_job_number(number))],
        UserCondition::Ids(ids) => vec![Source::Ids(ids.iter().collect())],
        UserCondition::Found(matching) => vec![Source::Ids(matching.users().collect())],
        UserCondition::Departments(ids) if only_present => {
            ids.iter().map(|id| Source::Listed(snapshot.members(*id))).collect()
        }
        UserCondition::Manager(id) if only_present => vec![Source::Listed(snapshot.reports(id.as_str()))],
        UserCondition::Subtree(top) if only_present => vec![Source::Below(*top)],
        _ => return None,
    })
}
