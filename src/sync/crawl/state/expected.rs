//! How many calls a crawl will have made, as far as can be told: what was asked and waits, and what the mirror lets
//! expect.

use super::{Crawl, StrategyState};
use crate::{settings::Api, sync::crawl::call::CallKind};

impl Crawl {
    /// Calls by API that there will have been at its end, answers of before not counted. While the tree is discovered
    /// the mirror tells what is still to be found; whose record differs is only known when all lists are read.
    pub(in crate::sync::crawl) fn expected(&self) -> Vec<(Api, u64)> {
        let asked = |kind| self.queues.all(kind);
        // Once nothing is left of the tree, what the mirror has more of it is gone.
        let is_discovering = !self.queues.is_idle(&[CallKind::Children]);
        let (unfound, pages_unfound) = match is_discovering {
            true => (self.foreknown.unfound(), self.foreknown.pages_unfound()),
            false => (0, 0),
        };

        let (lists, members) = match self.strategy_state {
            StrategyState::SevenUrls => (Api::UserListId, unfound),
            StrategyState::Probing | StrategyState::Bulk => (Api::UserList, pages_unfound + self.pages_behind()),
        };

        vec![
            (Api::DepartmentListSub, asked(CallKind::Children) + unfound),
            (Api::DepartmentGet, asked(CallKind::Department) + unfound),
            (lists, asked(CallKind::Members) + members),
            (Api::UserGet, asked(CallKind::User) + self.records_to_come()),
            (Api::UserCount, asked(CallKind::Count)),
        ]
    }

    /// Pages of departments that were found, behind those that are asked for.
    fn pages_behind(&self) -> u64 {
        let open = self.queues.open(CallKind::Members);
        match open {
            0 => 0,
            _ => self.foreknown.pages_found().saturating_sub(open),
        }
    }

    /// People whose own record will be asked for and isn't yet, as far as the mirror lets expect it.
    fn records_to_come(&self) -> u64 {
        if self.compared {
            return 0;
        }

        let everybody = self.everybody && self.strategy_state == StrategyState::SevenUrls;
        if everybody {
            let known = self.snapshot.user_count() as u64;
            return known.saturating_sub(self.people.found());
        }
        self.again.len() as u64
    }
}
