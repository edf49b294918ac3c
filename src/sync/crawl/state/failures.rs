//! What a failed call leads to.

use super::{Crawl, Reading};
use crate::{
    dingtalk::Error,
    directory::DeptId,
    sync::crawl::{
        CrawlError,
        call::Call,
        failure::{Failure, label},
    },
};

/// So many failures in a row without one answer: DingTalk is away, and every record would only fail in turn.
const FAILURES_IN_A_ROW: u32 = 30;
/// So many throttles in a row without one answer: about ten minutes of rests.
const THROTTLES_IN_A_ROW: u32 = 300;

impl Crawl {
    pub(super) fn failed(&mut self, call: Call, error: Error) -> Result<(), CrawlError> {
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
                    // A department that the scope names must be there, and so must the root; elsewhere it may have been removed
                    // since it was listed.
                    Failure::NotThere if !self.starts.contains(id) && *id != DeptId::ROOT => {
                        self.departments.not_there(*id)
                    }
                    _ if is_record => self.departments.undetailed(*id),
                    _ => self.departments.unreadable(*id, label(&error)),
                }
            }
            Call::Count => {}
        }
        self.first_failure.get_or_insert(error);
    }
}
