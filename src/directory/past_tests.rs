//! Whatever happened to a directory, taking it back leads to every directory that there was.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;
use uuid::Uuid;

use super::{fixtures::*, *};

const USERS: u8 = 6;
const DEPARTMENTS: i64 = 6;

/// What somebody says of a person.
#[derive(Debug, Clone)]
struct Said {
    id: u8,
    name: u8,
    title: Option<u8>,
    email: Option<u8>,
    manager: Option<u8>,
    active: Option<bool>,
    hired_date: Option<i64>,
    departments: Vec<(i64, Option<i64>, Option<bool>)>,
    by_list: bool,
}

#[derive(Debug, Clone)]
enum Step {
    Read {
        people: Vec<Said>,
        /// Id, parent, name, managers.
        departments: Vec<(i64, i64, u8, Vec<u8>)>,
        gone_people: BTreeSet<u8>,
        gone_departments: BTreeSet<i64>,
        hold: bool,
        /// Read because somebody approved something.
        approving: bool,
    },
    Decide(bool),
}

fn said() -> impl Strategy<Value = Said> {
    let department = (
        1..=DEPARTMENTS,
        prop::option::of(0..3_i64),
        prop::option::of(any::<bool>()),
    );
    let texts = (
        0..3_u8,
        prop::option::of(0..3_u8),
        prop::option::of(0..3_u8),
        prop::option::of(0..USERS),
    );
    let flags = (
        prop::option::of(any::<bool>()),
        prop::option::of(0..2_i64),
        any::<bool>(),
    );
    (0..USERS, texts, flags, prop::collection::vec(department, 0..4)).prop_map(
        |(id, (name, title, email, manager), (active, hired_date, by_list), departments)| Said {
            id,
            name,
            title,
            email,
            manager,
            active,
            hired_date,
            departments,
            by_list,
        },
    )
}

fn step() -> impl Strategy<Value = Step> {
    let department = (
        1..=DEPARTMENTS,
        1..=DEPARTMENTS,
        0..3_u8,
        prop::collection::vec(0..USERS, 0..3),
    );
    let read = (
        prop::collection::vec(said(), 0..4),
        prop::collection::vec(department, 0..3),
        prop::collection::btree_set(0..USERS, 0..3),
        prop::collection::btree_set(2..=DEPARTMENTS, 0..2),
        any::<(bool, bool)>(),
    );
    let read = read.prop_map(
        |(people, departments, gone_people, gone_departments, (hold, approving))| Step::Read {
            people,
            departments,
            gone_people,
            gone_departments,
            hold,
            approving,
        },
    );
    prop_oneof![4 => read, 1 => any::<bool>().prop_map(Step::Decide)]
}

fn user_id(id: u8) -> UserId {
    format!("u{id}").into()
}

fn facts_of(said: &Said) -> UserFacts {
    let text = |of: Option<u8>| of.map(|of| if of == 0 { "".into() } else { format!("t{of}@x").into() });
    let membership = |&(id, order, leader): &(i64, Option<i64>, Option<bool>)| Membership {
        dept_id: DeptId(id),
        order,
        leader,
    };
    UserFacts {
        name: format!("员工{}", said.name).into(),
        title: text(said.title),
        email: text(said.email),
        manager_userid: said.manager.map(user_id),
        active: said.active,
        hired_date: said.hired_date,
        memberships: said.departments.iter().map(membership).collect(),
        raw: Raw::of(&serde_json::json!({ "nickname": said.name, "userid": user_id(said.id) })),
        ..UserFacts::unsaid(user_id(said.id))
    }
}

/// A directory with its log and its past.
struct World {
    log: Vec<LoggedChange>,
    past: Vec<Snapshot>,
    held: Vec<HeldRemoval>,
}

impl World {
    fn new() -> Self {
        Self {
            log: Vec::new(),
            past: vec![Snapshot::empty()],
            held: Vec::new(),
        }
    }

    fn now(&self) -> &Snapshot {
        self.past.last().expect("the empty one")
    }

    fn go_on(&mut self, step: &Step) {
        let now = at(self.past.len());
        let (set, cause) = match step {
            Step::Decide(approve) => {
                let decision = if *approve { Decision::Approve } else { Decision::Reject };
                (
                    decide(self.now(), &self.held, decision, "eve", now),
                    Cause::Decision("eve".into()),
                )
            }
            read @ Step::Read { approving, .. } => {
                let cause = if *approving {
                    Cause::Decision("eve".into())
                } else {
                    Cause::Run(Uuid::nil())
                };
                (plan(self.now(), &observed(read), now), cause)
            }
        };
        if !set.is_empty() {
            self.apply(set, &cause, now);
        }
    }

    /// As the store does.
    fn apply(&mut self, mut set: ChangeSet, cause: &Cause, at: DateTime<Utc>) {
        let revision = self.now().revision() + 1;
        let standings = set.departments.iter_mut().map(|it| &mut it.standing);
        for standing in standings.chain(set.users.iter_mut().map(|it| &mut it.standing)) {
            standing.revision = revision;
        }

        let changed: BTreeSet<_> = set.changes.iter().map(|it| it.entity.clone()).collect();
        self.held.retain(|it| !changed.contains(&it.record.clone().into()));
        self.held.append(&mut set.held);
        for change in set.changes {
            self.log.push(LoggedChange {
                seq: self.log.len() as i64 + 1,
                revision,
                at,
                cause: cause.clone(),
                change,
            });
        }
        let next = self.now().with(revision, set.departments, set.users);
        self.past.push(next);
    }

    /// The directory of `revision`, made of the one of `from`.
    fn undone(&self, from: &Snapshot, revision: Revision) -> Snapshot {
        let mut undo = Undo::default();
        let later = self.log.iter().rev();
        for logged in later.filter(|it| it.revision > revision && it.revision <= from.revision()) {
            undo.take_back(logged.clone());
        }

        let mut former = HashMap::new();
        for logged in self.log.iter().filter(|it| it.revision <= revision) {
            if let ChangedEntity::Record(id) = &logged.change.entity {
                let entry = FormerEntry {
                    kind: logged.change.kind,
                    revision: logged.revision,
                    at: logged.at,
                };
                former.insert(id.clone(), entry);
            }
        }
        undo.applied_to(from, (revision, moment()), &former)
    }
}

fn at(step: usize) -> DateTime<Utc> {
    moment() + TimeDelta::minutes(step as i64)
}

fn observed(step: &Step) -> Observation {
    let Step::Read {
        people,
        departments,
        gone_people,
        gone_departments,
        hold,
        ..
    } = step
    else {
        return Observation::default();
    };

    let mut seen = Observation {
        removals: Removals::Confirmed,
        single_records: true,
        ..Observation::default()
    };
    for said in people {
        let source = if said.by_list {
            UserSource::List
        } else {
            UserSource::Detail
        };
        seen.users.insert(user_id(said.id), (facts_of(said), source));
    }
    for (id, parent, name, managers) in departments {
        let facts = DepartmentFacts {
            name: format!("部门{name}"),
            manager_userids: managers.iter().copied().map(user_id).collect(),
            ..department_facts(*id, Some(*parent))
        };
        seen.departments.insert(DeptId(*id), (facts, DepartmentSource::Detail));
    }

    for id in gone_people.iter().map(|id| user_id(*id)) {
        seen.user_causes.insert(id.clone(), GoneCause::Left);
        if *hold {
            seen.holds.users.insert(id, None);
        }
    }
    for id in gone_departments.iter().map(|id| DeptId(*id)) {
        seen.department_causes.insert(id, GoneCause::DepartmentRemoved);
        if *hold {
            seen.holds.departments.insert(id, None);
        }
    }
    seen
}

/// What a snapshot says, without what the log doesn't know.
fn told(snapshot: &Snapshot) -> Vec<String> {
    let mut told = vec![format!(
        "{} departments, {} people, tops {:?}",
        snapshot.department_count(),
        snapshot.user_count(),
        snapshot.roots()
    )];
    for department in snapshot.departments() {
        let mut facts = department.facts.clone();
        facts.raw = Raw::default();
        // Their order means nothing.
        facts.manager_userids.sort();
        let id = facts.dept_id;
        told.push(format!(
            "{:?} r{} {facts:?} below {:?} has {:?}, {:?}, {} in all",
            department.standing.state,
            department.standing.revision,
            snapshot.parent(id),
            snapshot.children(id),
            snapshot.members(id),
            snapshot.total_members(id)
        ));
    }
    for user in snapshot.users() {
        let mut facts = user.facts.clone();
        facts.raw = Raw::default();
        told.push(format!(
            "{:?} r{} {facts:?}",
            user.standing.state, user.standing.revision
        ));
    }
    for email in ["t1@x", "t2@x"] {
        let holders = snapshot.users_by_email(email).iter();
        told.push(format!(
            "{email} {:?}",
            holders.map(|it| &it.facts.userid).collect::<Vec<_>>()
        ));
    }
    told
}

proptest! {
    #[test]
    fn taking_changes_back_leads_to_each_directory_of_before(steps in prop::collection::vec(step(), 1..20)) {
        let mut world = World::new();
        for step in &steps {
            world.go_on(step);
        }

        let present = world.now().clone();
        for before in &world.past {
            let revision = before.revision();
            let past = world.undone(&present, revision);
            prop_assert_eq!(told(&past), told(before), "revision {}", revision);
            // Whether a department was removed is not known where it has come back since.
            let told_of = |snapshot: &Snapshot| {
                let all = snapshot.all_contradictions().into_iter();
                all.filter(|it| !it.contains("which was removed")).collect::<Vec<_>>()
            };
            prop_assert_eq!(told_of(&past), told_of(before));

            for (was, is) in before.users().zip(past.users()) {
                // A cause that came later than somebody's return says nothing of before.
                let cause = is.standing.cause;
                prop_assert!(cause.is_none() || cause == was.standing.cause);
                prop_assert_eq!(was.standing.first_seen, is.standing.first_seen);
                prop_assert!(is.standing.last_seen <= at(before.revision() as usize));
                // DingTalk's whole object is that of then, or not told.
                prop_assert!(is.facts.raw == Raw::default() || is.facts.raw == was.facts.raw);
            }
        }
        prop_assert_eq!(told(&present), told(world.now()), "what is stays as it is");
    }
}

/// Somebody without any peculiarity, in the company itself.
fn plain(id: u8) -> Said {
    Said {
        id,
        name: 0,
        title: None,
        email: None,
        manager: None,
        active: None,
        hired_date: None,
        departments: vec![(1, None, None)],
        by_list: false,
    }
}

/// The company itself and these people are read, and these are gone.
fn read(people: &[u8], gone_people: &[u8], hold: bool, approving: bool) -> Step {
    Step::Read {
        people: people.iter().copied().map(plain).collect(),
        departments: vec![(1, 1, 0, Vec::new())],
        gone_people: gone_people.iter().copied().collect(),
        gone_departments: BTreeSet::new(),
        hold,
        approving,
    }
}

#[test]
fn a_removal_that_waits_and_one_that_was_approved_are_told_apart() {
    let mut world = World::new();
    let gone = |hold| read(&[], &[0], hold, false);
    let read = read(&[0], &[], false, false);
    for step in [read.clone(), gone(true), Step::Decide(true), read, gone(false)] {
        world.go_on(&step);
    }

    let states = |revision| {
        let past = world.undone(world.now(), revision);
        let anna = past.user("u0").cloned();
        anna.map(|it| (it.standing.state, it.standing.cause))
    };
    let left = Some(GoneCause::Left);
    assert_eq!(states(0), None);
    assert_eq!(states(1), Some((RecordState::Active, None)));
    // Why it was so is not known any more: they came back since.
    assert_eq!(states(2), Some((RecordState::Held, None)));
    assert_eq!(states(3), Some((RecordState::Gone, None)));
    assert_eq!(states(4), Some((RecordState::Active, None)));
    assert_eq!(states(5), Some((RecordState::Gone, left)));
}

#[test]
fn what_an_approval_has_read_beside_says_nothing_of_removals_that_waited() {
    let mut world = World::new();
    // Anna and Ben are there, Carl has left, Anna's removal waits.
    for step in [
        read(&[0, 1, 2], &[], false, false),
        read(&[], &[2], false, false),
        read(&[], &[0], true, false),
    ] {
        world.go_on(&step);
    }
    let before = world.now().revision();

    // Whoever approves it has DingTalk asked: Ben has left meanwhile, Carl is back with another name, and Dora is new.
    world.go_on(&Step::Read {
        people: vec![Said { name: 1, ..plain(2) }, plain(3)],
        departments: Vec::new(),
        gone_people: [1].into(),
        gone_departments: BTreeSet::new(),
        hold: false,
        approving: true,
    });
    world.go_on(&Step::Decide(true));

    let past = world.undone(world.now(), before);
    let state = |id: &str| past.user(id).map(|it| (it.standing.state, it.standing.cause));
    assert_eq!(state("u0"), Some((RecordState::Held, Some(GoneCause::Left))));
    assert_eq!(state("u1"), Some((RecordState::Active, None)));
    assert_eq!(state("u2"), Some((RecordState::Gone, None)));
    assert_eq!(state("u3"), None);

    let carl = past.user("u2").expect("they were known");
    assert_eq!(carl.facts.raw, Raw::default(), "it is not kept");
    assert!(carl.standing.last_seen <= at(before as usize));
}
