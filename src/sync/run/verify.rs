//! What a crawl is worth, with everything that is missing asked about before anything is removed.

use std::{collections::BTreeSet, sync::Arc};

use tokio_util::sync::CancellationToken;

use super::{RunPlan, Stop, Tools};
use crate::{
    dingtalk::Session,
    directory::{
        DeptId, EntityKind, HeldState, Judgement, Observation, RecordState, Removals, Snapshot, UserId, Verdict,
        absence, judge,
    },
    sync::{
        crawl::{self, Crawled, Former, Journal},
        report::Report,
    },
};

pub(super) async fn verify(
    tools: &Tools,
    report: &mut Report,
    session: &Session,
    _plan: &RunPlan,
    kept: (&mut Journal, &mut Former),
    crawled: &mut Crawled,
    cancelled: &CancellationToken,
) -> Result<(), Stop> {
    let snapshot = tools.snapshots.current();
    keep_rejected(tools, &mut crawled.observed).await?;
    let (observed, evidence) = (
        std::mem::take(&mut crawled.observed),
        std::mem::take(&mut crawled.evidence),
    );
    // A hundred thousand people from both sides: not on a thread that answers requests.
    let judged = tokio::task::spawn_blocking({
        let snapshot = snapshot.clone();
        move || {
            let judgement = judge(&snapshot, &observed, &evidence);
            let absent = absence(&snapshot, &observed);
            (observed, evidence, judgement, absent)
        }
    });
    let Ok((observed, evidence, mut judgement, absent)) = judged.await else {
        return Err(Stop::Failed("What was read could not be judged: see the log.".into()));
    };
    (crawled.observed, crawled.evidence) = (observed, evidence);
    judgement.evidence.home_school_departments = crawled.home_school_skipped;
    judgement.evidence.absent = (absent.users.len() + absent.departments.len()) as u64;
    if judgement.verdict == Verdict::Complete && !absent.is_empty() {
        crawl::confirm(session, absent, tools.width, kept, (crawled, &mut judgement), cancelled).await?;
    }
    if judgement.verdict == Verdict::Complete {
        crawled.observed.removals = Removals::Confirmed;
        hold(tools, &snapshot, &mut crawled.observed, &mut judgement);
    }
    report.change(|run| {
        run.verdict = Some(judgement.verdict);
        run.findings = judgement.findings;
        run.findings.append(&mut crawled.notes);
        run.evidence = Some(judgement.evidence);
        run.counts.entry_errors = crawled.errors.count();
    });
    Ok(())
}

/// Records that somebody decided to keep are kept until they are seen again; then the decision has served.
async fn keep_rejected(tools: &Tools, observed: &mut Observation) -> Result<(), Stop> {
    let held = tools.store.held_removals().await?;
    let mut seen = Vec::new();
    for removal in held.into_iter().filter(|it| it.state == HeldState::Rejected) {
        let is_seen = match removal.entity {
            EntityKind::Department => removal.entity_id.parse().is_ok_and(|id| {
                let is_seen = observed.departments.contains_key(&DeptId(id));
                if !is_seen {
                    observed.kept_departments.insert(DeptId(id));
                }
                is_seen
            }),
            EntityKind::User => {
                let is_seen = observed.has_user(&removal.entity_id);
                if !is_seen {
                    observed.kept_users.insert(UserId::from(removal.entity_id.as_str()));
                }
                is_seen
            }
        };
        if is_seen {
            seen.push((removal.entity, removal.entity_id));
        }
    }
    Ok(tools.store.forget_held(&seen).await?)
}

/// More than may go by itself waits for a person; everything else goes on.
fn hold(tools: &Tools, snapshot: &Arc<Snapshot>, observed: &mut Observation, judgement: &mut Judgement) {
    let is_active = |state| state == RecordState::Active;
    let departments: BTreeSet<DeptId> = observed.department_causes.keys().copied().collect();
    let departments = departments
        .into_iter()
        .filter(|id| !observed.has_department(*id))
        .filter(|id| snapshot.department(*id).is_some_and(|it| is_active(it.standing.state)))
        .collect();
    let users = observed.user_causes.keys().filter(|id| !observed.has_user(id.as_str()));
    let users = users
        .filter(|id| {
            snapshot
                .user(id.as_str())
                .is_some_and(|it| is_active(it.standing.state))
        })
        .cloned()
        .collect();
    observed.holds = tools.limits.hold(snapshot, &departments, &users, 0);
    if !observed.holds.is_empty() {
        for reason in &observed.holds.reasons {
            judgement.note(format!("{reason} They wait for approval: see heldRemovals."));
        }
    }
}
