//! One row of the table: a fault that begins and ends while the program serves.

use super::acknowledged::Acknowledged;
use crate::support::process::{Home, Process, program_after};

/// Writes that the program is asked for while a fault lasts, at most, until one fails.
const UNTIL_ONE_FAILS: usize = 400;

/// What a row says of itself.
pub(super) struct Row {
    pub(super) fault: &'static str,
    pub(super) database: &'static str,
    /// Writes after the first that failed: it failed on the fault, these on what it left. Few where each takes as long
    /// as the server waits for its database.
    pub(super) more: usize,
}

impl Row {
    pub(super) fn sqlite(fault: &'static str) -> Self {
        Self {
            fault,
            database: "SQLite",
            more: 14,
        }
    }

    pub(super) fn postgres(fault: &'static str, more: usize) -> Self {
        Self {
            fault,
            database: "Postgres",
            more,
        }
    }

    /// Prints it: acknowledged and kept, what `/readyz` said, how work went on.
    pub(super) fn print(&self, acknowledged: &Acknowledged, readyz: &str, back: &str) {
        let count = acknowledged.count();
        let Self { fault, database, .. } = self;
        println!("| {fault} | {database} | {count} | {count} | {readyz} | {back} |");
    }
}

/// A server in `home`. A file that may not grow is an error of its write, not the end of it.
pub(super) async fn start(home: &Home) -> Process {
    let mut command = program_after("trap '' XFSZ", &["serve"]);
    command.env("DINGMIRROR_LOG", "error");
    Process::start(command, home).await
}

/// Asks for writes until the fault is met, and then for more.
pub(super) async fn write_into_the_fault(process: &Process, acknowledged: &mut Acknowledged, more: usize) {
    let mut asked = 0;
    while acknowledged.write(process).await {
        asked += 1;
        assert!(asked < UNTIL_ONE_FAILS, "the fault is not met");
    }
    for _ in 0..more {
        acknowledged.write(process).await;
    }
}

/// What `process` acknowledges before, while and after a fault lasts is there, `/readyz` tells the truth, and work goes
/// on without anybody touching the process. Gives what `/readyz` said.
pub(super) async fn meet(
    row: &Row,
    process: &mut Process,
    acknowledged: &mut Acknowledged,
    begin: impl AsyncFnOnce(&Process),
    end: impl AsyncFnOnce(&Process),
) -> String {
    process.until_ready().await;
    for _ in 0..3 {
        assert!(acknowledged.write(process).await, "{}: not even before", row.fault);
    }

    begin(process).await;
    write_into_the_fault(process, acknowledged, row.more).await;
    let why = process.until_not_ready().await;

    end(process).await;
    works_again(row, process, acknowledged).await;
    row.print(acknowledged, &why, "by itself");
    why
}

/// A pool's connections: after a server went away, each of those that were used within the last second is found broken
/// by a caller, who is told to try again.
const POOL: usize = 10;
/// Writes in a row that tell that it works.
const IN_A_ROW: usize = 15;

/// Ready by itself, takes every write but for those that find a broken connection, and has everything. The pool hands
/// out the connections in no order that a caller knows: a broken one may come behind one that works.
pub(super) async fn works_again(row: &Row, process: &mut Process, acknowledged: &mut Acknowledged) {
    process.until_ready().await;
    let (mut broken, mut in_a_row) = (0, 0);
    while in_a_row < IN_A_ROW {
        if acknowledged.write(process).await {
            in_a_row += 1;
            continue;
        }
        in_a_row = 0;
        broken += 1;
        assert!(broken <= POOL, "{}: it does not work again", row.fault);
    }

    acknowledged.all_there(process).await;
}

/// What lives in the process's memory alone is gone with it.
pub(super) async fn kept_after_a_kill(mut process: Process, home: &Home, acknowledged: &Acknowledged) {
    process.kill();
    let process = start(home).await;
    acknowledged.all_there(&process).await;
}
