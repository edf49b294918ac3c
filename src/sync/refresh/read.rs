//! Reading wanted records, and what they lead to.

use std::collections::BTreeSet;

use futures_util::{StreamExt, stream::FuturesUnordered};

use super::{RefreshError, SharedSnapshot, Subject, Wanted};
use crate::{
    dingtalk::Error,
    directory::{DepartmentSource, GoneCause, Observation, Snapshot, UserSource},
    sync::crawl::{Answer, Answers, Call, Failure, ask},
};

/// So many records one wish may lead to: a removed department of more people is the next run's.
const MOST: usize = 5_000;

/// Reads until nothing new is wanted: a person's departments that nobody knew, a department's parents that nobody knew, and of
/// a department that is gone whatever the mirror still has in it.
pub(super) async fn read(
    dingtalk: &impl Answers,
    snapshot: &SharedSnapshot,
    wanted: Wanted,
    width: usize,
) -> Result<(Observation, Vec<(Subject, Error)>), RefreshError> {
    let mut reading = Reading {
        snapshot,
        observed: Observation::default(),
        untold: Vec::new(),
        asked: BTreeSet::new(),
        waiting: Vec::new(),
    };
    let departments = wanted.departments.into_iter().map(Subject::Department);
    for subject in departments.chain(wanted.users.into_iter().map(Subject::User)) {
        reading.want(subject);
    }
    let mut in_flight = FuturesUnordered::new();
    loop {
        while in_flight.len() < width.max(1)
            && let Some(subject) = reading.waiting.pop()
        {
            in_flight.push(async move {
                let call = match &subject {
                    Subject::Department(id) => Call::Department(*id),
                    Subject::User(id) => Call::User(id.clone()),
                };
                let answer = ask(dingtalk, &call).await;
                (subject, answer)
            });
        }
        match in_flight.next().await {
            Some((subject, answer)) => reading.take(subject, answer)?,
            None => return Ok((reading.observed, reading.untold)),
        }
    }
}

struct Reading<'a> {
    snapshot: &'a Snapshot,
    observed: Observation,
    untold: Vec<(Subject, Error)>,
    asked: BTreeSet<Subject>,
    waiting: Vec<Subject>,
}

impl Reading<'_> {
    fn want(&mut self, subject: Subject) {
        let is_company = match &subject {
            Subject::Department(id) => id.is_company(),
            Subject::User(_) => true,
        };
        if is_company && self.asked.len() < MOST && self.asked.insert(subject.clone()) {
            self.waiting.push(subject);
        }
    }

    fn want_if_unknown(&mut self, id: crate::directory::DeptId) {
        let is_known = self.snapshot.department(id).is_some_and(|it| it.standing.is_present());
        if !is_known {
            self.want(Subject::Department(id));
        }
    }

    fn take(&mut self, subject: Subject, answer: Result<Answer, Error>) -> Result<(), RefreshError> {
        match (subject, answer) {
            (Subject::Department(id), Ok(Answer::Department(facts))) => {
                if let Some(parent) = facts.parent_id {
                    self.want_if_unknown(parent);
                }
                self.observed.departments.insert(id, (*facts, DepartmentSource::Detail));
            }
            (Subject::User(id), Ok(Answer::User(facts))) => {
                for membership in &facts.memberships {
                    self.want_if_unknown(membership.dept_id);
                }
                self.observed.users.insert(id, (*facts, UserSource::Detail));
            }
            (subject, Err(error)) => match (subject, Failure::of(&error)) {
                (_, Failure::Fatal) => return Err(RefreshError::DingTalk(error)),
                (Subject::User(id), Failure::NotThere) => {
                    self.observed.user_causes.insert(id, GoneCause::Left);
                }
                (Subject::Department(id), Failure::NotThere) => {
                    // One event tells of a whole subtree; whoever was in it is somewhere else, or gone.
                    for below in self.snapshot.children(id).to_vec() {
                        self.want(Subject::Department(below));
                    }
                    for user in self.snapshot.members(id).to_vec() {
                        self.want(Subject::User(user));
                    }
                    self.observed.department_causes.insert(id, GoneCause::DepartmentRemoved);
                }
                // Outside the scope: nothing is known of it, and nothing changes.
                (subject, _) => self.untold.push((subject, error)),
            },
            // A call is only ever answered in its own kind.
            _ => {}
        }
        Ok(())
    }
}
