//! What a plan says of each kind of difference, and what holds for any mirror and any observation.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::directory::{DeptId, FieldGroup, GoneCause, Holds, Membership, Raw, UserId, fixtures::*};

fn observe(departments: Vec<DepartmentFacts>, users: Vec<UserFacts>, removals: Removals) -> Observation {
    Observation {
        departments: departments
            .into_iter()
            .map(|it| (it.dept_id, (it, DepartmentSource::Detail)))
            .collect(),
        users: users
            .into_iter()
            .map(|it| (it.userid.clone(), (it, UserSource::Detail)))
            .collect(),
        removals,
        ..Observation::default()
    }
}

fn apply(snapshot: &Snapshot, set: &ChangeSet) -> Snapshot {
    snapshot.with(snapshot.revision() + 1, set.departments.clone(), set.users.clone())
}

fn kinds(set: &ChangeSet) -> Vec<(String, ChangeKind, Vec<String>)> {
    let fields = |change: &Change| change.fields.iter().map(|it| it.field.clone()).collect();
    set.changes
        .iter()
        .map(|it| (it.entity.id_text(), it.kind, fields(it)))
        .collect()
}

fn only(set: &ChangeSet) -> (ChangeKind, Vec<String>) {
    let mut all = kinds(set);
    assert_eq!(all.len(), 1, "{all:?}");
    let (_, kind, fields) = all.remove(0);
    (kind, fields)
}

fn put(raw: &mut Raw, key: &str, value: Value) {
    let mut object = raw.value();
    object[key] = value;
    *raw = Raw::of(&object);
}

/// Root, one department, and one person who says everything.
fn company() -> (Snapshot, DepartmentFacts, UserFacts) {
    let mut facts = user_facts("anna", &[1, 2]);
    facts.email = Some("anna@x".into());
    facts.remark = Some("".into());
    facts.senior = Some(true);
    facts.real_authed = Some(true);
    facts.manager_userid = Some("boss".into());
    facts.memberships[1] = Membership {
        dept_id: DeptId(2),
        order: Some(176_294_576_350_761_512),
        leader: Some(true),
    };
    facts.raw = Raw::of(&json!({ "name": "员工anna", "role_list": [{ "id": 1 }], "dept_order_list": [] }));

    let mut unit = department_facts(2, Some(1));
    unit.order = Some(5);
    unit.hide_dept = Some(false);
    unit.raw = Raw::of(&json!({ "auto_approve_apply": false, "member_count": 7 }));

    let set = plan(
        &Snapshot::empty(),
        &observe(
            vec![department_facts(1, None), unit.clone()],
            vec![facts.clone()],
            Removals::None,
        ),
        moment(),
    );

    assert_eq!(
        set.changes.iter().map(|it| it.kind).collect::<Vec<_>>(),
        [ChangeKind::Created; 3]
    );
    (apply(&Snapshot::empty(), &set), unit, facts)
}

#[test]
fn every_kind_of_difference_has_its_kind_and_its_fields() {
    let (mirror, unit, anna) = company();
    let of_user = |change: &dyn Fn(&mut UserFacts)| {
        let mut facts = anna.clone();
        change(&mut facts);
        plan(&mirror, &observe(Vec::new(), vec![facts], Removals::None), moment())
    };
    assert!(of_user(&|_| {}).is_empty(), "nothing differs");
    assert_eq!(
        only(&of_user(&|it| it.email = Some("".into()))),
        (ChangeKind::Updated, vec!["email".into()])
    );
    assert_eq!(
        only(&of_user(&|it| it.email = None)),
        (ChangeKind::Updated, vec!["email".into()])
    );
    assert_eq!(
        only(&of_user(&|it| put(&mut it.raw, "role_list", json!([])))),
        (ChangeKind::Updated, vec!["role_list".into()])
    );
    let nameless = of_user(&|it| it.name = "".into());
    assert!(nameless.is_empty(), "an answer without a name takes nobody's away");
    assert!(
        of_user(&|it| put(&mut it.raw, "dept_order_list", json!([1]))).is_empty(),
        "a mapped field's raw form isn't compared again"
    );
    let leaving = of_user(&|it| {
        it.memberships.pop();
    });
    let fields = ["dept_id_list", "dept_order_list", "leader_in_dept"]
        .map(String::from)
        .to_vec();
    assert_eq!(only(&leaving), (ChangeKind::Moved, fields));
    let reordered = of_user(&|it| it.memberships[1].order = Some(176_294_576_350_761_513));
    assert_eq!(only(&reordered), (ChangeKind::Updated, vec!["dept_order_list".into()]));
    assert_eq!(
        reordered.changes[0].fields[0].after,
        json!([{ "dept_id": 2, "order": 176_294_576_350_761_513_i64 }])
    );

    let of_unit = |change: &dyn Fn(&mut DepartmentFacts)| {
        let mut facts = unit.clone();
        change(&mut facts);
        plan(&mirror, &observe(vec![facts], Vec::new(), Removals::None), moment())
    };
    assert_eq!(
        only(&of_unit(&|it| it.parent_id = Some(DeptId(9)))),
        (ChangeKind::Moved, vec!["parent_id".into()])
    );
    assert_eq!(
        only(&of_unit(&|it| it.name = "新名".into())),
        (ChangeKind::Updated, vec!["name".into()])
    );
    assert!(
        of_unit(&|it| put(&mut it.raw, "member_count", json!(8))).is_empty(),
        "the mirror counts itself"
    );
}

#[test]
fn what_is_absent_goes_only_from_a_complete_crawl_and_comes_back_with_its_history() {
    let (mirror, unit, anna) = company();
    let partial = observe(vec![department_facts(1, None)], Vec::new(), Removals::None);
    assert!(plan(&mirror, &partial, moment()).is_empty());
    let mut complete = Observation {
        removals: Removals::Confirmed,
        ..partial
    };
    assert!(
        plan(&mirror, &complete, moment()).is_empty(),
        "nobody said that they are gone"
    );
    complete.user_causes.insert("anna".into(), GoneCause::OutOfScope);
    complete
        .department_causes
        .insert(DeptId(2), GoneCause::DepartmentRemoved);
    let set = plan(&mirror, &complete, moment());
    assert_eq!(
        set.changes.iter().map(|it| it.kind).collect::<Vec<_>>(),
        [ChangeKind::Removed; 2]
    );
    assert_eq!(set.departments[0].standing.cause, Some(GoneCause::DepartmentRemoved));
    assert_eq!(set.users[0].standing.cause, Some(GoneCause::OutOfScope));
    assert_eq!(set.users[0].facts, anna, "what was known of a leaver stays known");
    let without = apply(&mirror, &set);
    assert!(
        plan(&without, &complete, moment()).is_empty(),
        "who is gone isn't removed again"
    );

    let later = moment() + chrono::Duration::days(1);
    let set = plan(&without, &observe(vec![unit], vec![anna], Removals::None), later);
    assert_eq!(
        set.changes.iter().map(|it| it.kind).collect::<Vec<_>>(),
        [ChangeKind::Restored; 2]
    );
    assert_eq!(
        (set.users[0].standing.first_seen, set.users[0].standing.last_seen),
        (moment(), later)
    );
}

#[test]
fn a_kept_record_is_neither_blanked_nor_removed() {
    let (mirror, _, _) = company();
    let mut observed = observe(vec![department_facts(1, None)], Vec::new(), Removals::Confirmed);
    observed.kept_users.insert("anna".into());
    observed.kept_departments.insert(DeptId(2));
    observed.user_causes.insert("anna".into(), GoneCause::Left);
    assert!(plan(&mirror, &observed, moment()).is_empty());
}

#[test]
fn a_source_that_cannot_say_a_field_does_not_blank_it() {
    let (mirror, unit, anna) = company();
    let mut listed = user_facts("anna", &[1, 2]);
    listed.email.clone_from(&anna.email);
    listed.raw = Raw::of(&json!({ "name": "员工anna", "dept_order": 5, "leader": false }));
    let mut told = department_facts(2, Some(1));
    told.raw = Raw::of(&json!({ "name": "部门2" }));
    let mut observed = Observation::default();
    observed.users.insert("anna".into(), (listed.clone(), UserSource::List));
    observed
        .departments
        .insert(DeptId(2), (told.clone(), DepartmentSource::ListSub));
    assert!(plan(&mirror, &observed, moment()).is_empty());

    listed.title = Some("总监".into());
    told.name = "新名".into();
    observed.users.insert("anna".into(), (listed, UserSource::List));
    observed
        .departments
        .insert(DeptId(2), (told, DepartmentSource::ListSub));
    let set = plan(&mirror, &observed, moment());
    assert_eq!(set.users[0].facts.manager_userid, anna.manager_userid);
    assert_eq!(set.users[0].facts.memberships, anna.memberships);
    let raw = set.users[0].facts.raw.value();
    assert_eq!(raw["role_list"], anna.raw.value()["role_list"]);
    assert_eq!(raw.get("dept_order"), None);
    assert_eq!(
        (
            set.departments[0].facts.order,
            &set.departments[0].facts.raw.value()["auto_approve_apply"]
        ),
        (unit.order, &json!(false))
    );
}

#[test]
fn a_permission_that_is_withdrawn_blanks_nobody() {
    let known = |n: i64| {
        let mut it = user(&format!("u{n}"), &[1]);
        it.facts.email = Some(format!("u{n}@x").into());
        it.facts.mobile = Some("1380000".into());
        it
    };
    let mirror = Snapshot::build(1, vec![department(1, None)], (0..4).map(known).collect());
    let silent = |n: i64| UserFacts {
        email: None,
        ..known(n).facts
    };

    let observed = observe(Vec::new(), (0..4).map(silent).collect(), Removals::None);
    assert_eq!(withheld(&mirror, &observed), [FieldGroup::Personal].into());
    assert!(plan(&mirror, &observed, moment()).is_empty());

    let one_speaks = observe(
        Vec::new(),
        (0..3).map(silent).chain([known(3).facts]).collect(),
        Removals::None,
    );
    assert_eq!(plan(&mirror, &one_speaks, moment()).changes.len(), 3);

    let few = observe(Vec::new(), (0..2).map(silent).collect(), Removals::None);
    assert!(
        plan(&mirror, &few, moment()).is_empty(),
        "whoever cleared theirs would have it as an empty text"
    );
}

#[test]
fn a_single_record_that_says_nothing_of_a_group_takes_nothing_away_and_an_empty_text_does() {
    let known = |n: i64| {
        let mut it = user(&format!("u{n}"), &[1]);
        it.facts.email = Some(format!("u{n}@x").into());
        it.facts.org_email = Some(format!("u{n}@corp").into());
        it.facts.mobile = Some("1380000".into());
        it
    };

    let mirror = Snapshot::build(1, vec![department(1, None)], (0..3).map(known).collect());
    let silent = UserFacts {
        email: None,
        org_email: None,
        mobile: None,
        title: Some("Moved up".into()),
        ..known(0).facts
    };
    let cleared = UserFacts {
        email: Some("".into()),
        org_email: None,
        ..known(1).facts
    };

    // One of them was read before the permission went.
    let seen = vec![silent, cleared, known(2).facts];
    let single = Observation {
        single_records: true,
        ..observe(Vec::new(), seen.clone(), Removals::None)
    };

    let set = plan(&mirror, &single, moment());
    assert_eq!(
        kinds(&set),
        [
            ("u0".into(), ChangeKind::Updated, vec!["title".into()]),
            (
                "u1".into(),
                ChangeKind::Updated,
                vec!["email".into(), "org_email".into()]
            ),
        ]
    );

    let pass = observe(Vec::new(), seen, Removals::None);
    let set = plan(&mirror, &pass, moment());
    assert_eq!(
        set.changes[0].fields.len(),
        4,
        "a pass that reads others' emails says that theirs is gone: {set:?}"
    );
}

#[test]
fn the_root_has_no_parent_and_home_school_departments_never_enter() {
    let mut observed = observe(
        vec![department_facts(1, Some(1)), department_facts(-7, Some(1))],
        Vec::new(),
        Removals::None,
    );
    observed
        .users
        .insert("a".into(), (user_facts("a", &[1, -7, 1]), UserSource::Detail));

    let set = plan(&Snapshot::empty(), &observed, moment());
    assert_eq!(set.departments.len(), 1);
    assert_eq!(set.departments[0].facts.parent_id, None);
    assert_eq!(set.users[0].facts.memberships.len(), 1);
}

fn any_user() -> impl Strategy<Value = UserFacts> {
    let text = || prop::option::of(prop::sample::select(vec!["", "x", "y"]));
    let membership = (1_i64..5, prop::option::of(0_i64..2), prop::option::of(any::<bool>()));
    let raw = prop::sample::select(vec![
        json!(null),
        json!({}),
        json!({ "role_list": [1, 2] }),
        json!({ "role_list": [2, 1], "nickname": "n" }),
    ]);

    (
        0_u8..8,
        text(),
        text(),
        prop::option::of(any::<bool>()),
        prop::collection::vec(membership, 0..4),
        raw,
    )
        .prop_map(|(id, email, mobile, senior, memberships, raw)| {
            let mut made = user_facts(&format!("u{id}"), &[]);
            made.email = email.map(Into::into);
            made.mobile = mobile.map(Into::into);
            made.senior = senior;
            made.memberships = memberships
                .into_iter()
                .map(|(id, order, leader)| Membership {
                    dept_id: DeptId(id - 1),
                    order,
                    leader,
                })
                .collect();
            made.raw = Raw::of(&raw);
            made
        })
}

fn any_department() -> impl Strategy<Value = DepartmentFacts> {
    let managers = prop::collection::vec(prop::sample::select(vec!["a", "b"]), 0..3);

    (
        0_i64..6,
        prop::option::of(0_i64..6),
        prop::sample::select(vec!["x", "y"]),
        managers,
    )
        .prop_map(|(id, parent, name, managers)| {
            let mut made = department_facts(id, parent);
            made.name = name.into();
            made.manager_userids = managers.into_iter().map(UserId::from).collect();
            made
        })
}

fn any_observation() -> impl Strategy<Value = Observation> {
    let departments = prop::collection::vec((any_department(), any::<bool>()), 0..6);
    let users = prop::collection::vec((any_user(), any::<bool>()), 0..8);
    let kept = prop::collection::btree_set((0_u8..8).prop_map(|id| UserId::from(format!("u{id}"))), 0..3);
    let gone = prop::collection::btree_map(
        (0_u8..8).prop_map(|id| UserId::from(format!("u{id}"))),
        any::<bool>(),
        0..4,
    );

    (departments, users, kept, gone, any::<bool>()).prop_map(|(departments, users, kept_users, gone, complete)| {
        Observation {
            user_causes: gone.keys().map(|id| (id.clone(), GoneCause::Left)).collect(),
            holds: Holds {
                users: gone
                    .into_iter()
                    .filter(|(_, held)| *held)
                    .map(|(id, _)| (id, None))
                    .collect(),
                ..Holds::default()
            },
            departments: departments
                .into_iter()
                .map(|(it, detail)| {
                    (
                        it.dept_id,
                        (
                            it,
                            if detail {
                                DepartmentSource::Detail
                            } else {
                                DepartmentSource::ListSub
                            },
                        ),
                    )
                })
                .collect(),
            users: users
                .into_iter()
                .map(|(it, detail)| {
                    (
                        it.userid.clone(),
                        (it, if detail { UserSource::Detail } else { UserSource::List }),
                    )
                })
                .collect(),
            kept_users,
            removals: if complete { Removals::Confirmed } else { Removals::None },
            ..Observation::default()
        }
    })
}

proptest! {
    #[test]
    fn a_plan_that_was_applied_leaves_nothing_to_plan_and_loses_nobody(seen in prop::collection::vec(any_observation(), 1..6)) {
        let mut mirror = Snapshot::empty();
        for observed in seen {
            let set = plan(&mirror, &observed, moment());
            prop_assert_eq!(set.changes.len(), set.departments.len() + set.users.len());

            for (change, user) in set.changes.iter().skip(set.departments.len()).zip(&set.users) {
                let old = mirror.user(user.facts.userid.as_str());
                let was_present = old.is_some_and(|old| old.standing.is_present());
                let right = match change.kind {
                    ChangeKind::Created => old.is_none(),
                    ChangeKind::Restored => old.is_some_and(|old| old.standing.state != RecordState::Active),
                    ChangeKind::Removed => was_present && !user.standing.is_present(),
                    ChangeKind::Updated | ChangeKind::Moved => was_present && !change.fields.is_empty(),
                    ChangeKind::Held => was_present && user.standing.is_present() && observed.holds.users.contains_key(user.facts.userid.as_str()),
                };
                prop_assert!(right, "{:?} of {:?}", change, old);
                prop_assert_eq!(change.entity.id_text(), user.facts.userid.as_str());
            }

            let next = apply(&mirror, &set);
            prop_assert_eq!(plan(&next, &observed, moment()), ChangeSet::default());
            for (id, old) in mirror.users().map(|old| (&old.facts.userid, old)) {
                let kept = observed.kept_users.contains(id) && !observed.users.contains_key(id);
                prop_assert!(!kept || next.user(id.as_str()) == Some(old));
                prop_assert!(next.user(id.as_str()).is_some(), "no record is ever forgotten");
            }
            for id in observed.users.keys() {
                prop_assert!(next.user(id.as_str()).is_some_and(|it| it.standing.is_present()), "{} was seen", id);
            }
            for id in observed.departments.keys().filter(|id| id.is_company()) {
                prop_assert!(next.department(*id).is_some_and(|it| it.standing.is_present()), "{} was seen", id);
            }

            mirror = next;
        }
    }
}
