//! The calls that a crawl makes, and their answers.

use serde::{Deserialize, Serialize};

use crate::{
    dingtalk::{Error, Session, UserPage},
    directory::{DepartmentFacts, DeptId, UserFacts, UserId},
};

/// One call to make. The state decides which, the driver makes it: so the state can be tested without a wire.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) enum Call {
    /// The direct children of a department.
    Children(DeptId),
    /// A department's own record.
    Department(DeptId),
    /// The userids of a department's direct members.
    MemberIds(DeptId),
    /// One page of a department's direct members, as records.
    MemberPage(DeptId, i64),
    /// A user's own record.
    User(UserId),
    /// How many people the company has.
    Count,
}

/// Calls that share one of DingTalk's limits, and so one queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Lane {
    /// `listsub`.
    Children,
    /// `department/get`.
    Department,
    /// `listid` or `user/list`.
    Members,
    /// `user/get`.
    User,
    /// `user/count`.
    Count,
}

impl Lane {
    pub(super) const ALL: [Self; 5] = [Self::Children, Self::Department, Self::Members, Self::User, Self::Count];
}

/// What came back.
#[derive(Serialize, Deserialize)]
pub(crate) enum Answer {
    Children(Vec<DepartmentFacts>),
    Department(Box<DepartmentFacts>),
    MemberIds(Vec<UserId>),
    MemberPage(UserPage),
    User(Box<UserFacts>),
    Count(u64),
}

impl Call {
    pub(super) fn lane(&self) -> Lane {
        match self {
            Self::Children(_) => Lane::Children,
            Self::Department(_) => Lane::Department,
            Self::MemberIds(_) | Self::MemberPage(..) => Lane::Members,
            Self::User(_) => Lane::User,
            Self::Count => Lane::Count,
        }
    }

    /// What an entry error calls the record.
    pub(super) fn subject(&self) -> String {
        match self {
            Self::Children(id) | Self::Department(id) | Self::MemberIds(id) | Self::MemberPage(id, _) => {
                format!("department {id}")
            }
            Self::User(id) => format!("user {id}"),
            Self::Count => "company".into(),
        }
    }

    async fn make(&self, session: &Session) -> Result<Answer, Error> {
        Ok(match self {
            Self::Children(id) => Answer::Children(session.department_list_sub(*id).await?),
            Self::Department(id) => Answer::Department(Box::new(session.department_get(*id).await?)),
            Self::MemberIds(id) => Answer::MemberIds(session.user_list_id(*id).await?),
            Self::MemberPage(id, cursor) => Answer::MemberPage(session.user_list(*id, *cursor).await?),
            Self::User(id) => Answer::User(Box::new(session.user_get(id).await?)),
            Self::Count => Answer::Count(session.user_count(false).await?),
        })
    }
}

/// Who answers a crawl's calls: DingTalk, or a company in memory.
pub(crate) trait Answers: Sync {
    /// Makes the call.
    fn answer(&self, call: &Call) -> impl Future<Output = Result<Answer, Error>> + Send;
}

impl Answers for Session {
    async fn answer(&self, call: &Call) -> Result<Answer, Error> {
        call.make(self).await
    }
}
