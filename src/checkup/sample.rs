//! Some people, to see what DingTalk shows of them.

use super::calls::{Answer, ask};
use crate::{
    dingtalk::{Session, UserPage},
    directory::{DepartmentFacts, DeptId, UserFacts, UserId},
};

/// So many people's own records are read: these show empty fields, too, where the app may see them.
const RECORDS: usize = 3;

/// So many departments below the first are looked into where that has nobody itself.
const DEPARTMENTS: usize = 4;

/// What was read of a department and its people.
pub(super) struct Sample {
    /// The department's children.
    pub(super) children: Answer<Vec<DepartmentFacts>>,
    /// Its own record.
    pub(super) department: Answer<DepartmentFacts>,
    /// Who is in it.
    pub(super) members: Answer<Vec<UserId>>,
    /// Their records as the department lists them; `None`: the call is off.
    pub(super) page: Option<Answer<UserPage>>,
    /// The first record that was asked for. It may be of nobody, which is an answer, too.
    pub(super) record: Answer<UserFacts>,
    /// Everybody of whom anything was shown.
    pub(super) people: Vec<UserFacts>,
}

/// Reads `start`, and whoever can be found there. `known`: somebody whom the mirror has.
pub(super) async fn take(
    session: &Session,
    start: DeptId,
    lists: bool,
    known: Option<UserId>,
    more: &[UserId],
) -> Sample {
    let (children, department, members, page) = tokio::join!(
        ask(session.department_list_sub(start)),
        ask(session.department_get(start)),
        ask(session.user_list_id(start)),
        async {
            if lists {
                Some(ask(session.user_list(start, 0)).await)
            } else {
                None
            }
        }
    );

    let mut people: Vec<UserFacts> = match &page {
        Some(Ok(page)) => page.users.clone(),
        _ => Vec::new(),
    };
    let mut ids: Vec<UserId> = members.iter().flatten().chain(more).chain(&known).cloned().collect();
    if ids.is_empty() {
        let below = children.iter().flatten().map(|it| it.dept_id);
        for dept in below.filter(|id| id.is_company()).take(DEPARTMENTS) {
            ids.extend(ask(session.user_list_id(dept)).await.unwrap_or_default());
            if !ids.is_empty() {
                break;
            }
        }
    }

    // Of nobody: that DingTalk knows no such person is an answer.
    let first = ids.first().cloned().unwrap_or_else(|| "0".into());
    let others = ids.iter().skip(1).take(RECORDS - 1);
    let (record, others) = tokio::join!(
        ask(session.user_get(&first)),
        futures_util::future::join_all(others.map(|id| ask(session.user_get(id))))
    );

    // A record says more than the entry of a list.
    let records = record.iter().chain(others.iter().flatten());
    for facts in records {
        people.retain(|it| it.userid != facts.userid);
        people.push(facts.clone());
    }

    Sample {
        children,
        department,
        members,
        page,
        record,
        people,
    }
}
