//! When DingTalk was last asked about each record: whole passes by their time, single records by a round through all people.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{Department, Snapshot, User, UserId};

/// People whose records were read one by one in one reconciliation: those behind `after`, up to and with `upto`, by userid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Turn {
    /// Where it began; empty: with the first.
    pub after: String,
    /// Where it ended.
    pub upto: String,
    /// When it began.
    pub at: DateTime<Utc>,
}

/// What was verified when. A few hundred bytes, however large the company: a round goes by userid, so its turns are ranges.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Verification {
    /// When the last complete pass began that read everybody's own record (`user/get`).
    pub records_at: Option<DateTime<Utc>>,
    /// When the last complete pass began that read everybody by list (`user/list`).
    pub lists_at: Option<DateTime<Utc>>,
    /// When the last complete pass began that read the departments and who is in them.
    pub structure_at: Option<DateTime<Utc>>,
    /// The turns of the round, oldest first; they don't overlap.
    pub turns: Vec<Turn>,
}

impl Verification {
    /// When DingTalk last said what the mirror has of this person.
    pub fn of_user(&self, user: &User) -> DateTime<Utc> {
        let id = user.facts.userid.as_str();
        let turn = self.turns.iter().rev().find(|turn| turn.covers(id)).map(|turn| turn.at);
        let passes = if user.standing.is_present() {
            turn.max(self.records_at).max(self.lists_at)
        } else {
            None
        };
        passes.map_or(user.standing.last_seen, |at| at.max(user.standing.last_seen))
    }

    /// When DingTalk last said what the mirror has of this department.
    pub fn of_department(&self, department: &Department) -> DateTime<Utc> {
        let seen = department.standing.last_seen;
        match self.structure_at.filter(|_| department.standing.is_present()) {
            Some(at) => at.max(seen),
            None => seen,
        }
    }

    /// The next `count` people of the round, by userid: whose own records were not read for longest.
    pub fn next(&self, snapshot: &Snapshot, count: usize) -> Vec<UserId> {
        let from = self.turns.last().map_or("", |turn| turn.upto.as_str());
        let present = |user: &&std::sync::Arc<User>| user.standing.is_present();
        let ids = |user: &std::sync::Arc<User>| user.facts.userid.clone();
        let ahead = snapshot.users_after(from).filter(present).map(ids);
        let again = snapshot
            .users()
            .filter(present)
            .map(ids)
            .take_while(|id| id.as_str() <= from);
        ahead.chain(again).take(count).collect()
    }

    /// A turn ended: these people, in the round's order, were read in a pass that began at `at`.
    pub fn took(&mut self, read: &[UserId], at: DateTime<Utc>) {
        let Some(last) = read.last() else { return };
        let mut after = self.turns.last().map_or(String::new(), |turn| turn.upto.clone());
        // Where the round began anew, it is two ranges.
        let wraps = read.iter().position(|id| id.as_str() <= after.as_str());
        if let Some(first_again) = wraps {
            if let Some(before) = first_again.checked_sub(1).and_then(|index| read.get(index)) {
                self.push(after, before.to_string(), at);
            }
            after = String::new();
        }
        self.push(after, last.to_string(), at);
    }

    fn push(&mut self, after: String, upto: String, at: DateTime<Utc>) {
        self.turns.retain_mut(|turn| {
            if turn.after >= after && turn.upto <= upto {
                return false;
            }
            if turn.after < upto && turn.upto > upto && turn.after >= after {
                turn.after.clone_from(&upto);
            }
            true
        });
        self.turns.push(Turn { after, upto, at });
    }
}

impl Turn {
    fn covers(&self, id: &str) -> bool {
        id > self.after.as_str() && id <= self.upto.as_str()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::directory::fixtures::{department, moment, user};

    fn company(count: usize) -> Snapshot {
        let users = (0..count).map(|n| user(&format!("u{n:03}"), &[1])).collect();
        Snapshot::build(1, vec![department(1, None)], users)
    }

    fn later(hours: i64) -> DateTime<Utc> {
        moment() + chrono::Duration::hours(hours)
    }

    #[test]
    fn a_round_reads_everybody_once_before_anybody_twice() {
        let company = company(10);
        let mut verification = Verification::default();
        let mut read = Vec::new();
        for turn in 1..=7_i64 {
            let next = verification.next(&company, 3);
            verification.took(&next, later(turn));
            read.extend(next);
            let times: Vec<_> = company.users().map(|user| verification.of_user(user)).collect();
            for (user, time) in company.users().zip(&times) {
                let last = read.iter().rposition(|id| *id == user.facts.userid);
                let expected = last.map_or(moment(), |index| later(index as i64 / 3 + 1));
                assert_eq!(*time, expected, "{} in turn {turn}", user.facts.userid);
            }
        }
        assert_eq!(read[..10].iter().collect::<std::collections::BTreeSet<_>>().len(), 10);
        assert_eq!(read[10].as_str(), "u000");
        assert!(verification.turns.len() <= 6, "{:?}", verification.turns);
    }

    #[test]
    fn a_whole_pass_counts_for_everybody_and_a_gone_record_stays_as_it_was_seen() {
        let mut company = company(2);
        let mut gone = (**company.user("u000").expect("he is there")).clone();
        gone.standing.state = crate::directory::RecordState::Gone;
        company = company.with(2, Vec::new(), vec![gone]);
        let verification = Verification {
            lists_at: Some(later(5)),
            structure_at: Some(later(4)),
            ..Verification::default()
        };
        let at = |id| verification.of_user(company.user(id).expect("he is there"));
        assert_eq!((at("u000"), at("u001")), (moment(), later(5)));
        let root = company.department(crate::directory::DeptId(1)).expect("the root");
        assert_eq!(verification.of_department(root), later(4));
    }

    #[test]
    fn a_budget_larger_than_the_company_reads_everybody_once() {
        let company = company(4);
        let mut verification = Verification::default();
        verification.took(&verification.clone().next(&company, 3), later(1));
        let next = verification.next(&company, 100);
        assert_eq!(next.len(), 4);
        verification.took(&next, later(2));
        assert!(
            company.users().all(|user| verification.of_user(user) == later(2)),
            "{verification:?}"
        );
        assert_eq!(verification.next(&company, 1)[0].as_str(), "u003");
    }
}
