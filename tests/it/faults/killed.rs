//! The program is killed in each phase of its work: what it acknowledged is there at the next start, which works at
//! once. (Killed while it crawls, applies and sends: see `chaos`.)

use std::time::{Duration, Instant};

use super::{
    acknowledged::Acknowledged,
    row::{Row, start, works_again},
};
use crate::support::{
    database::TestDatabase,
    process::{Home, Process, program},
};

fn rows(home: &Home) -> impl Fn(&'static str) -> Row {
    let sqlite = home.url.is_none();
    move |fault| {
        if sqlite {
            Row::sqlite(fault)
        } else {
            Row::postgres(fault, 0)
        }
    }
}

/// Moments that are spread over `whole`, and one after it.
fn moments(whole: Duration, count: u32) -> impl Iterator<Item = Duration> {
    (1..=count + 1).map(move |nth| whole * nth / count)
}

/// How long a first start takes here.
async fn first_start() -> Duration {
    let database = TestDatabase::sqlite().await;
    let began = Instant::now();
    start(&Home::from(&database)).await;
    began.elapsed()
}

both_databases!(
    async fn killed_in_any_phase_nothing_acknowledged_is_lost(database: TestDatabase) {
        let home = Home::from(database);
        let row = rows(&home);
        let mut acknowledged = Acknowledged::by("a");

        // The tables are there as a whole, or not at all.
        for moment in moments(first_start().await, 5) {
            let mut process = Process::spawn(program(&["serve"]), &home);
            tokio::time::sleep(moment).await;
            process.kill();
        }
        let mut process = start(&home).await;
        let migrated = row("killed while it migrates");
        works_again(&migrated, &mut process, &mut acknowledged).await;
        migrated.print(&acknowledged, "away", "at the next start");

        process.kill();
        let mut process = start(&home).await;
        acknowledged.all_there(&process).await;
        row("killed while idle").print(&acknowledged, "away", "at the next start");

        // Three callers at once; whichever has its share first, the others' writes are under way then.
        let mut callers = ["b", "c", "d"].map(Acknowledged::by);
        for share in [4, 9] {
            let [b, c, d] = &mut callers;
            tokio::select! {
                () = storm(&process, b, share) => {}
                () = storm(&process, c, share) => {}
                () = storm(&process, d, share) => {}
            }
            process.kill();
            process = start(&home).await;
            for caller in &callers {
                caller.all_there(&process).await;
            }
        }
        let stormed = row("killed in a storm of writes");
        works_again(&stormed, &mut process, &mut acknowledged).await;
        stormed.print(&callers[0], "away", "at the next start");

        // SQLite takes its log into the database file then.
        for moment in [0, 5, 20, 60] {
            works_again(&stormed, &mut process, &mut acknowledged).await;
            process.signal("TERM");
            tokio::time::sleep(Duration::from_millis(moment)).await;
            process.kill();
            process = start(&home).await;
            acknowledged.all_there(&process).await;
        }
        row("killed at its clean end").print(&acknowledged, "not ready: shutting down", "at the next start");
    }
);

/// Writes until it has so many acknowledged.
async fn storm(process: &Process, caller: &mut Acknowledged, share: usize) {
    while caller.count() < share {
        caller.write(process).await;
    }
}
