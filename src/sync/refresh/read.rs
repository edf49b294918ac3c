//! Reading wanted records, and what they lead to.

use std::collections::{BTreeSet, HashMap};

use futures_util::{StreamExt, stream::FuturesUnordered};
use tokio::time::Instant;

use super::{Claim, RefreshError, SharedSnapshot};
use crate::{
    dingtalk::Error,
    directory::{AskedAt, DepartmentSource, DeptId, GoneCause, Observation, RecordId, Snapshot, UserSource},
    sync::crawl::{Answer, Answers, Call, Failure, Witnesses, ask},
};

/// So many records one wish may lead to: a removed department of more people is the next run's.
const MOST: usize = 5_000;

/// What was read.
#[derive(Default)]
pub(in crate::sync) struct Readings {
    pub(in crate::sync) observed: Observation,
    /// Records that DingTalk did not tell about, with the reason.
    pub(in crate::sync) untold: Vec<(RecordId, Error)>,
    /// Who is gone, and since when that is known.
    pub(super) gone: HashMap<RecordId, Instant>,
}

impl Readings {
    /// Forgets what was read of a record.
    pub(super) fn forget(&mut self, subject: &RecordId) {
        forget(&mut self.observed, subject);
        self.gone.remove(subject);
        self.untold.retain(|(untold, _)| untold != subject);
    }

    /// Reads these records anew, and nothing that they lead to.
    pub(super) async fn read_again(
        &mut self,
        dingtalk: &impl Answers,
        snapshot: &SharedSnapshot,
        again: BTreeSet<RecordId>,
        width: usize,
        asked: AskedAt,
    ) -> Result<(), RefreshError> {
        for subject in &again {
            self.forget(subject);
        }

        let newer = read(dingtalk, snapshot, again.clone(), width, Following::Nothing).await?;
        take_over(&mut self.observed, newer.observed, &again, asked);
        self.untold.extend(newer.untold);
        self.gone.extend(newer.gone);
        Ok(())
    }
}

/// Forgets what was read of a record.
pub(in crate::sync) fn forget(observed: &mut Observation, subject: &RecordId) {
    match subject {
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
    for subject in again {
        match subject {
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
    All(Option<&'a Claim>),
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
) -> Result<Readings, RefreshError> {
    let (follows, claim) = match following {
        Following::Nothing => (false, None),
        Following::All(claim) => (true, claim),
    };

    let mut reading = Reading {
        snapshot,
        read: Readings::default(),
        asked: BTreeSet::new(),
        waiting: Vec::new(),
        // What is wanted is taken in whether it is followed or not.
        follows: true,
        // What others read meanwhile is as much as it is; what one thing leads to has a bound.
        most: if follows { MOST } else { usize::MAX },
        claim,
        heard: Heard::default(),
        refused: Vec::new(),
    };

    for subject in wanted {
        reading.want(subject);
    }
    reading.follows = follows;
    reading.read.observed.single_records = true;

    let mut in_flight = FuturesUnordered::new();
    loop {
        // While nobody was answered, one refusal may be everybody's: the others wait until that is known.
        while !reading.is_in_doubt()
            && in_flight.len() < width.max(1)
            && let Some(subject) = reading.waiting.pop()
        {
            if let Some(claim) = claim {
                claim.begin(&subject);
            }
            in_flight.push(async move {
                let answer = ask(dingtalk, &call(&subject)).await;
                (subject, answer)
            });
        }

        match in_flight.next().await {
            Some((subject, answer)) => reading.take(subject, answer)?,
            None if reading.is_in_doubt() => reading.clear_up(dingtalk).await?,
            None => return Ok(reading.end()),
        }
    }
}

fn call(subject: &RecordId) -> Call {
    match subject {
        RecordId::Department(id) => Call::Department(*id),
        RecordId::User(id) => Call::User(id.clone()),
    }
}

/// Which of the two APIs has answered about anybody.
#[derive(Default)]
struct Heard {
    departments: bool,
    users: bool,
}

impl Heard {
    fn of(&mut self, subject: &RecordId) -> &mut bool {
        match subject {
            RecordId::Department(_) => &mut self.departments,
            RecordId::User(_) => &mut self.users,
        }
    }

    fn has(&self, subject: &RecordId) -> bool {
        match subject {
            RecordId::Department(_) => self.departments,
            RecordId::User(_) => self.users,
        }
    }
}

struct Reading<'a> {
    snapshot: &'a Snapshot,
    read: Readings,
    asked: BTreeSet<RecordId>,
    waiting: Vec<RecordId>,
    follows: bool,
    most: usize,
    claim: Option<&'a Claim>,
    heard: Heard,
    /// Who was refused as if the application were.
    refused: Vec<(RecordId, Error)>,
}

impl Reading<'_> {
    /// Whether somebody was refused as if the application were, and nobody was answered.
    fn is_in_doubt(&self) -> bool {
        self.refused.iter().any(|(subject, _)| !self.heard.has(subject))
    }

    /// Finds out whether it is the application's fault, by asking for others. An error where it is.
    async fn clear_up(&mut self, dingtalk: &impl Answers) -> Result<(), RefreshError> {
        let refused: BTreeSet<RecordId> = self.refused.iter().map(|(subject, _)| subject.clone()).collect();
        let is_refused = |other: &Call| refused.iter().any(|subject| call(subject) == *other);
        let witnesses = Witnesses::mirrored(self.snapshot, is_refused);

        for (subject, error) in &self.refused {
            if self.heard.has(subject) {
                continue;
            }
            if !witnesses.are_answered(dingtalk, &call(subject)).await {
                return Err(RefreshError::DingTalk(error.clone()));
            }
            *self.heard.of(subject) = true;
        }
        Ok(())
    }

    fn end(mut self) -> Readings {
        self.read.untold.append(&mut self.refused);
        self.read
    }

    fn want(&mut self, subject: RecordId) {
        let is_company = match &subject {
            RecordId::Department(id) => id.is_company(),
            RecordId::User(_) => true,
        };
        if self.follows && is_company && self.asked.len() < self.most && self.asked.insert(subject.clone()) {
            if let Some(claim) = self.claim {
                claim.add(&subject);
            }
            self.waiting.push(subject);
        }
    }

    fn want_if_unknown(&mut self, id: crate::directory::DeptId) {
        let is_known = self.snapshot.department(id).is_some_and(|it| it.standing.is_present());
        if !is_known {
            self.want(RecordId::Department(id));
        }
    }

    fn take(&mut self, subject: RecordId, answer: Result<Answer, Error>) -> Result<(), RefreshError> {
        if answer.as_ref().err().is_none_or(Failure::is_answer) {
            *self.heard.of(&subject) = true;
        }

        match (subject, answer) {
            (RecordId::Department(id), Ok(Answer::Department(facts))) => {
                if let Some(parent) = facts.parent_id {
                    self.want_if_unknown(parent);
                }
                self.read
                    .observed
                    .departments
                    .insert(id, (*facts, DepartmentSource::Detail));
            }
            (RecordId::User(id), Ok(Answer::User(facts))) => {
                for membership in &facts.memberships {
                    self.want_if_unknown(membership.dept_id);
                }
                self.read.observed.users.insert(id, (*facts, UserSource::Detail));
            }
            (subject, Err(error)) => match (subject, Failure::of(&error)) {
                (subject, Failure::Fatal) if Failure::may_be_of_one(&error) => self.refused.push((subject, error)),
                (_, Failure::Fatal) => return Err(RefreshError::DingTalk(error)),
                (RecordId::User(id), Failure::NotThere) => {
                    self.read.gone.insert(RecordId::User(id.clone()), Instant::now());
                    self.read.observed.user_causes.insert(id, GoneCause::Left);
                }
                // Every company has its root department, whatever one answer says.
                (RecordId::Department(id), Failure::NotThere) if id != DeptId::ROOT => {
                    // One event tells of a whole subtree; whoever was in it is somewhere else, or gone.
                    for below in self.snapshot.children(id).to_vec() {
                        self.want(RecordId::Department(below));
                    }
                    for user in self.snapshot.members(id).to_vec() {
                        self.want(RecordId::User(user));
                    }
                    self.read.gone.insert(RecordId::Department(id), Instant::now());
                    let causes = &mut self.read.observed.department_causes;
                    causes.insert(id, GoneCause::DepartmentRemoved);
                }
                // Outside the scope: nothing is known of it, and nothing changes.
                (subject, _) => self.read.untold.push((subject, error)),
            },
            // A call is only ever answered in its own kind.
            _ => {}
        }

        Ok(())
    }
}
