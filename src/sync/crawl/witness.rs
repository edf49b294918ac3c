//! Whose fault a refusal is that sounds like the application's: somebody else is asked for, who is known to be there.

use super::{
    call::{Answer, Answers, Call},
    confirm::ask,
    failure::Failure,
};
use crate::{
    dingtalk::Error,
    directory::{DeptId, Observation, Snapshot, UserId},
};

/// So many are asked at most: one of them may have the same flaw.
const MOST: usize = 3;

/// Records that are known to be there.
#[derive(Debug, Clone, Default)]
pub(crate) struct Witnesses {
    departments: Vec<DeptId>,
    users: Vec<UserId>,
}

impl Witnesses {
    /// Of what a crawl has seen.
    pub(crate) fn seen(observed: &Observation) -> Self {
        Self {
            departments: observed.departments.keys().take(MOST).copied().collect(),
            users: observed.users.keys().take(MOST).cloned().collect(),
        }
    }

    /// Of what the mirror has, but for these.
    pub(crate) fn mirrored(snapshot: &Snapshot, but_for: impl Fn(&Call) -> bool) -> Self {
        let departments = snapshot.departments().filter(|it| it.standing.is_present());
        let departments = departments.map(|it| it.facts.dept_id);
        let users = snapshot.users().filter(|it| it.standing.is_present());
        let users = users.map(|it| it.facts.userid.clone());

        Self {
            departments: departments
                .filter(|id| !but_for(&Call::Department(*id)))
                .take(MOST)
                .collect(),
            users: users
                .filter(|id| !but_for(&Call::User(id.clone())))
                .take(MOST)
                .collect(),
        }
    }

    /// Whether the API of `call` answers about somebody else just now.
    pub(crate) async fn are_answered(&self, dingtalk: &impl Answers, call: &Call) -> bool {
        let others: Vec<Call> = match call {
            Call::User(_) => self.users.iter().cloned().map(Call::User).collect(),
            Call::Department(_) => self.departments.iter().copied().map(Call::Department).collect(),
            _ => Vec::new(),
        };

        for other in others.iter().filter(|other| *other != call) {
            match dingtalk.answer(other).await {
                Ok(_) => return true,
                Err(error) if Failure::is_answer(&error) => return true,
                Err(_) => {}
            }
        }
        false
    }
}

/// As [`ask`]; and whether a refusal that would end everything is this record's alone.
pub(super) async fn ask_before(
    witnesses: &Witnesses,
    dingtalk: &impl Answers,
    call: &Call,
) -> (Result<Answer, Error>, bool) {
    let answer = ask(dingtalk, call).await;
    let is_its_own = match &answer {
        Err(error) if Failure::may_be_of_one(error) => witnesses.are_answered(dingtalk, call).await,
        _ => false,
    };
    (answer, is_its_own)
}
