//! What a failed call leads to.

use std::time::Duration;

use super::{Crawl, StrategyState};
use crate::{
    catalogue::sync::{BULK_READING_UNAVAILABLE, PEOPLE_UNCOUNTED},
    dingtalk::{Error, ErrorKind},
    directory::DeptId,
    sync::crawl::{
        CrawlError,
        breaker::Sent,
        call::ReadCall,
        failure::{ReadFailure, label},
        queues::Disposition,
    },
};

/// How long DingTalk bans an address, where the client doesn't say how long is left.
const BAN: Duration = Duration::from_secs(300);

/// So often bulk reading is asked for again where its URL seems to lead nowhere.
const PROBES: u32 = 2;
const BETWEEN_PROBES: Duration = Duration::from_secs(1);

impl Crawl {
    pub(super) fn failed(&mut self, call: ReadCall, sent: Sent, error: Error) -> Result<(), CrawlError> {
        if let ReadCall::MemberPage(id, _) = call
            && self.strategy_state == StrategyState::Probing
            && ReadFailure::is_unavailable_here(&error)
        {
            // One stray answer must not make it a call a person.
            if ReadFailure::may_pass(&error) && self.probes < PROBES {
                self.probes += 1;
                self.queues.rest(call, sent, BETWEEN_PROBES, error);
                return Ok(());
            }
            self.use_seven_urls(id, &error);
            return Ok(());
        }

        let failure = ReadFailure::of(&error);
        let is_banned = error.kind == ErrorKind::Banned;
        // The count only checks what was read: a run can do without it.
        if matches!(call, ReadCall::Count) && !is_banned && !matches!(failure, ReadFailure::Rest(_)) {
            self.notes.push(PEOPLE_UNCOUNTED { why: error.message }.into());
            return Ok(());
        }

        if matches!(failure, ReadFailure::Record | ReadFailure::Odd)
            && ReadFailure::is_answer(&error)
            && self.queues.refuses_all(call.kind())
        {
            return Err(CrawlError::of(error));
        }

        let fate = match failure {
            ReadFailure::Fatal if is_banned => {
                let pause = error.retry_after.unwrap_or(BAN);
                // Another record tells whether the ban is this call's alone.
                if !self.queues.was_ever_given(call.kind()) {
                    self.call_a_witness(&call);
                }
                self.queues.barred(call, sent, pause, error)
            }
            // What was answered before is refused: it is everybody's.
            ReadFailure::Fatal if sent == Sent::Probe && !ReadFailure::may_pass(&error) => {
                return Err(CrawlError::of(error));
            }
            ReadFailure::Fatal if self.may_be_stray(&call, &error) => self.queues.strayed(call, sent, error),
            ReadFailure::Fatal => return Err(CrawlError::of(error)),
            ReadFailure::Rest(pause) => self.queues.rest(call, sent, pause, error),
            ReadFailure::Luck => self.queues.unlucky(call, sent, error),
            ReadFailure::Odd if sent != Sent::Probe => self.queues.odd(call, error),
            // It was answered before, so this says nothing about the record.
            ReadFailure::Record | ReadFailure::Odd if sent == Sent::Probe => self.queues.unlucky(call, sent, error),
            failure => {
                self.give_up(&call, error, failure);
                return Ok(());
            }
        };

        match fate {
            Disposition::Again => {}
            Disposition::GiveUp(call, error) => self.give_up(&call, error, ReadFailure::Luck),
            Disposition::Away(error) => return Err(CrawlError::Away(error)),
            Disposition::Hopeless(error) => return Err(CrawlError::Fatal(error)),
        }
        Ok(())
    }

    /// Whether a refusal that would end the run may be a stray one, or this call's alone.
    fn may_be_stray(&mut self, call: &ReadCall, error: &Error) -> bool {
        if !ReadFailure::may_pass(error) && !ReadFailure::may_be_of_one(error) {
            return false;
        }
        let kind = call.kind();
        // A token is everybody's; while others of its kind are under way nobody knows whether it is answered at all:
        // the last of them tells.
        let is_heard = error.kind == ErrorKind::BadToken && self.queues.has_any_answer();
        is_heard || self.queues.was_ever_given(kind) || self.queues.is_asking(kind) || self.call_a_witness(call)
    }

    /// Asks for the record of somebody who is listed, where nobody else's is to be asked for; `false` where there is
    /// nobody, or nobody is left.
    fn call_a_witness(&mut self, call: &ReadCall) -> bool {
        let ReadCall::User(_) = call else { return false };
        if self.has_witness {
            return false;
        }
        let Some(other) = self.people.unasked(&self.outside) else {
            return false;
        };
        self.has_witness = true;
        self.ask_user(other);
        true
    }

    fn use_seven_urls(&mut self, probed: DeptId, error: &Error) {
        let why = &error.message;
        self.notes.push(BULK_READING_UNAVAILABLE { why }.into());
        self.strategy_state = StrategyState::SevenUrls;
        self.push_members(probed);
        self.queues.replace_member_pages();
    }

    /// The record stays unread: that is an entry error, and evidence.
    pub(super) fn give_up(&mut self, call: &ReadCall, error: Error, failure: ReadFailure) {
        self.errors.add(call, &error);
        match call {
            ReadCall::User(id) => match failure {
                ReadFailure::NotThere => self.people.not_there(id),
                ReadFailure::OutOfScope => self.people.outside(id),
                _ => self.people.given_up(id),
            },
            ReadCall::Children(id)
            | ReadCall::Department(id)
            | ReadCall::MemberIds(id)
            | ReadCall::MemberPage(id, _) => {
                self.departments.settle(*id);
                let is_record = matches!(call, ReadCall::Department(_));
                match failure {
                    // A department that the scope names must be there, and so must the root; elsewhere it may have been
                    // removed since it was listed.
                    ReadFailure::NotThere if !self.starts.contains(id) && *id != DeptId::ROOT => {
                        self.departments.not_there(*id)
                    }
                    // It is said of its own record: it is asked about once more, and then it is gone, whatever names
                    // it.
                    ReadFailure::NotThere if is_record && *id != DeptId::ROOT => {
                        self.departments.not_there(*id);
                        self.departments.hidden(*id, label(&error));
                    }
                    _ if is_record => self.departments.undetailed(*id),
                    ReadFailure::NotThere | ReadFailure::OutOfScope => self.departments.hidden(*id, label(&error)),
                    _ => self.departments.unreadable(*id, label(&error)),
                }
            }
            ReadCall::Count => {}
        }

        self.first_failure.get_or_insert(error);
    }
}
