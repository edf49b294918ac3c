//! Whatever happens (edits, lost and late events, faults, throttles, interruptions, restarts), the mirror becomes the company,
//! and never shows somebody gone who has been there all the time.

use std::{collections::BTreeSet, time::Duration};

use dingmirror::{
    directory::{Decision, EventChannel, RecordState, RunMode, RunState, RunTrigger, Snapshot, Verdict},
    settings::Api,
    sync::{SyncConfig, Waiting},
};
use serde_json::json;

use super::{
    company::{Company, mirrored, real},
    rig::{Replica, Rig, on_request, parsed},
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

/// What is wrong for the whole sequence, and keeps nobody else from being right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flaw {
    Nothing,
    /// One person's record is always refused.
    Record,
    /// A department that the settings include isn't there.
    Included,
}

/// The manager's place among what is compared of a person.
const MANAGER: usize = 4;

struct World {
    flaw: Flaw,
    /// Whose record is refused, with [`Flaw::Record`].
    refused: String,
    /// Whether people are read by lists.
    is_bulk: bool,
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
        let is_bulk = seed.is_multiple_of(2);
        if !is_bulk {
            rig.set(|settings| drop(settings.urls.remove(&Api::UserList)));
        }
        let flaw = [Flaw::Nothing, Flaw::Nothing, Flaw::Record, Flaw::Included][(seed / 2 % 4) as usize];
        if flaw == Flaw::Included {
            rig.set(|settings| settings.include_departments = [1, 77].into());
        }
        let replica = rig.replica(config(), 10_000);
        let users = rig.truth()["users"].as_array().unwrap().clone();
        let world = Self {
            flaw,
            refused: users[39]["userid"].as_str().unwrap().to_owned(),
            is_bulk,
            rig,
            replica,
            chance: Chance(seed),
            told: 0,
            faithful: users
                .iter()
                .map(|it| it["userid"].as_str().unwrap().to_owned())
                .collect(),
            did: Vec::new(),
        };
        world.mend();
        world
    }

    /// Nothing is in the way but what always is.
    fn mend(&self) {
        self.rig.mend();
        if self.flaw == Flaw::Record {
            self.rig.fault(json!({
                "api": Api::UserGet.path(), "userid": self.refused, "kind": "errcode", "code": 40035, "msg": "不合法的参数",
            }));
        }
    }

    /// A run begins, and while it reads people leave, come, and are changed and changed back; the events come at once.
    async fn edited_in_mid_run(&mut self, mode: RunMode) {
        self.did.push(format!("edited in mid-run ({mode:?})"));
        let everybody: Vec<String> = self.there().into_iter().collect();
        let some = everybody[self.chance.below(everybody.len())].clone();
        let before = self.rig.truth();
        let people = before["users"].as_array().unwrap();
        let title = |id: &str| people.iter().find(|it| it["userid"] == id).unwrap()["title"].clone();
        let former = title(&some);
        self.rig
            .edit(json!({ "edit": "update_user", "userid": some, "fields": { "title": "For a moment" } }));
        let slow = everybody[self.chance.below(everybody.len())].clone();
        for api in [Api::UserGet, Api::DepartmentGet] {
            self.rig
                .fault(json!({ "api": api.path(), "count": 1, "kind": "slow", "ms": 700 }));
        }
        self.rig
            .fault(json!({ "api": Api::UserGet.path(), "userid": slow, "count": 1, "kind": "slow", "ms": 700 }));
        let started = self
            .replica
            .engine
            .start(RunTrigger::Request, mode, None)
            .await
            .unwrap();
        tokio::time::sleep(Duration::from_millis(250)).await;
        self.rig.simulator.control().churn(json!({ "count": 3 })).ok();
        if self.there().contains(&some) {
            self.rig
                .edit(json!({ "edit": "update_user", "userid": some, "fields": { "title": former } }));
        }
        self.tell_events().await;
        self.replica.end_of(started.run.id).await;
        self.mend();
    }

    /// A full run that is COMPLETE with nothing in the way and nobody editing is right.
    async fn is_right_after_a_complete_run(&mut self) {
        self.did.push("synced with nothing in the way".into());
        self.mend();
        let run = self.replica.sync().await;
        let snapshot = self.replica.snapshot();
        if run.verdict != Some(Verdict::Complete) || snapshot.users().any(|it| it.standing.state == RecordState::Held) {
            return;
        }
        assert_eq!(snapshot.contradictions(), Vec::<String>::new(), "{:#?}", self.did);
        let (mut mirror, mut company) = (mirrored(&snapshot), real(&self.rig.truth()));
        if self.is_bulk {
            // No list tells who somebody's manager is.
            for person in mirror.1.values_mut().chain(company.1.values_mut()) {
                person.remove(MANAGER);
            }
        }
        assert_eq!(mirror, company, "{run:?}; {:#?}", self.did);
    }

    async fn step(&mut self) {
        match self.chance.below(13) {
            0..3 => {
                let count = 1 + self.chance.below(4);
                self.did.push(format!("{count} edits"));
                self.rig.simulator.control().churn(json!({ "count": count })).ok();
            }
            3..5 => self.tell_events().await,
            5 => self.hinder(),
            6 => {
                self.did.push("mended".into());
                self.mend();
            }
            7 => self.interrupted().await,
            8 => {
                self.did.push("reconciled".into());
                self.replica.run(RunMode::Reconcile).await;
            }
            9 => {
                self.did.push("synced".into());
                self.replica.sync().await;
            }
            10 => self.edited_in_mid_run(RunMode::Full).await,
            11 => self.edited_in_mid_run(RunMode::Reconcile).await,
            _ => self.is_right_after_a_complete_run().await,
        }
        // What is kept in two places agrees, whatever the runs were worth.
        let snapshot = self.replica.snapshot();
        let known = snapshot.contradictions();
        let found = snapshot
            .all_contradictions()
            .into_iter()
            .filter(|it| !known.contains(it));
        assert_eq!(found.collect::<Vec<_>>(), Vec::<String>::new(), "{:#?}", self.did);
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
        self.mend();
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
            if self.others(mirrored(&self.replica.snapshot())) == self.others(real(&self.rig.truth())) {
                break;
            }
        }
        let (mirror, company) = (
            self.others(mirrored(&self.replica.snapshot())),
            self.others(real(&self.rig.truth())),
        );
        assert_eq!(mirror, company, "{:#?}", self.did);
        let loaded = self.rig.store.load_directory().await.unwrap();
        let cold = Snapshot::build(loaded.revision, loaded.departments, loaded.users);
        assert_eq!(self.others(mirrored(&cold)), company, "the database has it, too");
    }

    /// Whoever can be read.
    fn others(&self, mut company: Company) -> Company {
        if self.flaw == Flaw::Record {
            company.1.remove(&self.refused);
        }
        company
    }
}

async fn anything(database: &TestDatabase, seed: u64, steps: usize) {
    println!("seed {seed}");
    let mut world = World::new(database, seed).await;
    // The first run, too, is not alone.
    world.edited_in_mid_run(RunMode::Full).await;
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
async fn two_hundred_sequences() {
    for seed in 100..200 {
        let database = TestDatabase::sqlite().await;
        anything(&database, seed, 40).await;
        let database = TestDatabase::postgres().await;
        anything(&database, seed, 40).await;
        database.remove().await;
    }
    println!("figure: 200 sequences of 40 steps became the company");
}
