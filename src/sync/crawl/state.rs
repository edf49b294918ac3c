//! The crawl as a state machine: which call next, and what an answer means. It does no I/O itself.

use std::{collections::HashSet, sync::Arc};

use super::{
    CrawlError, Crawled, Strategy,
    call::{Answer, Call, Lane},
    departments::Departments,
    errors::EntryErrors,
    failure::{Failure, label},
    lanes::Lanes,
    people::People,
};
use crate::{
    dingtalk::{Error, UserPage},
    directory::{DeptId, Evidence, Observation, RunProgress, Snapshot, UserId},
};

/// So many failures in a row without one answer: DingTalk is away, and every record would only fail in turn.
const FAILURES_IN_A_ROW: u32 = 30;
/// So many throttles in a row without one answer: about ten minutes of rests.
const THROTTLES_IN_A_ROW: u32 = 300;

/// Where a crawl starts.
pub(super) struct Starts {
    pub(super) departments: Vec<DeptId>,
    pub(super) users: Vec<UserId>,
}

/// How people are read, as far as it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reading {
    /// The first `user/list` tells whether the app may use it.
    Probing,
    Bulk,
    SevenUrls,
}

pub(super) struct Crawl {
    snapshot: Arc<Snapshot>,
    starts: HashSet<DeptId>,
    reading: Reading,
    /// Whether the listed people were compared with the mirror.
    compared: bool,
    pub(super) lanes: Lanes,
    departments: Departments,
    people: People,
    pages: HashSet<(DeptId, i64)>,
    errors: EntryErrors,
    count: Option<u64>,
    notes: Vec<String>,
    failures: u32,
    throttles: u32,
    /// The first failure: it explains a crawl that read nothing.
    first_failure: Option<Error>,
}

impl Crawl {
    /// `bulk`: whether `user/list` has a URL. `count`: whether `user/count` is worth a call.
    pub(super) fn new(snapshot: Arc<Snapshot>, starts: Starts, width: usize, bulk: bool, count: bool) -> Self {
        let mut crawl = Self {
            snapshot,
            starts: starts.departments.iter().copied().collect(),
            reading: if bulk { Reading::Probing } else { Reading::SevenUrls },
            compared: false,
            lanes: Lanes::new(width),
            departments: Departments::default(),
            people: People::default(),
            pages: HashSet::new(),
            errors: EntryErrors::default(),
            count: None,
            notes: Vec::new(),
            failures: 0,
            throttles: 0,
            first_failure: None,
        };
        for id in starts.departments {
            crawl.find_department(id);
        }
        for id in starts.users {
            crawl.ask_user(id);
        }
        if count {
            crawl.lanes.push(Call::Count);
        }
        crawl
    }

    pub(super) fn note(&mut self, finding: String) {
        self.notes.push(finding);
    }

    /// The next call that may go out now.
    pub(super) fn next(&mut self) -> Option<Call> {
        let members = if self.reading == Reading::Probing {
            1
        } else {
            usize::MAX
        };
        if let Some(call) = self.lanes.next(members) {
            return Some(call);
        }
        let lists = [Lane::Children, Lane::Department, Lane::Members];
        if self.reading == Reading::Bulk && !self.compared && self.lanes.is_idle(&lists) {
            self.compared = true;
            for id in self.people.changed(&self.snapshot) {
                self.ask_user(id);
            }
            return self.lanes.next(members);
        }
        None
    }

    /// `None` until the first list of people was read.
    pub(super) fn strategy(&self) -> Option<Strategy> {
        match self.reading {
            Reading::Probing => None,
            Reading::Bulk => Some(Strategy::Bulk),
            Reading::SevenUrls => Some(Strategy::SevenUrls),
        }
    }

    pub(super) fn progress(&self) -> RunProgress {
        RunProgress {
            departments_found: self.departments.found(),
            departments_read: self.departments.read(),
            users_found: self.people.found(),
            users_read: self.people.read(),
            eta_seconds: self.lanes.eta_seconds(),
        }
    }

    pub(super) fn take(&mut self, call: Call, answer: Result<Answer, Error>) -> Result<(), CrawlError> {
        self.lanes.ended(call.lane());
        match answer {
            Ok(answer) => {
                (self.failures, self.throttles) = (0, 0);
                self.answered(call, answer);
                Ok(())
            }
            Err(error) => self.failed(call, error),
        }
    }

    fn answered(&mut self, call: Call, answer: Answer) {
        match (call, answer) {
            (Call::Children(parent), Answer::Children(children)) => {
                for facts in children {
                    let id = facts.dept_id;
                    self.departments.list(parent, facts);
                    self.find_department(id);
                }
                self.departments.settle(parent);
            }
            (Call::Department(id), Answer::Department(facts)) => {
                self.departments.detail(*facts);
                self.departments.settle(id);
            }
            (Call::MemberIds(dept), Answer::MemberIds(ids)) => {
                for id in ids {
                    self.departments.member(dept, id.clone());
                    self.ask_user(id);
                }
                self.departments.members_complete(dept);
                self.departments.settle(dept);
            }
            (Call::MemberPage(dept, _), Answer::MemberPage(page)) => self.take_page(dept, page),
            (Call::User(_), Answer::User(facts)) => self.people.detail(*facts),
            (Call::Count, Answer::Count(count)) => self.count = Some(count),
            // A call is only ever answered in its own kind.
            _ => {}
        }
    }

    fn take_page(&mut self, dept: DeptId, page: UserPage) {
        self.reading = Reading::Bulk;
        for facts in page.users {
            let id = facts.userid.clone();
            self.departments.member(dept, id.clone());
            self.people.list(dept, facts);
            if self.wants_detail(&id) {
                self.ask_user(id);
            }
        }
        match page.next_cursor {
            None => {
                self.departments.members_complete(dept);
                self.departments.settle(dept);
            }
            // A cursor that comes again would go round for ever.
            Some(cursor) if !self.pages.insert((dept, cursor)) => {
                self.departments.unreadable(dept, "a page that repeats".into());
                self.departments.settle(dept);
            }
            Some(cursor) => self.lanes.push(Call::MemberPage(dept, cursor)),
        }
    }

    /// New people, and those whose record was never read: `user/get` always says `real_authed` and `senior`.
    fn wants_detail(&self, id: &UserId) -> bool {
        self.snapshot.user(id.as_str()).is_none_or(|known| {
            let facts = &known.facts;
            facts.real_authed.is_none() && facts.senior.is_none() && facts.manager_userid.is_none()
        })
    }

    fn find_department(&mut self, id: DeptId) {
        if self.departments.find(id) {
            self.lanes.push(Call::Children(id));
            self.lanes.push(Call::Department(id));
            self.push_members(id);
        }
    }

    fn push_members(&mut self, id: DeptId) {
        self.lanes.push(match self.reading {
            Reading::SevenUrls => Call::MemberIds(id),
            Reading::Probing | Reading::Bulk => Call::MemberPage(id, 0),
        });
    }

    fn ask_user(&mut self, id: UserId) {
        if self.people.ask(&id) {
            self.lanes.push(Call::User(id));
        }
    }

    fn failed(&mut self, call: Call, error: Error) -> Result<(), CrawlError> {
        if let Call::MemberPage(id, _) = call
            && self.reading == Reading::Probing
            && Failure::is_unavailable_here(&error)
        {
            self.use_seven_urls(id, &error);
            return Ok(());
        }
        if matches!(call, Call::Count) && !matches!(Failure::of(&error), Failure::Rest(_)) {
            self.notes
                .push(format!("The company's people could not be counted: {}", error.message));
            return Ok(());
        }
        match Failure::of(&error) {
            Failure::Fatal => Err(CrawlError::Fatal(error)),
            Failure::Rest(pause) => {
                self.throttles += 1;
                self.lanes.rest(call, pause);
                if self.throttles >= THROTTLES_IN_A_ROW {
                    Err(CrawlError::Fatal(error))
                } else {
                    Ok(())
                }
            }
            Failure::Luck => {
                self.failures += 1;
                if self.failures >= FAILURES_IN_A_ROW {
                    return Err(CrawlError::Fatal(error));
                }
                if !self.lanes.retry(&call) {
                    self.give_up(&call, error, Failure::Luck);
                }
                Ok(())
            }
            failure => {
                self.give_up(&call, error, failure);
                Ok(())
            }
        }
    }

    fn use_seven_urls(&mut self, probed: DeptId, error: &Error) {
        self.notes.push(format!(
            "People are read one by one, because bulk reading (userListUrl) is not available: {}",
            error.message
        ));
        self.reading = Reading::SevenUrls;
        self.push_members(probed);
        self.lanes.replace_member_pages();
    }

    /// The record stays unread: that is an entry error, and evidence.
    fn give_up(&mut self, call: &Call, error: Error, failure: Failure) {
        self.errors.add(call, &error);
        match call {
            Call::User(id) => match failure {
                Failure::NotThere => self.people.not_there(id),
                Failure::OutOfScope => self.people.outside(id),
                _ => self.people.given_up(id),
            },
            Call::Children(id) | Call::Department(id) | Call::MemberIds(id) | Call::MemberPage(id, _) => {
                self.departments.settle(*id);
                let is_record = matches!(call, Call::Department(_));
                match failure {
                    // A department that the scope names must be there; elsewhere it may have been removed since it was listed.
                    Failure::NotThere if !self.starts.contains(id) => self.departments.not_there(*id),
                    _ if is_record => self.departments.undetailed(*id),
                    _ => self.departments.unreadable(*id, label(&error)),
                }
            }
            Call::Count => {}
        }
        self.first_failure.get_or_insert(error);
    }

    /// What was seen. An error where nothing was, but something failed: the failure says more than an empty company.
    pub(super) fn finish(self) -> Result<Crawled, CrawlError> {
        let strategy = self.strategy().unwrap_or(Strategy::Bulk);
        if self.departments.is_empty()
            && self.people.is_empty()
            && let Some(error) = self.first_failure
        {
            return Err(CrawlError::Fatal(error));
        }
        let mut observed = Observation::default();
        let home_school_skipped = self.departments.home_school();
        let left = self.people.left().clone();
        let departments = self.departments.into_observation(&self.snapshot, &left, &mut observed);
        let [unread_users, undetailed_users, out_of_scope_users] =
            self.people.into_observation(&self.snapshot, &mut observed);
        let evidence = Evidence {
            starts: self.starts.into_iter().collect(),
            listed: departments.listed,
            unreadable: departments.unreadable,
            undetailed_departments: departments.undetailed,
            unread_users,
            undetailed_users,
            out_of_scope_users,
            user_count: self.count,
        };
        Ok(Crawled {
            observed,
            evidence,
            strategy,
            errors: self.errors,
            notes: self.notes,
            home_school_skipped,
        })
    }
}
