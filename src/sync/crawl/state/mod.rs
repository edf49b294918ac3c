//! The crawl as a state machine: which call next, and what an answer means. It does no I/O itself.

mod answers;
mod expected;
mod failures;
mod foreknown;

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::Arc,
};

use self::foreknown::Foreknown;
use super::{
    CrawlBounds, CrawlError, Crawled, Strategy,
    breaker::Sent,
    call::{CallKind, ReadAnswer, ReadCall},
    departments::CrawledDepartments,
    errors::EntryErrors,
    failure::ReadFailure,
    outline::Outline,
    people::CrawledPeople,
    queues::CallQueues,
};
use crate::{
    catalogue::{Statement, sync::ANSWERS_ENDLESS},
    dingtalk::Error,
    directory::{AskTimes, AskedAt, DeptId, Evidence, Observation, RunProgress, Snapshot, UserId},
};

/// More than any company has, departments and people: what names more has no end, and would fill memory and days.
const MOST: (u64, u64) = (200_000, 2_000_000);

/// How people are read, as far as it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum StrategyState {
    /// The first `user/list` tells whether the app may use it.
    Probing,
    Bulk,
    SevenUrls,
}

pub(super) struct Crawl {
    snapshot: Arc<Snapshot>,
    starts: HashSet<DeptId>,
    /// Departments that the settings leave out.
    excluded: BTreeSet<DeptId>,
    /// Whether everybody's own record is read where people are read one by one.
    everybody: bool,
    /// Who is known to lie outside the contact scope.
    outside: BTreeSet<UserId>,
    /// Whose own record is read whatever the lists say, in this order.
    again: Vec<UserId>,
    strategy_state: StrategyState,
    /// How often bulk reading seemed to lead nowhere.
    probes: u32,
    /// Whether the listed people were compared with the mirror.
    compared: bool,
    /// Whether somebody's record is asked for only to tell whether anybody's is given.
    has_witness: bool,
    pub(super) queues: CallQueues,
    departments: CrawledDepartments,
    people: CrawledPeople,
    /// What the mirror knows of the lists to come.
    foreknown: Foreknown,
    pages: HashSet<(DeptId, i64)>,
    /// Pages in a row that named nobody new.
    idle_pages: HashMap<DeptId, u32>,
    errors: EntryErrors,
    count: Option<u64>,
    notes: Vec<Statement>,
    /// The first failure: it explains a crawl that read nothing.
    first_failure: Option<Error>,
    /// When each record was asked for.
    asked: AskTimes,
    /// Departments and people that are believed in.
    pub(super) most: (u64, u64),
}

impl Crawl {
    pub(super) fn new(snapshot: Arc<Snapshot>, outline: &Outline, bounds: CrawlBounds) -> Self {
        let mut crawl = Self {
            foreknown: Foreknown::of(&snapshot, outline),
            snapshot,
            starts: outline.departments.iter().copied().collect(),
            excluded: outline.excluded.clone(),
            everybody: outline.everybody,
            outside: outline.outside.clone(),
            again: outline.again.clone(),
            strategy_state: if outline.bulk {
                StrategyState::Probing
            } else {
                StrategyState::SevenUrls
            },
            probes: 0,
            compared: false,
            has_witness: false,
            queues: CallQueues::new(bounds),
            departments: CrawledDepartments::default(),
            people: CrawledPeople::default(),
            pages: HashSet::new(),
            idle_pages: HashMap::new(),
            errors: EntryErrors::default(),
            count: None,
            notes: outline.note.iter().cloned().collect(),
            first_failure: None,
            asked: AskTimes::default(),
            most: MOST,
        };

        for id in &outline.departments {
            crawl.find_department(*id);
        }
        for id in &outline.users {
            crawl.ask_user(id.clone());
        }
        if outline.count {
            crawl.queues.push(ReadCall::Count);
        }
        crawl
    }

    /// The next call that may go out now.
    pub(super) fn next(&mut self) -> Option<ReadCall> {
        self.next_by(CallQueues::next)
    }

    /// The next call, however many are in flight: for answers that are here already.
    pub(super) fn next_of_any(&mut self) -> Option<ReadCall> {
        self.next_by(CallQueues::next_of_any)
    }

    fn next_by(&mut self, next: fn(&mut CallQueues, usize) -> Option<ReadCall>) -> Option<ReadCall> {
        let members = if self.strategy_state == StrategyState::Probing {
            1
        } else {
            usize::MAX
        };
        if let Some(call) = next(&mut self.queues, members) {
            return Some(call);
        }

        let lists = [CallKind::Children, CallKind::Department, CallKind::Members];
        if self.compared || self.strategy_state == StrategyState::Probing || !self.queues.is_idle(&lists) {
            return None;
        }

        // Only when all lists are read is it known whose record differs.
        self.compared = true;
        let differing = match self.strategy_state {
            StrategyState::Bulk => self.people.changed(&self.snapshot),
            _ => self.departments.transferred(&self.snapshot),
        };
        for id in differing {
            self.ask_user(id);
        }

        // Only whoever is still there: the others are asked about when what is missing is.
        for id in self.again.clone() {
            if self.people.is_found(&id) {
                self.ask_user(id);
            }
        }

        next(&mut self.queues, members)
    }

    /// `None` until the first list of people was read.
    pub(super) fn strategy(&self) -> Option<Strategy> {
        match self.strategy_state {
            StrategyState::Probing => None,
            StrategyState::Bulk => Some(Strategy::Bulk),
            StrategyState::SevenUrls => Some(Strategy::SevenUrls),
        }
    }

    pub(super) fn progress(&self) -> RunProgress {
        RunProgress {
            departments_found: self.departments.found(),
            departments_read: self.departments.read(),
            users_found: self.people.found(),
            users_read: self.people.read(),
            eta_seconds: self.queues.eta_seconds(),
        }
    }

    /// `asked`: when the call was made.
    pub(super) fn take(
        &mut self,
        call: ReadCall,
        answer: Result<ReadAnswer, Error>,
        asked: AskedAt,
    ) -> Result<(), CrawlError> {
        let sent = self.queues.ended(&call);
        let is_probe = sent == Sent::Probe;
        if call.kind() == CallKind::Members && !is_probe {
            self.foreknown.page_ended();
        }
        if answer.as_ref().err().is_none_or(ReadFailure::is_answer) {
            for (deferred, error) in self.queues.answered(call.kind()) {
                self.give_up(&deferred, error, ReadFailure::Luck);
            }
        }

        match answer {
            // A probe was answered before, and its answer was taken then.
            Ok(_) if is_probe => Ok(()),
            Err(error) if is_probe && ReadFailure::is_answer(&error) => Ok(()),
            Ok(answer) => {
                self.queues.given(&call);
                self.answered(call, answer, asked);
                self.has_an_end()
            }
            Err(error) => self.failed(call, sent, error),
        }
    }

    /// An error where more was named than any company has.
    fn has_an_end(&self) -> Result<(), CrawlError> {
        let (departments, people) = self.most;
        let (most, kind) = if self.departments.found() > departments {
            (departments, "DEPARTMENTS")
        } else if self.people.found() > people {
            (people, "PEOPLE")
        } else {
            return Ok(());
        };

        Err(CrawlError::Endless(ANSWERS_ENDLESS { most, kind }.into()))
    }

    fn find_department(&mut self, id: DeptId) {
        if self.excluded.contains(&id) && !self.starts.contains(&id) {
            return;
        }
        if self.departments.find(id) {
            self.foreknown.found(&self.snapshot, id);
            self.queues.push(ReadCall::Children(id));
            self.queues.push(ReadCall::Department(id));
            self.push_members(id);
        }
    }

    fn push_members(&mut self, id: DeptId) {
        self.queues.push(match self.strategy_state {
            StrategyState::SevenUrls => ReadCall::MemberIds(id),
            StrategyState::Probing | StrategyState::Bulk => ReadCall::MemberPage(id, 0),
        });
    }

    fn ask_user(&mut self, id: UserId) {
        if self.outside.contains(&id) {
            self.people.outside_still(&id);
        } else if self.people.ask(&id) {
            self.queues.push(ReadCall::User(id));
        }
    }

    /// What was seen. An error where nothing was, but something failed: the failure says more than an empty company.
    pub(super) fn finish(self) -> Result<Crawled, CrawlError> {
        let strategy = self.strategy().unwrap_or(Strategy::Bulk);
        if self.departments.is_empty()
            && self.people.is_empty()
            && let Some(error) = self.first_failure
        {
            return Err(CrawlError::of(error));
        }

        let mut observed = Observation::default();
        let home_school_skipped = self.departments.home_school();
        let left = self.people.left().clone();
        let read_again = self.again.into_iter().filter(|id| self.people.is_settled(id)).collect();
        let departments = self.departments.into_observation(&self.snapshot, &left, &mut observed);
        let [unread_users, undetailed_users, out_of_scope_users] =
            self.people.into_observation(&self.snapshot, &mut observed);
        observed.asked = Some(self.asked);

        let evidence = Evidence {
            starts: self.starts.into_iter().collect(),
            listed: departments.listed,
            unreadable: departments.unreadable,
            unread: departments.unread,
            undetailed_departments: departments.undetailed,
            unread_users,
            undetailed_users,
            out_of_scope_users,
            user_count: self.count,
            ..Evidence::default()
        };

        Ok(Crawled {
            observed,
            evidence,
            strategy,
            errors: self.errors,
            notes: self.notes,
            home_school_skipped,
            read_again,
            is_landslide: false,
            unasked: BTreeSet::new(),
        })
    }
}
