//! A simulator, a store, and as many sync engines on them as a test wants.

use std::{sync::Arc, time::Duration};

use dingmirror::{
    clock::Clock,
    dingtalk::{Client, ClientConfig, Waits},
    directory::{
        Decision, DeptId, DirectoryEvent, EventChannel, EventKind, RecordState, RemovalLimits, RunMode, RunState,
        RunTrigger, Snapshot, SnapshotHandle, SyncRun,
    },
    settings::{AllowedHosts, Api, AppSecret, Settings, SettingsHandle},
    simulator::{Simulator, SimulatorConfig},
    store::{Store, Target},
    sync::{Decided, RemovalSelection, SyncConfig, SyncEngine},
};
use serde_json::Value;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::support::database::TestDatabase;

/// Longer than any run of these tests takes.
const PATIENCE: Duration = Duration::from_secs(60);

/// A simulated DingTalk and the mirror's database.
pub(super) struct Rig {
    pub(super) simulator: Simulator,
    pub(super) store: Store,
    pub(super) settings: SettingsHandle,
    shutdown: CancellationToken,
}

impl Rig {
    pub(super) async fn new(database: &TestDatabase, users: usize, departments: usize, limit: Option<u32>) -> Self {
        Self::at(database.target(), users, departments, limit).await
    }

    /// With the mirror's database at this place.
    pub(super) async fn at(target: Target, users: usize, departments: usize, limit: Option<u32>) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let shutdown = CancellationToken::new();
        let config = SimulatorConfig {
            users,
            departments,
            rate_limit_per_second: limit,
            ..Default::default()
        };

        let mut settings = Settings::defaults();
        settings.version = 1;
        settings.app_key = Some(config.app_key.clone());
        settings.app_secret = Some(secret(&config.app_secret));
        let simulator = Simulator::start(config, listener, shutdown.clone()).await;
        for api in Api::ALL {
            settings
                .urls
                .insert(api, simulator.base_url().join(api.path()).unwrap());
        }

        let store = Store::connect(target, Clock::system()).await.unwrap();
        store.migrate().await.unwrap();
        Self {
            simulator,
            store,
            settings: SettingsHandle::new(settings),
            shutdown,
        }
    }

    /// Changes the settings in force.
    pub(super) fn set(&self, change: impl FnOnce(&mut Settings)) {
        let mut settings = (*self.settings.current()).clone();
        settings.version += 1;
        change(&mut settings);
        self.settings.publish(settings);
    }

    /// An engine of its own, as another replica would have it.
    pub(super) fn replica(&self, config: SyncConfig, calls_per_second: u32) -> Replica {
        self.replica_with(config, calls_per_second, Waits::default(), Clock::system())
    }

    /// One whose client has other waits, and that goes by its own clock.
    pub(super) fn replica_with(
        &self,
        config: SyncConfig,
        calls_per_second: u32,
        waits: Waits,
        clock: Clock,
    ) -> Replica {
        let snapshots = SnapshotHandle::new(Snapshot::empty());
        let client = ClientConfig {
            allowed_hosts: AllowedHosts::parse("127.0.0.1 localhost").unwrap(),
            calls_per_second,
            max_attempts: 3,
            ..ClientConfig::default()
        };

        // DingTalk's time is heard by the clock that counts; one that stands still hears nothing.
        let hears = if clock.may_forget() {
            Clock::system()
        } else {
            clock.clone()
        };
        let engine = SyncEngine::new(
            config,
            self.store.clone(),
            Client::with_waits(client, waits, hears).unwrap(),
            self.settings.clone(),
            snapshots.clone(),
            clock,
        );

        let stop = CancellationToken::new();
        let task = tokio::spawn({
            let (engine, stop) = (engine.clone(), stop.clone());
            async move { engine.run(stop).await }
        });
        Replica {
            engine,
            snapshots,
            stop,
            task,
        }
    }

    /// An engine that does only what it is asked to.
    pub(super) fn quiet(&self) -> Replica {
        self.replica(on_request(), 10_000)
    }

    /// Calls that the simulator has answered on this path.
    pub(super) fn calls(&self, path: &str) -> u64 {
        self.simulator.control().calls()["apis"][path]["total"]
            .as_u64()
            .unwrap_or(0)
    }

    /// Calls that the simulator has answered in all, tokens left out.
    pub(super) fn all_calls(&self) -> u64 {
        let calls = self.simulator.control().calls();
        let apis = calls["apis"].as_object().unwrap();
        let counted = apis.iter().filter(|(path, _)| path.starts_with("/topapi"));
        counted.map(|(_, figures)| figures["total"].as_u64().unwrap()).sum()
    }

    /// Makes one edit, or several, in the simulated company.
    pub(super) fn edit(&self, edit: Value) {
        assert!(self.simulator.control().edit(edit.clone()).is_ok(), "refused: {edit}");
    }

    pub(super) fn fault(&self, rules: Value) {
        assert!(
            self.simulator.control().add_faults(rules.clone()).is_ok(),
            "refused: {rules}"
        );
    }

    pub(super) fn mend(&self) {
        self.simulator.control().remove_faults(None);
    }

    /// Permissions count from the next token on, and the client doesn't throw away one that is younger than a second.
    pub(super) async fn new_token(&self) {
        tokio::time::sleep(Duration::from_millis(1_100)).await;
        self.simulator.control().expire_tokens();
    }

    /// The events behind this one arrive; the newest one's number.
    pub(super) async fn receive(&self, behind: u64) -> u64 {
        let events = self.simulator.control().events(behind);
        let all: Vec<_> = events["events"].as_array().unwrap().iter().map(parsed).collect();
        self.store.receive_events(&all, EventChannel::Push).await.unwrap();
        events["newest"].as_u64().unwrap()
    }

    /// The events behind this one arrive, and are acted upon; the newest one's number.
    pub(super) async fn deliver(&self, behind: u64) -> u64 {
        let newest = self.receive(behind).await;
        let deadline = tokio::time::Instant::now() + PATIENCE;
        while !self.store.pending_events(0, 1).await.unwrap().is_empty() {
            assert!(tokio::time::Instant::now() < deadline, "events are never over");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        newest
    }

    /// The number of the newest event.
    pub(super) fn newest_event(&self) -> u64 {
        self.simulator.control().events(0)["newest"].as_u64().unwrap()
    }

    /// The `userid`s of everybody in the simulated company.
    pub(super) fn people(&self) -> Vec<String> {
        let truth = self.truth();
        let users = truth["users"].as_array().unwrap();
        users
            .iter()
            .map(|it| it["userid"].as_str().unwrap().to_owned())
            .collect()
    }

    /// The simulated company as it really is.
    pub(super) fn truth(&self) -> Value {
        self.simulator.control().directory()
    }
}

impl Drop for Rig {
    fn drop(&mut self) {
        self.shutdown.cancel();
    }
}

pub(super) fn on_request() -> SyncConfig {
    SyncConfig {
        interval: None,
        on_start: false,
        lease_ttl: Duration::from_secs(5),
        full_every: Duration::from_secs(24 * 3_600),
        patience: Duration::from_secs(60),
        verify_per_hour: 5_000,
        limits: RemovalLimits::default(),
        retention: dingmirror::directory::Retention::default(),
        events: false,
        arrived: Arc::new(tokio::sync::Notify::new()),
        between_tries: Duration::from_secs(20),
        concurrency: 8,
    }
}

pub(super) fn secret(text: &str) -> AppSecret {
    AppSecret {
        value: text.to_owned().into(),
        set_at: Clock::system().now(),
    }
}

/// One process' engine, at work.
pub(super) struct Replica {
    pub(super) engine: SyncEngine,
    pub(super) snapshots: SnapshotHandle,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Replica {
    /// What the mirror says of somebody.
    pub(super) fn state(&self, id: &str) -> RecordState {
        self.snapshot().user(id).unwrap().standing.state
    }

    pub(super) fn snapshot(&self) -> Arc<Snapshot> {
        self.snapshots.current()
    }

    /// What waits is decided, as eve would.
    pub(super) async fn decide(&self, waiting: &RemovalSelection, decision: Decision) -> Decided {
        self.engine.decide_removals(waiting, decision, "eve").await.unwrap()
    }

    /// Starts a full run and waits for its end.
    pub(super) async fn sync(&self) -> Arc<SyncRun> {
        self.run(RunMode::Full).await
    }

    /// A full run that may take long.
    pub(super) async fn sync_within(&self, patience: Duration) -> Arc<SyncRun> {
        let started = self
            .engine
            .start(RunTrigger::Request, RunMode::Full, None)
            .await
            .unwrap();

        let mut progress = self.engine.progress();
        let is_over = |run: &Option<Arc<SyncRun>>| {
            run.as_ref()
                .is_some_and(|run| run.id == started.run.id && run.state != RunState::Running)
        };
        let ended = tokio::time::timeout(patience, progress.wait_for(is_over))
            .await
            .expect("in time");
        ended.expect("the engine lives").clone().expect("a run")
    }

    /// Starts a run and waits for its end.
    pub(super) async fn run(&self, mode: RunMode) -> Arc<SyncRun> {
        let deadline = tokio::time::Instant::now() + PATIENCE;
        loop {
            let started = self
                .engine
                .start(RunTrigger::Request, mode, Some("test".into()))
                .await
                .unwrap();
            if !started.already_running {
                return self.end_of(started.run.id).await;
            }
            // Another replica's run is told to have ended a moment before its lease is given back.
            assert!(tokio::time::Instant::now() < deadline, "another run never ends");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Starts a run as soon as a lease that somebody else took for `ttl` runs out.
    pub(super) async fn sync_after(&self, ttl: Duration) -> Arc<SyncRun> {
        tokio::time::sleep(ttl + Duration::from_millis(200)).await;
        self.sync().await
    }

    pub(super) async fn end_of(&self, id: Uuid) -> Arc<SyncRun> {
        self.wait_for(|run| run.id == id && run.state != RunState::Running)
            .await
    }

    pub(super) async fn wait_for(&self, mut wanted: impl FnMut(&SyncRun) -> bool) -> Arc<SyncRun> {
        let mut progress = self.engine.progress();
        let found = progress.wait_for(|run| run.as_deref().is_some_and(&mut wanted));
        let run = tokio::time::timeout(PATIENCE, found)
            .await
            .expect("in time")
            .expect("the engine lives")
            .clone();
        run.expect("one that was wanted")
    }

    /// Ends it as a shutdown does, and gives how long that took.
    pub(super) async fn stop(self) -> Duration {
        let asked = std::time::Instant::now();
        self.stop.cancel();
        self.task.await.unwrap();
        asked.elapsed()
    }
}

/// An event as the simulator tells it.
pub(super) fn parsed(event: &Value) -> DirectoryEvent {
    let users = event["user_ids"].as_array().unwrap().iter();
    let departments = event["dept_ids"].as_array().unwrap().iter();
    DirectoryEvent {
        key: event["event_id"].as_str().unwrap().to_owned(),
        kind: EventKind::of(event["event_type"].as_str().unwrap()),
        users: users.map(|it| it.as_str().unwrap().into()).collect(),
        departments: departments.map(|it| DeptId(it.as_i64().unwrap())).collect(),
        born_at: None,
    }
}
