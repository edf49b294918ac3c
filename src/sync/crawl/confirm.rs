//! Asking DingTalk about everything that is missing before anything is removed.

use std::{
    collections::{BTreeSet, HashSet},
    time::Duration,
};

use futures_util::{StreamExt, stream};
use tokio_util::sync::CancellationToken;

use super::{
    CrawlError, Crawled,
    call::{Answer, Answers, Call},
    failure::Failure,
    journal::{Former, Journal, Phase},
    selected::{Sorted, sort_out},
    witness::{Witnesses, ask_before},
};
use crate::{
    dingtalk::Error,
    directory::{
        Absence, AskedAt, DepartmentSource, DeptId, GoneCause, Judgement, Observation, UserId, UserSource, Verdict,
    },
};

/// So often an unlucky question is asked again.
const TRIES: u32 = 3;
/// Before an API is asked again that says that it isn't there.
const AFTER_STRAY: Duration = Duration::from_secs(1);
/// So long one question waits for throttles in all.
const LONGEST_REST: Duration = Duration::from_mins(15);

/// So many people may be found where the crawl had passed already: they were moved meanwhile, and each was asked for.
fn is_explained_by_haste(found: usize, of: usize) -> bool {
    found <= 5.max(of / 100)
}

/// Asks for each absent record by its id: only what DingTalk says is gone gets a cause, and only what has one is
/// removed. What it still knows is no longer absent; where that is more than moves during the crawl explain, the crawl
/// isn't COMPLETE.
pub(crate) async fn confirm(
    dingtalk: &impl Answers,
    absence: Absence,
    width: usize,
    (journal, former): (&mut Journal, &mut Former),
    (crawled, judgement): (&mut Crawled, &mut Judgement),
    cancelled: &CancellationToken,
) -> Result<(), CrawlError> {
    let changed_users = absence.changed_users.into_iter().map(Call::User);
    let changed = changed_users.chain(absence.changed_departments.into_iter().map(Call::Department));
    let changed: HashSet<Call> = changed.collect();
    let users = absence.users.into_iter().map(Call::User);
    let calls: Vec<Call> = users
        .chain(absence.departments.into_iter().map(Call::Department))
        .collect();

    let mut tally = Tally {
        is_landslide: judgement.is_landslide,
        unlisted_departments: absence.unlisted_departments,
        unlisted_users: absence.unlisted_users,
        listed_outside: absence.listed_outside,
        ..Tally::default()
    };

    let mut unanswered = Vec::new();
    for call in calls {
        match former.take(Phase::Confirm, &call) {
            Some((answer, asked)) => tally.settle(crawled, call, answer, asked, false)?,
            None => unanswered.push(call),
        }
    }

    let moments = journal.moments();
    let witnesses = &Witnesses::seen(&crawled.observed);
    let mut answers = stream::iter(unanswered)
        .map(|call| {
            let moments = moments.clone();
            async move {
                let asked = moments.now();
                let (answer, is_its_own) = ask_before(witnesses, dingtalk, &call).await;
                (call, answer, asked, is_its_own)
            }
        })
        .buffer_unordered(width.max(1));

    let mut asked_all = false;
    while !(asked_all && journal.is_idle()) {
        tokio::select! {
            // First an end from outside, then what makes answers durable: new answers may come without a pause.
            biased;
            () = cancelled.cancelled() => {
                journal.flush().await;
                return Err(CrawlError::Cancelled);
            }
            written = journal.written() => written?,
            next = answers.next(), if !asked_all => match next {
                Some((call, answer, asked, is_its_own)) => {
                    journal.add(Phase::Confirm, &call, &answer, asked);
                    if let Err(error) = tally.settle(crawled, call, answer, asked, is_its_own) {
                        // Whoever goes on with the run needs what was answered.
                        journal.flush().await;
                        return Err(error);
                    }
                }
                None => asked_all = true,
            },
        }
    }

    let sorted = tokio::select! {
        biased;
        () = cancelled.cancelled() => return Err(CrawlError::Cancelled),
        sorted = sort_out(dingtalk, crawled, tally.found.clone(), width) => sorted?,
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

/// How the questions ended.
#[derive(Default)]
struct Tally {
    /// What DingTalk still knows.
    found: Vec<Call>,
    /// Whatever is gone waits for approval.
    is_landslide: bool,
    /// See [`Absence::unlisted_departments`].
    unlisted_departments: BTreeSet<DeptId>,
    unlisted_users: BTreeSet<UserId>,
    /// See [`Absence::listed_outside`].
    listed_outside: BTreeSet<UserId>,
    /// Of these: whose record is out of scope still.
    still_outside: Vec<UserId>,
    gone: usize,
    unknown: usize,
}

impl Tally {
    /// `is_its_own`: a refusal that sounds like the application's is this record's alone.
    fn settle(
        &mut self,
        crawled: &mut Crawled,
        call: Call,
        answer: Result<Answer, Error>,
        asked: AskedAt,
        is_its_own: bool,
    ) -> Result<(), CrawlError> {
        let observed = &mut crawled.observed;
        let times = observed.asked.get_or_insert_default();
        match &call {
            Call::User(id) => drop(times.users.insert(id.clone(), asked)),
            Call::Department(id) => drop(times.departments.insert(*id, asked)),
            _ => {}
        }

        match (call, answer) {
            (Call::User(id), Ok(Answer::User(facts))) => {
                self.found.push(Call::User(id.clone()));
                observed.users.insert(id, (*facts, UserSource::Detail));
            }
            (Call::Department(id), Ok(Answer::Department(facts))) => {
                self.found.push(Call::Department(id));
                observed.departments.insert(id, (*facts, DepartmentSource::Detail));
            }
            (call, Err(error)) => match (call, Failure::of(&error)) {
                // Of this record nothing is known, and of the others all that they were asked.
                (_, Failure::Fatal) if !is_its_own => return Err(CrawlError::late(error)),
                (Call::User(id), Failure::NotThere) => {
                    self.gone += 1;
                    observed.user_causes.insert(id, GoneCause::Left);
                }
                (Call::User(id), Failure::OutOfScope) if self.listed_outside.contains(&id) => {
                    self.still_outside.push(id);
                }
                (Call::User(id), Failure::OutOfScope) if !self.unlisted_users.contains(&id) => {
                    self.gone += 1;
                    observed.user_causes.insert(id, GoneCause::OutOfScope);
                }
                // Every company has its root department: whatever is said of it tells about the app's scope.
                (Call::Department(id), Failure::NotThere) if id != DeptId::ROOT => {
                    self.gone += 1;
                    observed.department_causes.insert(id, GoneCause::DepartmentRemoved);
                }
                // Nor is it removed, unless somebody says that the scope is meant to be narrower.
                (Call::Department(id), Failure::OutOfScope)
                    if (id != DeptId::ROOT || self.is_landslide) && !self.unlisted_departments.contains(&id) =>
                {
                    self.gone += 1;
                    observed.department_causes.insert(id, GoneCause::OutOfScope);
                }
                (call, _) => {
                    self.unknown += 1;
                    crawled.errors.add(&call, &error);
                    match call {
                        Call::User(id) => drop(observed.kept_users.insert(id)),
                        Call::Department(id) => drop(observed.kept_departments.insert(id)),
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
    fn changed(&self, changed: &HashSet<Call>) -> usize {
        self.found.iter().filter(|call| changed.contains(call)).count()
    }

    /// Whose record was out of scope all the time has left the lists, if those are right.
    fn settle_outside(&mut self, observed: &mut Observation, are_lists_right: bool) {
        for id in std::mem::take(&mut self.still_outside) {
            if are_lists_right {
                self.gone += 1;
                observed.user_causes.insert(id, GoneCause::OutOfScope);
            } else {
                self.unknown += 1;
                observed.kept_users.insert(id);
            }
        }
    }

    fn judge(&self, sorted: &Sorted, there: usize, read: usize, judgement: &mut Judgement) {
        judgement.evidence.confirmed_gone = self.gone as u64;
        if sorted.outside > 0 {
            judgement.note(format!(
                "{} records are in no department that the settings select any more.",
                sorted.outside
            ));
        }

        if there > 0 {
            let finding = format!("DingTalk still knows {there} records that the crawl did not come across");
            if is_explained_by_haste(there, read) {
                judgement.note(format!(
                    "{finding}: they were moved meanwhile, and were read by themselves."
                ));
            } else {
                judgement.partial(format!("{finding}: they were read by themselves."));
            }
        }

        let unknown = self.unknown + sorted.unknown;
        if unknown > 0 {
            judgement.partial(format!(
                "Whether {unknown} records are gone could not be asked; they stay as they were."
            ));
        }
    }
}

/// Makes a call until it is answered, or out of luck three times; throttles are waited out, and not for ever.
pub(crate) async fn ask(dingtalk: &impl Answers, call: &Call) -> Result<Answer, Error> {
    let (mut tries, mut rested) = (0, Duration::ZERO);

    loop {
        match dingtalk.answer(call).await {
            Err(error) => match Failure::of(&error) {
                Failure::Rest(pause) if rested < LONGEST_REST => {
                    tokio::time::sleep(pause).await;
                    rested += pause;
                }
                Failure::Fatal if Failure::may_pass(&error) && tries < TRIES => {
                    tries += 1;
                    tokio::time::sleep(AFTER_STRAY).await;
                }
                Failure::Luck if tries < TRIES => tries += 1,
                Failure::Odd if tries < 1 => tries += 1,
                _ => return Err(error),
            },
            answer => return answer,
        }
    }
}
