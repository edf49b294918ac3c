//! The crawl against a company in memory: no wire, any order of answers, any failure.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use proptest::prelude::*;

use super::{
    CrawlBounds, CrawlError, Crawled, Strategy as Way,
    call::{CallKind, ReadAnswer, ReadCall},
    fake::{FakeCompany, error},
    outline::Outline,
    state::Crawl,
};
use crate::{
    dingtalk::{ErrorKind, UserPage},
    directory::{
        AskedAt, DeptId, Snapshot, UserSource, Verdict, absence,
        fixtures::{department_facts, moment, user_facts},
        judge, plan,
    },
};

fn bounds(width: usize) -> CrawlBounds {
    let patience = Duration::from_secs(3_600);
    CrawlBounds { width, patience }
}

fn root() -> Outline {
    Outline::new(vec![DeptId::ROOT], Vec::new())
}

/// Drives a crawl; `picks` decides which of the calls in flight is answered next. Gives the calls that were made, too.
fn drive(
    company: &FakeCompany,
    mirror: &Snapshot,
    mut outline: Outline,
    bulk: bool,
    picks: &[usize],
) -> (Result<Crawled, CrawlError>, Vec<ReadCall>) {
    (outline.bulk, outline.count) = (bulk, true);
    let mut crawl = Crawl::new(Arc::new(mirror.clone()), &outline, bounds(3));
    let (mut in_flight, mut made) = (Vec::new(), Vec::new());
    let mut picks = picks.iter().copied().chain(std::iter::repeat(0));

    for _ in 0..20_000 {
        while let Some(call) = crawl.next() {
            made.push(call.clone());
            in_flight.push(call);
        }

        if in_flight.is_empty() && crawl.queues.wakes_at().is_some() {
            crawl.queues.wake();
            continue;
        }
        if in_flight.is_empty() {
            return (crawl.finish(), made);
        }

        let index = picks.next().unwrap_or(0) % in_flight.len();
        let call = in_flight.swap_remove(index);
        let before = made.iter().filter(|it| **it == call).count() as u32 - 1;
        let answer = company.answer(&call, before);
        if let Err(error) = crawl.take(call, answer, AskedAt::default()) {
            return (Err(error), made);
        }
    }
    panic!("the crawl doesn't end");
}

fn read(company: &FakeCompany, mirror: &Snapshot, bulk: bool) -> (Crawled, Vec<ReadCall>) {
    let (crawled, made) = drive(company, mirror, root(), bulk, &[]);
    (crawled.unwrap_or_else(|error| panic!("{error}")), made)
}

fn calls(made: &[ReadCall], kind: CallKind) -> usize {
    made.iter().filter(|call| call.kind() == kind).count()
}

fn applied(crawled: &Crawled, mirror: &Snapshot) -> Snapshot {
    let set = plan(mirror, &crawled.observed, moment());
    mirror.with(mirror.revision() + 1, set.departments, set.users)
}

fn small() -> FakeCompany {
    FakeCompany::new(
        &[(1, 0), (2, 1), (3, 2), (4, 1)],
        &[
            ("anna", &[1, 2]),
            ("ben", &[2]),
            ("cleo", &[2, 3, 4]),
            ("dan", &[4]),
            ("eva", &[2]),
        ],
    )
}

#[test]
fn both_strategies_read_everything_once_and_agree() {
    let company = small();
    let empty = Snapshot::empty();
    let (bulk, made) = read(&company, &empty, true);
    let (users, members) = (calls(&made, CallKind::User), calls(&made, CallKind::Members));
    assert_eq!((bulk.strategy, users, members), (Way::Bulk, 5, 5));

    let (seven, made) = read(&company, &empty, false);
    let (users, members) = (calls(&made, CallKind::User), calls(&made, CallKind::Members));
    assert_eq!((seven.strategy, users, members), (Way::SevenUrls, 5, 4));

    for crawled in [&bulk, &seven] {
        let judgement = judge(&empty, &crawled.observed, &crawled.evidence);
        assert_eq!(
            (judgement.verdict, judgement.findings.len()),
            (Verdict::Complete, 0),
            "{:?}",
            judgement.findings
        );
        let mirror = applied(crawled, &empty);
        for (id, facts) in &company.users {
            assert_eq!(&mirror.user(id.as_str()).expect("they were read").facts, facts);
        }
        assert_eq!(mirror.department_count(), 4);
    }
}

#[test]
fn bulk_reading_asks_for_the_records_of_new_and_changed_people_alone() {
    let mut company = small();
    let mirror = applied(&read(&company, &Snapshot::empty(), true).0, &Snapshot::empty());
    let (again, made) = read(&company, &mirror, true);
    assert_eq!(calls(&made, CallKind::User), 0);
    assert!(
        plan(&mirror, &again.observed, moment()).is_empty(),
        "nothing changed, nothing to write"
    );

    company.users.get_mut("ben").expect("ben").title = Some("总监".into());
    company.users.get_mut("cleo").expect("cleo").memberships[2].leader = Some(false);
    let (changed, made) = read(&company, &mirror, true);
    let asked: BTreeSet<String> = made
        .iter()
        .filter(|it| it.kind() == CallKind::User)
        .map(ReadCall::subject)
        .collect();
    assert_eq!(asked, ["user ben", "user cleo"].map(String::from).into());
    assert_eq!(plan(&mirror, &changed.observed, moment()).users.len(), 2);
}

#[test]
fn a_failed_detail_of_a_listed_person_leaves_what_the_list_said() {
    let mut company = small();
    company.fault = Box::new(|call, _| (*call == ReadCall::User("ben".into())).then_some(ErrorKind::Unavailable));
    let (crawled, made) = read(&company, &Snapshot::empty(), true);

    assert_eq!(
        made.iter().filter(|it| **it == ReadCall::User("ben".into())).count(),
        3,
        "bad luck gets two more chances"
    );
    assert_eq!(crawled.observed.users["ben"].1, UserSource::List);
    assert_eq!(crawled.evidence.undetailed_users, ["ben".into()].into());
    assert_eq!(
        judge(&Snapshot::empty(), &crawled.observed, &crawled.evidence).verdict,
        Verdict::Partial
    );
}

#[test]
fn one_bad_record_is_an_entry_error_and_stays_as_it_was() {
    let mut company = small();
    let mirror = applied(&read(&company, &Snapshot::empty(), false).0, &Snapshot::empty());

    company.fault = Box::new(|call, _| (*call == ReadCall::User("ben".into())).then_some(ErrorKind::Undecodable));
    let (crawled, _) = read(&company, &mirror, false);
    assert_eq!(
        (crawled.errors.count(), crawled.errors.kept()[0].subject.as_str()),
        (1, "user ben")
    );
    assert_eq!(crawled.observed.kept_users, ["ben".into()].into());
    assert!(plan(&mirror, &crawled.observed, moment()).is_empty());

    let judgement = judge(&mirror, &crawled.observed, &crawled.evidence);
    assert_eq!(judgement.verdict, Verdict::Partial);
    assert!(judgement.findings[0].contains("ben"), "{:?}", judgement.findings);
}

#[test]
fn people_outside_the_scope_are_kept_and_people_who_left_meanwhile_are_not() {
    let mut company = small();
    let mirror = applied(&read(&company, &Snapshot::empty(), false).0, &Snapshot::empty());

    company.fault = Box::new(|call, _| match call {
        ReadCall::User(id) if id.as_str() == "ben" => Some(ErrorKind::OutOfScope),
        ReadCall::User(id) if id.as_str() == "dan" => Some(ErrorKind::NotFound),
        ReadCall::Count => Some(ErrorKind::WrongUrl),
        _ => None,
    });
    let (crawled, _) = read(&company, &mirror, false);

    assert_eq!(
        judge(&mirror, &crawled.observed, &crawled.evidence).verdict,
        Verdict::Complete
    );
    let gone = absence(&mirror, &crawled.observed, &crawled.evidence.unread);
    assert_eq!((gone.users, gone.departments), (vec!["dan".into()], Vec::new()));
    assert!(crawled.notes[0].contains("could not be counted"), "{:?}", crawled.notes);
}

#[test]
fn without_the_right_to_read_in_bulk_the_seven_urls_are_used_and_the_run_says_why() {
    for kind in [
        ErrorKind::MissingPermission,
        ErrorKind::WrongUrl,
        ErrorKind::NotConfigured,
    ] {
        let mut company = small();
        company.fault = Box::new(move |call, _| matches!(call, ReadCall::MemberPage(..)).then_some(kind));
        let (crawled, made) = read(&company, &Snapshot::empty(), true);

        assert_eq!(
            made.iter().filter(|it| matches!(it, ReadCall::MemberPage(..))).count(),
            // A page that isn't there may be a gateway that reloads.
            if kind == ErrorKind::WrongUrl { 3 } else { 1 },
            "{kind:?}"
        );
        assert_eq!((crawled.strategy, crawled.observed.users.len()), (Way::SevenUrls, 5));
        assert!(crawled.notes[0].contains("userListUrl"), "{:?}", crawled.notes);
        assert_eq!(
            judge(&Snapshot::empty(), &crawled.observed, &crawled.evidence).verdict,
            Verdict::Complete
        );
    }
}

#[test]
fn home_school_departments_are_counted_and_never_read() {
    let mut company = small();
    for id in [-7, -1] {
        company.departments.insert(DeptId(id), department_facts(id, Some(1)));
    }
    let (crawled, made) = read(&company, &Snapshot::empty(), true);
    assert_eq!(
        (crawled.home_school_skipped, crawled.observed.departments.len()),
        (2, 4)
    );
    assert!(made.iter().all(|call| !call.subject().contains('-')));
}

#[test]
fn a_refusal_ends_the_run_and_so_does_a_dingtalk_that_never_was_there() {
    for kind in [
        ErrorKind::BadCredentials,
        ErrorKind::MissingPermission,
        ErrorKind::WrongUrl,
        ErrorKind::IpNotAllowed,
    ] {
        let mut company = small();
        company.fault = Box::new(move |call, _| matches!(call, ReadCall::Department(_)).then_some(kind));
        let (crawled, _) = drive(&company, &Snapshot::empty(), root(), true, &[]);
        assert!(matches!(crawled, Err(CrawlError::Fatal(error)) if error.kind == kind));
    }

    let mut company = small();
    company.fault = Box::new(|_, _| Some(ErrorKind::NotSent));
    let (crawled, made) = drive(&company, &Snapshot::empty(), root(), true, &[]);
    assert!(matches!(crawled, Err(CrawlError::Fatal(_))));
    assert!(made.len() <= 30, "{} calls", made.len());
}

#[test]
fn a_root_that_is_out_of_scope_fails_with_dingtalks_reason_instead_of_an_empty_company() {
    let mut company = small();
    company.fault = Box::new(|call, _| (!matches!(call, ReadCall::Count)).then_some(ErrorKind::OutOfScope));
    let (crawled, _) = drive(&company, &Snapshot::empty(), root(), true, &[]);
    assert!(matches!(crawled, Err(CrawlError::Fatal(error)) if error.kind == ErrorKind::OutOfScope));
}

#[test]
fn several_authorised_departments_and_single_people_are_starts() {
    let company = small();
    let starts = Outline::new([2, 3, 4].map(DeptId).to_vec(), vec!["anna".into(), "anna".into()]);
    let (crawled, _) = drive(&company, &Snapshot::empty(), starts, true, &[]);
    let crawled = crawled.unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(crawled.observed.departments.len(), 3);
    assert_eq!(crawled.observed.users.len(), 5);
    let judgement = judge(&Snapshot::empty(), &crawled.observed, &crawled.evidence);
    assert_eq!((judgement.verdict, judgement.findings), (Verdict::Complete, Vec::new()));
}

#[test]
fn one_stray_refusal_of_what_has_just_answered_costs_nothing() {
    for kind in [ErrorKind::WrongUrl, ErrorKind::IpNotAllowed] {
        for bulk in [true, false] {
            let mut company = small();
            company.fault = Box::new(move |call, before| match call {
                ReadCall::Department(DeptId(4)) | ReadCall::User(_) if before == 0 => Some(kind),
                ReadCall::MemberPage(DeptId(1), 0) if before == 0 && kind == ErrorKind::WrongUrl => Some(kind),
                _ => None,
            });

            // Of the people's records one has to be answered first, and in bulk few are asked for.
            let usual = std::mem::replace(&mut company.fault, Box::new(|_, _| None));
            company.fault = Box::new(move |call, before| match call {
                ReadCall::User(id) if bulk || id.as_str() != "eva" => None,
                call => usual(call, before),
            });

            let (crawled, _) = drive(&company, &Snapshot::empty(), root(), bulk, &[]);
            let crawled = crawled.unwrap_or_else(|error| panic!("{kind:?}, {bulk}: {error}"));
            assert_eq!(crawled.strategy == Way::Bulk, bulk, "{kind:?}");
            assert_eq!(
                (crawled.observed.users.len(), crawled.errors.count()),
                (5, 0),
                "{kind:?}"
            );
            let judgement = judge(&Snapshot::empty(), &crawled.observed, &crawled.evidence);
            assert_eq!(judgement.verdict, Verdict::Complete, "{:?}", judgement.findings);
        }
    }
}

/// A company whose root lists nobody, page after page: what comes behind each cursor is `next`.
fn without_an_end(next: impl Fn(i64) -> i64) -> Crawled {
    let bulk = Outline { bulk: true, ..root() };
    let mut crawl = Crawl::new(Arc::new(Snapshot::empty()), &bulk, bounds(1));
    let mut made = 0;

    while let Some(call) = crawl.next() {
        made += 1;
        assert!(made < 50);
        let answer = match &call {
            ReadCall::Children(_) => ReadAnswer::Children(Vec::new()),
            ReadCall::Department(_) => ReadAnswer::Department(Box::new(department_facts(1, None))),
            ReadCall::MemberPage(_, cursor) => ReadAnswer::MemberPage(UserPage {
                users: vec![],
                next_cursor: Some(next(*cursor)),
            }),
            _ => ReadAnswer::Count(0),
        };

        crawl
            .take(call, Ok(answer), AskedAt::default())
            .unwrap_or_else(|error| panic!("{error}"));
    }
    crawl.finish().unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn pages_that_go_on_without_anybody_new_end() {
    let crawled = without_an_end(|cursor| cursor + 100);
    assert_eq!(crawled.evidence.unreadable[&DeptId::ROOT], "pages without anybody new");
}

#[test]
fn a_cursor_that_repeats_ends_the_list_and_not_the_process() {
    let crawled = without_an_end(|_| 100);
    assert!(crawled.evidence.unreadable.contains_key(&DeptId(1)) && crawled.evidence.listed.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_throttle_rests_its_lane_and_fails_nothing() {
    let mut crawl = Crawl::new(Arc::new(Snapshot::empty()), &root(), bounds(2));
    let company = small();
    let mut throttles = 40;

    loop {
        while let Some(call) = crawl.next() {
            let throttled = throttles > 0 && call.kind() == CallKind::Department;
            throttles -= u32::from(throttled);
            let answer = if throttled {
                Err(error(ErrorKind::Throttled))
            } else {
                company.answer(&call, 0)
            };
            crawl
                .take(call, answer, AskedAt::default())
                .unwrap_or_else(|error| panic!("{error}"));
        }

        match crawl.queues.wakes_at() {
            Some(at) => tokio::time::sleep_until(at).await,
            None => break,
        }
        tokio::time::advance(Duration::from_millis(1)).await;
    }

    let crawled = crawl.finish().unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(
        (throttles, crawled.errors.count(), crawled.observed.departments.len()),
        (0, 0, 4)
    );
}

fn any_company() -> impl Strategy<Value = FakeCompany> {
    let parents = prop::collection::vec(any::<prop::sample::Index>(), 0..12);
    let users = prop::collection::vec(prop::collection::vec(any::<prop::sample::Index>(), 1..4), 0..15);

    (parents, users).prop_map(|(parents, users)| {
        let mut departments = vec![(1_i64, 0_i64)];
        for parent in parents {
            let above = departments[parent.index(departments.len())].0;
            departments.push((departments.len() as i64 + 1, above));
        }

        let mut company = FakeCompany::new(&departments, &[]);
        for (n, places) in users.into_iter().enumerate() {
            let ids: BTreeSet<i64> = places
                .into_iter()
                .map(|it| departments[it.index(departments.len())].0)
                .collect();
            let ids: Vec<i64> = ids.into_iter().collect();
            company
                .users
                .extend(FakeCompany::new(&[], &[(format!("u{n}").as_str(), ids.as_slice())]).users);
        }
        company
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whatever_the_order_of_the_answers_the_whole_company_is_read_and_complete(
        company in any_company(),
        picks in prop::collection::vec(0_usize..16, 0..80),
        bulk in any::<bool>(),
        unlucky in 0_u32..3,
    ) {
        let company = FakeCompany {
            fault: Box::new(move |call, before| {
                let is_unlucky = before < unlucky && matches!(call, ReadCall::User(_) | ReadCall::Children(_));
                is_unlucky.then_some(ErrorKind::Unavailable)
            }),
            ..company
        };

        let empty = Snapshot::empty();
        let (crawled, _) = drive(&company, &empty, root(), bulk, &picks);
        let crawled = crawled.unwrap_or_else(|error| panic!("{error}"));
        let judgement = judge(&empty, &crawled.observed, &crawled.evidence);
        prop_assert_eq!((judgement.verdict, &judgement.findings), (Verdict::Complete, &Vec::new()));
        prop_assert_eq!(crawled.errors.count(), 0);

        let mirror = applied(&crawled, &empty);
        prop_assert_eq!(mirror.department_count(), company.departments.len());
        prop_assert_eq!(mirror.user_count(), company.users.len());
        for (id, facts) in &company.users {
            prop_assert_eq!(&mirror.user(id.as_str()).expect("they were read").facts, facts);
        }

        let (again, made) = drive(&company, &mirror, root(), true, &picks);
        let again = again.unwrap_or_else(|error| panic!("{error}"));
        prop_assert!(plan(&mirror, &again.observed, moment()).is_empty());
        prop_assert_eq!(calls(&made, CallKind::User), 0);
    }
}

#[test]
fn a_tree_or_a_staff_without_an_end_ends_the_crawl_and_says_why() {
    let endless = |most: (u64, u64), bulk: bool| {
        let mut outline = root();
        outline.bulk = bulk;
        let mut crawl = Crawl::new(Arc::new(Snapshot::empty()), &outline, bounds(3));
        crawl.most = most;

        for made in 0_i64..10_000 {
            let call = crawl.next().expect("there is always more");
            let answer = match &call {
                ReadCall::Children(_) if most.0 > 50 => ReadAnswer::Children(Vec::new()),
                ReadCall::Children(id) => ReadAnswer::Children(vec![department_facts(id.0 + 1, Some(id.0))]),
                ReadCall::Department(id) => ReadAnswer::Department(Box::new(department_facts(id.0, None))),
                ReadCall::MemberIds(_) => ReadAnswer::MemberIds((0..100).map(|n| format!("u{n}").into()).collect()),
                ReadCall::MemberPage(dept, cursor) => ReadAnswer::MemberPage(UserPage {
                    users: vec![user_facts(&format!("u{made}"), &[dept.0])],
                    next_cursor: Some(cursor + 1),
                }),
                ReadCall::User(id) => ReadAnswer::User(Box::new(user_facts(id.as_str(), &[1]))),
                ReadCall::Count => ReadAnswer::Count(1),
            };
            if let Err(error) = crawl.take(call, Ok(answer), AskedAt::default()) {
                return error.to_string();
            }
        }
        panic!("it never ends");
    };

    for bulk in [false, true] {
        assert!(endless((50, 1_000_000), bulk).contains("more than 50 departments"));
        assert!(endless((1_000_000, 70), bulk).contains("more than 70 people"));
    }
}
