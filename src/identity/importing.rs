//! Importing a file of links: line by line against what the lines before it made, all or nothing.

use chrono::{DateTime, Utc};

use super::{CsvLine, LinkAction, LinkChange, LinkProblem, Links};
use crate::directory::Snapshot;

/// What a line does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportedLine {
    /// Its number in the file, counted from 1.
    pub line: u64,
    /// What it does; `Ok(None)`: the link stands as the line says.
    pub outcome: Result<Option<LinkAction>, LinkProblem>,
}

/// What a whole file does.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImportPlan {
    /// Each line.
    pub lines: Vec<ImportedLine>,
    /// The changes, if no line has a mistake; else none.
    pub changes: Vec<LinkChange>,
}

impl ImportPlan {
    /// What the file does to these links.
    pub fn make(links: &Links, snapshot: &Snapshot, file: &[CsvLine], by: &str, at: DateTime<Utc>) -> Self {
        let mut after = links.clone();
        let mut plan = Self {
            lines: Vec::with_capacity(file.len()),
            changes: Vec::new(),
        };
        for (line, request) in file {
            let planned = request
                .clone()
                .and_then(|request| after.plan(snapshot, request, by, at));
            let outcome = planned.map(|planned| {
                let change = planned.ok()?;
                let action = change.action;
                let change = LinkChange {
                    imported: true,
                    ..change
                };
                after = std::mem::take(&mut after).changed(links.version(), std::slice::from_ref(&change));
                plan.changes.push(change);
                Some(action)
            });
            plan.lines.push(ImportedLine { line: *line, outcome });
        }
        if plan.lines.iter().any(|line| line.outcome.is_err()) {
            plan.changes.clear();
        }
        plan
    }
}
