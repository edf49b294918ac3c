//! The table of clocks: whatever they show, everything goes on, nothing ends too early, and what is wrong is said where
//! it shows.

use dingmirror::{
    directory::{RunMode, RunState, SyncRun},
    store::Store,
};
use futures_util::StreamExt;
use uuid::Uuid;

use super::*;
use crate::support::database::TestDatabase;

const HOURS: i64 = 3_600;
/// Runs are kept for so long.
const KEPT: Duration = Duration::from_hours(2);
/// Each thing that is waited for is there by then.
const PATIENCE: Duration = Duration::from_secs(40);
/// So many cases go on at once: each of them waits most of the time.
const AT_ONCE: usize = 4;

/// A machine's clock, and what is done to it while the process runs.
#[derive(Clone, Copy)]
struct Case {
    name: &'static str,
    /// Seconds ahead at the start.
    first: i64,
    /// Seconds that it gains in each second.
    drift: f64,
    /// Set to so many seconds ahead, one after the other.
    then: &'static [i64],
    /// Another replica is so many seconds ahead all the time; with SQLite the next process is.
    other: Option<i64>,
}

const fn case(name: &'static str, first: i64, then: &'static [i64]) -> Case {
    Case {
        name,
        first,
        drift: 0.0,
        then,
        other: None,
    }
}

const CASES: [Case; 11] = [
    case("right", 0, &[]),
    case("8 h ahead", 8 * HOURS, &[]),
    case("8 h behind", -8 * HOURS, &[]),
    case("8 h ahead, set right", 8 * HOURS, &[0]),
    case("8 h behind, set right", -8 * HOURS, &[0]),
    case("jumps 8 h ahead", 0, &[8 * HOURS]),
    case("jumps 8 h back", 0, &[-8 * HOURS]),
    case("jumps to and fro", 0, &[HOURS, -HOURS, HOURS, 0]),
    Case {
        drift: 0.5,
        ..case("gains half a second in each", 0, &[])
    },
    Case {
        drift: -0.5,
        ..case("loses half a second in each", 0, &[])
    },
    Case {
        other: Some(2 * HOURS),
        ..case("another one 2 h ahead", 0, &[])
    },
];

/// What came of it.
struct Line {
    name: &'static str,
    sends: Duration,
    follow_ups: Duration,
    syncs: Duration,
    tokens: u64,
    retention: String,
    said: String,
}

/// A run of before, by a clock that was right.
fn run(ago: TimeDelta) -> SyncRun {
    let started_at = Clock::system().now() - ago;
    SyncRun {
        // Older than any that the servers make, whatever they show.
        id: Uuid::from_u128(Uuid::now_v7().as_u128() >> 2),
        mode: RunMode::Reconcile,
        state: RunState::Failed,
        started_at,
        finished_at: Some(started_at),
        ..crate::store::run()
    }
}

/// One server, or two.
struct Fleet<'a> {
    database: &'a TestDatabase,
    dingtalk: &'a TestDingTalk,
    users: Vec<&'a str>,
    servers: Vec<TestServer>,
    /// Tokens that were asked for before these servers were started.
    before: u64,
    line: Line,
    sent: Vec<String>,
}

impl Fleet<'_> {
    fn config(&self) -> Config {
        let mut config = impatient(self.database.target(), self.dingtalk);
        config.sync_interval = Some(Duration::from_secs(1));
        config.retention.runs = Some(KEPT);
        config
    }

    async fn start(&mut self, machine: &Machine, case: &Case) {
        self.before = self.tokens().await;
        self.servers
            .push(TestServer::start_at(self.config(), machine.clock()).await);
        if let (Some(ahead), Some(_)) = (case.other, self.database.url()) {
            let other = Machine::ahead(ahead).clock();
            self.servers.push(TestServer::start_at(self.config(), other).await);
        }
    }

    async fn stop(&mut self) {
        for server in self.servers.drain(..) {
            server.stop().await;
        }
    }

    /// Everything that a process does, once more, by each of them.
    async fn does_everything(&mut self, what: &str) {
        // DingTalk takes the token back that they have: the next call asks for another, unless it was issued in this
        // very second.
        self.tokens_are_settled(what).await;
        self.dingtalk
            .tell(reqwest::Method::POST, "tokens/expire", json!({}))
            .await;

        let before = self.runs();
        for server in &self.servers {
            let id = send(server, &self.users).await;
            let began = Instant::now();
            let waits = [RecipientState::Queued, RecipientState::Sending];
            until(what, "sent", async || {
                let states = states(server, &id).await;
                assert!(!states.contains(&RecipientState::Expired), "{what}: {states:?}");
                !states.iter().any(|state| waits.contains(state))
            })
            .await;
            self.line.sends = self.line.sends.max(began.elapsed());
            delivered(server, &id, what).await;
            self.line.follow_ups = self.line.follow_ups.max(began.elapsed());
            self.sent.push(id);
        }

        let began = Instant::now();
        until(what, "a sync by the timer", async || {
            let after = self.runs();
            after.iter().zip(&before).any(|(after, before)| {
                after
                    .as_ref()
                    .is_some_and(|run| run.1 == RunState::Finished && Some(run.0) != before.as_ref().map(|run| run.0))
            })
        })
        .await;
        self.line.syncs = self.line.syncs.max(began.elapsed());

        for server in &self.servers {
            assert_eq!(ready(server).await.0, 200, "{what}");
        }
    }

    /// Waits until one of them that was just started has a token, and nobody asked for another lately.
    async fn tokens_are_settled(&self, what: &str) {
        let (mut tokens, mut since) = (self.tokens().await, Instant::now());
        until(what, "settled with a token", async || {
            let now = self.tokens().await;
            if now != tokens {
                (tokens, since) = (now, Instant::now());
            }
            now > self.before && since.elapsed() > Duration::from_millis(1_500)
        })
        .await;
    }

    /// The run that each of them shows.
    fn runs(&self) -> Vec<Option<(Uuid, RunState)>> {
        let shown = |server: &TestServer| {
            let run = server.services.sync.progress().borrow().clone();
            run.map(|run| (run.id, run.state))
        };
        self.servers.iter().map(shown).collect()
    }

    async fn tokens(&self) -> u64 {
        self.dingtalk.control("token-requests").await["total"].as_u64().unwrap()
    }

    /// What `/readyz` says of clocks.
    async fn said(&self) -> Vec<String> {
        let mut said = Vec::new();
        for server in &self.servers {
            let (_, told) = ready(server).await;
            said.extend(told["detail"]["clockWarning"].as_str().map(str::to_owned));
        }
        said
    }
}

async fn until(what: &str, wanted: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !is_so().await {
        assert!(Instant::now() < deadline, "{what}: not {wanted}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn line(database: &TestDatabase, case: Case) -> Line {
    let dingtalk = TestDingTalk::start(40, 4).await;
    let somebody = people(&dingtalk, 3).await;
    let (old, young) = (run(TimeDelta::hours(3)), run(TimeDelta::minutes(10)));
    let store = Store::connect(database.target(), Clock::system()).await.unwrap();
    store.migrate().await.unwrap();
    for run in [&old, &young] {
        store.insert_run(run).await.unwrap();
    }
    drop(store);

    let mut fleet = Fleet {
        database,
        dingtalk: &dingtalk,
        users: somebody.iter().map(String::as_str).collect(),
        servers: Vec::new(),
        before: 0,
        line: Line {
            name: case.name,
            sends: Duration::ZERO,
            follow_ups: Duration::ZERO,
            syncs: Duration::ZERO,
            tokens: 0,
            retention: String::new(),
            said: String::new(),
        },
        sent: Vec::new(),
    };
    let machine = Machine {
        drift: case.drift,
        ..Machine::ahead(case.first)
    };
    let (name, mut phases) = (case.name, 2);

    fleet.start(&machine, &case).await;
    fleet.servers[0].configure(dingtalk.settings()).await;
    for server in &fleet.servers {
        until(name, "settings", async || server.services.settings.current().enabled()).await;
        until(name, "a first sync", async || {
            server.services.snapshots.current().user_count() > 0
        })
        .await;
    }

    fleet.does_everything(name).await;
    for ahead in case.then {
        machine.set(*ahead);
        fleet.does_everything(&format!("{name}, set to {ahead} s")).await;
        phases += 1;
    }
    let said = fleet.said().await;
    fleet.stop().await;

    // SQLite has one process at a time: there the next one is ahead.
    if let (Some(ahead), None) = (case.other, database.url()) {
        machine.set(ahead);
    }
    fleet.start(&machine, &case).await;
    fleet.does_everything(&format!("{name}, started anew")).await;

    let replicas = fleet.servers.len() as u64;
    fleet.line.tokens = fleet.tokens().await;
    // One after each that DingTalk took back, and one at each start; renewing one that ends soon may come on top.
    let most = replicas * (2 * phases + 2);
    assert!(fleet.line.tokens <= most, "{name}: {} tokens", fleet.line.tokens);
    judge(&mut fleet, &case, said, (&old, &young)).await;
    fleet.stop().await;
    fleet.line
}

/// Nothing ended too early, what is old is forgotten, and what is wrong is said.
async fn judge(fleet: &mut Fleet<'_>, case: &Case, said: Vec<String>, (old, young): (&SyncRun, &SyncRun)) {
    let (name, server) = (case.name, &fleet.servers[0]);
    for id in &fleet.sent {
        let states = states(server, id).await;
        assert!(!states.contains(&RecipientState::Expired), "{name}: {states:?}");
    }

    let store = &server.services.store;
    let last = case.then.last().copied().unwrap_or(case.first);
    // By a clock that is behind it is not old yet.
    let is_late = fleet.database.url().is_none() && last < -HOURS;
    if !is_late {
        until(name, "forgotten", async || store.run(old.id).await.unwrap().is_none()).await;
    }
    let is_there = store.run(old.id).await.unwrap().is_some();
    fleet.line.retention = if is_there { "later" } else { "in time" }.into();
    assert!(
        store.run(young.id).await.unwrap().is_some(),
        "{name}: what is young is kept"
    );

    let is_off = last != 0 || case.other.is_some() && fleet.database.url().is_some();
    // How far one that drifts gets depends on how long all of this takes.
    assert!(case.drift != 0.0 || said.is_empty() != is_off, "{name}: {said:?}");
    fleet.line.said = if said.is_empty() { "—".into() } else { said.join("; ") };
}

fn table(database: &str, lines: &[Line]) -> String {
    let mut text = format!(
        "Clocks, on {database}: the longest wait for each, in seconds\n\n\
         | the machine's clock | sends | follow-ups | syncs | tokens asked for | runs are forgotten | `/readyz` says |\n\
         |---|---|---|---|---|---|---|\n"
    );
    let seconds = |time: Duration| format!("{:.1}", time.as_secs_f64());
    for line in lines {
        let [sends, follow_ups, syncs] = [line.sends, line.follow_ups, line.syncs].map(seconds);
        text += &format!(
            "| {} | {sends} | {follow_ups} | {syncs} | {} | {} | {} |\n",
            line.name, line.tokens, line.retention, line.said
        );
    }
    text
}

async fn of_all(is_postgres: bool) {
    let lines = futures_util::stream::iter(CASES).map(async |case| {
        let database = if is_postgres {
            TestDatabase::postgres().await
        } else {
            TestDatabase::sqlite().await
        };
        let line = line(&database, case).await;
        database.remove().await;
        line
    });
    let lines: Vec<Line> = lines.buffered(AT_ONCE).collect().await;

    let name = if is_postgres { "Postgres" } else { "SQLite" };
    let text = table(name, &lines);
    println!("{text}");
    let file = format!("{}/clocks-{name}.md", env!("CARGO_TARGET_TMPDIR"));
    std::fs::write(file, text).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_table_of_clocks_on_sqlite() {
    of_all(false).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_table_of_clocks_on_postgres() {
    of_all(true).await;
}
