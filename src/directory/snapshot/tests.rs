//! However a snapshot came about, it answers every question as one built from scratch does.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;
use crate::directory::{
    Membership, RecordState,
    fixtures::*,
    search::{Asked, Query},
};

type Batch = (Vec<Department>, Vec<User>);

fn any_state() -> impl Strategy<Value = RecordState> {
    prop_oneof![4 => Just(RecordState::Active), 1 => Just(RecordState::Held), 2 => Just(RecordState::Gone)]
}

fn any_department() -> impl Strategy<Value = Department> {
    // Few ids, so that circles, orphans, returns and moves of whole subtrees are common.
    (
        1_i64..12,
        prop::option::of(1_i64..14),
        prop::option::of(0_i64..3),
        any_state(),
    )
        .prop_map(|(id, parent, order, state)| {
            let mut made = department(id, parent);
            made.facts.order = order;
            made.standing = standing(state);
            made
        })
}

fn any_user() -> impl Strategy<Value = User> {
    let memberships = prop::collection::btree_map(1_i64..14, prop::option::of(0_i64..3), 0..4);
    let key = || prop::option::of(prop::sample::select(vec!["", "a", "A ", "ａ", "0012", "b"]));

    (0_u8..25, memberships, key(), key(), key(), any_state()).prop_map(
        |(id, memberships, email, job, mobile, state)| {
            let mut made = user(&format!("u{id}"), &[]);
            made.facts.memberships = memberships
                .into_iter()
                .map(|(id, order)| Membership {
                    dept_id: DeptId(id),
                    order,
                    leader: None,
                })
                .collect();
            made.facts.email = email.map(Into::into);
            made.facts.org_email = job.map(Into::into);
            made.facts.unionid = mobile.map(Into::into);
            made.facts.job_number = job.map(Into::into);
            made.facts.mobile = mobile.map(Into::into);
            made.standing = standing(state);
            made
        },
    )
}

fn any_batches(users: usize) -> impl Strategy<Value = Vec<Batch>> {
    let batch = (
        prop::collection::vec(any_department(), 0..4),
        prop::collection::vec(any_user(), 0..users),
    );
    prop::collection::vec(batch, 1..12)
}

/// Everything that can be asked, in words.
fn answers(snapshot: &Snapshot) -> Vec<String> {
    let mut said = vec![format!(
        "{} {} {} {} roots {:?} cyclic {:?} emails {} hidden {}",
        snapshot.revision(),
        snapshot.department_count(),
        snapshot.user_count(),
        snapshot.membership_count(),
        snapshot.roots(),
        snapshot.cyclic(),
        snapshot.knows_emails(),
        snapshot.hidden_emails(),
    )];

    for id in (0..15).map(DeptId) {
        said.push(format!(
            "{id}: {:?} {:?} {:?} {} {:?} {:?} {} {:?}",
            snapshot.department(id),
            snapshot.children(id),
            snapshot.ancestors(id),
            snapshot.level(id),
            snapshot.descendants(id, None).collect::<Vec<_>>(),
            snapshot.members(id),
            snapshot.total_members(id),
            (0..15)
                .map(|top| snapshot.is_in_subtree(id, DeptId(top)))
                .collect::<Vec<_>>(),
        ));
    }

    for key in ["a", "A", "0012", "12", "b", ""] {
        said.push(format!(
            "{key}: {:?} {:?} {:?} {:?}",
            snapshot.users_by_email(key),
            snapshot.users_by_job_number(key),
            snapshot.users_by_union_id(key),
            snapshot.users_by_mobile(key),
        ));
    }

    let asked = Asked {
        users: true,
        departments: true,
        contact: true,
        most: 100,
    };
    for query in ["员工U1", "部门1", "0012", "yuan", "bm", "u1", "员 1", "a", "yuangonh"] {
        let query = Query::new(query).unwrap();
        let hits = snapshot.search(&query, asked).into_iter();
        said.push(format!(
            "{:?}",
            hits.map(|hit| (hit.record.id(), hit.rank)).collect::<Vec<_>>()
        ));
        let matching = snapshot.matching(&query, true);
        let users: BTreeSet<_> = matching.users().collect();
        let departments: BTreeSet<_> = matching.departments().collect();
        said.push(format!("{users:?} {departments:?}"));
    }

    said.push(format!("{:?}", snapshot.users().collect::<Vec<_>>()));
    said.push(format!(
        "{:?}",
        snapshot
            .users_after("u14")
            .map(|it| &it.facts.userid)
            .collect::<Vec<_>>()
    ));
    said.push(format!("{:?}", snapshot.departments().collect::<Vec<_>>()));
    said
}

fn check(batches: Vec<Batch>) -> Result<(), TestCaseError> {
    let mut departments = BTreeMap::new();
    let mut users = BTreeMap::new();
    let mut grown = Snapshot::empty();

    for (revision, (changed_departments, changed_users)) in (1..).zip(batches) {
        departments.extend(changed_departments.iter().map(|it| (it.facts.dept_id, it.clone())));
        users.extend(changed_users.iter().map(|it| (it.facts.userid.clone(), it.clone())));
        grown = grown.with(revision, changed_departments, changed_users);

        let built = Snapshot::build(
            revision,
            departments.values().cloned().collect(),
            users.values().cloned().collect(),
        );
        prop_assert_eq!(answers(&grown), answers(&built));

        let reached = (1..15).map(|id| built.total_members(DeptId(id))).sum::<usize>();
        prop_assert_eq!((built.reached_count(), grown.reached_count()), (reached, reached));
        for id in (1..15).map(DeptId) {
            let subtree = std::iter::once(id).chain(built.descendants(id, None).map(|(id, _)| id));
            let people: BTreeSet<_> = subtree.flat_map(|id| built.members(id)).collect();
            prop_assert_eq!(built.total_members(id), people.len(), "each person once under {}", id);
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn small_batches_change_a_snapshot_into_what_a_build_from_scratch_gives(batches in any_batches(3)) {
        // A first batch with everybody keeps later ones below the share from which everything is made anew.
        let everybody = (0..25).map(|id| user(&format!("u{id}"), &[1 + id % 12])).collect();
        let mut all = vec![((1..12).map(|id| department(id, (id > 1).then_some(id / 2))).collect(), everybody)];
        all.extend(batches);
        check(all)?;
    }

    #[test]
    fn batches_of_any_size_do_too(batches in any_batches(20)) {
        check(batches)?;
    }
}

#[test]
fn people_stand_in_dingtalks_order_and_departments_in_theirs() {
    let place = |id: &str, order| {
        let mut made = user(id, &[1]);
        made.facts.memberships[0].order = order;
        made
    };
    let people = vec![
        place("a", None),
        place("b", Some(176_294_576_350_761_512)),
        place("c", Some(176_294_576_350_761_513)),
    ];

    let ordered = |id, order| {
        let mut made = department(id, Some(1));
        made.facts.order = order;
        made
    };
    let departments = vec![
        department(1, None),
        ordered(2, None),
        ordered(3, Some(9)),
        ordered(4, Some(1)),
    ];

    let snapshot = Snapshot::build(1, departments, people);
    assert_eq!(snapshot.members(DeptId(1)), ["c", "b", "a"].map(UserId::from));
    assert_eq!(snapshot.children(DeptId(1)), [4, 3, 2].map(DeptId));
}

#[test]
fn a_person_in_a_department_that_is_not_there_is_counted_nowhere_until_it_comes() {
    let snapshot = Snapshot::build(1, vec![department(1, None)], vec![user("a", &[1, 7]), user("b", &[7])]);
    assert_eq!(
        (
            snapshot.user_count(),
            snapshot.total_members(DeptId(1)),
            snapshot.members(DeptId(7)).len()
        ),
        (2, 1, 0)
    );

    let later = snapshot.with(2, vec![department(7, Some(1))], Vec::new());
    assert_eq!(
        (
            later.total_members(DeptId(1)),
            later.total_members(DeptId(7)),
            later.members(DeptId(7)).len()
        ),
        (2, 2, 2)
    );

    assert_eq!(
        snapshot.total_members(DeptId(7)),
        0,
        "the former snapshot stays as it was"
    );
}

#[test]
fn what_was_below_a_department_is_known_when_it_is_gone() {
    let mut gone = department(2, Some(1));
    gone.standing = standing(RecordState::Gone);
    let snapshot = Snapshot::build(1, vec![department(1, None), gone, department(3, Some(2))], Vec::new());
    assert!(!snapshot.is_in_subtree(DeptId(3), DeptId(1)));

    for (id, top, was) in [
        (3, 1, true),
        (3, 2, true),
        (2, 1, true),
        (2, 2, true),
        (1, 2, false),
        (2, 3, false),
    ] {
        assert_eq!(
            snapshot.was_in_subtree(DeptId(id), DeptId(top)),
            was,
            "{id} below {top}"
        );
    }

    let circle = Snapshot::build(1, vec![department(8, Some(9)), department(9, Some(8))], Vec::new());
    assert!(!circle.was_in_subtree(DeptId(8), DeptId(1)));
}

#[test]
fn a_department_that_is_gone_keeps_its_last_place() {
    let mut departments: Vec<_> = [(1, None), (2, Some(1)), (3, Some(2)), (4, Some(3))]
        .map(|(id, parent)| department(id, parent))
        .into();
    for gone in &mut departments[2..] {
        gone.standing = standing(RecordState::Gone);
    }

    let snapshot = Snapshot::build(1, departments, Vec::new());
    let ids = |list: Vec<DeptId>| list.into_iter().map(|id| id.0).collect::<Vec<_>>();
    for (id, level, above) in [(2, 1, vec![1]), (3, 2, vec![1, 2]), (4, 3, vec![1, 2, 3])] {
        assert_eq!(snapshot.level(DeptId(id)), level, "{id}");
        assert_eq!(ids(snapshot.ancestors(DeptId(id))), above, "{id}");
        assert_eq!(snapshot.parent(DeptId(id)).map(|it| it.0), Some(id - 1), "{id}");
    }

    assert_eq!((snapshot.level(DeptId::ROOT), snapshot.parent(DeptId::ROOT)), (0, None));
}
