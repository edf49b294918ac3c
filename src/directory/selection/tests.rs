//! The rule against a model that is too simple to be wrong.

use std::collections::BTreeMap;

use proptest::{collection, prelude::*};

use super::*;
use crate::directory::{
    RecordState,
    fixtures::{department, user},
};

fn selection(include: &[i64], exclude: &[i64]) -> DepartmentSelection {
    DepartmentSelection::of_ids(&include.iter().copied().collect(), &exclude.iter().copied().collect())
}

/// 1 { 2 { 3 { 4 } }, 5 }, and somebody in each, in two, in none, and in one that the mirror doesn't have.
fn company() -> Snapshot {
    let departments = [(1, None), (2, Some(1)), (3, Some(2)), (4, Some(3)), (5, Some(1))];
    let users = [
        ("u1", vec![1]),
        ("u2", vec![2]),
        ("u3", vec![3]),
        ("u4", vec![4]),
        ("u45", vec![4, 5]),
        ("alone", vec![]),
        ("afar", vec![77]),
        ("half", vec![3, 77]),
    ];

    Snapshot::build(
        1,
        departments.map(|(id, parent)| department(id, parent)).into(),
        users.map(|(id, departments)| user(id, &departments)).into(),
    )
}

fn falls(include: &[i64], exclude: &[i64]) -> (Vec<i64>, Vec<String>) {
    let fallout = fallout(&company(), &selection(include, exclude));
    (
        fallout.departments.iter().map(|id| id.0).collect(),
        fallout.users.iter().map(ToString::to_string).collect(),
    )
}

fn named(departments: &[i64], users: &[&str]) -> (Vec<i64>, Vec<String>) {
    (
        departments.to_vec(),
        users.iter().map(|user| (*user).to_owned()).collect(),
    )
}

#[test]
fn an_exclude_inside_an_include_cuts_and_an_include_inside_an_exclude_starts_again() {
    assert_eq!(falls(&[], &[2]), named(&[2, 3, 4], &["half", "u2", "u3", "u4"]));
    assert_eq!(
        falls(&[2], &[3]),
        named(&[1, 3, 4, 5], &["half", "u1", "u3", "u4", "u45"])
    );
    assert_eq!(falls(&[1, 3], &[2]), named(&[2], &["u2"]));
    assert_eq!(falls(&[1], &[]), named(&[], &[]));
}

#[test]
fn a_department_that_the_mirror_lacks_keeps_its_people_only_if_it_is_included_by_name() {
    assert_eq!(falls(&[5, 77], &[]), named(&[1, 2, 3, 4], &["u1", "u2", "u3", "u4"]));
    assert_eq!(
        falls(&[5], &[]),
        named(&[1, 2, 3, 4], &["half", "u1", "u2", "u3", "u4"])
    );
}

#[test]
fn of_a_department_that_is_gone_or_named_it_is_known_whether_it_was_selected() {
    let mut gone = department(6, Some(2));
    gone.standing = crate::directory::fixtures::standing(RecordState::Gone);
    let people = [
        ("gone", vec![6]),
        ("afar", vec![77]),
        ("both", vec![6, 77]),
        ("kept", vec![5, 6]),
    ];
    let mirror = Snapshot::build(
        1,
        vec![gone, department(2, Some(1)), department(5, Some(1))],
        people.map(|(id, departments)| user(id, &departments)).into(),
    );

    let falls = |include: &[i64], exclude: &[i64]| {
        let users = fallout(&mirror, &selection(include, exclude)).users;
        users.iter().map(ToString::to_string).collect::<Vec<_>>()
    };

    assert_eq!(falls(&[5], &[]), ["both", "gone"]);
    assert_eq!(falls(&[], &[2]), ["both", "gone"]);
    assert_eq!(falls(&[2], &[]), ["kept"], "whoever is where a crawl goes is asked for");
    assert_eq!(falls(&[], &[77]), ["afar", "both"]);
}

#[test]
fn a_mirror_of_one_subtree_still_knows_what_is_above_it() {
    let mut gone = department(2, Some(1));
    gone.standing = crate::directory::fixtures::standing(RecordState::Gone);
    let mirror = Snapshot::build(1, vec![gone, department(3, Some(2))], vec![user("u3", &[3])]);
    assert_eq!(fallout(&mirror, &selection(&[1], &[])), Fallout::default());
    assert_eq!(fallout(&mirror, &selection(&[1], &[2])).departments, [DeptId(3)]);

    let circle = Snapshot::build(1, vec![department(8, Some(9)), department(9, Some(8))], Vec::new());
    assert_eq!(fallout(&circle, &selection(&[1], &[])).departments, [8, 9].map(DeptId));
}

#[test]
fn a_crawl_starts_at_the_included_departments_or_at_the_authorised_ones() {
    let authorised = [DeptId(2), DeptId(5)];
    assert_eq!(DepartmentSelection::default().starts(&authorised), authorised);
    assert_eq!(selection(&[], &[5]).starts(&authorised), [DeptId(2)]);
    assert_eq!(selection(&[3, 9], &[2]).starts(&authorised), [3, 9].map(DeptId));
}

/// Every department's set of ancestors, itself included, by distance; the nearest named one decides.
fn model(parents: &BTreeMap<i64, Option<i64>>, selection: &DepartmentSelection, id: i64) -> bool {
    if selection.exclude.contains(&DeptId(id)) {
        return false;
    }
    if selection.include.contains(&DeptId(id)) {
        return true;
    }
    match parents.get(&id).copied().flatten() {
        Some(parent) => model(parents, selection, parent),
        None => selection.include.is_empty(),
    }
}

/// What a crawl reads that starts where the selection says and doesn't descend into excluded departments.
fn crawled(snapshot: &Snapshot, selection: &DepartmentSelection) -> BTreeSet<DeptId> {
    let mut queue = selection.starts(snapshot.roots());
    let mut read = BTreeSet::new();
    while let Some(id) = queue.pop() {
        if snapshot.department(id).is_some() && !selection.excludes(id) && read.insert(id) {
            queue.extend(snapshot.children(id));
        }
    }
    read
}

proptest! {
    #[test]
    fn the_nearest_named_department_decides_who_falls_out(
        above in collection::vec(any::<prop::sample::Index>(), 0..30),
        include in collection::btree_set(1_i64..32, 0..4),
        exclude in collection::btree_set(1_i64..32, 0..4),
        places in collection::vec(collection::btree_set(1_i64..34, 0..4), 0..30),
    ) {
        let include: BTreeSet<i64> = include.difference(&exclude).copied().collect();
        let mut parents = BTreeMap::from([(1, None)]);
        for (place, above) in above.iter().enumerate() {
            let id = i64::try_from(place).expect("small") + 2;
            parents.insert(id, Some(i64::try_from(above.index(place + 1)).expect("small") + 1));
        }
        let selection = DepartmentSelection::of_ids(&include, &exclude);
        let users: Vec<_> = places
            .iter()
            .enumerate()
            .map(|(n, ids)| user(&format!("u{n:03}"), &ids.iter().copied().collect::<Vec<_>>()))
            .collect();
        let snapshot = Snapshot::build(
            1,
            parents.iter().map(|(&id, &parent)| department(id, parent)).collect(),
            users.clone(),
        );
        let found = fallout(&snapshot, &selection);

        let selected = |id: i64| parents.contains_key(&id) && model(&parents, &selection, id);
        let out: Vec<_> = parents.keys().copied().filter(|id| !selected(*id)).map(DeptId).collect();
        prop_assert_eq!(&found.departments, &out);
        for &id in parents.keys() {
            let path = std::iter::successors(Some(id), |id| parents[id]).map(DeptId);
            prop_assert_eq!(selection.selects(path), selected(id));
        }
        let read: BTreeSet<_> = parents.keys().copied().filter(|id| selected(*id)).map(DeptId).collect();
        prop_assert_eq!(crawled(&snapshot, &selection), read, "the crawl reads what the rule selects");
        for user in &users {
            let ids: Vec<i64> = user.facts.memberships.iter().map(|place| place.dept_id.0).collect();
            let falls = found.users.contains(&user.facts.userid);
            if ids.iter().any(|id| selected(*id)) {
                prop_assert!(!falls, "somebody with a selected department fell out");
            } else if ids.iter().any(|id| parents.contains_key(id)) && !ids.iter().any(|id| include.contains(id)) {
                prop_assert!(falls, "somebody without a selected department stayed");
            }
        }
        prop_assert_eq!(fallout(&snapshot, &DepartmentSelection::default()), Fallout::default());
    }
}
