//! How near a crawl comes to the legal speed and to the fewest calls: the real limiter, simulated time, a company in
//! memory.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::{
    CrawlBounds, Strategy,
    call::{Answers, ReadAnswer, ReadCall},
    drive::{CrawlTask, crawl},
    fake::FakeCompany,
    journal::Journal,
    outline::Outline,
};
use crate::{
    dingtalk::{Error, Limiter, Priority},
    directory::{DeptId, Snapshot, UserId, plan},
    settings::Api,
};

const RATE: u32 = 20;
const BOUNDS: CrawlBounds = CrawlBounds {
    width: RATE as usize,
    patience: Duration::from_secs(900),
};
/// From the request to the answer.
const ANSWER: Duration = Duration::from_millis(60);

/// A company behind the limiter that the client has.
struct Paced {
    company: FakeCompany,
    limiter: Limiter,
    made: Mutex<BTreeMap<Api, u64>>,
}

// The company is only read.
impl Answers for Paced {
    async fn answer(&self, call: &ReadCall) -> Result<ReadAnswer, Error> {
        let api = match call {
            ReadCall::Children(_) => Api::DepartmentListSub,
            ReadCall::Department(_) => Api::DepartmentGet,
            ReadCall::MemberIds(_) => Api::UserListId,
            ReadCall::MemberPage(..) => Api::UserList,
            ReadCall::User(_) => Api::UserGet,
            ReadCall::Count => Api::UserCount,
        };

        self.limiter.wait(api, Priority::Bulk).await;
        *self.made.lock().expect("no panic").entry(api).or_default() += 1;
        tokio::time::sleep(ANSWER).await;
        self.company.answer(call, 0)
    }
}

/// Departments in a tree of eight children each, people spread over them, every tenth in two.
fn company(people: usize, departments: usize) -> FakeCompany {
    let tree: Vec<(i64, i64)> = (1..=departments as i64)
        .map(|id| (id, if id == 1 { 0 } else { (id - 2) / 8 + 1 }))
        .collect();

    let names: Vec<String> = (0..people).map(|n| format!("u{n:05}")).collect();
    let places: Vec<Vec<i64>> = (0..people)
        .map(|n| {
            let first = (n % departments) as i64 + 1;
            let second = ((n * 7 + 3) % departments) as i64 + 1;
            if n % 10 == 0 && first != second {
                vec![first, second]
            } else {
                vec![first]
            }
        })
        .collect();
    let users: Vec<(&str, &[i64])> = names
        .iter()
        .zip(&places)
        .map(|(name, at)| (name.as_str(), at.as_slice()))
        .collect();

    let mut company = FakeCompany::new(&tree, &users);
    company.page = 100;
    company
}

/// The fewest calls that a reading of everything can do with: each department's children, record and people once (by
/// bulk in pages of a hundred), each record that no list has once, and one count.
fn fewest(company: &FakeCompany, strategy: Strategy, records: u64) -> BTreeMap<Api, u64> {
    let departments = company.departments.len() as u64;
    let mut members: BTreeMap<DeptId, u64> = BTreeMap::new();
    for membership in company.users.values().flat_map(|user| &user.memberships) {
        *members.entry(membership.dept_id).or_default() += 1;
    }

    let pages = |id: &DeptId| {
        members
            .get(id)
            .map_or(1, |people| people.div_ceil(company.page as u64).max(1))
    };
    let (api, lists) = match strategy {
        Strategy::Bulk => (Api::UserList, company.departments.keys().map(pages).sum()),
        Strategy::SevenUrls => (Api::UserListId, departments),
    };

    [
        (Api::DepartmentListSub, departments),
        (Api::DepartmentGet, departments),
        (api, lists),
        (Api::UserGet, records),
        (Api::UserCount, 1),
    ]
    .into_iter()
    .filter(|(_, calls)| *calls > 0)
    .collect()
}

struct Measured {
    /// Wall time against what the busiest API's number of calls allows.
    time: f64,
    /// Calls against the fewest.
    calls: f64,
    seen: Snapshot,
}

async fn measure(paced: &Paced, mirror: &Snapshot, strategy: Strategy, everybody: bool, records: u64) -> Measured {
    paced.made.lock().expect("no panic").clear();
    let mut outline = Outline::new(vec![DeptId::ROOT], Vec::new());
    (outline.bulk, outline.count, outline.everybody) = (strategy == Strategy::Bulk, true, everybody);
    let mut journal = Journal::nowhere();
    let start = Instant::now();
    let crawled = crawl(
        paced,
        CrawlTask {
            snapshot: Arc::new(mirror.clone()),
            outline: &outline,
            bounds: BOUNDS,
        },
        &mut journal,
        &CancellationToken::new(),
        |_| {},
    )
    .await
    .expect("nothing fails");
    let took = start.elapsed().as_secs_f64();
    assert_eq!(crawled.strategy, strategy);
    let set = plan(mirror, &crawled.observed, crate::directory::fixtures::moment());
    let seen = mirror.with(mirror.revision() + 1, set.departments, set.users);
    assert_eq!(seen.user_count(), paced.company.users.len());

    let fewest = fewest(&paced.company, strategy, records);
    let made = paced.made.lock().expect("no panic").clone();
    let busiest = fewest.values().max().copied().expect("something is read");
    let total: u64 = made.values().sum();
    Measured {
        time: took / (busiest as f64 / f64::from(RATE)),
        calls: total as f64 / fewest.values().sum::<u64>() as f64,
        seen,
    }
}

async fn both(people: usize, departments: usize) {
    let paced = Paced {
        company: company(people, departments),
        limiter: Limiter::new(RATE),
        made: Mutex::default(),
    };
    let everybody = people as u64;

    for strategy in [Strategy::Bulk, Strategy::SevenUrls] {
        let first = measure(&paced, &Snapshot::empty(), strategy, true, everybody).await;
        println!(
            "figure: {people} people, {departments} departments, first run, {}: time {:.3} of the bound, calls {:.4} of the fewest",
            strategy.name(),
            first.time,
            first.calls
        );
        assert!(first.time <= 1.10, "{strategy:?} took {:.3} of the bound", first.time);
        assert!(
            first.calls <= 1.02,
            "{strategy:?} made {:.4} of the fewest calls",
            first.calls
        );

        // Again, with nothing changed: the lists are enough, by either strategy.
        let again = measure(&paced, &first.seen, strategy, false, 0).await;
        println!(
            "figure: {people} people, {departments} departments, nothing changed, {}: time {:.3} of the bound, calls {:.4} of the fewest",
            strategy.name(),
            again.time,
            again.calls
        );
        assert!(
            again.calls <= 1.02,
            "{strategy:?} made {:.4} of the fewest calls",
            again.calls
        );
        assert!(again.time <= 1.10, "{strategy:?} took {:.3} of the bound", again.time);
    }
}

#[tokio::test(start_paused = true)]
async fn ten_thousand_people_are_read_at_the_legal_speed_with_the_fewest_calls() {
    both(10_000, 500).await;
}

#[tokio::test(start_paused = true)]
async fn one_unlucky_department_does_not_hold_the_others_up() {
    let mut company = company(2_000, 100);
    let unlucky = UserId::from("u00007");
    company.fault = Box::new(move |call, _| {
        matches!(call, ReadCall::User(id) if *id == unlucky).then_some(crate::dingtalk::ErrorKind::Unavailable)
    });
    let paced = Paced {
        company,
        limiter: Limiter::new(RATE),
        made: Mutex::default(),
    };

    let outline = Outline::new(vec![DeptId::ROOT], Vec::new());
    let mut journal = Journal::nowhere();
    let start = Instant::now();
    let crawled = crawl(
        &paced,
        CrawlTask {
            snapshot: Arc::new(Snapshot::empty()),
            outline: &outline,
            bounds: BOUNDS,
        },
        &mut journal,
        &CancellationToken::new(),
        |_| {},
    )
    .await
    .expect("one record is no reason to fail");

    assert_eq!((crawled.errors.count(), crawled.observed.users.len()), (1, 1_999));
    assert!(start.elapsed() < Duration::from_secs(115), "{:?}", start.elapsed());
}
