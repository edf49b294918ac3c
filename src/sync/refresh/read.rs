//! Reading wanted records, and what they lead to.

use std::collections::{BTreeSet, HashMap};

use futures_util::{StreamExt, stream::FuturesUnordered};
use tokio::time::Instant;

use super::{ReadClaim, RefreshError, SharedSnapshot};
use crate::{
    dingtalk::Error,
    directory::{AskedAt, DepartmentSource, DeptId, GoneCause, Observation, RecordId, Snapshot, UserSource},
    sync::crawl::{Answers, ReadAnswer, ReadCall, ReadFailure, Witnesses, ask},
};

/// So many records one wish may lead to: a removed department of more people is the next run's.
const MOST: usize = 5_000;

/// What was read.
#[derive(Default)]
pub(in crate::sync) struct RecordsRead {
    pub(in crate::sync) observed: Observation,
    /// Records that DingTalk did not tell about, with the reason.
    pub(in crate::sync) untold: Vec<(RecordId, Error)>,
    /// When DingTalk answered about a record.
    pub(super) said: HashMap<RecordId, Instant>,
}

impl RecordsRead {
    /// Records that are gone, as DingTalk says.
    pub(super) fn gone(&self) -> BTreeSet<RecordId> {
        let departments = self.observed.department_causes.keys().copied();
        let users = self.observed.user_causes.keys().cloned();
        departments
            .map(RecordId::Department)
            .chain(users.map(RecordId::User))
            .collect()
    }

    /// Forgets what was read of a record.
    pub(super) fn forget(&mut self, record: &RecordId) {
        forget(&mut self.observed, record);
        self.said.remove(record);
        self.untold.retain(|(untold, _)| untold != record);
    }

    /// Puts what was read again, at `asked`, beside the rest.
    pub(super) fn take_over(&mut self, newer: Self, again: &BTreeSet<RecordId>, asked: AskedAt) {
        take_over(&mut self.observed, newer.observed, again, asked);
        self.untold.extend(newer.untold);
        self.said.extend(newer.said);
    }
}

/// Forgets what was read of a record.
pub(in crate::sync) fn forget(observed: &mut Observation, record: &RecordId) {
    match record {
        RecordId::Department(id) => observed.forget_department(*id),
        RecordId::User(id) => observed.forget_user(id.as_str()),
    }
}

/// Puts what was read again, at `asked`, beside the rest.
pub(in crate::sync) fn take_over(
    observed: &mut Observation,
    more: Observation,
    again: &BTreeSet<RecordId>,
    asked: AskedAt,
) {
    observed.departments.extend(more.departments);
    observed.department_causes.extend(more.department_causes);
    observed.users.extend(more.users);
    observed.user_causes.extend(more.user_causes);

    let times = observed.asked.get_or_insert_default();
    for record in again {
        match record {
            RecordId::Department(id) => drop(times.departments.insert(*id, asked)),
            RecordId::User(id) => drop(times.users.insert(id.clone(), asked)),
        }
    }
}

/// Whether what is read leads to more.
#[derive(Debug, Clone, Copy)]
pub(in crate::sync) enum Following<'a> {
    /// Only what is wanted is read.
    Nothing,
    /// Whatever it leads to is read, too, and claimed where others read beside it.
    All(Option<&'a ReadClaim>),
}

/// Reads what is wanted, and where it is followed, what that leads to, until nothing new is wanted: a person's
/// departments that nobody knew, a department's parents that nobody knew, and of a department that is gone whatever the
/// mirror still has in it.
pub(in crate::sync) async fn read(
    dingtalk: &impl Answers,
    snapshot: &SharedSnapshot,
    wanted: impl IntoIterator<Item = RecordId>,
    width: usize,
    following: Following<'_>,
) -> Result<RecordsRead, RefreshError> {
    let (follows, claim) = match following {
        Following::Nothing => (false, None),
        Following::All(claim) => (true, claim),
    };

    let mut reading = RecordReader {
        snapshot,
        read: RecordsRead::default(),
        asked: BTreeSet::new(),
        waiting: Vec::new(),
        // What is wanted is taken in whether it is followed or not.
        follows: true,
        // What others read meanwhile is as much as it is; what one thing leads to has a bound.
        most: if follows { MOST } else { usize::MAX },
        claim,
        answered: AnsweredApis::default(),
        refused: Vec::new(),
    };

    for record in wanted {
        reading.want(record);
    }
    reading.follows = follows;
    reading.read.observed.single_records = true;

    let mut in_flight = FuturesUnordered::new();
    loop {
        // While nobody was answered, one refusal may be everybody's: the others wait until that is known.
        while !reading.is_unclear()
            && in_flight.len() < width.max(1)
            && let Some(record) = reading.waiting.pop()
        {
            if let Some(claim) = claim {
                claim.begin(&record);
            }
            in_flight.push(async move {
                let answer = ask(dingtalk, &call(&record)).await;
                (record, answer)
            });
        }

        match in_flight.next().await {
            Some((record, answer)) => reading.take(record, answer)?,
            None if reading.is_unclear() => reading.clear_up(dingtalk).await?,
            None => return Ok(reading.end()),
        }
    }
}

fn call(record: &RecordId) -> ReadCall {
    match record {
        RecordId::Department(id) => ReadCall::Department(*id),
        RecordId::User(id) => ReadCall::User(id.clone()),
    }
}

/// Which of the two APIs has answered about anybody.
#[derive(Default)]
struct AnsweredApis {
    departments: bool,
    users: bool,
}

impl AnsweredApis {
    fn of(&mut self, record: &RecordId) -> &mut bool {
        match record {
            RecordId::Department(_) => &mut self.departments,
            RecordId::User(_) => &mut self.users,
        }
    }

    fn has(&self, record: &RecordId) -> bool {
        match record {
            RecordId::Department(_) => self.departments,
            RecordId::User(_) => self.users,
        }
    }
}

struct RecordReader<'a> {
    snapshot: &'a Snapshot,
    read: RecordsRead,
    asked: BTreeSet<RecordId>,
    waiting: Vec<RecordId>,
    follows: bool,
    most: usize,
    claim: Option<&'a ReadClaim>,
    answered: AnsweredApis,
    /// Who was refused as if the application were.
    refused: Vec<(RecordId, Error)>,
}

impl RecordReader<'_> {
    /// Whether somebody was refused as if the application were, and nobody was answered.
    fn is_unclear(&self) -> bool {
        self.refused.iter().any(|(record, _)| !self.answered.has(record))
    }

    /// Finds out whether it is the application's fault, by asking for others. An error where it is.
    async fn clear_up(&mut self, dingtalk: &impl Answers) -> Result<(), RefreshError> {
        let refused: BTreeSet<RecordId> = self.refused.iter().map(|(record, _)| record.clone()).collect();
        let is_refused = |other: &ReadCall| refused.iter().any(|record| call(record) == *other);
        let witnesses = Witnesses::mirrored(self.snapshot, is_refused);

        for (record, error) in &self.refused {
            if self.answered.has(record) {
                continue;
            }
            if !witnesses.are_answered(dingtalk, &call(record)).await {
                return Err(RefreshError::DingTalk(error.clone()));
            }
            *self.answered.of(record) = true;
        }
        Ok(())
    }

    fn end(mut self) -> RecordsRead {
        self.read.untold.append(&mut self.refused);
        self.read
    }

    fn want(&mut self, record: RecordId) {
        let is_company = match &record {
            RecordId::Department(id) => id.is_company(),
            RecordId::User(_) => true,
        };
        if self.follows && is_company && self.asked.len() < self.most && self.asked.insert(record.clone()) {
            if let Some(claim) = self.claim {
                claim.add(&record);
            }
            self.waiting.push(record);
        }
    }

    fn want_if_unknown(&mut self, id: crate::directory::DeptId) {
        let is_known = self.snapshot.department(id).is_some_and(|it| it.standing.is_present());
        if !is_known {
            self.want(RecordId::Department(id));
        }
    }

    fn take(&mut self, record: RecordId, answer: Result<ReadAnswer, Error>) -> Result<(), RefreshError> {
        if answer.as_ref().err().is_none_or(ReadFailure::is_answer) {
            *self.answered.of(&record) = true;
        }

        self.read.said.insert(record.clone(), Instant::now());
        match (record, answer) {
            (RecordId::Department(id), Ok(ReadAnswer::Department(facts))) => {
                if let Some(parent) = facts.parent_id {
                    self.want_if_unknown(parent);
                }
                self.read
                    .observed
                    .departments
                    .insert(id, (*facts, DepartmentSource::Detail));
            }
            (RecordId::User(id), Ok(ReadAnswer::User(facts))) => {
                for membership in &facts.memberships {
                    self.want_if_unknown(membership.dept_id);
                }
                self.read.observed.users.insert(id, (*facts, UserSource::Detail));
            }
            (record, Err(error)) => match (record, ReadFailure::of(&error)) {
                (record, ReadFailure::Fatal) if ReadFailure::may_be_of_one(&error) => {
                    self.refused.push((record, error))
                }
                (_, ReadFailure::Fatal) => return Err(RefreshError::DingTalk(error)),
                (RecordId::User(id), ReadFailure::NotThere) => {
                    self.read.observed.user_causes.insert(id, GoneCause::Left);
                }
                // Every company has its root department, whatever one answer says.
                (RecordId::Department(id), ReadFailure::NotThere) if id != DeptId::ROOT => {
                    // One event tells of a whole subtree; whoever was in it is somewhere else, or gone.
                    for below in self.snapshot.children(id).to_vec() {
                        self.want(RecordId::Department(below));
                    }
                    for user in self.snapshot.members(id).to_vec() {
                        self.want(RecordId::User(user));
                    }
                    let causes = &mut self.read.observed.department_causes;
                    causes.insert(id, GoneCause::DepartmentRemoved);
                }
                // Outside the scope: nothing is known of it, and nothing changes.
                (record, _) => self.read.untold.push((record, error)),
            },
            // A call is only ever answered in its own kind.
            _ => {}
        }

        Ok(())
    }
}
