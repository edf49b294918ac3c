//! Companies of a few people and departments, and filters of them.

use std::{collections::BTreeSet, sync::Arc};

use proptest::{collection::vec, prelude::*};

use crate::directory::{
    Department, DeptId, Filter, LeaderOf, Membership, RecordState, Snapshot, TextTest, User, UserCondition, UserFilter,
    UserId, fixtures,
    search::{Matching, Query},
};

const NAMES: [&str; 7] = ["王伟", "王超", "阿明", "anna", "Zoe", "张三", ""];

fn department(id: i64) -> impl Strategy<Value = Department> {
    let parent = if id == 1 {
        Just(None).boxed()
    } else {
        prop::option::weighted(0.95, 1..id).boxed()
    };
    (
        parent,
        prop::option::of(0_i64..3),
        0..NAMES.len(),
        prop::bool::weighted(0.1),
    )
        .prop_map(move |(parent, order, name, is_gone)| {
            let mut department = fixtures::department(id, parent);
            department.facts.order = order;
            department.facts.name = NAMES[name].into();
            if is_gone && id != 1 {
                department.standing = fixtures::standing(RecordState::Gone);
            }
            department
        })
}

pub(super) fn user(id: usize) -> impl Strategy<Value = User> {
    let membership = (1_i64..9, prop::option::of(0_i64..3), prop::option::of(any::<bool>()));
    let texts = (
        0..NAMES.len(),
        prop::option::of(prop_oneof!["A[0-9]{1,2}", Just(String::new())]),
    );
    let rest = (
        prop::option::of(0_i64..4),
        prop::option::of(0_usize..12),
        prop::option::of(any::<bool>()),
    );
    (vec(membership, 0..3), texts, rest, prop::bool::weighted(0.1)).prop_map(
        move |(memberships, (name, job_number), (hired, manager, active), is_gone)| {
            let mut user = fixtures::user(&format!("u{id:02}"), &[]);
            let mut departments = BTreeSet::new();
            user.facts.memberships = memberships
                .into_iter()
                .filter(|(id, _, _)| departments.insert(*id))
                .map(|(id, order, leader)| Membership {
                    dept_id: DeptId(id),
                    order,
                    leader,
                })
                .collect();
            user.facts.memberships.sort_by_key(|it| it.dept_id);
            user.facts.name = NAMES[name].into();
            user.facts.job_number = job_number.map(Into::into);
            user.facts.hired_date = hired;
            user.facts.active = active;
            user.facts.manager_userid = manager.map(|id| format!("u{id:02}").as_str().into());
            if is_gone {
                user.standing = fixtures::standing(RecordState::Gone);
            }
            user
        },
    )
}

pub(super) fn company() -> impl Strategy<Value = (Vec<Department>, Vec<User>)> {
    let departments: Vec<_> = (1..9).map(department).collect();
    let users: Vec<_> = (0..14).map(user).collect();
    (departments, users)
}

/// What some search finds.
fn any_found() -> impl Strategy<Value = Arc<Matching>> {
    let searches = prop_oneof!["u0[0-9]", "伟", "w", "wei", "a1", "A2"];
    (company(), searches).prop_map(|((departments, users), typed)| {
        let query = Query::new(&typed).unwrap();
        Snapshot::build(1, departments, users).matching(&query, false)
    })
}

pub(super) fn user_filter() -> impl Strategy<Value = UserFilter> {
    let ids = || {
        vec(0_usize..16, 0..4).prop_map(|ids| {
            ids.iter()
                .map(|id| format!("u{id:02}").as_str().into())
                .collect::<BTreeSet<UserId>>()
        })
    };
    let depts = || prop::collection::btree_set((1_i64..10).prop_map(DeptId), 0..3);
    let leaf = prop_oneof![
        any_found().prop_map(UserCondition::Found),
        ids().prop_map(UserCondition::Ids),
        Just(UserCondition::Name(TextTest::starts_with("王"))),
        Just(UserCondition::JobNumber(TextTest::one_of(["a1", "A2"]))),
        "A[0-9]".prop_map(UserCondition::JobNumberIs),
        depts().prop_map(UserCondition::Departments),
        (1_i64..10).prop_map(|id| UserCondition::Subtree(DeptId(id))),
        any::<bool>().prop_map(UserCondition::Active),
        (depts(), any::<bool>()).prop_map(|(ids, leads)| UserCondition::Leader(LeaderOf::These(ids), leads)),
        (0_usize..14).prop_map(|id| UserCondition::Manager(format!("u{id:02}").as_str().into())),
        (0_i64..4, 1_i64..5).prop_map(|(from, before)| UserCondition::Hired(Some(from), Some(before))),
        Just(UserCondition::States(vec![RecordState::Active])),
        Just(UserCondition::States(vec![RecordState::Gone, RecordState::Active])),
    ]
    .prop_map(Filter::Is);
    leaf.prop_recursive(3, 10, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..3).prop_map(Filter::All),
            vec(inner.clone(), 0..3).prop_map(Filter::Any),
            inner.prop_map(|part| Filter::Not(Box::new(part))),
        ]
    })
}
