//! Whatever happens (edits, lost and late events, faults, throttles, interruptions, restarts), the mirror becomes the company,
//! and never shows somebody gone who has been there all the time.

use std::{collections::BTreeSet, time::Duration};

use dingmirror::{
    directory::{
        Decision, DirectoryEvent, EventChannel, EventKind, RecordState, RunMode, RunState, RunTrigger, Snapshot,
    },
    sync::{SyncConfig, Waiting},
};
use serde_json::{Value, json};

use super::{
    company::{mirrored, real},
    rig::{Replica, Rig, on_request},
};
use crate::support::database::TestDatabase;

/// The same sequence for the same seed: splitmix64.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % limit as u64) as usize
    }
}

struct World {
    rig: Rig,
    replica: Replica,
    chance: Chance,
    /// The newest event of the simulator that was delivered or lost.
    told: u64,
    /// Whoever was there from the beginning and never left.
    faithful: BTreeSet<String>,
    did: Vec<String>,
}

fn config() -> SyncConfig {
    SyncConfig {
        events: true,
        ..on_request()
    }
}

impl World {
    async fn new(database: &TestDatabase, seed: u64) -> Self {
        let rig = Rig::new(database, 40, 8, None).await;
        let replica = rig.replica(config(), 10_000);
        let users = rig.truth()["users"].as_array().unwrap().clone();
        Self {
            rig,
            replica,
            chance: Chance(seed),
            told: 0,
            faithful: users
                .iter()
                .map(|it| it["userid"].as_str().unwrap().to_owned())
                .collect(),
            did: Vec::new(),
        }
    }

    async fn step(&mut self) {
        match self.chance.below(10) {
            0..3 => {
                let count = 1 + self.chance.below(4);
                self.did.push(format!("{count} edits"));
                self.rig.simulator.control().churn(json!({ "count": count })).ok();
            }
            3..5 => self.tell_events().await,
            5 => self.hinder(),
            6 => {
                self.did.push("mended".into());
                self.rig.mend();
            }
            7 => self.interrupted().await,
            8 => {
                self.did.push("reconciled".into());
                self.replica.run(RunMode::Reconcile).await;
            }
            _ => {
                self.did.push("synced".into());
                self.replica.sync().await;
            }
        }
        let there = self.there();
        self.faithful.retain(|id| there.contains(id));
        self.nobody_faithful_is_gone(&self.replica.snapshot());
    }

    fn there(&self) -> BTreeSet<String> {
        let truth = self.rig.truth();
        let users = truth["users"].as_array().unwrap().iter();
        users.map(|it| it["userid"].as_str().unwrap().to_owned()).collect()
    }

    /// Some of the events since the last time arrive, in any order, some twice; the others are lost.
    async fn tell_events(&mut self) {
        let events = self.rig.simulator.control().events(self.told);
        self.told = events["newest"].as_u64().unwrap();
        let mut arriving = Vec::new();
        for event in events["events"].as_array().unwrap() {
            for _ in 0..self.chance.below(3) {
                let place = self.chance.below(arriving.len() + 1);
                arriving.insert(place, parsed(event));
            }
        }
        self.did.push(format!("{} events arrived", arriving.len()));
        for event in arriving {
            self.rig
                .store
                .receive_events(&[event], EventChannel::Push)
                .await
                .unwrap();
        }
        if self.chance.below(2) == 0 {
            tokio::time::sleep(Duration::from_millis(400)).await;
        }
    }

    fn hinder(&mut self) {
        let apis = [
            "/topapi/v2/department/listsub",
            "/topapi/v2/department/get",
            "/topapi/v2/user/list",
            "/topapi/v2/user/get",
        ];
        let kinds = [
            "throttle",
            "platform_throttle",
            "busy",
            "timeout15",
            "empty_sub_code_88",
            "missing_result",
            "empty_list",
            "truncated_json",
            "close_connection",
        ];
        let api = apis[self.chance.below(apis.len())];
        let kind = kinds[self.chance.below(kinds.len())];
        let (count, skip) = (1 + self.chance.below(6), self.chance.below(12));
        self.did.push(format!("{kind} on {api}, {count} times behind {skip}"));
        self.rig
            .fault(json!({ "api": api, "kind": kind, "count": count, "skip": skip }));
    }

    /// A run is cut off by the end of the process, and another process is started.
    async fn interrupted(&mut self) {
        self.did.push("restarted in mid-run".into());
        let mode = [RunMode::Full, RunMode::Reconcile][self.chance.below(2)];
        let pause = self.chance.below(120) as u64;
        self.replica
            .engine
            .start(RunTrigger::Request, mode, None)
            .await
            .unwrap();
        tokio::time::sleep(Duration::from_millis(pause)).await;
        let next = self.rig.replica(config(), 10_000);
        std::mem::replace(&mut self.replica, next).stop().await;
        // What a new process serves first is what the database says.
        let loaded = self.rig.store.load_directory().await.unwrap();
        self.replica
            .snapshots
            .publish(Snapshot::build(loaded.revision, loaded.departments, loaded.users));
    }

    fn nobody_faithful_is_gone(&self, snapshot: &Snapshot) {
        for id in &self.faithful {
            if let Some(user) = snapshot.user(id) {
                assert_ne!(user.standing.state, RecordState::Gone, "{id} is there; {:#?}", self.did);
            }
        }
    }

    /// With nothing in the way any more, a few runs and a decision are enough.
    async fn becomes_the_company(&mut self) {
        self.rig.mend();
        for _ in 0..4 {
            let run = self.replica.sync().await;
            assert_eq!(run.state, RunState::Finished, "{run:?}; {:#?}", self.did);
            self.replica.decide(&Waiting::All, Decision::Approve).await;
            // What no list says is read by the round; its budget is an hour's, and no hour has passed.
            let everybody: Vec<_> = self
                .replica
                .snapshot()
                .users()
                .map(|user| user.facts.userid.clone())
                .collect();
            for id in everybody {
                self.replica.engine.refresh_user(id, "test").await.unwrap();
            }
            if mirrored(&self.replica.snapshot()) == real(&self.rig.truth()) {
                break;
            }
        }
        let (mirror, company) = (mirrored(&self.replica.snapshot()), real(&self.rig.truth()));
        assert_eq!(mirror, company, "{:#?}", self.did);
        let loaded = self.rig.store.load_directory().await.unwrap();
        let cold = Snapshot::build(loaded.revision, loaded.departments, loaded.users);
        assert_eq!(mirrored(&cold), company, "the database has it, too");
    }
}

fn parsed(event: &Value) -> DirectoryEvent {
    let users = event["user_ids"].as_array().unwrap().iter();
    let departments = event["dept_ids"].as_array().unwrap().iter();
    DirectoryEvent {
        key: event["event_id"].as_str().unwrap().to_owned(),
        kind: EventKind::of(event["event_type"].as_str().unwrap()),
        users: users.map(|it| it.as_str().unwrap().into()).collect(),
        departments: departments
            .map(|it| dingmirror::directory::DeptId(it.as_i64().unwrap()))
            .collect(),
        born_at: None,
    }
}

async fn anything(database: &TestDatabase, seed: u64, steps: usize) {
    println!("seed {seed}");
    let mut world = World::new(database, seed).await;
    world.replica.sync().await;
    for _ in 0..steps {
        world.step().await;
    }
    world.becomes_the_company().await;
    world.replica.stop().await;
}

both_databases!(
    async fn one_sequence_of_anything(database: TestDatabase) {
        anything(database, 1, 25).await;
    }
);

both_databases!(
    async fn another_sequence_of_anything(database: TestDatabase) {
        anything(database, 2, 25).await;
    }
);

both_databases!(
    async fn a_sequence_that_nobody_has_seen_before(database: TestDatabase) {
        anything(database, u64::from(std::process::id()), 25).await;
    }
);

#[tokio::test]
#[ignore = "takes minutes: `make prove` runs it"]
async fn forty_sequences_on_each_database() {
    for seed in 100..140 {
        let database = TestDatabase::sqlite().await;
        anything(&database, seed, 40).await;
        let database = TestDatabase::postgres().await;
        anything(&database, seed, 40).await;
        database.remove().await;
    }
    println!("figure: 80 sequences of 40 steps became the company");
}
