//! Everybody of a department whom a filter finds, in DingTalk's order.

use std::{
    ops::Bound::{self, Unbounded},
    sync::Arc,
};

use serde::{Deserialize, Serialize};

use super::{
    members::MemberList,
    parts::{self, Part},
};
use crate::{
    directory::{DeptId, MemberPlace, Snapshot, User, filter::UserFilter},
    page::{Page, PageRequest},
};

/// A place among the people of a department in DingTalk's order, behind which those who are gone stand by `userid`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum DepartmentUserPlace {
    /// Where somebody present stands.
    Present(MemberPlace),
    /// Somebody who is gone.
    Gone(String),
}

/// Those of a department who match.
#[derive(Debug, Clone)]
pub struct DepartmentUserList {
    members: MemberList,
}

impl DepartmentUserList {
    /// Of this department, and of all below it where `with_subtree`. `filter`: nobody matches who is or was elsewhere.
    pub fn new(department: DeptId, with_subtree: bool, filter: UserFilter) -> Self {
        Self {
            members: MemberList {
                department,
                with_subtree,
                filter: Some(filter),
            },
        }
    }

    /// The place of a user in it.
    pub fn place(&self, snapshot: &Snapshot, user: &User) -> DepartmentUserPlace {
        if user.standing.is_present() {
            DepartmentUserPlace::Present(self.members.place(snapshot, user))
        } else {
            DepartmentUserPlace::Gone(user.facts.userid.to_string())
        }
    }

    /// A page of it, from the end where `descending`; those who are gone come last in either direction.
    pub fn page(
        &self,
        snapshot: &Snapshot,
        request: &PageRequest<DepartmentUserPlace>,
        descending: bool,
    ) -> Page<Arc<User>> {
        let page = request.page(|from, to| {
            let (present, gone) = parts::between(from, to, |place| match place {
                DepartmentUserPlace::Present(place) => Part::Front(place),
                DepartmentUserPlace::Gone(id) => Part::Back(id.as_str()),
            });
            let present = present.map(|(from, to)| self.members.between(snapshot, descending, from, to));
            let gone = gone.map(|(from, to)| self.gone(snapshot, descending, from, to));
            present.into_iter().flatten().chain(gone.into_iter().flatten())
        });
        page.map(Arc::clone)
    }

    /// How many there are.
    pub fn count(&self, snapshot: &Snapshot) -> usize {
        self.members.count(snapshot) + self.gone(snapshot, false, Unbounded, Unbounded).count()
    }

    /// Those who are gone between two of them.
    fn gone<'a>(
        &'a self,
        snapshot: &'a Snapshot,
        descending: bool,
        from: Bound<&str>,
        to: Bound<&str>,
    ) -> Box<dyn DoubleEndedIterator<Item = &'a Arc<User>> + 'a> {
        let filter = self.members.filter.as_ref();
        let Some(filter) = filter.filter(|it| !it.is_about_present_people_alone()) else {
            return Box::new(std::iter::empty());
        };
        let is = move |user: &&Arc<User>| !user.standing.is_present() && filter.matches(snapshot, user);
        if descending {
            Box::new(snapshot.users_between(to, from).filter(is).rev())
        } else {
            Box::new(snapshot.users_between(from, to).filter(is))
        }
    }
}
