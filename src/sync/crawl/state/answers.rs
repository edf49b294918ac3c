//! What an answer tells.

use super::{Crawl, StrategyState};
use crate::{
    dingtalk::UserPage,
    directory::{AskedAt, DeptId, RecordState, UserFacts, UserId},
    sync::crawl::call::{ReadAnswer, ReadCall},
};

/// So many pages in a row may name nobody new.
const MOST_IDLE_PAGES: u32 = 3;

impl Crawl {
    pub(super) fn answered(&mut self, call: ReadCall, answer: ReadAnswer, asked: AskedAt) {
        match (call, answer) {
            (ReadCall::Children(parent), ReadAnswer::Children(children)) => {
                for facts in children {
                    let id = facts.dept_id;
                    self.asked.departments.entry(id).or_insert(asked);
                    self.departments.list(parent, facts);
                    self.find_department(id);
                }
                self.departments.settle(parent);
            }
            (ReadCall::Department(id), ReadAnswer::Department(facts)) => {
                self.asked.departments.insert(id, asked);
                self.departments.detail(*facts);
                self.departments.settle(id);
            }
            (ReadCall::MemberIds(dept), ReadAnswer::MemberIds(ids)) => {
                for id in ids {
                    self.departments.member(dept, id.clone());
                    if self.everybody || !self.is_known(&id) {
                        self.ask_user(id);
                    } else {
                        self.people.find(id);
                    }
                }
                self.departments.members_complete(dept);
                self.departments.settle(dept);
            }
            (ReadCall::MemberPage(dept, _), ReadAnswer::MemberPage(page)) => self.take_page(dept, page, asked),
            (ReadCall::User(id), ReadAnswer::User(facts)) => {
                self.asked.users.insert(id, asked);
                self.people.detail(self.shared(*facts));
            }
            (ReadCall::Count, ReadAnswer::Count(count)) => self.count = Some(count),
            // A call is only ever answered in its own kind.
            _ => {}
        }
    }

    fn take_page(&mut self, dept: DeptId, page: UserPage, asked: AskedAt) {
        self.strategy_state = StrategyState::Bulk;
        let mut is_news = false;
        for facts in page.users {
            let id = facts.userid.clone();
            is_news |= self.departments.member(dept, id.clone());
            // Of several lists the first: what they say is merged.
            self.asked.users.entry(id.clone()).or_insert(asked);
            self.people.list(dept, self.shared(facts));
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
            // Nor does one that goes on and on without anybody new have an end.
            Some(cursor) => {
                let idle = self.idle_pages.entry(dept).or_default();
                *idle = if is_news { 0 } else { *idle + 1 };
                if *idle >= MOST_IDLE_PAGES {
                    self.departments.unreadable(dept, "pages without anybody new".into());
                    self.departments.settle(dept);
                } else {
                    self.queues.push(ReadCall::MemberPage(dept, cursor));
                }
            }
        }
    }

    /// Most of what a run reads is in the mirror already, and needn't be held twice.
    fn shared(&self, mut facts: UserFacts) -> UserFacts {
        if let Some(known) = self.snapshot.user(facts.userid.as_str()) {
            facts.share_with(&known.facts);
        }
        facts
    }

    /// Whether the mirror has them as somebody who is there.
    fn is_known(&self, id: &UserId) -> bool {
        let known = self.snapshot.user(id.as_str());
        known.is_some_and(|user| user.standing.state == RecordState::Active)
    }

    /// New people, and those whose record was never read: `user/get` always says something that no list says.
    fn wants_detail(&self, id: &UserId) -> bool {
        let known = self.snapshot.user(id.as_str());
        known.is_none_or(|known| !known.facts.is_from_record())
    }
}
