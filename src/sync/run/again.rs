//! At a run's end: whoever was read by somebody else since the run read them is read again.
//!
//! An event's reading may be newer than the run's, also where it changed nothing; which of the two is newer only
//! DingTalk knows.

use std::{collections::BTreeSet, sync::Arc};

use super::Run;
use crate::{
    directory::{AskedAt, DeptId, GoneCause, MOST_LEVELS, Observation, RecordId, RecordState, Snapshot},
    sync::{
        crawl::{Answers, CrawlError},
        refresh::{
            Following, LeftOut, RefreshError, forget, keep_rejected, overtaken as records_overtaken, read, take_over,
        },
    },
};

/// So often the run reads again whom others read meanwhile; then it leaves them to the others.
pub(super) const MOST_ROUNDS: u32 = 5;

impl Run<'_> {
    /// Makes `observed` what nobody has a newer reading of, and gives how many records others had a newer one of.
    /// `may_ask`: otherwise what others read is left to them.
    ///
    /// `unsettled` counts of whom it does not know any more whether they are selected: whom the run had found outside,
    /// and whom it finds there now without knowing how far the way up leads. Nobody else looks at that. They stay open
    /// where this fails, too.
    pub(super) async fn read_once_more(
        &self,
        snapshot: &Arc<Snapshot>,
        observed: &mut Observation,
        may_ask: bool,
        unsettled: &mut usize,
    ) -> Result<usize, CrawlError> {
        let overtaken = self.overtaken(snapshot, observed).await?;
        if overtaken.is_empty() {
            return Ok(0);
        }
        let records = overtaken.len();

        // Before they are forgotten: whether whom the run found outside still is, nobody else settles.
        let was_outside: Vec<RecordId> = overtaken
            .iter()
            .filter(|record| is_outside(observed, record))
            .cloned()
            .collect();
        for record in &overtaken {
            forget(observed, record);
        }

        // Without a question all of them stay open: they are left to whoever read them last.
        *unsettled += was_outside.len();
        if may_ask {
            let untold = tokio::select! {
                biased;
                () = self.cancelled.cancelled() => return Err(CrawlError::Cancelled),
                read = self.read_again(snapshot, observed, overtaken.clone()) => read?,
            };
            let settled: Vec<_> = was_outside.iter().filter(|it| !untold.contains(it)).cloned().collect();
            *unsettled -= settled.len();
            for record in settled {
                leave_outside(observed, record);
            }

            let is_left = |record: &&RecordId| !was_outside.contains(record) && is_left(observed, snapshot, record);
            *unsettled += overtaken.iter().filter(is_left).count();
        }

        // Somebody may have decided meanwhile, which is what made the record newer.
        keep_rejected(observed, &self.context.store.held_removals().await?);
        Ok(records)
    }

    /// Records that somebody else has read, or changed, since the run asked for them.
    async fn overtaken(
        &self,
        snapshot: &Arc<Snapshot>,
        observed: &Observation,
    ) -> Result<BTreeSet<RecordId>, CrawlError> {
        let store = &self.context.store;
        let (first, run) = observed
            .asked
            .as_ref()
            .map_or((AskedAt::default(), None), |asked| (asked.first, asked.run));
        let mut newer = store.readings_since(first.reading).await?.except(run);
        let overtaken = records_overtaken(observed, snapshot, &newer);

        // Few runs come here: only then is it worth a question which revisions are the run's own.
        if let Some(run) = run
            && !overtaken.is_empty()
        {
            // Its own commit, whose answer was lost, or which the process did not live to hear of.
            newer.own = store.revisions_of_run(run, first.revision).await?;
            return Ok(records_overtaken(observed, snapshot, &newer));
        }
        Ok(overtaken)
    }

    /// Reads `again`, and the departments that they name; which of them did not answer, or are in departments that did
    /// not.
    async fn read_again(
        &self,
        snapshot: &Arc<Snapshot>,
        observed: &mut Observation,
        mut again: BTreeSet<RecordId>,
    ) -> Result<BTreeSet<RecordId>, CrawlError> {
        let context = self.context;
        let mut asked_for = BTreeSet::new();
        // What is read may name departments that nobody knew, and these their parents: a level more each time.
        for _ in 0..MOST_LEVELS {
            if again.is_empty() {
                break;
            }
            let asked = context.store.begin_reading().await?;
            let readings = read(
                &self.session,
                snapshot,
                again.clone(),
                context.bounds.width,
                Following::Nothing,
            )
            .await;
            let readings = readings.map_err(|error| match error {
                RefreshError::DingTalk(error) => CrawlError::late(error),
                RefreshError::Store(error) => error.into(),
            })?;

            for (record, _) in &readings.untold {
                // Nothing is known of it but that somebody else read it.
                match record {
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
            again = unknown.filter(|record| !asked_for.contains(record)).collect();
        }

        // Before what is left out is forgotten: it tells who is below a department that did not answer.
        let untold = asked_for
            .iter()
            .filter(|record| is_kept(observed, record) || is_below_untold(observed, snapshot, record))
            .cloned()
            .collect();
        // They may name what the settings leave out, or be there by now.
        let left_out = LeftOut::of(observed, snapshot, &context.selection, |it| asked_for.contains(it));
        let authorised = if left_out.has_moved_out() {
            self.session.authorised_users().await
        } else {
            None
        };
        left_out.take_out(observed, authorised.as_ref());
        Ok(untold)
    }
}

/// Whether the run found that the settings select it no more, wherever else it saw it.
fn is_outside(observed: &Observation, record: &RecordId) -> bool {
    unfound(observed, record) == Some(Some(GoneCause::OutOfScope))
}

/// Whether the mirror has it, and what was read says neither that it is there nor that it isn't.
fn is_left(observed: &Observation, snapshot: &Snapshot, record: &RecordId) -> bool {
    let standing = match record {
        RecordId::Department(id) => snapshot.department(*id).map(|it| &it.standing),
        RecordId::User(id) => snapshot.user(id.as_str()).map(|it| &it.standing),
    };
    unfound(observed, record) == Some(None) && standing.is_some_and(|it| it.state == RecordState::Active)
}

/// Of one that wasn't found: why it is gone, as far as that is known.
fn unfound(observed: &Observation, record: &RecordId) -> Option<Option<GoneCause>> {
    match record {
        RecordId::Department(id) => {
            let cause = || observed.department_causes.get(id).copied();
            (!observed.has_department(*id)).then(cause)
        }
        RecordId::User(id) => {
            let cause = || observed.user_causes.get(id).copied();
            (!observed.has_user(id.as_str())).then(cause)
        }
    }
}

/// What was read anew and is in nothing that is selected still goes: whoever else read it has left that to a run.
fn leave_outside(observed: &mut Observation, record: RecordId) {
    match record {
        RecordId::Department(id) if !observed.has_department(id) => {
            observed.department_causes.entry(id).or_insert(GoneCause::OutOfScope);
        }
        RecordId::User(id) if !observed.has_user(id.as_str()) => {
            observed.user_causes.entry(id).or_insert(GoneCause::OutOfScope);
        }
        _ => {}
    }
}

fn is_kept(observed: &Observation, record: &RecordId) -> bool {
    match record {
        RecordId::Department(id) => observed.kept_departments.contains(id),
        RecordId::User(id) => observed.kept_users.contains(id),
    }
}

/// Whether a department that it is in, or one above, did not answer.
fn is_below_untold(observed: &Observation, snapshot: &Snapshot, record: &RecordId) -> bool {
    let first: Vec<DeptId> = match record {
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
