//! Whose fault a refusal is that sounds like the application's: somebody else is asked for, who is known to be there.

use super::{
    ask::ask,
    call::{Answers, ReadAnswer, ReadCall},
    failure::ReadFailure,
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
    pub(crate) fn mirrored(snapshot: &Snapshot, but_for: impl Fn(&ReadCall) -> bool) -> Self {
        let departments = snapshot.departments().filter(|it| it.standing.is_present());
        let departments = departments.map(|it| it.facts.dept_id);
        let users = snapshot.users().filter(|it| it.standing.is_present());
        let users = users.map(|it| it.facts.userid.clone());

        Self {
            departments: departments
                .filter(|id| !but_for(&ReadCall::Department(*id)))
                .take(MOST)
                .collect(),
            users: users
                .filter(|id| !but_for(&ReadCall::User(id.clone())))
                .take(MOST)
                .collect(),
        }
    }

    /// Whether the API of `call` answers about somebody else just now.
    pub(crate) async fn are_answered(&self, dingtalk: &impl Answers, call: &ReadCall) -> bool {
        let others: Vec<ReadCall> = match call {
            ReadCall::User(_) => self.users.iter().cloned().map(ReadCall::User).collect(),
            ReadCall::Department(_) => self.departments.iter().copied().map(ReadCall::Department).collect(),
            _ => Vec::new(),
        };

        for other in others.iter().filter(|other| *other != call) {
            match dingtalk.answer(other).await {
                Ok(_) => return true,
                Err(error) if ReadFailure::is_answer(&error) => return true,
                Err(_) => {}
            }
        }
        false
    }
}

/// An answer, and whose fault it is where it is a refusal.
pub(super) struct WitnessedAnswer {
    pub(super) answer: Result<ReadAnswer, Error>,
    /// A refusal that sounds like the application's is this record's alone.
    pub(super) is_its_own: bool,
}

/// As [`ask`]; and whether a refusal that would end everything is this record's alone.
pub(super) async fn ask_before(witnesses: &Witnesses, dingtalk: &impl Answers, call: &ReadCall) -> WitnessedAnswer {
    let answer = ask(dingtalk, call).await;
    let is_its_own = match &answer {
        // The application may be refused, or this record: only somebody else's answer tells.
        Err(error) if ReadFailure::may_be_of_one(error) => witnesses.are_answered(dingtalk, call).await,
        _ => false,
    };
    WitnessedAnswer { answer, is_its_own }
}
