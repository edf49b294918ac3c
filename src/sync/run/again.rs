//! At a run's end: whoever was read by somebody else since the run read them is read again.
//!
//! An event's reading may be newer than the run's, also where it changed nothing; which of the two is newer only DingTalk knows.

use std::{collections::BTreeSet, sync::Arc};

use tokio_util::sync::CancellationToken;

use super::Tools;
use crate::{
    dingtalk::Session,
    directory::{AskedAt, DeptId, MOST_LEVELS, Observation, Snapshot},
    sync::{
        crawl::CrawlError,
        refresh::{Following, RefreshError, Subject, forget, keep_selected, overtaken as subjects, read, take_over},
    },
};

/// So often the run reads again whom others read meanwhile; then it leaves them to the others.
pub(in crate::sync) const MOST_ROUNDS: u32 = 5;

/// Makes `observed` what nobody has a newer reading of; how many records were read again.
pub(in crate::sync) async fn newest(
    tools: &Tools,
    session: &Session,
    snapshot: &Arc<Snapshot>,
    observed: &mut Observation,
    may_ask: bool,
    cancelled: &CancellationToken,
) -> Result<usize, CrawlError> {
    let (first, run) = observed
        .asked
        .as_ref()
        .map_or((AskedAt::default(), None), |asked| (asked.first, asked.run));
    let mut newer = tools.store.readings_since(first.reading).await?.except(run);
    let mut overtaken = subjects(observed, snapshot, &newer);
    if let Some(run) = run
        && !overtaken.is_empty()
    {
        // Its own commit, whose answer was lost, or which the process did not live to hear of.
        newer.own = tools.store.revisions_of_run(run, first.revision).await?;
        overtaken = subjects(observed, snapshot, &newer);
    }
    if overtaken.is_empty() {
        return Ok(0);
    }
    let count = overtaken.len();
    for subject in &overtaken {
        forget(observed, subject);
    }
    if may_ask {
        tokio::select! {
            biased;
            () = cancelled.cancelled() => return Err(CrawlError::Cancelled),
            read = read_again(tools, session, snapshot, observed, overtaken) => read?,
        }
    }
    Ok(count)
}

async fn read_again(
    tools: &Tools,
    session: &Session,
    snapshot: &Arc<Snapshot>,
    observed: &mut Observation,
    mut again: BTreeSet<Subject>,
) -> Result<(), CrawlError> {
    let mut asked_for = BTreeSet::new();
    for _ in 0..MOST_LEVELS {
        if again.is_empty() {
            break;
        }
        let asked = tools.store.begin_reading().await?;
        let readings = read(session, snapshot, again.clone(), tools.pace.width, Following::Nothing).await;
        let readings = readings.map_err(|error| match error {
            RefreshError::DingTalk(error) => CrawlError::late(error),
            RefreshError::Store(error) => error.into(),
        })?;
        for (subject, _) in &readings.untold {
            // Nothing is known of it but that somebody else read it.
            match subject {
                Subject::Department(id) => drop(observed.kept_departments.insert(*id)),
                Subject::User(id) => drop(observed.kept_users.insert(id.clone())),
            }
        }
        let named = departments_named(&readings.observed);
        take_over(observed, readings.observed, &again, asked);
        asked_for.append(&mut again);
        // Departments that came while the run went on.
        let is_known = |id: &DeptId| {
            observed.has_department(*id) || snapshot.department(*id).is_some_and(|it| it.standing.is_present())
        };
        let unknown = named.into_iter().filter(|id| !is_known(id)).map(Subject::Department);
        again = unknown.filter(|subject| !asked_for.contains(subject)).collect();
    }
    // They may name what the settings leave out, or be there by now.
    keep_selected(observed, snapshot, &tools.selection, |it| asked_for.contains(it));
    Ok(())
}

/// Departments that people are in, and parents.
fn departments_named(observed: &Observation) -> BTreeSet<DeptId> {
    let users = observed.users.values();
    let of_users = users.flat_map(|(facts, _)| facts.memberships.iter().map(|it| it.dept_id));
    let parents = observed.departments.values().filter_map(|(facts, _)| facts.parent_id);
    of_users.chain(parents).filter(|id| id.is_company()).collect()
}
