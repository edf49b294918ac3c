//! When DingTalk was last asked about each record: whole passes by their time, single records by a round through all
//! people.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{Department, DeptId, Observation, RecordState, Snapshot, Standing, User, UserId};

/// A turn that left out more is no turn: those people are asked for again by the next one.
const MOST_LEFT_OUT: usize = 1_000;

/// People whose records were read one by one in one reconciliation: those behind `after`, up to and with `upto`, by
/// userid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoundTurn {
    /// Where it began; empty: with the first.
    pub after: String,
    /// Where it ended.
    pub upto: String,
    /// When it began.
    pub at: DateTime<Utc>,
}

/// What was verified when. A few hundred bytes, however large the company: a round goes by userid, so its turns are
/// ranges, and only whom they left out is named.
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
    pub turns: Vec<RoundTurn>,
    /// People whom a pass or a turn went over without reading them, until they are read: when each was read before.
    pub left_out_users: BTreeMap<UserId, DateTime<Utc>>,
    /// Departments that a pass went over without reading them, until they are read: when each was read before.
    pub left_out_departments: BTreeMap<DeptId, DateTime<Utc>>,
}

/// What a complete pass has read all of.
#[derive(Debug, Clone, Copy, Default)]
pub struct Whole {
    /// Everybody's record, or entry in a list.
    pub everybody: bool,
    /// All departments.
    pub departments: bool,
}

impl Verification {
    /// When DingTalk last said what the mirror has of this person.
    pub fn of_user(&self, user: &User) -> DateTime<Utc> {
        let id = user.facts.userid.as_str();
        if let Some(at) = self.left_out_users.get(id) {
            return as_of(&user.standing, Some(*at));
        }
        let turn = self.turns.iter().rev().find(|turn| turn.covers(id)).map(|turn| turn.at);
        as_of(&user.standing, turn.max(self.records_at).max(self.lists_at))
    }

    /// When DingTalk last said what the mirror has of this department.
    pub fn of_department(&self, department: &Department) -> DateTime<Utc> {
        let left_out = self.left_out_departments.get(&department.facts.dept_id).copied();
        as_of(&department.standing, left_out.or(self.structure_at))
    }

    /// A pass that began at `at` ended, and these records were read in it, or found to be gone: nobody is left out of
    /// it whom it read. Of a complete one that read `everybody`, or all departments: whoever is there and was not read
    /// keeps their time.
    pub fn passed(&mut self, snapshot: &Snapshot, observed: &Observation, at: DateTime<Utc>, whole: Whole) {
        let is_there = |standing: &Standing| standing.state == RecordState::Active;
        self.left_out_users.retain(|id, _| {
            !observed.users.contains_key(id) && snapshot.user(id.as_str()).is_some_and(|it| is_there(&it.standing))
        });
        self.left_out_departments.retain(|id, _| {
            !observed.departments.contains_key(id) && snapshot.department(*id).is_some_and(|it| is_there(&it.standing))
        });

        let is_older = |standing: &Standing| is_there(standing) && standing.last_seen < at;
        if whole.everybody {
            let unread = snapshot.users().filter(|user| is_older(&user.standing));
            for user in unread.filter(|user| !observed.users.contains_key(&user.facts.userid)) {
                let before = self.of_user(user);
                self.left_out_users.insert(user.facts.userid.clone(), before);
            }
        }

        if whole.departments {
            let unread = snapshot.departments().filter(|it| is_older(&it.standing));
            for department in unread.filter(|it| !observed.departments.contains_key(&it.facts.dept_id)) {
                let before = self.of_department(department);
                self.left_out_departments.insert(department.facts.dept_id, before);
            }
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

    /// A turn ended: it was these people's, in the round's order, in a pass that began at `at`. Whoever was not read
    /// keeps their time.
    pub fn took(&mut self, turn: &[UserId], snapshot: &Snapshot, observed: &Observation, at: DateTime<Utc>) {
        let Some(last) = turn.last() else { return };
        let unread = turn.iter().filter(|id| !observed.users.contains_key(*id));
        let unread: Vec<_> = unread.filter_map(|id| snapshot.user(id.as_str())).collect();
        if unread.len() > MOST_LEFT_OUT {
            return;
        }
        for user in unread {
            let before = self.of_user(user);
            self.left_out_users.insert(user.facts.userid.clone(), before);
        }

        let mut after = self.turns.last().map_or(String::new(), |turn| turn.upto.clone());
        // Where the round began anew, it is two ranges.
        let wraps = turn.iter().position(|id| id.as_str() <= after.as_str());
        if let Some(first_again) = wraps {
            if let Some(before) = first_again.checked_sub(1).and_then(|index| turn.get(index)) {
                self.push(after, before.to_string(), at);
            }
            after = String::new();
        }

        self.push(after, last.to_string(), at);
    }

    fn push(&mut self, after: String, upto: String, at: DateTime<Utc>) {
        // The turns don't overlap: the new one takes its range from former ones.
        self.turns.retain_mut(|turn| {
            if turn.after >= after && turn.upto <= upto {
                return false;
            }
            if turn.after < upto && turn.upto > upto && turn.after >= after {
                turn.after.clone_from(&upto);
            }
            true
        });

        self.turns.push(RoundTurn { after, upto, at });
    }
}

/// Whoever is gone, or is to be gone, was last verified when they were last seen: whatever pass went over them did not
/// see them.
fn as_of(standing: &Standing, passed: Option<DateTime<Utc>>) -> DateTime<Utc> {
    let passed = passed.filter(|_| standing.state == RecordState::Active);
    passed.map_or(standing.last_seen, |at| at.max(standing.last_seen))
}

impl RoundTurn {
    fn covers(&self, id: &str) -> bool {
        id > self.after.as_str() && id <= self.upto.as_str()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::directory::{
        UserSource,
        fixtures::{department, moment, user},
    };

    fn company(count: usize) -> Snapshot {
        let users = (0..count).map(|n| user(&format!("u{n:03}"), &[1])).collect();
        Snapshot::build(1, vec![department(1, None)], users)
    }

    fn later(hours: i64) -> DateTime<Utc> {
        moment() + chrono::Duration::hours(hours)
    }

    fn read(company: &Snapshot, ids: &[UserId]) -> Observation {
        let records = ids.iter().filter_map(|id| company.user(id.as_str()));
        Observation {
            users: records
                .map(|it| (it.facts.userid.clone(), (it.facts.clone(), UserSource::Detail)))
                .collect(),
            ..Observation::default()
        }
    }

    #[test]
    fn a_round_reads_everybody_once_before_anybody_twice() {
        let company = company(10);
        let mut verification = Verification::default();
        let mut all: Vec<UserId> = Vec::new();
        for turn in 1..=7_i64 {
            let next = verification.next(&company, 3);
            verification.took(&next, &company, &read(&company, &next), later(turn));
            all.extend(next);

            let times: Vec<_> = company.users().map(|user| verification.of_user(user)).collect();
            for (user, time) in company.users().zip(&times) {
                let last = all.iter().rposition(|id| *id == user.facts.userid);
                let expected = last.map_or(moment(), |index| later(index as i64 / 3 + 1));
                assert_eq!(*time, expected, "{} in turn {turn}", user.facts.userid);
            }
        }

        assert_eq!(all[..10].iter().collect::<std::collections::BTreeSet<_>>().len(), 10);
        assert_eq!(all[10].as_str(), "u000");
        assert!(verification.turns.len() <= 6, "{:?}", verification.turns);
    }

    #[test]
    fn a_whole_pass_counts_for_everybody_and_a_gone_record_stays_as_it_was_seen() {
        let mut company = company(2);
        let mut gone = (**company.user("u000").expect("they are there")).clone();
        gone.standing.state = crate::directory::RecordState::Gone;
        company = company.with(2, Vec::new(), vec![gone]);

        let verification = Verification {
            lists_at: Some(later(5)),
            structure_at: Some(later(4)),
            ..Verification::default()
        };

        let at = |id| verification.of_user(company.user(id).expect("they are there"));
        assert_eq!((at("u000"), at("u001")), (moment(), later(5)));
        let root = company.department(crate::directory::DeptId(1)).expect("the root");
        assert_eq!(verification.of_department(root), later(4));
    }

    #[test]
    fn a_budget_larger_than_the_company_reads_everybody_once() {
        let company = company(4);
        let mut verification = Verification::default();
        let next = verification.next(&company, 3);
        verification.took(&next, &company, &read(&company, &next), later(1));

        let next = verification.next(&company, 100);
        assert_eq!(next.len(), 4);
        verification.took(&next, &company, &read(&company, &next), later(2));
        assert!(
            company.users().all(|user| verification.of_user(user) == later(2)),
            "{verification:?}"
        );
        assert_eq!(verification.next(&company, 1)[0].as_str(), "u003");
    }

    #[test]
    fn whoever_was_not_read_keeps_his_time_until_he_is() {
        let company = company(6);
        let mut verification = Verification::default();
        let at = |verification: &Verification, n: usize| {
            verification.of_user(company.user(&format!("u{n:03}")).expect("they are there"))
        };
        let turn = verification.next(&company, 4);
        verification.took(&turn, &company, &read(&company, &turn), later(1));

        // In the next turn two of four fail.
        let turn = verification.next(&company, 4);
        assert_eq!(turn[2].as_str(), "u000");
        let seen = read(&company, &turn[1..3]);
        verification.passed(&company, &seen, later(2), Whole::default());
        verification.took(&turn, &company, &seen, later(2));

        let times: Vec<_> = (0..6).map(|n| at(&verification, n)).collect();
        let [never, first, second] = [moment(), later(1), later(2)];
        assert_eq!(times, [second, first, first, first, never, second]);

        // A whole pass that did not come across one of them.
        let others: Vec<UserId> = company.users().map(|it| it.facts.userid.clone()).skip(2).collect();
        let whole = Whole {
            everybody: true,
            departments: true,
        };
        verification.passed(&company, &read(&company, &others), later(3), whole);
        (verification.lists_at, verification.structure_at) = (Some(later(3)), Some(later(3)));
        assert_eq!((at(&verification, 0), at(&verification, 1)), (second, first));
        assert!((2..6).all(|n| at(&verification, n) == later(3)), "{verification:?}");
        let root = company.department(DeptId::ROOT).expect("the root");
        assert_eq!(verification.of_department(root), moment(), "no department was read");

        let everybody: Vec<UserId> = company.users().map(|it| it.facts.userid.clone()).collect();
        verification.passed(&company, &read(&company, &everybody), later(4), Whole::default());
        assert!(verification.left_out_users.is_empty());
    }

    #[test]
    fn a_turn_that_failed_altogether_is_taken_again() {
        let company = company(MOST_LEFT_OUT + 1);
        let mut verification = Verification::default();
        let turn = verification.next(&company, usize::MAX);
        verification.took(&turn, &company, &Observation::default(), later(1));
        assert_eq!(verification, Verification::default());
    }
}
