//! Asking DingTalk about everything that is missing before anything is removed.

use std::collections::{BTreeSet, HashSet};

use futures_util::{StreamExt, stream};
use tokio_util::sync::CancellationToken;

use super::{
    CrawlError, Crawled,
    call::{Answers, ReadAnswer, ReadCall},
    failure::ReadFailure,
    journal::Journal,
    replay::{JournalPhase, RecordedAnswer},
    selected::{Sorted, sort_out},
    witness::{WitnessedAnswer, Witnesses, ask_before},
};
use crate::{
    catalogue::sync::{ABSENT_LEFT_OUT, ABSENT_MOVED, ABSENT_STILL_THERE, ABSENT_UNANSWERED},
    directory::{
        Absence, AskedAt, DepartmentSource, DeptId, GoneCause, Judgement, Observation, UserId, UserSource, Verdict,
    },
};

/// So many people may be found where the crawl had passed already: they were moved meanwhile, and each was asked for.
fn is_explained_by_haste(found: usize, of: usize) -> bool {
    found <= 5.max(of / 100)
}

/// What asking about absent records works with.
pub(crate) struct Confirmation<'a, D> {
    pub(crate) dingtalk: &'a D,
    /// Questions in flight at most.
    pub(crate) width: usize,
    pub(crate) journal: &'a mut Journal,
    pub(crate) cancelled: &'a CancellationToken,
}

impl<D: Answers> Confirmation<'_, D> {
    /// Asks for each absent record by its id: only what DingTalk says is gone gets a cause, and only what has one is
    /// removed. What it still knows is no longer absent; where that is more than moves during the crawl explain, the
    /// crawl isn't COMPLETE.
    pub(crate) async fn confirm(
        mut self,
        absence: Absence,
        crawled: &mut Crawled,
        judgement: &mut Judgement,
    ) -> Result<(), CrawlError> {
        let changed_users = absence.changed_users.into_iter().map(ReadCall::User);
        let changed = changed_users.chain(absence.changed_departments.into_iter().map(ReadCall::Department));
        let changed: HashSet<ReadCall> = changed.collect();
        let users = absence.users.into_iter().map(ReadCall::User);
        let calls: Vec<ReadCall> = users
            .chain(absence.departments.into_iter().map(ReadCall::Department))
            .collect();

        let mut tally = Tally {
            is_landslide: judgement.is_landslide,
            unlisted_departments: absence.unlisted_departments,
            unlisted_users: absence.unlisted_users,
            listed_outside: absence.listed_outside,
            ..Tally::default()
        };

        let unanswered = self.replay(calls, &mut tally, crawled)?;
        self.ask_for_all(unanswered, &mut tally, crawled).await?;

        let sorted = tokio::select! {
            biased;
            () = self.cancelled.cancelled() => return Err(CrawlError::Cancelled),
            sorted = sort_out(self.dingtalk, crawled, tally.found.clone(), self.width) => sorted?,
        };

        let there = sorted.there.saturating_sub(tally.changed(&changed));
        let read = crawled.observed.users.len();
        let are_lists_right = crawled.evidence.unread.is_empty()
            && judgement.verdict != Verdict::Suspect
            && (there == 0 || is_explained_by_haste(there, read));
        tally.settle_outside(&mut crawled.observed, are_lists_right);
        tally.judge(&sorted, there, read, judgement);
        Ok(())
    }

    /// Settles what was answered before an interruption. Gives the calls that weren't.
    fn replay(
        &mut self,
        calls: Vec<ReadCall>,
        tally: &mut Tally,
        crawled: &mut Crawled,
    ) -> Result<Vec<ReadCall>, CrawlError> {
        let mut unanswered = Vec::new();
        for call in calls {
            match self.journal.replayed.take(JournalPhase::Confirm, &call) {
                Some(RecordedAnswer { answer, asked }) => {
                    let is_its_own = false;
                    tally.settle(crawled, call, WitnessedAnswer { answer, is_its_own }, asked)?;
                }
                None => unanswered.push(call),
            }
        }
        Ok(unanswered)
    }

    /// Makes these calls, and returns when every answer is settled and durable.
    async fn ask_for_all(
        &mut self,
        unanswered: Vec<ReadCall>,
        tally: &mut Tally,
        crawled: &mut Crawled,
    ) -> Result<(), CrawlError> {
        let (dingtalk, moments) = (self.dingtalk, self.journal.moments());
        let witnesses = &Witnesses::seen(&crawled.observed);
        let mut answers = stream::iter(unanswered)
            .map(|call| {
                let moments = moments.clone();
                async move {
                    let asked = moments.now();
                    let witnessed = ask_before(witnesses, dingtalk, &call).await;
                    (call, witnessed, asked)
                }
            })
            .buffer_unordered(self.width.max(1));

        let mut asked_all = false;
        while !(asked_all && self.journal.is_idle()) {
            tokio::select! {
                // First an end from outside, then what makes answers durable: new answers may come without a pause.
                biased;
                () = self.cancelled.cancelled() => {
                    self.journal.flush().await;
                    return Err(CrawlError::Cancelled);
                }
                written = self.journal.written() => written?,
                next = answers.next(), if !asked_all => match next {
                    Some((call, witnessed, asked)) => {
                        self.journal.add(JournalPhase::Confirm, &call, &witnessed.answer, asked);
                        if let Err(error) = tally.settle(crawled, call, witnessed, asked) {
                            // Whoever goes on with the run needs what was answered.
                            self.journal.flush().await;
                            return Err(error);
                        }
                    }
                    None => asked_all = true,
                },
            }
        }
        Ok(())
    }
}

/// How the questions ended.
#[derive(Default)]
struct Tally {
    /// What DingTalk still knows.
    found: Vec<ReadCall>,
    /// Whatever is gone waits for approval.
    is_landslide: bool,
    /// See [`Absence::unlisted_departments`].
    unlisted_departments: BTreeSet<DeptId>,
    unlisted_users: BTreeSet<UserId>,
    /// See [`Absence::listed_outside`].
    listed_outside: BTreeSet<UserId>,
    /// Of these: whose record is out of scope still.
    still_outside: Vec<UserId>,
    gone_users: u64,
    gone_departments: u64,
    unknown: usize,
}

impl Tally {
    /// Puts what was answered to `call`, and what that means for the record, into what was crawled. An error where no
    /// further question makes sense.
    fn settle(
        &mut self,
        crawled: &mut Crawled,
        call: ReadCall,
        WitnessedAnswer { answer, is_its_own }: WitnessedAnswer,
        asked: AskedAt,
    ) -> Result<(), CrawlError> {
        let observed = &mut crawled.observed;
        let times = observed.asked.get_or_insert_default();
        match &call {
            ReadCall::User(id) => drop(times.users.insert(id.clone(), asked)),
            ReadCall::Department(id) => drop(times.departments.insert(*id, asked)),
            _ => {}
        }

        match (call, answer) {
            (ReadCall::User(id), Ok(ReadAnswer::User(facts))) => {
                self.found.push(ReadCall::User(id.clone()));
                observed.users.insert(id, (*facts, UserSource::Detail));
            }
            (ReadCall::Department(id), Ok(ReadAnswer::Department(facts))) => {
                self.found.push(ReadCall::Department(id));
                observed.departments.insert(id, (*facts, DepartmentSource::Detail));
            }
            (call, Err(error)) => match (call, ReadFailure::of(&error)) {
                // Of this record nothing is known, and of the others all that they were asked.
                (_, ReadFailure::Fatal) if !is_its_own => return Err(CrawlError::late(error)),
                (ReadCall::User(id), ReadFailure::NotThere) => {
                    self.gone_users += 1;
                    observed.user_causes.insert(id, GoneCause::Left);
                }
                (ReadCall::User(id), ReadFailure::OutOfScope) if self.listed_outside.contains(&id) => {
                    self.still_outside.push(id);
                }
                (ReadCall::User(id), ReadFailure::OutOfScope) if !self.unlisted_users.contains(&id) => {
                    self.gone_users += 1;
                    observed.user_causes.insert(id, GoneCause::OutOfScope);
                }
                // Every company has its root department: whatever is said of it tells about the app's scope.
                (ReadCall::Department(id), ReadFailure::NotThere) if id != DeptId::ROOT => {
                    self.gone_departments += 1;
                    observed.department_causes.insert(id, GoneCause::DepartmentRemoved);
                }
                // Nor is it removed, unless somebody says that the scope is meant to be narrower.
                (ReadCall::Department(id), ReadFailure::OutOfScope)
                    if (id != DeptId::ROOT || self.is_landslide) && !self.unlisted_departments.contains(&id) =>
                {
                    self.gone_departments += 1;
                    observed.department_causes.insert(id, GoneCause::OutOfScope);
                }
                (call, _) => {
                    self.unknown += 1;
                    crawled.errors.add(&call, &error);
                    match call {
                        ReadCall::User(id) => drop(observed.kept_users.insert(id)),
                        ReadCall::Department(id) => drop(observed.kept_departments.insert(id)),
                        _ => {}
                    }
                }
            },
            // A call is only ever answered in its own kind.
            _ => self.unknown += 1,
        }

        Ok(())
    }

    /// How many of what DingTalk still knows came while the crawl went on: whoever heard of it has read it.
    fn changed(&self, changed: &HashSet<ReadCall>) -> usize {
        self.found.iter().filter(|call| changed.contains(call)).count()
    }

    /// Whose record was out of scope all the time has left the lists, if those are right.
    fn settle_outside(&mut self, observed: &mut Observation, are_lists_right: bool) {
        for id in std::mem::take(&mut self.still_outside) {
            if are_lists_right {
                self.gone_users += 1;
                observed.user_causes.insert(id, GoneCause::OutOfScope);
            } else {
                self.unknown += 1;
                observed.kept_users.insert(id);
            }
        }
    }

    fn judge(&self, sorted: &Sorted, there: usize, read: usize, judgement: &mut Judgement) {
        judgement.evidence.confirmed_gone = self.gone_users + self.gone_departments;
        judgement.evidence.confirmed_gone_users = Some(self.gone_users);
        judgement.evidence.confirmed_gone_departments = Some(self.gone_departments);
        if sorted.outside > 0 {
            let count = sorted.outside;
            judgement.note(ABSENT_LEFT_OUT { count });
        }

        if there > 0 {
            let count = there;
            if is_explained_by_haste(there, read) {
                judgement.note(ABSENT_MOVED { count });
            } else {
                judgement.partial(ABSENT_STILL_THERE { count });
            }
        }

        let unknown = self.unknown + sorted.unknown;
        if unknown > 0 {
            judgement.partial(ABSENT_UNANSWERED { count: unknown });
        }
    }
}
