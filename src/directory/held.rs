//! Removals that wait for a person's approval, and the limits beyond which they do.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{
    ids::{DeptId, UserId},
    record::{GoneCause, RecordState, User},
    record_id::RecordId,
    snapshot::Snapshot,
};
use crate::catalogue::{Statement, directory as said};

/// Where a held removal stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum HeldState {
    /// Somebody has to decide; meanwhile the record is served as before.
    Pending,
    /// Somebody decided to keep the record, although DingTalk says that it is gone: it is not held again until it was
    /// seen.
    Rejected,
}

/// A removal that was held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldRemoval {
    /// Whose.
    pub record: RecordId,
    /// Why it would be gone.
    pub cause: GoneCause,
    /// Where it stands.
    pub state: HeldState,
    /// What it can be decided with: the topmost removed department above it, or the person's first department.
    pub department: Option<DeptId>,
    /// Which limit held it.
    pub reason: Statement,
    /// When.
    pub held_at: DateTime<Utc>,
    /// When it was decided.
    pub decided_at: Option<DateTime<Utc>>,
    /// Who decided.
    pub decided_by: Option<String>,
}

/// How much may be removed without a person's approval. A handful (ten) may, except in a landslide
/// ([`RemovalLimits::hold_all`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RemovalLimits {
    /// People, or departments, at once.
    pub count: usize,
    /// People of all people, or departments of all departments, in per cent.
    pub percent: usize,
    /// People of one removed department and all below it.
    pub subtree: usize,
}

impl Default for RemovalLimits {
    fn default() -> Self {
        Self {
            count: 200,
            percent: 10,
            subtree: 50,
        }
    }
}

/// Removals within this time count as one: a thousand leave events are as many as a thousand at once.
pub const LATELY: chrono::Duration = chrono::Duration::hours(1);

/// What was removed [lately](LATELY) without anybody's approval, one by one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RemovedLately {
    /// Departments.
    pub departments: BTreeSet<DeptId>,
    /// People.
    pub users: BTreeSet<UserId>,
}

impl RemovedLately {
    /// Those of them who aren't back, and of whom this isn't about.
    fn beside(&self, snapshot: &Snapshot, departments: &BTreeSet<DeptId>, users: &BTreeSet<UserId>) -> Self {
        let is_gone = |state: Option<RecordState>| state == Some(RecordState::Gone);
        let state = |id: &DeptId| snapshot.department(*id).map(|it| it.standing.state);
        let departments = self.departments.difference(departments).copied();
        let of_user = |id: &UserId| snapshot.user(id.as_str()).map(|it| it.standing.state);
        let users = self.users.difference(users).cloned();

        Self {
            departments: departments.filter(|id| is_gone(state(id))).collect(),
            users: users.filter(|id| is_gone(of_user(id))).collect(),
        }
    }
}

/// No limit holds so few back: in a small company one leaver is over the share.
const HANDFUL: usize = 10;

/// What of a batch of confirmed removals must wait, and why.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Holds {
    /// Departments, with the topmost removed one above each.
    pub departments: BTreeMap<DeptId, Option<DeptId>>,
    /// People, with the department that they can be decided with.
    pub users: BTreeMap<UserId, Option<DeptId>>,
    /// The limits that were met.
    pub reasons: Vec<Statement>,
}

impl Holds {
    /// Whether nothing has to wait.
    pub fn is_empty(&self) -> bool {
        self.departments.is_empty() && self.users.is_empty()
    }
}

impl RemovalLimits {
    /// Which of these removals must wait, together with what was removed shortly before.
    pub fn hold(
        &self,
        snapshot: &Snapshot,
        departments: &BTreeSet<DeptId>,
        users: &BTreeSet<UserId>,
        lately: &RemovedLately,
    ) -> Holds {
        let mut holds = Holds::default();
        let lately = lately.beside(snapshot, departments, users);
        let (lately_users, lately_departments) = (lately.users.len(), lately.departments.len());
        let (all_users, all_departments) = (snapshot.user_count(), snapshot.department_count());
        let tops = Tops {
            snapshot,
            removed: departments,
        };

        if let Some(Exceeded { limit, unit }) = self.exceeded(users.len(), lately_users, all_users) {
            let reason = said::REMOVALS_OF_PEOPLE {
                count: users.len(),
                all: all_users,
                lately: lately_users,
                limit,
                unit,
            };
            holds.reasons.push(reason.into());
            holds
                .users
                .extend(users.iter().map(|id| (id.clone(), tops.of_user(id))));
        } else {
            for (top, of_subtree) in tops.by_department(users.union(&lately.users)) {
                if of_subtree.len() > self.subtree.max(HANDFUL) {
                    let (now, before): (Vec<UserId>, Vec<UserId>) =
                        of_subtree.into_iter().partition(|id| users.contains(id));
                    let reason = said::REMOVALS_IN_DEPARTMENT {
                        count: now.len(),
                        department: top,
                        lately: before.len(),
                        limit: self.subtree,
                    };
                    holds.reasons.push(reason.into());
                    holds.departments.insert(top, Some(top));
                    holds.users.extend(now.into_iter().map(|id| (id, Some(top))));
                }
            }
        }

        if let Some(Exceeded { limit, unit }) = self.exceeded(departments.len(), lately_departments, all_departments) {
            let reason = said::REMOVALS_OF_DEPARTMENTS {
                count: departments.len(),
                all: all_departments,
                lately: lately_departments,
                limit,
                unit,
            };
            holds.reasons.push(reason.into());
            holds
                .departments
                .extend(departments.iter().map(|id| (*id, tops.of_department(*id))));
        } else if !departments.is_empty() {
            // Whoever is held keeps their department, and so their place in the tree: now, and when they were held
            // before.
            let waits = |user: &&Arc<User>| {
                user.standing.state == RecordState::Held || holds.users.contains_key(&user.facts.userid)
            };
            let needed: BTreeSet<DeptId> = snapshot
                .users()
                .filter(waits)
                .flat_map(|user| user.facts.memberships.iter().map(|it| it.dept_id))
                .flat_map(|id| std::iter::once(id).chain(snapshot.ancestors(id)))
                .filter(|id| departments.contains(id))
                .collect();
            if holds.reasons.is_empty() && !needed.is_empty() {
                let count = needed.len();
                let reason = said::REMOVALS_OF_OCCUPIED_DEPARTMENTS { count };
                holds.reasons.push(reason.into());
            }
            holds
                .departments
                .extend(needed.into_iter().map(|id| (id, tops.of_department(id))));
        }

        holds
    }

    /// Lets all of these removals wait.
    pub fn hold_all(&self, snapshot: &Snapshot, departments: &BTreeSet<DeptId>, users: &BTreeSet<UserId>) -> Holds {
        let mut holds = Holds::default();
        if departments.is_empty() && users.is_empty() {
            return holds;
        }

        let tops = Tops {
            snapshot,
            removed: departments,
        };
        holds
            .users
            .extend(users.iter().map(|id| (id.clone(), tops.of_user(id))));
        holds
            .departments
            .extend(departments.iter().map(|id| (*id, tops.of_department(*id))));

        let reason = said::REMOVALS_IN_LANDSLIDE {
            people: users.len(),
            departments: departments.len(),
        };
        holds.reasons.push(reason.into());
        holds
    }

    fn exceeded(&self, now: usize, lately: usize, present: usize) -> Option<Exceeded> {
        let (removed, of) = (now + lately, present + lately);
        if now == 0 || removed <= HANDFUL {
            return None;
        }
        if removed > self.count {
            return Some(Exceeded {
                limit: self.count,
                unit: "COUNT",
            });
        }
        (removed * 100 > of * self.percent).then_some(Exceeded {
            limit: self.percent,
            unit: "PERCENT",
        })
    }
}

/// A limit that was met, as the catalogue has it.
struct Exceeded {
    limit: usize,
    unit: &'static str,
}

/// The topmost removed department above a record.
struct Tops<'a> {
    snapshot: &'a Snapshot,
    removed: &'a BTreeSet<DeptId>,
}

impl Tops<'_> {
    fn of_department(&self, id: DeptId) -> Option<DeptId> {
        let path = self.snapshot.ancestors(id).into_iter().chain(std::iter::once(id));
        path.into_iter().find(|id| self.removed.contains(id))
    }

    fn removed_above(&self, id: &UserId) -> Option<DeptId> {
        let user = self.snapshot.user(id.as_str())?;
        user.facts
            .memberships
            .iter()
            .find_map(|it| self.of_department(it.dept_id))
    }

    fn of_user(&self, id: &UserId) -> Option<DeptId> {
        let first = || {
            self.snapshot
                .user(id.as_str())?
                .facts
                .memberships
                .first()
                .map(|it| it.dept_id)
        };
        self.removed_above(id).or_else(first)
    }

    fn by_department<'u>(&self, users: impl Iterator<Item = &'u UserId>) -> BTreeMap<DeptId, Vec<UserId>> {
        let mut grouped: BTreeMap<DeptId, Vec<UserId>> = BTreeMap::new();
        for id in users {
            if let Some(top) = self.removed_above(id) {
                grouped.entry(top).or_default().push(id.clone());
            }
        }
        grouped
    }
}

/// Present records of a snapshot that aren't held: what a crawl should come across.
pub(super) fn expected(snapshot: &Snapshot) -> (usize, usize) {
    let held = |state: RecordState| state == RecordState::Held;
    let users = snapshot.users().filter(|it| held(it.standing.state)).count();
    let departments = snapshot.departments().filter(|it| held(it.standing.state)).count();
    (
        snapshot.user_count().saturating_sub(users),
        snapshot.department_count().saturating_sub(departments),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::directory::fixtures::{department, user};

    /// 1 above 2 to 5, and so many people in each of the four.
    fn company(each: usize) -> Snapshot {
        let departments = (1..=5).map(|id| department(id, (id != 1).then_some(1))).collect();
        let users = (0..each * 4)
            .map(|n| user(&format!("u{n:04}"), &[2 + (n % 4) as i64]))
            .collect();
        Snapshot::build(1, departments, users)
    }

    fn people(snapshot: &Snapshot, dept: i64, count: usize) -> BTreeSet<UserId> {
        snapshot.members(DeptId(dept)).iter().take(count).cloned().collect()
    }

    #[test]
    fn a_handful_goes_and_a_tenth_is_held_whole() {
        let company = company(25);
        let limits = RemovalLimits::default();
        let none = BTreeSet::new();
        assert!(
            limits
                .hold(&company, &none, &people(&company, 2, 10), &RemovedLately::default())
                .is_empty()
        );

        let holds = limits.hold(&company, &none, &people(&company, 2, 11), &RemovedLately::default());
        assert_eq!(holds.users.len(), 11);
        assert!(holds.reasons[0].contains("more than 10 %"), "{:?}", holds.reasons);
        assert!(holds.users.values().all(|dept| *dept == Some(DeptId(2))));
    }

    /// The company after these departments and people went, and that they did.
    fn after(company: &Snapshot, departments: &[i64], users: &BTreeSet<UserId>) -> (Snapshot, RemovedLately) {
        let lately = RemovedLately {
            departments: departments.iter().map(|id| DeptId(*id)).collect(),
            users: users.clone(),
        };

        let departments = lately.departments.iter().filter_map(|id| company.department(*id));
        let departments = departments.map(|it| {
            let mut gone = (**it).clone();
            gone.standing.state = RecordState::Gone;
            gone
        });
        let users = users.iter().filter_map(|id| company.user(id.as_str())).map(|it| {
            let mut gone = (**it).clone();
            gone.standing.state = RecordState::Gone;
            gone
        });

        (company.with(2, departments.collect(), users.collect()), lately)
    }

    #[test]
    fn one_by_one_they_are_as_many_as_at_once() {
        let (limits, none) = (RemovalLimits::default(), BTreeSet::new());
        let (company, lately) = after(&company(25), &[], &people(&company(25), 3, 10));

        let one = people(&company, 2, 1);
        let holds = limits.hold(&company, &none, &one, &lately);
        assert_eq!(holds.users.len(), 1, "the eleventh of a hundred within the hour");
        assert!(
            holds.reasons[0].contains("after 10 within the last hour"),
            "{:?}",
            holds.reasons
        );
        assert!(limits.hold(&company, &none, &one, &RemovedLately::default()).is_empty());

        let back = super::super::Snapshot::build(1, Vec::new(), Vec::new());
        assert!(
            limits.hold(&back, &none, &one, &lately).is_empty(),
            "who is not gone does not count"
        );
    }

    #[test]
    fn departments_count_one_by_one_too() {
        let all: Vec<_> = (1..=101).map(|id| department(id, (id != 1).then_some(1))).collect();
        let company = Snapshot::build(1, all, Vec::new());
        let limits = RemovalLimits::default();
        let before: Vec<i64> = (2..=11).collect();
        let (company, lately) = after(&company, &before, &BTreeSet::new());
        let next = BTreeSet::from([DeptId(12)]);
        let holds = limits.hold(&company, &next, &BTreeSet::new(), &lately);
        assert_eq!(holds.departments.len(), 1, "{:?}", holds.reasons);
    }

    #[test]
    fn a_department_whose_people_went_before_it_is_held() {
        let company = company(300);
        let limits = RemovalLimits::default();
        let (company, lately) = after(&company, &[], &people(&company, 2, 60));
        let top = BTreeSet::from([DeptId(2)]);
        let holds = limits.hold(&company, &top, &BTreeSet::new(), &lately);
        assert_eq!(holds.departments, BTreeMap::from([(DeptId(2), Some(DeptId(2)))]));
        assert!(
            holds.reasons[0].contains("after 60 within the last hour"),
            "{:?}",
            holds.reasons
        );
    }

    #[test]
    fn a_count_holds_however_small_the_share() {
        let company = company(1_000);
        let limits = RemovalLimits::default();
        let holds = limits.hold(
            &company,
            &BTreeSet::new(),
            &people(&company, 3, 201),
            &RemovedLately::default(),
        );

        assert_eq!(holds.users.len(), 201);
        assert!(
            holds.reasons[0].contains("more than 200 at once"),
            "{:?}",
            holds.reasons
        );
    }

    #[test]
    fn a_removed_departments_people_are_held_with_it_and_the_others_go() {
        let company = company(300);
        let limits = RemovalLimits::default();
        let mut users = people(&company, 2, 60);
        users.extend(people(&company, 3, 5));
        let holds = limits.hold(
            &company,
            &BTreeSet::from([DeptId(2), DeptId(4)]),
            &users,
            &RemovedLately::default(),
        );

        assert_eq!(holds.users.len(), 60, "{:?}", holds.reasons);
        assert_eq!(holds.departments, BTreeMap::from([(DeptId(2), Some(DeptId(2)))]));
    }

    #[test]
    fn a_department_is_held_with_people_who_were_held_before() {
        let company = company(20);
        let held = people(&company, 2, 15).into_iter().map(|id| {
            let mut user = (**company.user(id.as_str()).expect("there")).clone();
            user.standing.state = RecordState::Held;
            user
        });
        let company = company.with(2, Vec::new(), held.collect());

        let removed = BTreeSet::from([DeptId(2), DeptId(4)]);
        let holds = RemovalLimits::default().hold(&company, &removed, &BTreeSet::new(), &RemovedLately::default());
        assert_eq!(holds.departments, BTreeMap::from([(DeptId(2), Some(DeptId(2)))]));
        assert!(holds.reasons[0].contains("waits already"), "{:?}", holds.reasons);
    }
}
