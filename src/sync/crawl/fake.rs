//! A company in memory that answers a crawl's calls.

use std::{collections::BTreeMap, fmt};

use serde_json::json;

use super::call::{Answers, ReadAnswer, ReadCall};
use crate::{
    catalogue::Statement,
    dingtalk::{Error, ErrorKind, UserPage},
    directory::{
        DepartmentFacts, DeptId, Raw, UserFacts, UserId,
        fixtures::{department_facts, user_facts},
    },
    settings::Api,
};

pub(super) type Fault = Box<dyn Fn(&ReadCall, u32) -> Option<ErrorKind> + Send + Sync>;

pub(super) struct FakeCompany {
    pub(super) departments: BTreeMap<DeptId, DepartmentFacts>,
    pub(super) users: BTreeMap<UserId, UserFacts>,
    pub(super) page: usize,
    /// Gets the call and how often it was made before.
    pub(super) fault: Fault,
}

pub(super) fn error(kind: ErrorKind) -> Error {
    Error {
        api: Api::UserGet,
        kind,
        code: Some("77".into()),
        message: Statement::other(format!("{kind:?}: do this")),
        retry_after: None,
    }
}

impl FakeCompany {
    /// `(id, parent)` and `(userid, departments)`; every record says everything.
    pub(super) fn new(departments: &[(i64, i64)], users: &[(&str, &[i64])]) -> Self {
        let department = |&(id, parent): &(i64, i64)| (DeptId(id), department_facts(id, (id != 1).then_some(parent)));
        let user = |&(id, departments): &(&str, &[i64])| {
            let mut facts = user_facts(id, departments);
            facts.senior = Some(false);
            facts.real_authed = Some(true);
            facts.raw = Raw::of(&json!({ "role_list": [{ "id": 1 }] }));
            for membership in &mut facts.memberships {
                membership.order = Some(176_294_576_350_761_512 + membership.dept_id.0);
                membership.leader = Some(membership.dept_id.0 % 2 == 0);
            }
            (facts.userid.clone(), facts)
        };

        Self {
            departments: departments.iter().map(department).collect(),
            users: users.iter().map(user).collect(),
            page: 2,
            fault: Box::new(|_, _| None),
        }
    }

    fn members(&self, id: DeptId) -> Vec<&UserFacts> {
        self.users
            .values()
            .filter(|it| it.memberships.iter().any(|it| it.dept_id == id))
            .collect()
    }

    pub(super) fn answer(&self, call: &ReadCall, before: u32) -> Result<ReadAnswer, Error> {
        if let Some(kind) = (self.fault)(call, before) {
            return Err(error(kind));
        }

        Ok(match call {
            ReadCall::Children(id) => {
                let children = self.departments.values().filter(|it| it.parent_id == Some(*id));
                ReadAnswer::Children(
                    children
                        .map(|it| department_facts(it.dept_id.0, it.parent_id.map(|it| it.0)))
                        .collect(),
                )
            }
            ReadCall::Department(id) => ReadAnswer::Department(Box::new(
                self.departments
                    .get(id)
                    .cloned()
                    .ok_or_else(|| error(ErrorKind::NotFound))?,
            )),
            ReadCall::MemberIds(id) => {
                ReadAnswer::MemberIds(self.members(*id).iter().map(|it| it.userid.clone()).collect())
            }
            ReadCall::MemberPage(id, cursor) => {
                let from = usize::try_from(*cursor).expect("a cursor of ours");
                let members = self.members(*id);
                let users = members
                    .iter()
                    .skip(from)
                    .take(self.page)
                    .map(|it| as_listed(it, *id))
                    .collect();
                let more = members.len() > from + self.page;
                ReadAnswer::MemberPage(UserPage {
                    users,
                    next_cursor: more.then_some((from + self.page) as i64),
                })
            }
            ReadCall::User(id) => ReadAnswer::User(Box::new(
                self.users.get(id).cloned().ok_or_else(|| error(ErrorKind::NotFound))?,
            )),
            ReadCall::Count => ReadAnswer::Count(self.users.len() as u64),
        })
    }
}

impl Answers for FakeCompany {
    async fn answer(&self, call: &ReadCall) -> Result<ReadAnswer, Error> {
        Self::answer(self, call, 0)
    }
}

/// A record as `user/list` gives it.
fn as_listed(facts: &UserFacts, dept: DeptId) -> UserFacts {
    let mut listed = facts.clone();
    listed.keep_unlisted(&UserFacts::unsaid(facts.userid.clone()));
    listed.raw = Raw::of(&json!({ "dept_order": 1, "leader": true }));
    for membership in listed.memberships.iter_mut().filter(|it| it.dept_id != dept) {
        membership.order = None;
        membership.leader = None;
    }

    listed
}

impl fmt::Debug for FakeCompany {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let links: Vec<_> = self
            .departments
            .values()
            .map(|it| (it.dept_id.0, it.parent_id))
            .collect();
        let places: Vec<_> = self
            .users
            .values()
            .map(|it| (it.userid.as_str(), it.memberships.len()))
            .collect();

        write!(f, "{links:?} {places:?}")
    }
}
