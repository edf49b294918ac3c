//! Whatever happens (edits, also ones that are taken back, people who leave and come in the middle of runs, lost, late
//! and coalesced events, readings of different ages, faults, throttles, interruptions, restarts, one lasting flaw), the
//! mirror becomes the company, is right behind each COMPLETE run, agrees with itself in each snapshot, and never shows
//! somebody gone who has been there all the time.

mod chance;
mod circle;
mod edits;
mod flaw;
mod judge;
mod watch;

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use dingmirror::{
    directory::{Decision, RecordState, RunMode, RunState, RunTrigger, Snapshot, SyncRun, Verdict},
    settings::Api,
    sync::{RemovalSelection, SyncConfig},
};
use futures_util::StreamExt;
use tokio::task::JoinHandle;
use uuid::Uuid;

use self::{
    chance::Chance,
    flaw::{Flaw, KINDS, Kind},
    judge::{Depth, never_so},
    watch::Watch,
};
use super::{
    company::{Company, mirrored, real},
    rig::{Replica, Rig, on_request},
};
use crate::support::database::TestDatabase;

/// Longer than events take to be acted upon.
const PATIENCE: Duration = Duration::from_secs(30);

struct World {
    flaw: Flaw,
    rig: Rig,
    /// Both sync, act on events, and read single records.
    replicas: [Replica; 2],
    watch: Watch,
    watching: [JoinHandle<()>; 2],
    chance: Chance,
    /// The newest event of the simulator that was delivered or lost.
    told: u64,
    /// Whoever was there from the beginning and never left.
    faithful: BTreeSet<String>,
    /// The company since the run that is judged began.
    moments: Vec<Company>,
    /// A run was cut off, and the next one goes on with it.
    is_cut_off: bool,
    /// A list may be empty that is not, or was so in what the run that is judged read.
    lies: bool,
    is_lied_to: bool,
    has_slid: bool,
    did: Vec<String>,
}

fn config() -> SyncConfig {
    SyncConfig {
        events: true,
        ..on_request()
    }
}

impl World {
    async fn new(database: &TestDatabase, kind: Kind, is_bulk: bool, seed: u64) -> Self {
        let rig = Rig::new(database, 40, 8, None).await;
        if !is_bulk {
            rig.set(|settings| drop(settings.urls.remove(&Api::UserList)));
        }
        let flaw = Flaw::new(kind, &rig);
        let replicas = [rig.replica(config(), 10_000), rig.replica(config(), 10_000)];
        let watch = Watch::default();
        let watching = [0, 1].map(|n: usize| watch.look_at(replicas[n].snapshots.clone()));
        let mut world = Self {
            flaw,
            rig,
            replicas,
            watch,
            watching,
            chance: Chance::of(seed),
            told: 0,
            faithful: BTreeSet::new(),
            moments: Vec::new(),
            is_cut_off: false,
            lies: false,
            is_lied_to: false,
            has_slid: false,
            did: vec![format!("seed {seed}, {kind:?}, bulk {is_bulk}")],
        };
        world.faithful = world.there();
        world.mend();
        world
    }

    /// Nothing is in the way but what always is.
    fn mend(&mut self) {
        self.rig.mend();
        self.flaw.put(&self.rig);
        self.lies = false;
    }

    /// The company as it is.
    fn company(&self) -> Company {
        real(&self.rig.truth())
    }

    /// Notes a moment of the company.
    fn remember(&mut self) {
        self.moments.push(self.company());
        let there = self.there();
        self.faithful.retain(|id| there.contains(id));
    }

    /// Who is to be mirrored.
    fn there(&self) -> BTreeSet<String> {
        self.flaw.selected(self.company()).1.into_keys().collect()
    }

    /// The mirror as the database has it.
    async fn cold(&self) -> Snapshot {
        let loaded = self.rig.store.load_directory().await.unwrap();
        Snapshot::build(loaded.revision, loaded.departments, loaded.users)
    }

    /// What the mirror says that can't be, but for what DingTalk itself says of the flaw's department.
    async fn contradictions(&self) -> Vec<String> {
        let found = self.cold().await.contradictions();
        let mut found: Vec<String> = found.iter().map(ToString::to_string).collect();
        found.retain(|it| !self.flaw.says(it));
        found
    }

    /// Begins a run by one of the replicas.
    async fn begin(&mut self, mode: RunMode) -> (usize, Uuid) {
        let by = self.chance.below(2);
        if !self.is_cut_off {
            self.moments.clear();
            self.is_lied_to = self.lies;
        }
        self.remember();
        loop {
            let engine = &self.replicas[by].engine;
            let started = engine.start(RunTrigger::Request, mode, None).await.unwrap();
            if !started.already_running {
                return (by, started.run.id);
            }
            // Another replica's run is told to have ended a moment before its lease is given back.
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Waits for a run's end, and looks at what it left.
    async fn end(&mut self, (by, id): (usize, Uuid)) -> Arc<SyncRun> {
        let run = self.replicas[by].end_of(id).await;
        self.did.push(format!(
            "a run ended, {:?}, {:?}, {} removed, {} held: {:?}",
            run.state, run.verdict, run.counts.removed, run.counts.held, run.findings
        ));
        self.is_cut_off = run.state == RunState::Interrupted;
        if run.verdict == Some(Verdict::Complete) && !self.is_lied_to {
            let wrong = self.never_so(depth(&run)).await;
            assert_eq!(wrong, Vec::<String>::new(), "{run:?}; {:#?}", self.did);
        }
        run
    }

    /// What the mirror says that wasn't so at any of the moments.
    async fn never_so(&self, depth: Depth) -> Vec<String> {
        let snapshot = self.cold().await;
        let is_held = |state| state == RecordState::Held;
        let departments = snapshot.departments().filter(|it| is_held(it.standing.state));
        let users = snapshot.users().filter(|it| is_held(it.standing.state));
        let held = (
            departments.map(|it| it.facts.dept_id.0).collect(),
            users.map(|it| it.facts.userid.to_string()).collect(),
        );
        never_so(&self.flaw, depth, &mirrored(&snapshot), &self.moments, &held)
    }

    async fn run(&mut self, mode: RunMode) -> Arc<SyncRun> {
        let begun = self.begin(mode).await;
        self.end(begun).await
    }

    /// A run begins, and while it reads people leave, come, and are changed and changed back; the events come at once,
    /// and somebody asks for single records.
    async fn edited_in_mid_run(&mut self, mode: RunMode) {
        let is_calm = self.chance.flips();
        if is_calm {
            self.mend();
        }
        let is_told = self.chance.flips();
        self.did.push(format!(
            "edited in mid-run ({mode:?}, calm {is_calm}, all told {is_told})"
        ));
        self.tell_events(is_told).await;
        self.slow_down();
        let run = self.begin(mode).await;
        tokio::time::sleep(Duration::from_millis(self.chance.below(150) as u64)).await;

        let passing = [self.begin_passing(), self.begin_passing()];
        if self.chance.flips() {
            self.tell_events(is_told).await;
        }
        self.churn(3);
        self.refresh().await;
        for passing in passing {
            self.take_back(passing);
        }
        self.tell_events(is_told).await;

        let run = self.end(run).await;
        // Nobody waits for an answer that is slow any more.
        self.mend();
        if is_calm && is_told && mode == RunMode::Full && run.verdict == Some(Verdict::Complete) {
            self.becomes_right_by_events(depth(&run)).await;
        }
    }

    /// What was changed while a run went on is told by its events, all of which arrived.
    async fn becomes_right_by_events(&mut self, depth: Depth) {
        self.did.push("all events are acted upon".into());
        self.moments = vec![self.company()];

        let deadline = tokio::time::Instant::now() + PATIENCE;
        loop {
            let mut wrong = self.never_so(depth).await;
            // A department's end and its people's moves are told by several events.
            wrong.append(&mut self.contradictions().await);
            if wrong.is_empty() {
                break;
            }
            let pending = self.rig.store.pending_events(0, 9).await.unwrap();
            let is_late = tokio::time::Instant::now() > deadline;
            assert!(!is_late, "{wrong:#?}; {pending:?}; {:#?}", self.did);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Somebody asks for a few people and a department now.
    async fn refresh(&mut self) {
        let by = self.chance.below(2);
        for _ in 0..self.chance.below(3) {
            let everybody: Vec<String> = self.there().into_iter().collect();
            if everybody.is_empty() {
                return;
            }
            let id = self.chance.one_of(&everybody).clone();
            self.replicas[by]
                .engine
                .refresh_user(id.as_str().into(), "test")
                .await
                .ok();
        }
    }

    async fn step(&mut self) {
        match self.chance.below(17) {
            0..3 => {
                let count = 1 + self.chance.below(4);
                self.churn(count);
            }
            3 => {
                let passing = self.begin_passing();
                self.tell_events(false).await;
                self.take_back(passing);
            }
            4..6 => {
                self.tell_events(false).await;
                if self.chance.flips() {
                    tokio::time::sleep(Duration::from_millis(400)).await;
                }
            }
            6 => self.hinder(),
            7 => {
                self.did.push("mended".into());
                self.mend();
            }
            8 => self.interrupted().await,
            9 => {
                self.did.push("reconciled".into());
                self.run(RunMode::Reconcile).await;
            }
            10 => {
                self.did.push("synced".into());
                self.run(RunMode::Full).await;
            }
            11..13 => self.edited_in_mid_run(RunMode::Full).await,
            13 => self.edited_in_mid_run(RunMode::Reconcile).await,
            14 => {
                self.did.push("refreshed".into());
                self.refresh().await;
            }
            15 if !self.has_slid && self.chance.flips() => {
                self.has_slid = true;
                self.landslide();
            }
            15 => {
                self.did.push("approved".into());
                self.replicas[0].decide(&RemovalSelection::All, Decision::Approve).await;
            }
            _ => {
                self.did.push("synced with nothing in the way".into());
                self.mend();
                let run = self.run(RunMode::Full).await;
                assert_eq!(run.state, RunState::Finished, "{run:?}; {:#?}", self.did);
            }
        }

        let (found, _) = self.watch.found();
        assert_eq!(found, Vec::<String>::new(), "{:#?}", self.did);
        self.nobody_faithful_is_gone(&self.cold().await);
    }

    /// A run is cut off by the end of the process, and another process is started.
    async fn interrupted(&mut self) {
        self.did.push("restarted in mid-run".into());
        let mode = *self.chance.one_of(&[RunMode::Full, RunMode::Reconcile]);
        let (by, _) = self.begin(mode).await;
        tokio::time::sleep(Duration::from_millis(self.chance.below(120) as u64)).await;

        let next = self.rig.replica(config(), 10_000);
        self.watching[by].abort();
        self.watching[by] = self.watch.look_at(next.snapshots.clone());
        std::mem::replace(&mut self.replicas[by], next).stop().await;

        // What a new process serves first is what the database says.
        self.replicas[by].snapshots.publish(self.cold().await);
        // It may have ended before, too: then the next one is judged by more moments than it had.
        self.is_cut_off = true;
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
        self.did.push("nothing is in the way any more".into());
        self.mend();
        for _ in 0..4 {
            let run = self.run(RunMode::Full).await;
            assert_eq!(run.state, RunState::Finished, "{run:?}; {:#?}", self.did);
            self.replicas[0].decide(&RemovalSelection::All, Decision::Approve).await;
            // What no list says is read by the round; its budget is an hour's, and no hour has passed.
            for user in self.cold().await.users() {
                self.replicas[0]
                    .engine
                    .refresh_user(user.facts.userid.clone(), "test")
                    .await
                    .ok();
            }

            self.moments = vec![self.company()];
            if self.never_so(Depth::Records).await.is_empty() {
                break;
            }
        }

        let mut wrong = self.never_so(Depth::Records).await;
        wrong.append(&mut self.contradictions().await);
        assert_eq!(wrong, Vec::<String>::new(), "{:#?}", self.did);
        let (found, looked) = self.watch.found();
        assert_eq!(found, Vec::<String>::new(), "{:#?}", self.did);
        assert!(looked > 1, "snapshots were looked through: {looked}");
    }

    async fn stop(self) {
        for watching in &self.watching {
            watching.abort();
        }
        for replica in self.replicas {
            replica.stop().await;
        }
    }
}

/// What of a record this run read.
fn depth(run: &SyncRun) -> Depth {
    match run.mode {
        _ if run.strategy.as_deref() == Some("BULK") => Depth::Lists,
        RunMode::Full => Depth::Records,
        _ => Depth::Places,
    }
}

async fn anything(database: &TestDatabase, kind: Kind, is_bulk: bool, seed: u64, steps: usize) {
    println!("seed {seed}, {kind:?}, bulk {is_bulk}");
    let mut world = World::new(database, kind, is_bulk, seed).await;

    // The first run, too, is not alone.
    world.edited_in_mid_run(RunMode::Full).await;
    for _ in 0..steps {
        world.step().await;
    }
    world.becomes_the_company().await;
    world.stop().await;
}

both_databases!(
    async fn a_sequence_of_anything_by_lists(database: TestDatabase) {
        anything(database, Kind::Nothing, true, 2, 20).await;
    }
);

both_databases!(
    async fn a_sequence_of_anything_one_by_one(database: TestDatabase) {
        anything(database, Kind::Nothing, false, 1, 20).await;
    }
);

both_databases!(
    async fn a_sequence_that_nobody_has_seen_before(database: TestDatabase) {
        let seed = u64::from(std::process::id());
        let kind = KINDS[(seed / 2) as usize % KINDS.len()];
        anything(database, kind, seed.is_multiple_of(2), seed, 20).await;
    }
);

/// So many sequences go on at once: each of them waits most of the time.
const AT_ONCE: usize = 4;

/// A sequence that begins so.
#[derive(Clone, Copy)]
struct Case {
    kind: Kind,
    is_bulk: bool,
    is_postgres: bool,
    seed: u64,
}

async fn sequences(cases: impl IntoIterator<Item = Case>, steps: usize) {
    let each = futures_util::stream::iter(cases).map(async |case| {
        // On a task of its own, so that they use all processors.
        let ended = tokio::spawn(async move {
            let database = if case.is_postgres {
                TestDatabase::postgres().await
            } else {
                TestDatabase::sqlite().await
            };
            anything(&database, case.kind, case.is_bulk, case.seed, steps).await;
            database.remove().await;
        });
        ended
            .await
            .err()
            .map(|_| (case.kind, case.is_bulk, case.is_postgres, case.seed))
    });

    let failed: Vec<_> = each
        .buffer_unordered(AT_ONCE)
        .filter_map(std::future::ready)
        .collect()
        .await;

    // Each has told what it did.
    assert!(failed.is_empty(), "{failed:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_lasting_flaw_blinds_the_rest() {
    // Each kind by lists on the one database, and one by one on the other.
    let cases = (0..2 * KINDS.len()).map(|n| Case {
        kind: KINDS[n / 2],
        is_bulk: n % 2 == 0,
        is_postgres: (n + n / 2) % 2 == 0,
        seed: n as u64,
    });
    sequences(cases, 2).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes minutes: `make prove` runs it"]
async fn two_hundred_sequences() {
    // `SEEDS`: those alone, with spaces between them.
    let seeds: Vec<u64> = match std::env::var("SEEDS") {
        Ok(seeds) => seeds.split_whitespace().map(|seed| seed.parse().unwrap()).collect(),
        Err(_) => (1_000..1_200).collect(),
    };

    let cases = seeds.into_iter().map(|seed| Case {
        kind: KINDS[(seed / 4) as usize % KINDS.len()],
        is_bulk: seed.is_multiple_of(2),
        is_postgres: seed % 4 < 2,
        seed,
    });

    let count = cases.len();
    sequences(cases, 40).await;
    println!("figure: {count} sequences of 40 steps became the company");
}
