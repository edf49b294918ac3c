//! Sync runs and the records that they could not read.

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Set,
    sea_query::{Expr, ExprTrait, SimpleExpr},
};
use uuid::Uuid;

use super::{
    connect::Store,
    entity::{entry_error, run, run_answer},
    error::{StoreError, corrupt},
    lease::{Lease, check_fence},
    text::{by_name, by_name_opt, from_json, json, name_of, without_nul, without_nul_opt},
    transaction::Transaction,
};
use crate::{
    clock::FUTURE,
    directory::{EntryError, RunMode, RunPhase, RunState, SyncRun, Verdict},
    page::{Page, PageRequest},
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
                .filter(entry_error::Column::RunId.eq(run.to_string()))
                .exec(&transaction)
                .await?;
            for chunk in errors.chunks(CHUNK) {
                let rows = chunk.iter().map(|error| entry_error::ActiveModel {
                    id: sea_orm::NotSet,
                    run_id: Set(run.to_string()),
                    subject: Set(without_nul(&error.subject)),
                    code: Set(without_nul_opt(error.code.as_ref())),
                    message: Set(without_nul(&error.message)),
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
        run::Entity::find_by_id(id.to_string())
            .one(&self.read)
            .await?
            .map(value)
            .transpose()
    }

    /// Runs, newest first; the cursor is the id.
    pub async fn runs(&self, page: PageRequest<Uuid>) -> Result<Page<SyncRun>, StoreError> {
        let mut query = run::Entity::find();
        if let Some(after) = page.after {
            query = query.filter(run::Column::Id.lt(after.to_string()));
        }

        let rows = query
            .order_by_desc(run::Column::Id)
            .limit(u64::from(page.first) + 1)
            .all(&self.read)
            .await?;
        let runs = rows.into_iter().map(value).collect::<Result<_, _>>()?;
        Ok(Page::from_overfetched(runs, page.first))
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
        self.newest(run::Column::Mode.eq(name_of(&RunMode::DryRun))).await
    }

    /// The newest run of `mode` that ended COMPLETE.
    pub async fn last_complete(&self, mode: RunMode) -> Result<Option<SyncRun>, StoreError> {
        let is_complete = run::Column::Verdict.eq(name_of(&Verdict::Complete));
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
                .filter(run::Column::Id.eq(run.to_string()))
                .exec(&transaction)
                .await?;
            Ok(transaction.commit().await?)
        })
    }

    /// What [`Store::save_run_plan`] kept.
    pub async fn run_plan(&self, run: Uuid) -> Result<Option<String>, StoreError> {
        let row = run::Entity::find_by_id(run.to_string()).one(&self.read).await?;
        Ok(row.and_then(|row| row.plan))
    }

    /// Drops a run's plan and its answers: they name everybody, and only a run that may be gone on with needs them.
    pub async fn forget_way(&self, run: Uuid) -> Result<(), StoreError> {
        repeated!(async {
            let transaction = self.begin().await?;
            forget_plans(&transaction, run::Column::Id.eq(run.to_string())).await?;
            run_answer::Entity::delete_many()
                .filter(run_answer::Column::RunId.eq(run.to_string()))
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
        let stay = stay.into_iter().flatten().map(|run| run.id.to_string());

        let old: Vec<String> = run::Entity::find()
            .select_only()
            .column(run::Column::Id)
            .filter(run::Column::StartedAt.lt(before))
            .filter(run::Column::State.ne(name_of(&RunState::Running)))
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
            .filter(entry_error::Column::RunId.is_in(old.iter().map(String::as_str)))
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
        let rows = entry_error::Entity::find()
            .filter(entry_error::Column::RunId.eq(run.to_string()))
            .filter(entry_error::Column::Id.gt(page.after.unwrap_or(0)))
            .order_by_asc(entry_error::Column::Id)
            .limit(u64::from(page.first) + 1)
            .all(&self.read)
            .await?;

        let errors = rows.into_iter().map(|row| {
            (
                row.id,
                EntryError {
                    subject: row.subject,
                    code: row.code,
                    message: row.message,
                },
            )
        });
        Ok(Page::from_overfetched(errors.collect(), page.first))
    }

    /// The run under way, on whichever replica.
    pub async fn running_run(&self) -> Result<Option<SyncRun>, StoreError> {
        let row = run::Entity::find()
            .filter(run::Column::State.eq(name_of(&RunState::Running)))
            .order_by_desc(run::Column::Id)
            .limit(1)
            .one(&self.read)
            .await?;
        row.map(value).transpose()
    }

    /// The last run that ended with a verdict and wrote what it read: the one that the mirror stands on.
    pub async fn last_finished_run(&self) -> Result<Option<SyncRun>, StoreError> {
        let is_finished = run::Column::State.eq(name_of(&RunState::Finished));
        self.newest(is_finished.and(writes())).await
    }

    /// For whoever has just taken the lease, and so knows that no other run is alive: marks runs that still say RUNNING
    /// as INTERRUPTED, but for `run`, and records that one. Its predecessors' plans and answers are forgotten, but for
    /// those of `kept`, which can be gone on with afterwards. How many were marked.
    pub async fn begin_run(
        &self,
        run: Option<&BegunRun>,
        kept: Option<Uuid>,
        fence: &Lease,
    ) -> Result<u64, StoreError> {
        repeated!(async {
            let transaction = self.begin().await?;
            check_fence(&transaction, fence).await?;

            let mut update = run::Entity::update_many()
                .col_expr(run::Column::State, Expr::val(name_of(&RunState::Interrupted)))
                .col_expr(run::Column::Phase, Expr::val(name_of(&RunPhase::Finished)))
                .col_expr(run::Column::FinishedAt, Expr::val(self.clock.now()))
                .col_expr(run::Column::Error, Expr::val("the process that ran it ended under it"))
                .filter(run::Column::State.eq(name_of(&RunState::Running)));
            if let Some(BegunRun::Resumed(run)) = run {
                update = update.filter(run::Column::Id.ne(run.id.to_string()));
            }
            let interrupted = update.exec(&transaction).await?.rows_affected;

            if let Some(BegunRun::New(run) | BegunRun::Resumed(run)) = run {
                let stay: Vec<String> = kept.into_iter().chain([run.id]).map(|id| id.to_string()).collect();
                forget_plans(&transaction, run::Column::Id.is_not_in(&stay)).await?;
                run_answer::Entity::delete_many()
                    .filter(run_answer::Column::RunId.is_not_in(&stay))
                    .exec(&transaction)
                    .await?;
            }

            match run {
                Some(BegunRun::New(run)) => drop(row(run).insert(&transaction).await?),
                Some(BegunRun::Resumed(run)) => drop(row(run).update(&transaction).await?),
                None => {}
            }

            transaction.commit().await?;
            Ok(interrupted)
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
        row.map(value).transpose()
    }
}

fn writes() -> SimpleExpr {
    run::Column::Mode.ne(name_of(&RunMode::DryRun))
}

fn finished(mode: RunMode) -> SimpleExpr {
    let is_finished = run::Column::State.eq(name_of(&RunState::Finished));
    is_finished.and(run::Column::Mode.eq(name_of(&mode)))
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
        id: Set(run.id.to_string()),
        trigger_kind: Set(name_of(&run.trigger)),
        requested_by: Set(without_nul_opt(run.requested_by.as_ref())),
        strategy: Set(run.strategy.clone()),
        phase: Set(name_of(&run.phase)),
        state: Set(name_of(&run.state)),
        verdict: Set(run.verdict.as_ref().map(name_of)),
        findings: Set(json(&run.findings)),
        started_at: Set(run.started_at),
        finished_at: Set(run.finished_at),
        progress: Set(json(&run.progress)),
        counts: Set(json(&run.counts)),
        revision: Set(run.revision),
        error: Set(without_nul_opt(run.error.as_ref())),
        mode: Set(name_of(&run.mode)),
        // Written once, by `save_run_plan`.
        plan: sea_orm::NotSet,
        evidence: Set(run.evidence.as_ref().map(json)),
        resumed: Set(i32::try_from(run.resumed).unwrap_or(i32::MAX)),
    }
}

fn value(row: run::Model) -> Result<SyncRun, StoreError> {
    Ok(SyncRun {
        id: Uuid::parse_str(&row.id).map_err(|error| corrupt("sync_runs.id", error))?,
        trigger: by_name("sync_runs.trigger_kind", &row.trigger_kind)?,
        requested_by: row.requested_by,
        strategy: row.strategy,
        phase: by_name("sync_runs.phase", &row.phase)?,
        state: by_name("sync_runs.state", &row.state)?,
        verdict: by_name_opt("sync_runs.verdict", row.verdict.as_deref())?,
        findings: from_json("sync_runs.findings", &row.findings)?,
        started_at: row.started_at,
        finished_at: row.finished_at,
        progress: from_json("sync_runs.progress", &row.progress)?,
        counts: from_json("sync_runs.counts", &row.counts)?,
        revision: row.revision,
        error: row.error,
        mode: by_name("sync_runs.mode", &row.mode)?,
        evidence: row
            .evidence
            .map(|text| from_json("sync_runs.evidence", &text))
            .transpose()?,
        resumed: u32::try_from(row.resumed).unwrap_or(0),
    })
}
