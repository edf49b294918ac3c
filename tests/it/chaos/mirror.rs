//! What the processes left in the database, and what DingTalk was asked.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

use dingmirror::{
    clock::Clock,
    directory::{ChangeKind, RunState, SyncRun, Verdict},
    page::PageRequest,
    simulator::SimulatorConfig,
    store::Store,
};

use crate::support::{database::TestDatabase, server::TestDingTalk};

/// The company's people.
pub(super) const PEOPLE: usize = 300;
/// The company's departments.
pub(super) const DEPARTMENTS: usize = 30;
/// What the simulator allows, and the processes ask for: a crawl then takes a good five seconds.
const PER_SECOND: u32 = 60;

/// A company that takes seconds to read.
pub(super) async fn company() -> TestDingTalk {
    company_of(PEOPLE, DEPARTMENTS).await
}

/// A company of this size, at the same speed.
pub(super) async fn company_of(users: usize, departments: usize) -> TestDingTalk {
    TestDingTalk::start_with(SimulatorConfig {
        users,
        departments,
        rate_limit_per_second: Some(PER_SECOND),
        latency: Duration::from_millis(20),
        ..SimulatorConfig::default()
    })
    .await
}

/// Calls about the directory.
#[derive(Debug, Clone, Copy)]
pub(super) struct Calls {
    /// Those that were served.
    pub(super) served: u64,
    /// Those with arguments of their own.
    pub(super) distinct: u64,
}

impl Calls {
    /// As the simulator counted them. Throttled calls did not get an answer, so asking again is no repetition.
    pub(super) async fn of(dingtalk: &TestDingTalk) -> Self {
        let report = dingtalk.control("calls").await;
        let mut calls = Self { served: 0, distinct: 0 };
        for (path, api) in report["apis"].as_object().unwrap() {
            if path.contains("/department/") || path.contains("/user/") {
                let count = |key: &str| api[key].as_u64().unwrap();
                calls.served += count("total") - count("throttled");
                calls.distinct += count("distinct");
            }
        }
        calls
    }

    /// Calls that were made although their like had been made before.
    pub(super) fn repeated(self) -> u64 {
        self.served.saturating_sub(self.distinct)
    }

    /// Waits until `served` calls were served.
    pub(super) async fn reach(dingtalk: &TestDingTalk, served: u64, patience: Duration) -> bool {
        let started = Instant::now();
        while Self::of(dingtalk).await.served < served {
            if started.elapsed() > patience {
                return false;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        true
    }
}

/// The database, opened beside the processes.
pub(super) async fn open(database: &TestDatabase) -> Store {
    Store::connect(database.target(), Clock::system()).await.unwrap()
}

/// The newest run.
pub(super) async fn newest(store: &Store) -> SyncRun {
    store.newest_run().await.unwrap().expect("a run was started")
}

/// Waits until the newest run is FINISHED.
pub(super) async fn finished(store: &Store, patience: Duration) -> SyncRun {
    let started = Instant::now();
    loop {
        let run = newest(store).await;
        if run.state == RunState::Finished {
            return run;
        }
        assert!(started.elapsed() < patience, "the run does not finish: {run:#?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// The run told that everything was read, the mirror is the company, and the log tells each creation once.
pub(super) async fn assert_whole(store: &Store, dingtalk: &TestDingTalk) {
    let run = newest(store).await;
    assert_eq!(
        (run.state, run.verdict),
        (RunState::Finished, Some(Verdict::Complete)),
        "{run:#?}"
    );

    let truth = dingtalk.control("directory").await;
    let mirror = store.load_directory().await.unwrap();
    let departments: BTreeMap<i64, (Option<i64>, String)> = mirror
        .departments
        .iter()
        .filter(|it| it.standing.is_present())
        .map(|it| {
            let parent = it.facts.parent_id.map(|id| id.0);
            (it.facts.dept_id.0, (parent, it.facts.name.clone()))
        })
        .collect();
    let real = truth["departments"].as_array().unwrap().iter().map(|it| {
        let name = it["name"].as_str().unwrap().to_owned();
        (it["dept_id"].as_i64().unwrap(), (it["parent_id"].as_i64(), name))
    });
    assert_eq!(departments, real.collect());

    type Person = (String, BTreeSet<i64>);
    let people: BTreeMap<String, Person> = mirror
        .users
        .iter()
        .filter(|it| it.standing.is_present())
        .map(|it| {
            let places = it.facts.memberships.iter().map(|place| place.dept_id.0).collect();
            (it.facts.userid.to_string(), (it.facts.name.to_string(), places))
        })
        .collect();
    let real = truth["users"].as_array().unwrap().iter().map(|it| {
        let places = it["dept_id_list"].as_array().unwrap().iter();
        let places = places.filter_map(|id| id.as_i64()).filter(|id| *id > 0).collect();
        let text = |key: &str| it[key].as_str().unwrap().to_owned();
        (text("userid"), (text("name"), places))
    });
    assert_eq!(people, real.collect());

    let mut after = None;
    let mut created = BTreeSet::new();
    loop {
        let page = store.changes(PageRequest::new(500, after)).await.unwrap();
        for entry in &page.items {
            let change = &entry.change;
            assert_eq!(change.kind, ChangeKind::Created, "{entry:?}");
            let is_first = created.insert(change.entity.clone());
            assert!(is_first, "created twice: {entry:?}");
        }
        after = page.items.last().map(|entry| entry.seq);
        if !page.has_next {
            break;
        }
    }
    assert_eq!(created.len(), mirror.departments.len() + mirror.users.len());
}
