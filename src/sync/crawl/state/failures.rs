//! What a failed call leads to.

use std::time::Duration;

use super::{Crawl, Reading};
use crate::{
    dingtalk::{Error, ErrorKind},
    directory::DeptId,
    sync::crawl::{
        CrawlError,
        call::Call,
        failure::{Failure, label},
        lanes::Fate,
        trust::Sent,
    },
};

/// How long DingTalk bans an address, where the client doesn't say how long is left.
const BAN: Duration = Duration::from_secs(300);

/// So often bulk reading is asked for again where its URL seems to lead nowhere.
const PROBES: u32 = 2;
const BETWEEN_PROBES: Duration = Duration::from_secs(1);

impl Crawl {
    pub(super) fn failed(&mut self, call: Call, sent: Sent, error: Error) -> Result<(), CrawlError> {
        if let Call::MemberPage(id, _) = call
            && self.reading == Reading::Probing
            && Failure::is_unavailable_here(&error)
        {
            // One stray answer must not make it a call a person.
            if Failure::may_pass(&error) && self.probes < PROBES {
                self.probes += 1;
                self.lanes.rest(call, sent, BETWEEN_PROBES, error);
                return Ok(());
            }
            self.use_seven_urls(id, &error);
            return Ok(());
        }

        let failure = Failure::of(&error);
        let is_banned = error.kind == ErrorKind::Banned;
        // The count only checks what was read: a run can do without it.
        if matches!(call, Call::Count) && !is_banned && !matches!(failure, Failure::Rest(_)) {
            self.notes
                .push(format!("The company's people could not be counted: {}", error.message));
            return Ok(());
        }

        if matches!(failure, Failure::Record | Failure::Odd)
            && Failure::is_answer(&error)
            && self.lanes.refuses_all(call.lane())
        {
            return Err(CrawlError::of(error));
        }

        let fate = match failure {
            Failure::Fatal if is_banned => {
                let pause = error.retry_after.unwrap_or(BAN);
                // Another record tells whether the ban is this call's alone.
                if !self.lanes.has_answered(call.lane()) {
                    self.call_a_witness(&call);
                }
                self.lanes.barred(call, sent, pause, error)
            }
            // What was answered before is refused: it is everybody's.
            Failure::Fatal if sent == Sent::Probe && !Failure::may_pass(&error) => return Err(CrawlError::of(error)),
            Failure::Fatal if self.may_be_stray(&call, &error) => self.lanes.strayed(call, sent, error),
            Failure::Fatal => return Err(CrawlError::of(error)),
            Failure::Rest(pause) => self.lanes.rest(call, sent, pause, error),
            Failure::Luck => self.lanes.unlucky(call, sent, error),
            Failure::Odd if sent != Sent::Probe => self.lanes.odd(call, error),
            // It was answered before, so this says nothing about the record.
            Failure::Record | Failure::Odd if sent == Sent::Probe => self.lanes.unlucky(call, sent, error),
            failure => {
                self.give_up(&call, error, failure);
                return Ok(());
            }
        };

        match fate {
            Fate::Again => {}
            Fate::GiveUp(call, error) => self.give_up(&call, error, Failure::Luck),
            Fate::Away(error) => return Err(CrawlError::Away(error)),
            Fate::Hopeless(error) => return Err(CrawlError::Fatal(error)),
        }
        Ok(())
    }

    /// Whether a refusal that would end the run may be a stray one, or this call's alone.
    fn may_be_stray(&mut self, call: &Call, error: &Error) -> bool {
        if !Failure::may_pass(error) && !Failure::may_be_of_one(error) {
            return false;
        }
        let lane = call.lane();
        // A token is everybody's; while others of its lane are under way nobody knows whether it is answered at all:
        // the last of them tells.
        let is_heard = error.kind == ErrorKind::BadToken && self.lanes.has_any_answer();
        is_heard || self.lanes.has_answered(lane) || self.lanes.is_asking(lane) || self.call_a_witness(call)
    }

    /// Asks for the record of somebody who is listed, where nobody else's is to be asked for; `false` where there is
    /// nobody, or nobody is left.
    fn call_a_witness(&mut self, call: &Call) -> bool {
        let Call::User(_) = call else { return false };
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
        self.notes.push(format!(
            "People are read one by one, because bulk reading (userListUrl) is not available: {}",
            error.message
        ));
        self.reading = Reading::SevenUrls;
        self.push_members(probed);
        self.lanes.replace_member_pages();
    }

    /// The record stays unread: that is an entry error, and evidence.
    pub(super) fn give_up(&mut self, call: &Call, error: Error, failure: Failure) {
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
                    // A department that the scope names must be there, and so must the root; elsewhere it may have been
                    // removed since it was listed.
                    Failure::NotThere if !self.starts.contains(id) && *id != DeptId::ROOT => {
                        self.departments.not_there(*id)
                    }
                    // It is said of its own record: it is asked about once more, and then it is gone, whatever names
                    // it.
                    Failure::NotThere if is_record && *id != DeptId::ROOT => {
                        self.departments.not_there(*id);
                        self.departments.hidden(*id, label(&error));
                    }
                    _ if is_record => self.departments.undetailed(*id),
                    Failure::NotThere | Failure::OutOfScope => self.departments.hidden(*id, label(&error)),
                    _ => self.departments.unreadable(*id, label(&error)),
                }
            }
            Call::Count => {}
        }

        self.first_failure.get_or_insert(error);
    }
}
