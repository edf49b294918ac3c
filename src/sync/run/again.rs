//! At a run's end: whoever was read by somebody else since the run read them is read again.
//!
//! An event's reading may be newer than the run's, also where it changed nothing; which of the two is newer only
//! DingTalk knows.

use std::{collections::BTreeSet, sync::Arc};

use tokio_util::sync::CancellationToken;

use super::Tools;
use crate::{
    dingtalk::Session,
    directory::{AskedAt, DeptId, GoneCause, MOST_LEVELS, Observation, RecordId, Snapshot},
    sync::{
        crawl::CrawlError,
        refresh::{
            Following, RefreshError, forget, keep_rejected, keep_selected, overtaken as subjects, read, take_over,
        },
    },
};

/// So often the run reads again whom others read meanwhile; then it leaves them to the others.
pub(in crate::sync) const MOST_ROUNDS: u32 = 5;

/// What was read again.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::sync) struct Again {
    /// Records that others had a newer reading of.
    pub(in crate::sync) records: usize,
    /// Of these: whom the run had found outside the selection, and of whom it does not know any more. Nobody else looks
    /// at that.
    pub(in crate::sync) unsettled: usize,
}

/// Makes `observed` what nobody has a newer reading of.
pub(in crate::sync) async fn newest(
    tools: &Tools,
    session: &Session,
    snapshot: &Arc<Snapshot>,
    observed: &mut Observation,
    may_ask: bool,
    cancelled: &CancellationToken,
) -> Result<Again, CrawlError> {
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
        return Ok(Again::default());
    }
    let records = overtaken.len();

    let was_outside: Vec<RecordId> = overtaken
        .iter()
        .filter(|subject| is_outside(observed, subject))
        .cloned()
        .collect();
    for subject in &overtaken {
        forget(observed, subject);
    }
    let mut unsettled = was_outside.len();
    if may_ask {
        let untold = tokio::select! {
            biased;
            () = cancelled.cancelled() => return Err(CrawlError::Cancelled),
            read = read_again(tools, session, snapshot, observed, overtaken) => read?,
        };
        let (unknown, settled): (Vec<_>, Vec<_>) = was_outside.into_iter().partition(|it| untold.contains(it));
        unsettled = unknown.len();
        for subject in settled {
            leave_outside(observed, subject);
        }
    }

    // Somebody may have decided meanwhile, which is what made the record newer.
    keep_rejected(observed, &tools.store.held_removals().await?);
    Ok(Again { records, unsettled })
}

/// Whether the run found that the settings select it no more, wherever else it saw it.
fn is_outside(observed: &Observation, subject: &RecordId) -> bool {
    let cause = match subject {
        RecordId::Department(id) if !observed.has_department(*id) => observed.department_causes.get(id),
        RecordId::User(id) if !observed.has_user(id.as_str()) => observed.user_causes.get(id),
        _ => None,
    };
    cause == Some(&GoneCause::OutOfScope)
}

/// What was read anew and is in nothing that is selected still goes: whoever else read it has left that to a run.
fn leave_outside(observed: &mut Observation, subject: RecordId) {
    match subject {
        RecordId::Department(id) if !observed.has_department(id) => {
            observed.department_causes.entry(id).or_insert(GoneCause::OutOfScope);
        }
        RecordId::User(id) if !observed.has_user(id.as_str()) => {
            observed.user_causes.entry(id).or_insert(GoneCause::OutOfScope);
        }
        _ => {}
    }
}

/// Reads `again`, and the departments that they name; which of them did not answer, or are in departments that did not.
async fn read_again(
    tools: &Tools,
    session: &Session,
    snapshot: &Arc<Snapshot>,
    observed: &mut Observation,
    mut again: BTreeSet<RecordId>,
) -> Result<BTreeSet<RecordId>, CrawlError> {
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
                RecordId::Department(id) => drop(observed.kept_departments.insert(*id)),
                RecordId::User(id) => drop(observed.kept_users.insert(id.clone())),
            }
        }

        let named = departments_named(&readings.observed);
        take_over(observed, readings.observed, &again, asked);
        asked_for.append(&mut again);
        // Departments that came while the run went on.
        let is_known = |id: &DeptId| {
            observed.has_department(*id) || snapshot.department(*id).is_some_and(|it| it.standing.is_present())
        };
        let unknown = named.into_iter().filter(|id| !is_known(id)).map(RecordId::Department);
        again = unknown.filter(|subject| !asked_for.contains(subject)).collect();
    }

    // Before what is left out is forgotten: it tells who is below a department that did not answer.
    let untold = asked_for
        .iter()
        .filter(|subject| is_kept(observed, subject) || is_below_untold(observed, snapshot, subject))
        .cloned()
        .collect();
    // They may name what the settings leave out, or be there by now.
    keep_selected(observed, snapshot, &tools.selection, |it| asked_for.contains(it));
    Ok(untold)
}

fn is_kept(observed: &Observation, subject: &RecordId) -> bool {
    match subject {
        RecordId::Department(id) => observed.kept_departments.contains(id),
        RecordId::User(id) => observed.kept_users.contains(id),
    }
}

/// Whether a department that it is in, or one above, did not answer.
fn is_below_untold(observed: &Observation, snapshot: &Snapshot, subject: &RecordId) -> bool {
    let first: Vec<DeptId> = match subject {
        RecordId::Department(id) => vec![*id],
        RecordId::User(id) => match observed.users.get(id) {
            Some((facts, _)) => facts.memberships.iter().map(|it| it.dept_id).collect(),
            None => Vec::new(),
        },
    };

    first
        .into_iter()
        .flat_map(|id| observed.way_up(snapshot, id))
        .any(|id| observed.kept_departments.contains(&id))
}

/// Departments that people are in, and parents.
fn departments_named(observed: &Observation) -> BTreeSet<DeptId> {
    let users = observed.users.values();
    let of_users = users.flat_map(|(facts, _)| facts.memberships.iter().map(|it| it.dept_id));
    let parents = observed.departments.values().filter_map(|(facts, _)| facts.parent_id);
    of_users.chain(parents).filter(|id| id.is_company()).collect()
}
