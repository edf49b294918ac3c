//! Importing a file of links: line by line against what the lines before it made, all or nothing.
//!
//! A file says how things stand, so at its end every line must hold: importing it again then changes no key and nobody.

use std::{collections::HashMap, sync::Arc};

use chrono::{DateTime, Utc};

use super::{ConfluenceIdentity, CsvLine, IdentityLink, LinkAction, LinkChange, LinkPlan, Linker, Links};
use crate::{
    catalogue::links::CSV_LINE_OVERRULED,
    directory::Snapshot,
    problem::{Problem, ProblemCode},
};

/// What a line does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportedLine {
    /// Its number in the file, counted from 1.
    pub line: u64,
    /// What it does; `Ok(None)`: the link stands as the line says.
    pub outcome: Result<Option<LinkAction>, Problem>,
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
    pub fn make(links: &Links, snapshot: &Snapshot, file: &[CsvLine], by: Linker<'_>, at: DateTime<Utc>) -> Self {
        let mut after = links.clone();
        let mut plan = Self {
            lines: Vec::with_capacity(file.len()),
            changes: Vec::new(),
        };
        let mut said = Vec::with_capacity(file.len());
        let mut last = HashMap::new();

        for (line, request) in file {
            let planned = request
                .clone()
                .and_then(|request| after.plan(snapshot, request, by, at));
            said.push(planned.as_ref().ok().map(LinkPlan::id));

            let outcome = planned.map(|planned| {
                let change = planned.change()?;
                let action = change.action;
                let change = LinkChange {
                    imported: true,
                    ..change
                };
                after = std::mem::take(&mut after).changed(links.version(), std::slice::from_ref(&change));
                last.insert(change.link.id, *line);
                plan.changes.push(change);
                Some(action)
            });
            plan.lines.push(ImportedLine { line: *line, outcome });
        }

        for ((planned, (_, request)), id) in plan.lines.iter_mut().zip(file).zip(said) {
            if let (Ok(request), Some(id)) = (request, id)
                && let Some(problem) = overruled(after.get(id), &request.identity, &request.userid, last.get(&id))
            {
                planned.outcome = Err(problem);
            }
        }

        if plan.lines.iter().any(|line| line.outcome.is_err()) {
            plan.changes.clear();
        }
        plan
    }
}

/// What is wrong with a line that no longer holds when the file is read to its end: a later one changed its link.
fn overruled(
    link: Option<&Arc<IdentityLink>>,
    identity: &ConfluenceIdentity,
    userid: &str,
    changed_by: Option<&u64>,
) -> Option<Problem> {
    let (link, line) = (link?, changed_by?);
    let differs = identity
        .keys()
        .find(|(kind, key)| link.identity.key(*kind).as_ref() != Some(key))
        .map(|(kind, _)| kind.field());
    let field = differs.or_else(|| (link.userid.as_str() != userid).then_some("userId"))?;

    let message = CSV_LINE_OVERRULED { line: *line, field };
    Some(Problem::new(ProblemCode::Conflict, &[field], message))
}
