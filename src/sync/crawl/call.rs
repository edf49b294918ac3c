//! The calls that a crawl makes, and their answers.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::{
    dingtalk::{Error, Session, UserPage},
    directory::{DepartmentFacts, DeptId, UserFacts, UserId},
    settings::Api,
};

/// One call to make. The state decides which, the driver makes it: so the state can be tested without a wire.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) enum ReadCall {
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
pub(super) enum CallKind {
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

impl CallKind {
    pub(super) const ALL: [Self; 5] = [Self::Children, Self::Department, Self::Members, Self::User, Self::Count];
}

/// What came back.
#[derive(Serialize, Deserialize)]
pub(crate) enum ReadAnswer {
    Children(Vec<DepartmentFacts>),
    Department(Box<DepartmentFacts>),
    MemberIds(Vec<UserId>),
    MemberPage(UserPage),
    User(Box<UserFacts>),
    Count(u64),
}

impl ReadCall {
    pub(super) fn kind(&self) -> CallKind {
        match self {
            Self::Children(_) => CallKind::Children,
            Self::Department(_) => CallKind::Department,
            Self::MemberIds(_) | Self::MemberPage(..) => CallKind::Members,
            Self::User(_) => CallKind::User,
            Self::Count => CallKind::Count,
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

    async fn make(&self, session: &Session) -> Result<ReadAnswer, Error> {
        Ok(match self {
            Self::Children(id) => ReadAnswer::Children(session.department_list_sub(*id).await?),
            Self::Department(id) => ReadAnswer::Department(Box::new(session.department_get(*id).await?)),
            Self::MemberIds(id) => ReadAnswer::MemberIds(session.user_list_id(*id).await?),
            Self::MemberPage(id, cursor) => ReadAnswer::MemberPage(session.user_list(*id, *cursor).await?),
            Self::User(id) => ReadAnswer::User(Box::new(session.user_get(id).await?)),
            Self::Count => ReadAnswer::Count(session.user_count(false).await?),
        })
    }
}

/// Who answers a crawl's calls: DingTalk, or a company in memory.
pub(crate) trait Answers: Sync {
    /// Makes the call.
    fn answer(&self, call: &ReadCall) -> impl Future<Output = Result<ReadAnswer, Error>> + Send;

    /// People for whom the app is authorised by name, wherever they are; `None` where that can't be told now.
    fn authorised_users(&self) -> impl Future<Output = Option<BTreeSet<UserId>>> + Send {
        std::future::ready(Some(BTreeSet::new()))
    }
}

impl Answers for Session {
    async fn answer(&self, call: &ReadCall) -> Result<ReadAnswer, Error> {
        call.make(self).await
    }

    async fn authorised_users(&self) -> Option<BTreeSet<UserId>> {
        // Where it isn't asked for, a run begins at the root, and with nobody by name.
        if !self.is_configured(Api::AuthScopes) {
            return Some(BTreeSet::new());
        }
        let scopes = self.auth_scopes().await.ok()?;
        Some(scopes.users.into_iter().collect())
    }
}
