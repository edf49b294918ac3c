//! A sync run in a terminal: a bar with the time to go, or plain lines where there is no terminal.

use std::{io::IsTerminal, sync::Arc};

use indicatif::{ProgressBar, ProgressStyle};
use tokio::sync::watch;
use uuid::Uuid;

use super::evidence;
use crate::directory::{RunMode, RunState, SyncRun};

/// Shows run `id` until it ends, and returns how it ended; `None` where the engine went away.
pub(super) async fn show(id: Uuid, mut progress: watch::Receiver<Option<Arc<SyncRun>>>) -> Option<Arc<SyncRun>> {
    let bar = ProgressBar::new(1);
    let style = ProgressStyle::with_template("{msg:48} [{bar:32}] {pos}/{len}  {prefix}");
    bar.set_style(
        style
            .unwrap_or_else(|_| ProgressStyle::default_bar())
            .progress_chars("=> "),
    );
    let mut last_line = String::new();
    loop {
        let run = progress.borrow_and_update().clone().filter(|run| run.id == id);
        if let Some(run) = run {
            draw(&bar, &run);
            if !std::io::stderr().is_terminal() {
                let line = format!("{:?} {:?}", run.phase, run.error);
                if line != last_line {
                    eprintln!("sync: {}", describe(&run));
                    last_line = line;
                }
            }
            if run.state != RunState::Running {
                bar.finish_and_clear();
                return Some(run);
            }
        }
        if progress.changed().await.is_err() {
            return None;
        }
    }
}

fn draw(bar: &ProgressBar, run: &SyncRun) {
    let p = &run.progress;
    bar.set_length((p.departments_found + p.users_found).max(1));
    bar.set_position(p.departments_read + p.users_read);
    bar.set_message(describe(run));
    bar.set_prefix(p.eta_seconds.map(|s| format!("about {s} s to go")).unwrap_or_default());
}

fn describe(run: &SyncRun) -> String {
    let p = &run.progress;
    let phase = format!("{:?}", run.phase).to_lowercase();
    let waits = run.error.as_deref().map(|why| format!("; {why}")).unwrap_or_default();
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
    let verdict = run
        .verdict
        .map_or_else(|| format!("{:?}", run.state), |verdict| format!("{verdict:?}"))
        .to_uppercase();
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
        text.push_str(finding);
    }
    if let Some(error) = &run.error {
        text.push_str("\n  ");
        text.push_str(error);
    }
    text
}
