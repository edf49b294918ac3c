//! kill -9 during crawls and applies: nothing is lost, nothing doubled, little asked twice.

use std::time::Duration;

use dingmirror::directory::RunState;
use serde_json::json;

use super::{
    mirror::{Calls, DEPARTMENTS, PEOPLE, assert_whole, company_of, newest, open},
    moments::Moments,
    process::{finished_another, spawn},
};
use crate::support::database::TestDatabase;

/// How long a killed process keeps the next one from going on: each kill costs this.
const LEASE: [&str; 2] = ["--sync-lease", "1s"];

/// Much longer than a start, a lease and a piece of the crawl take together.
const PATIENCE: Duration = Duration::from_secs(60);

/// Answers that a kill may lose on each API: with 60 calls a second and answers after 20 ms one or two are under way or
/// on their way into the database. (Measured: one to three a kill, all APIs together.)
const LOST_EACH: u64 = 2;

/// APIs that a crawl asks at the same time: `listsub`, `department/get`, `user/list`, `user/get`, `user/count`.
const APIS: u64 = 5;

/// How long the whole may take.
const WHOLE: Duration = Duration::from_secs(900);

/// The company of the long form: so large that what fifty kills lose is less than one call in a hundred.
const LARGE: (usize, usize) = (15_000, 500);

/// Kills the server `kills` times, a fifth of them around the end of its first run or after it, and lets it finish
/// then.
async fn kill_again_and_again(database: &TestDatabase, (people, departments): (usize, usize), kills: u64) -> Calls {
    // Calls of an undisturbed first crawl, about: the kills are spread over them.
    let whole = (people + 3 * departments) as u64;
    let mut moments = Moments::seeded();
    let dingtalk = company_of(people, departments).await;

    let mut process = spawn(database, &dingtalk, &LEASE);
    process.until_it_answers().await;
    process.configure(&dingtalk, &json!({})).await;
    let mut first = None;

    let in_crawl = kills - kills / 5;
    let mut of_first = None;
    let mut over = None;
    for nth in 0..kills {
        if nth < in_crawl {
            let step = whole / in_crawl;
            let next = nth * step + 1 + moments.below(step);
            assert!(Calls::reach(&dingtalk, next, PATIENCE).await, "the crawl stands still");
        } else {
            // The rest of the crawl, the verdict and the apply take about this long after the lease of the last one ran
            // out.
            tokio::time::sleep(Duration::from_millis(800 + moments.below(1_500))).await;
        }
        tokio::time::sleep(Duration::from_millis(moments.below(30))).await;
        process.kill();

        // Only now: a process has its SQLite for itself.
        let run = newest(&open(database).await).await;
        over = (run.state == RunState::Finished).then_some(run.id);
        if of_first.is_none() {
            assert_eq!(run.id, *first.get_or_insert(run.id), "another run was begun: {run:#?}");
            if run.state == RunState::Finished {
                of_first = Some((Calls::of(&dingtalk).await, nth + 1));
            }
        }

        // After the end of the first run the next start begins another, which is killed as well, and has nothing to
        // write.
        process = spawn(database, &dingtalk, &LEASE);
    }

    process.until_it_answers().await;
    // Not the run that was over already: the one that this start began would be cut off.
    finished_another(&process, over, WHOLE).await;
    process.kill();
    let (calls, in_first) = match of_first {
        Some(counted) => counted,
        None => (Calls::of(&dingtalk).await, kills),
    };

    let store = open(database).await;
    assert_whole(&store, &dingtalk).await;
    println!(
        "{kills} kills, {in_first} of them in the first run; of it {calls:?}, repeated {}",
        calls.repeated()
    );
    let bound = calls.distinct / 100 + in_first * LOST_EACH * APIS;
    assert!(calls.repeated() <= bound, "{calls:?}: more than {bound} were repeated");
    calls
}

both_databases!(
    async fn a_server_killed_six_times_loses_nothing_and_doubles_nothing(database: TestDatabase) {
        kill_again_and_again(database, (PEOPLE, DEPARTMENTS), 6).await;
    }
);

mod fifty {
    use super::*;

    fn less_than_one_in_a_hundred(calls: Calls) {
        println!(
            "figure: fifty kills, {} calls, {} of them repeated: {:.2} %",
            calls.served,
            calls.repeated(),
            calls.repeated() as f64 * 100.0 / calls.distinct as f64
        );
        assert!(calls.repeated() * 100 < calls.distinct, "{calls:?}");
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    #[ignore = "takes minutes"]
    async fn a_server_killed_fifty_times_loses_nothing_on_sqlite() {
        let database = TestDatabase::sqlite().await;
        less_than_one_in_a_hundred(kill_again_and_again(&database, LARGE, 50).await);
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    #[ignore = "takes minutes"]
    async fn a_server_killed_fifty_times_loses_nothing_on_postgres() {
        let database = TestDatabase::postgres().await;
        less_than_one_in_a_hundred(kill_again_and_again(&database, LARGE, 50).await);
        database.remove().await;
    }
}
