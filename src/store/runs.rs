//! Sync runs and the records that they could not read.

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Set,
    sea_query::{Expr, ExprTrait, Order, SimpleExpr},
};
use uuid::Uuid;

use super::{
    audit,
    column::{CleanText, JsonText, Named, UuidText},
    entity::{entry_error, run, run_answer},
    error::StoreError,
    handle::Store,
    lease::{Lease, check_fence},
    paging::paged,
    transaction::Transaction,
};
use crate::{
    audit::{AuditAction, Author, Deed},
    catalogue::{Statement, sync::RUN_PROCESS_DIED},
    clock::FUTURE,
    directory::{EntryError, Revision, RunMode, RunPhase, RunState, SyncRun, Verdict},
    page::{Page, PageRequest},
    word::word,
};

/// Rows a statement.
const CHUNK: usize = 1_000;
/// Runs forgotten at once.
const RUNS: u64 = 100;

/// A run that begins.
#[derive(Debug, Clone, PartialEq)]
pub enum BegunRun {
    /// From the beginning.
    New(SyncRun),
    /// One that was left behind goes on.
    Resumed(SyncRun),
}

/// What came of [beginning](Store::begin_run) a run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RunBeginning {
    /// How many runs were marked as INTERRUPTED.
    pub interrupted: u64,
    /// The number of the run that began.
    pub number: Option<i64>,
}

impl Store {
    /// Records a run that starts.
    pub async fn insert_run(&self, run: &SyncRun) -> Result<(), StoreError> {
        row(run).insert(&self.write).await?;
        Ok(())
    }

    /// Records how far a run is. With `fence`, only as long as the lease holds.
    pub async fn update_run(&self, run: &SyncRun, fence: Option<&Lease>) -> Result<(), StoreError> {
        repeated!(async {
            let transaction = self.begin().await?;
            if let Some(lease) = fence {
                check_fence(&transaction, lease).await?;
            }
            row(run).update(&transaction).await?;
            Ok(transaction.commit().await?)
        })
    }

    /// Records what a run could not read, in place of what it had recorded before it was interrupted, as long as the
    /// lease holds.
    pub async fn put_entry_errors(&self, run: Uuid, errors: &[EntryError], fence: &Lease) -> Result<(), StoreError> {
        repeated!(async {
            let transaction = self.begin().await?;
            check_fence(&transaction, fence).await?;

            entry_error::Entity::delete_many()
                .filter(entry_error::Column::RunId.eq(UuidText(run)))
                .exec(&transaction)
                .await?;
            for chunk in errors.chunks(CHUNK) {
                let rows = chunk.iter().map(|error| entry_error::ActiveModel {
                    id: sea_orm::NotSet,
                    run_id: Set(run.into()),
                    subject: Set(CleanText::from(&error.subject)),
                    code: Set(CleanText::of(error.code.as_ref())),
                    message: Set(CleanText::said(&error.message)),
                });
                entry_error::Entity::insert_many(rows)
                    .exec_without_returning(&transaction)
                    .await?;
            }
            Ok(transaction.commit().await?)
        })
    }

    /// One run.
    pub async fn run(&self, id: Uuid) -> Result<Option<SyncRun>, StoreError> {
        let row = run::Entity::find_by_id(id).one(&self.read).await?;
        Ok(row.map(value))
    }

    /// Runs, newest first; the cursor is the id.
    pub async fn runs(&self, page: PageRequest<Uuid>) -> Result<Page<SyncRun>, StoreError> {
        let page = page.map(UuidText);
        let found = paged(run::Entity::find(), (run::Column::Id, Order::Desc), &page);
        let rows = found.all(&self.read).await?;

        let runs = rows.into_iter().map(value).collect();
        Ok(Page::from_overfetched(runs, &page))
    }

    /// The newest run.
    pub async fn newest_run(&self) -> Result<Option<SyncRun>, StoreError> {
        Ok(self.runs(PageRequest::new(1, None)).await?.items.into_iter().next())
    }

    /// The newest run that writes what it reads.
    pub async fn newest_writing_run(&self) -> Result<Option<SyncRun>, StoreError> {
        self.newest(writes()).await
    }

    /// The newest run that writes nothing.
    pub async fn newest_dry_run(&self) -> Result<Option<SyncRun>, StoreError> {
        self.newest(run::Column::Mode.eq(Named(RunMode::DryRun))).await
    }

    /// The newest run of `mode` that ended COMPLETE.
    pub async fn last_complete(&self, mode: RunMode) -> Result<Option<SyncRun>, StoreError> {
        let is_complete = run::Column::Verdict.eq(Named(Verdict::Complete));
        self.newest(finished(mode).and(is_complete)).await
    }

    /// The newest run of `mode` that ended with a verdict.
    pub async fn last_finished(&self, mode: RunMode) -> Result<Option<SyncRun>, StoreError> {
        self.newest(finished(mode)).await
    }

    /// Keeps what a run set out to do, so that another process can go on with it. The text is the sync's own.
    pub async fn save_run_plan(&self, run: Uuid, plan: &str, fence: &Lease) -> Result<(), StoreError> {
        repeated!(async {
            let transaction = self.begin().await?;
            check_fence(&transaction, fence).await?;
            run::Entity::update_many()
                .col_expr(run::Column::Plan, Expr::val(plan))
                .filter(run::Column::Id.eq(UuidText(run)))
                .exec(&transaction)
                .await?;
            Ok(transaction.commit().await?)
        })
    }

    /// What [`Store::save_run_plan`] kept.
    pub async fn run_plan(&self, run: Uuid) -> Result<Option<String>, StoreError> {
        let plan: Option<Option<String>> = run::Entity::find_by_id(run)
            .select_only()
            .column(run::Column::Plan)
            .into_tuple()
            .one(&self.read)
            .await?;
        Ok(plan.flatten())
    }

    /// Drops a run's plan and its answers: they name everybody, and only a run that may be gone on with needs them.
    pub async fn forget_way(&self, run: Uuid) -> Result<(), StoreError> {
        repeated!(async {
            let transaction = self.begin().await?;
            forget_plans(&transaction, run::Column::Id.eq(UuidText(run))).await?;
            run_answer::Entity::delete_many()
                .filter(run_answer::Column::RunId.eq(UuidText(run)))
                .exec(&transaction)
                .await?;
            Ok(transaction.commit().await?)
        })
    }

    /// Forgets runs that began before `before`, with what they could not read: a part of them, and 0 when there is
    /// nothing left to forget. The newest run, the last that finished and wrote, and the last COMPLETE and the last
    /// finished one of each mode stay, for they say how the mirror stands and what is due.
    pub async fn forget_runs(&self, before: DateTime<Utc>) -> Result<u64, StoreError> {
        let modes = [RunMode::Full, RunMode::Reconcile, RunMode::DryRun];
        let mut stay = vec![self.newest_run().await?, self.last_finished_run().await?];
        for mode in modes {
            stay.extend([self.last_complete(mode).await?, self.last_finished(mode).await?]);
        }
        let stay = stay.into_iter().flatten().map(|run| UuidText(run.id));

        let old: Vec<UuidText> = run::Entity::find()
            .select_only()
            .column(run::Column::Id)
            .filter(run::Column::StartedAt.lt(before))
            .filter(run::Column::State.ne(Named(RunState::Running)))
            .filter(run::Column::Id.is_not_in(stay))
            .order_by_asc(run::Column::Id)
            .limit(RUNS)
            .into_tuple()
            .all(&self.read)
            .await?;
        if old.is_empty() {
            return Ok(0);
        }

        // One run may have as many as the company has people: they don't go with their runs in one statement.
        let errors: Vec<i64> = entry_error::Entity::find()
            .select_only()
            .column(entry_error::Column::Id)
            .filter(entry_error::Column::RunId.is_in(&old))
            .limit(CHUNK as u64)
            .into_tuple()
            .all(&self.read)
            .await?;
        if !errors.is_empty() {
            let errors = entry_error::Entity::delete_many().filter(entry_error::Column::Id.is_in(errors));
            return Ok(errors.exec(&self.write).await?.rows_affected);
        }

        let runs = run::Entity::delete_many().filter(run::Column::Id.is_in(old));
        Ok(runs.exec(&self.write).await?.rows_affected)
    }

    /// How many runs there are.
    pub async fn count_runs(&self) -> Result<u64, StoreError> {
        Ok(run::Entity::find().count(&self.read).await?)
    }

    /// What a run could not read, in the order met; the cursor is the first part.
    pub async fn entry_errors(&self, run: Uuid, page: PageRequest<i64>) -> Result<Page<(i64, EntryError)>, StoreError> {
        let of_run = entry_error::Entity::find().filter(entry_error::Column::RunId.eq(UuidText(run)));
        let found = paged(of_run, (entry_error::Column::Id, Order::Asc), &page);
        let rows = found.all(&self.read).await?;

        let errors = rows.into_iter().map(|row| {
            (
                row.id,
                EntryError {
                    subject: row.subject.into(),
                    code: row.code.map(String::from),
                    message: row.message.into(),
                },
            )
        });
        Ok(Page::from_overfetched(errors.collect(), &page))
    }

    /// The run under way, on whichever replica.
    pub async fn running_run(&self) -> Result<Option<SyncRun>, StoreError> {
        let row = run::Entity::find()
            .filter(run::Column::State.eq(Named(RunState::Running)))
            .order_by_desc(run::Column::Id)
            .limit(1)
            .one(&self.read)
            .await?;
        Ok(row.map(value))
    }

    /// The last run that ended with a verdict and wrote what it read: the one that the mirror stands on.
    pub async fn last_finished_run(&self) -> Result<Option<SyncRun>, StoreError> {
        let is_finished = run::Column::State.eq(Named(RunState::Finished));
        self.newest(is_finished.and(writes())).await
    }

    /// As [`Store::last_finished_run`], of those that the mirror shows at this revision: a replica may not have loaded
    /// yet what the last one wrote.
    pub async fn last_run_shown(&self, revision: Revision) -> Result<Option<SyncRun>, StoreError> {
        let is_finished = run::Column::State.eq(Named(RunState::Finished));
        let is_shown = run::Column::ShownFrom
            .is_null()
            .or(run::Column::ShownFrom.lte(revision));
        self.newest(is_finished.and(writes()).and(is_shown)).await
    }

    /// For whoever has just taken the lease, and so knows that no other run is alive: marks runs that still say RUNNING
    /// as INTERRUPTED, but for `run`, and records that one. Its predecessors' plans and answers are forgotten, but for
    /// those of `kept`, which can be gone on with afterwards. `asked_by`: who asks for it; nobody does where the time
    /// has come for one.
    pub async fn begin_run(
        &self,
        run: Option<&BegunRun>,
        kept: Option<Uuid>,
        fence: &Lease,
        asked_by: Option<&Author>,
    ) -> Result<RunBeginning, StoreError> {
        repeated!(async {
            let transaction = self.begin().await?;
            check_fence(&transaction, fence).await?;

            let mut update = run::Entity::update_many()
                .col_expr(run::Column::State, Expr::val(Named(RunState::Interrupted)))
                .col_expr(run::Column::Phase, Expr::val(Named(RunPhase::Finished)))
                .col_expr(run::Column::FinishedAt, Expr::val(self.clock.now()))
                .col_expr(
                    run::Column::Error,
                    Expr::val(CleanText::said(&RUN_PROCESS_DIED {}.into())),
                )
                .filter(run::Column::State.eq(Named(RunState::Running)));
            if let Some(BegunRun::Resumed(run)) = run {
                update = update.filter(run::Column::Id.ne(UuidText(run.id)));
            }
            let interrupted = update.exec(&transaction).await?.rows_affected;

            if let Some(BegunRun::New(run) | BegunRun::Resumed(run)) = run {
                let stay: Vec<UuidText> = kept.into_iter().chain([run.id]).map(UuidText).collect();
                forget_plans(&transaction, run::Column::Id.is_not_in(&stay)).await?;
                run_answer::Entity::delete_many()
                    .filter(run_answer::Column::RunId.is_not_in(&stay))
                    .exec(&transaction)
                    .await?;
            }

            let number = match run {
                Some(BegunRun::New(run)) => {
                    let number = next_number(&transaction).await?;
                    let mut row = row(run);
                    row.number = Set(Some(number));
                    row.insert(&transaction).await?;
                    Some(number)
                }
                Some(BegunRun::Resumed(run)) => {
                    row(run).update(&transaction).await?;
                    run.number
                }
                None => None,
            };

            if let (Some(begun), Some(by)) = (run, asked_by) {
                audit::note(&transaction, &deed(begun, by), self.clock.now()).await?;
            }
            transaction.commit().await?;
            Ok(RunBeginning { interrupted, number })
        })
    }

    /// The newest of those. Runs that began in the future are none of them: a clock was ahead that is set right by now,
    /// and nobody knows how old they are. They would put the next ones off until that time has come.
    async fn newest(&self, of: SimpleExpr) -> Result<Option<SyncRun>, StoreError> {
        let row = run::Entity::find()
            .filter(of)
            .filter(run::Column::StartedAt.lte(self.clock.now() + FUTURE))
            .order_by_desc(run::Column::Id)
            .limit(1)
            .one(&self.read)
            .await?;
        Ok(row.map(value))
    }
}

fn deed(begun: &BegunRun, by: &Author) -> Deed {
    let (BegunRun::New(run) | BegunRun::Resumed(run)) = begun;
    Deed::new(AuditAction::SyncRequested, by)
        .on(run.id)
        .with("mode", word(&run.mode))
}

/// The number behind the last. Whoever asks holds the lease, and so is alone.
async fn next_number(transaction: &Transaction) -> Result<i64, StoreError> {
    let last: Option<Option<i64>> = run::Entity::find()
        .select_only()
        .column_as(run::Column::Number.max(), "last")
        .into_tuple()
        .one(transaction)
        .await?;
    Ok(last.flatten().unwrap_or(0) + 1)
}

fn writes() -> SimpleExpr {
    run::Column::Mode.ne(Named(RunMode::DryRun))
}

fn finished(mode: RunMode) -> SimpleExpr {
    let is_finished = run::Column::State.eq(Named(RunState::Finished));
    is_finished.and(run::Column::Mode.eq(Named(mode)))
}

async fn forget_plans(transaction: &Transaction, of: SimpleExpr) -> Result<(), StoreError> {
    run::Entity::update_many()
        .col_expr(run::Column::Plan, Expr::val(None::<String>))
        .filter(run::Column::Plan.is_not_null())
        .filter(of)
        .exec(transaction)
        .await?;
    Ok(())
}

fn row(run: &SyncRun) -> run::ActiveModel {
    run::ActiveModel {
        id: Set(run.id.into()),
        number: Set(run.number),
        trigger_kind: Set(Named(run.trigger)),
        requested_by: Set(CleanText::of(run.requested_by.as_ref())),
        strategy: Set(run.strategy.clone()),
        phase: Set(Named(run.phase)),
        phases: Set(Some(JsonText(run.phases.clone()))),
        state: Set(Named(run.state)),
        verdict: Set(run.verdict.map(Named)),
        findings: Set(JsonText(run.findings.clone())),
        started_at: Set(run.started_at),
        finished_at: Set(run.finished_at),
        progress: Set(JsonText(run.progress)),
        counts: Set(JsonText(run.counts.clone())),
        revision: Set(run.revision),
        error: Set(CleanText::said_of(run.error.as_ref())),
        mode: Set(Named(run.mode)),
        // Written once, by `save_run_plan`.
        plan: sea_orm::NotSet,
        evidence: Set(run.evidence.clone().map(JsonText)),
        resumed: Set(i32::try_from(run.resumed).unwrap_or(i32::MAX)),
        shown_from: Set(run.shown_from),
    }
}

fn value(row: run::Model) -> SyncRun {
    SyncRun {
        id: row.id.into(),
        number: row.number,
        trigger: row.trigger_kind.0,
        requested_by: row.requested_by.map(String::from),
        strategy: row.strategy,
        phase: row.phase.0,
        phases: row.phases.map(|phases| phases.0).unwrap_or_default(),
        state: row.state.0,
        verdict: row.verdict.map(|verdict| verdict.0),
        findings: row.findings.0,
        started_at: row.started_at,
        finished_at: row.finished_at,
        progress: row.progress.0,
        counts: row.counts.0,
        revision: row.revision,
        error: row.error.map(Statement::from),
        mode: row.mode.0,
        evidence: row.evidence.map(|evidence| evidence.0),
        resumed: u32::try_from(row.resumed).unwrap_or(0),
        shown_from: row.shown_from,
    }
}
