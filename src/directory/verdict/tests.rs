//! Each way in which a crawl falls short has its verdict and its sentence.

use std::collections::BTreeSet;

use super::*;
use crate::directory::{DepartmentSource, DeptId, Membership, UserId, UserSource, fixtures::*};

/// Root, departments 2 and 3 below it, and `people` in department 2; read without a fault.
fn said(judgement: &Judgement) -> String {
    let findings: Vec<String> = judgement.findings.iter().map(ToString::to_string).collect();
    findings.join(" ")
}

fn crawl(people: usize) -> (Observation, Evidence) {
    let mut observed = Observation::default();
    for (id, parent) in [(1, None), (2, Some(1)), (3, Some(2))] {
        observed
            .departments
            .insert(DeptId(id), (department_facts(id, parent), DepartmentSource::Detail));
    }

    let mut evidence = Evidence {
        starts: [DeptId(1)].into(),
        ..Evidence::default()
    };
    for id in [1, 2, 3] {
        evidence.listed.insert(DeptId(id), BTreeSet::new());
    }

    for n in 0..people {
        let facts = user_facts(&format!("u{n:03}"), &[2]);
        evidence
            .listed
            .entry(DeptId(2))
            .or_default()
            .insert(facts.userid.clone());
        observed.users.insert(facts.userid.clone(), (facts, UserSource::Detail));
    }

    evidence.user_count = Some(people as u64);
    (observed, evidence)
}

/// The mirror after that crawl.
fn mirror(people: usize) -> Snapshot {
    let users = (0..people).map(|n| user(&format!("u{n:03}"), &[2])).collect();
    Snapshot::build(
        1,
        vec![department(1, None), department(2, Some(1)), department(3, Some(2))],
        users,
    )
}

fn verdict(snapshot: &Snapshot, change: impl FnOnce(&mut Observation, &mut Evidence)) -> (Verdict, String) {
    let (mut observed, mut evidence) = crawl(100);
    change(&mut observed, &mut evidence);
    let judgement = judge(snapshot, &observed, &evidence);
    (judgement.verdict, said(&judgement))
}

fn expect(got: (Verdict, String), verdict: Verdict, part: &str) {
    assert!(
        got.0 == verdict && got.1.contains(part),
        "expected {verdict:?} with {part:?}, got {got:?}"
    );
}

#[test]
fn a_crawl_without_a_fault_is_complete_and_finds_nothing() {
    assert_eq!(verdict(&mirror(100), |_, _| {}), (Verdict::Complete, String::new()));
    assert_eq!(
        verdict(&Snapshot::empty(), |_, _| {}),
        (Verdict::Complete, String::new())
    );
}

#[test]
fn counts_that_differ_a_little_are_partial_and_much_are_suspect() {
    let count = |count| verdict(&Snapshot::empty(), |_, evidence| evidence.user_count = Some(count));
    expect(
        count(103),
        Verdict::Partial,
        "DingTalk counts 103 people, and 100 were seen",
    );
    expect(count(217), Verdict::Suspect, "DingTalk counts 217 people");
    assert_eq!(
        verdict(&Snapshot::empty(), |_, evidence| evidence.user_count = None).0,
        Verdict::Complete
    );
}

#[test]
fn the_count_says_nothing_where_a_part_of_the_company_is_visible() {
    let got = verdict(&Snapshot::empty(), |observed, evidence| {
        observed.departments.remove(&DeptId(1));
        evidence.starts = [DeptId(2)].into();
        evidence.user_count = Some(5_000);
    });
    assert_eq!(got, (Verdict::Complete, String::new()));
}

#[test]
fn a_lost_root_and_an_empty_scope_are_suspect() {
    let lost = verdict(&mirror(100), |observed, evidence| {
        observed.departments.remove(&DeptId(1));
        evidence.starts = [DeptId(2)].into();
    });
    expect(lost, Verdict::Suspect, "loss of scope is not leaving");

    let nothing = judge(&Snapshot::empty(), &Observation::default(), &Evidence::default());
    expect(
        (nothing.verdict, said(&nothing)),
        Verdict::Suspect,
        "names no department and nobody",
    );

    // Root answers, but as if it were empty.
    let mut observed = Observation::default();
    observed
        .departments
        .insert(DeptId(1), (department_facts(1, None), DepartmentSource::Detail));
    let evidence = Evidence {
        starts: [DeptId(1)].into(),
        ..Evidence::default()
    };
    assert_eq!(judge(&mirror(100), &observed, &evidence).verdict, Verdict::Suspect);
}

#[test]
fn what_could_not_be_read_is_partial_and_half_of_it_is_suspect() {
    let one = verdict(&mirror(100), |_, evidence| {
        evidence.listed.remove(&DeptId(3));
        evidence.unreadable.insert(DeptId(3), "50004".into());
        evidence.user_count = Some(140);
    });
    expect(one, Verdict::Partial, "1 department (3) could not be listed: 50004.");

    let half = verdict(&mirror(100), |_, evidence| {
        evidence.unreadable = [(DeptId(2), "-1".into()), (DeptId(3), "50004".into())].into();
    });
    expect(half, Verdict::Suspect, "could not be listed");

    let unread = verdict(&mirror(100), |observed, evidence| {
        observed.users.remove("u001");
        observed.kept_users.insert("u001".into());
        evidence.unread_users.insert("u001".into());
    });
    expect(unread, Verdict::Partial, "The records of 1 person (u001)");

    let undetailed = verdict(&mirror(100), |_, evidence| {
        evidence.undetailed_users.insert("u001".into());
        evidence.undetailed_departments.insert(DeptId(2));
    });
    expect(undetailed, Verdict::Partial, "lists say was taken");
}

#[test]
fn people_outside_the_scope_are_noted_and_kept() {
    let got = verdict(&mirror(100), |observed, evidence| {
        observed.users.remove("u001");
        observed.kept_users.insert("u001".into());
        evidence.out_of_scope_users.insert("u001".into());
    });
    expect(got, Verdict::Complete, "outside the app's contact scope");
}

#[test]
fn memberships_that_one_side_alone_knows_are_found() {
    let says = |count: usize| {
        verdict(&mirror(100), |observed, _| {
            for (facts, _) in observed.users.values_mut().take(count) {
                facts.memberships.push(Membership {
                    dept_id: DeptId(3),
                    order: None,
                    leader: None,
                });
            }
        })
    };

    expect(says(2), Verdict::Partial, "do not agree about 2 people (u000, u001)");
    expect(says(6), Verdict::Suspect, "6 people (u000, u001, u002, …)");

    let listed = verdict(&mirror(100), |_, evidence| {
        evidence.listed.entry(DeptId(3)).or_default().insert("u007".into());
    });
    expect(listed, Verdict::Partial, "1 person (u007)");

    let unseen = verdict(&mirror(100), |observed, _| {
        if let Some((facts, _)) = observed.users.get_mut("u001") {
            facts.memberships.push(Membership {
                dept_id: DeptId(77),
                order: None,
                leader: None,
            });
        }
    });
    expect(
        unseen,
        Verdict::Partial,
        "1 department (77) that the crawl did not find",
    );
}

#[test]
fn orphans_and_circles_are_found() {
    let parent = |id: i64, parent: i64| {
        verdict(&mirror(100), move |observed, _| {
            if let Some((facts, _)) = observed.departments.get_mut(&DeptId(id)) {
                facts.parent_id = Some(DeptId(parent));
            }
        })
    };

    expect(
        parent(3, 99),
        Verdict::Partial,
        "The parent of 1 department (3) was not found",
    );
    expect(parent(2, 3), Verdict::Partial, "cut at 1 department (2)");
}

#[test]
fn a_withdrawn_permission_is_noted() {
    let mut users: Vec<_> = (0..100).map(|n| user(&format!("u{n:03}"), &[2])).collect();
    for user in &mut users {
        user.facts.mobile = Some("138".into());
    }
    let departments = vec![department(1, None), department(2, Some(1)), department(3, Some(2))];
    let got = verdict(&Snapshot::build(1, departments, users), |_, _| {});
    expect(got, Verdict::Complete, "企业员工手机号信息");
}

#[test]
fn leavers_are_a_matter_of_approval_and_half_the_company_of_disbelief() {
    let known = mirror(100);
    let leave = |count: usize| {
        verdict(&known, |observed, evidence| {
            for n in 0..count {
                let id = UserId::from(format!("u{n:03}"));
                observed.users.remove(&id);
                evidence.listed.entry(DeptId(2)).or_default().remove(&id);
            }
            evidence.user_count = Some(100 - count as u64);
        })
    };

    assert_eq!(
        leave(50).0,
        Verdict::Complete,
        "each is asked for, and more than the limits is held"
    );
    expect(
        leave(51),
        Verdict::Suspect,
        "Only 49 people were seen where the mirror has 100",
    );
    expect(leave(100), Verdict::Suspect, "Only 0 people");
}
