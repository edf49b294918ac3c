//! A sync run in a terminal: a bar with the time to go, or plain lines where there is no terminal.

use std::{io::IsTerminal, sync::Arc, time::Duration};

use indicatif::{ProgressBar, ProgressStyle};
use tokio::{sync::watch, time::Instant};
use uuid::Uuid;

use super::evidence;
use crate::{
    directory::{RunMode, RunState, SyncRun},
    telemetry,
    word::word,
};

/// Without a terminal there is a line so often, and one whenever the phase changes or the run waits for something else.
const LINE_EVERY: Duration = Duration::from_secs(10);

/// Shows run `id` until it ends, and returns how it ended; `None` where the engine went away.
pub(super) async fn show(id: Uuid, progress: watch::Receiver<Option<Arc<SyncRun>>>) -> Option<Arc<SyncRun>> {
    let is_terminal = std::io::stderr().is_terminal();
    let bar = ProgressBar::new(1);
    let style = ProgressStyle::with_template("{msg:48} [{bar:32}] {pos}/{len}  {prefix}");
    bar.set_style(
        style
            .unwrap_or_else(|_| ProgressStyle::default_bar())
            .progress_chars("=> "),
    );

    let ended = follow(id, progress, LINE_EVERY, |run, is_due| {
        if is_terminal {
            draw(&bar, run);
        } else if is_due {
            // Whoever closed the other end, or doesn't read there, wants no lines; the sync goes on.
            telemetry::say(format!("sync: {}", line(run)));
        }
    })
    .await;

    bar.finish_and_clear();
    ended
}

/// Gives each state of run `id` to `tell` until it ends, with whether a line is due: something changed that a person
/// waits for, or `every` has passed.
async fn follow(
    id: Uuid,
    mut progress: watch::Receiver<Option<Arc<SyncRun>>>,
    every: Duration,
    mut tell: impl FnMut(&SyncRun, bool),
) -> Option<Arc<SyncRun>> {
    let mut told = None;
    let mut due_at = Instant::now();

    loop {
        let run = progress.borrow_and_update().clone().filter(|run| run.id == id);
        if let Some(run) = run {
            let now = (run.phase, run.error.clone());
            let is_due = told.as_ref() != Some(&now) || Instant::now() >= due_at;
            if is_due {
                due_at = Instant::now() + every;
                told = Some(now);
            }
            tell(&run, is_due);
            if run.state != RunState::Running {
                return Some(run);
            }
        }

        tokio::select! {
            changed = progress.changed() => if changed.is_err() {
                return None;
            },
            // A run that waits changes in nothing, and is told of all the same.
            () = tokio::time::sleep_until(due_at) => {}
        }
    }
}

fn draw(bar: &ProgressBar, run: &SyncRun) {
    let p = &run.progress;
    bar.set_length((p.departments_found + p.users_found).max(1));
    bar.set_position(p.departments_read + p.users_read);
    bar.set_message(describe(run));
    bar.set_prefix(to_go(run).unwrap_or_default());
}

fn line(run: &SyncRun) -> String {
    let to_go = to_go(run).map(|time| format!("; {time}")).unwrap_or_default();
    format!("{}{to_go}", describe(run))
}

fn to_go(run: &SyncRun) -> Option<String> {
    run.progress
        .eta_seconds
        .map(|seconds| format!("about {seconds} s to go"))
}

fn describe(run: &SyncRun) -> String {
    let p = &run.progress;
    let phase = word(&run.phase).to_lowercase();
    let waits = run.error.as_ref().map(|why| format!("; {why}")).unwrap_or_default();
    format!(
        "{phase}: {}/{} departments, {}/{} people{waits}",
        p.departments_read, p.departments_found, p.users_read, p.users_found
    )
}

/// What a person wants to know of a run that ended.
pub(super) fn summary(run: &SyncRun) -> String {
    let calls: u64 = run.counts.calls.values().sum();
    let took = run
        .finished_at
        .map(|end| (end - run.started_at).num_seconds())
        .unwrap_or_default();
    let verdict = run.verdict.map_or_else(|| word(&run.state), |verdict| word(&verdict));
    let mut text = format!(
        "sync {verdict}: {} departments, {} people read; {} + {} records changed; {calls} calls in {took} s, {} throttled",
        run.progress.departments_read,
        run.progress.users_read,
        run.counts.departments_changed,
        run.counts.users_changed,
        run.counts.throttled,
    );

    if run.mode == RunMode::DryRun {
        text = format!("DRY RUN, nothing was written. {text}");
    }
    if run.counts.held > 0 {
        text.push_str(&format!("; {} removals wait for approval", run.counts.held));
    }
    if run.resumed > 0 {
        text.push_str(&format!(
            "; resumed {} times, {} answers not asked for again",
            run.resumed, run.counts.resumed_answers
        ));
    }

    let calls: Vec<String> = run
        .counts
        .calls
        .iter()
        .map(|(api, calls)| format!("{api} {calls}"))
        .collect();
    if !calls.is_empty() {
        text.push_str("\n  calls: ");
        text.push_str(&calls.join(", "));
    }

    if let Some(evidence) = &run.evidence {
        for line in evidence::lines(evidence) {
            text.push_str("\n  ");
            text.push_str(&line);
        }
    }
    for finding in &run.findings {
        text.push_str("\n  - ");
        text.push_str(&finding.to_string());
    }
    if let Some(error) = &run.error {
        text.push_str("\n  ");
        text.push_str(&error.to_string());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        catalogue::Statement,
        directory::{RunPhase, fixtures},
    };

    fn run() -> SyncRun {
        SyncRun {
            phase: RunPhase::Crawling,
            ..fixtures::run(chrono::DateTime::UNIX_EPOCH)
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_line_comes_every_ten_seconds_and_whenever_something_changes() {
        let (shown, progress) = watch::channel(Some(Arc::new(run())));
        let start = Instant::now();

        let told = async {
            let mut told = Vec::new();
            let ended = follow(Uuid::nil(), progress, LINE_EVERY, |run, is_due| {
                if is_due {
                    told.push((start.elapsed().as_secs(), line(run)));
                }
            });
            let ended = ended.await;
            (ended.map(|run| run.state), told)
        };

        let work = async {
            tokio::time::sleep(Duration::from_secs(25)).await;
            shown.send_replace(Some(Arc::new(SyncRun {
                error: Some(Statement::other("waits")),
                ..run()
            })));
            tokio::time::sleep(Duration::from_secs(11)).await;
            shown.send_replace(Some(Arc::new(SyncRun {
                state: RunState::Finished,
                phase: RunPhase::Finished,
                ..run()
            })));
            tokio::time::sleep(Duration::from_secs(100)).await;
        };

        let ((ended, told), ()) = tokio::join!(told, work);
        assert_eq!(ended, Some(RunState::Finished));
        let seconds: Vec<_> = told.iter().map(|(second, _)| *second).collect();
        assert_eq!(seconds, [0, 10, 20, 25, 35, 36], "{told:?}");
        assert!(
            told[3].1.ends_with("; waits") && told[0].1.starts_with("crawling: 0/0"),
            "{told:?}"
        );
    }
}
