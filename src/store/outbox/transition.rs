//! Moving the recipients of a call: whom its result reaches, and where they go.

use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, ExprTrait, QueryFilter,
    sea_query::{Expr, SimpleExpr},
};
use uuid::Uuid;

use crate::{
    catalogue::Statement,
    message::RecipientState,
    store::{
        column::{CleanText, Named, UuidText},
        entity::recipient,
        error::StoreError,
        transaction::Transaction,
    },
};

/// The recipients whom a call's result reaches.
pub(super) struct CallRecipients {
    pub(super) call: Uuid,
    /// Those whose claim has expired, too.
    pub(super) late: bool,
}

impl CallRecipients {
    /// To whom no other attempt may have come: this one's answer settles it.
    pub(super) fn plain(&self) -> Condition {
        let never_repeated = recipient::Column::Repeats
            .is_null()
            .or(recipient::Column::Repeats.eq(0_i64));
        self.either(recipient::Column::RepeatUntil.is_null(), never_repeated)
    }

    /// To whom an earlier attempt may have come: only "taken" settles it.
    pub(super) fn doubtful(&self) -> Condition {
        let repeated = recipient::Column::Repeats.gt(0_i64);
        self.either(recipient::Column::RepeatUntil.is_not_null(), repeated)
    }

    fn either(&self, sending: SimpleExpr, unknown: SimpleExpr) -> Condition {
        let sending = recipient::Column::State.eq(Named(RecipientState::Sending)).and(sending);
        let unknown = recipient::Column::State.eq(Named(RecipientState::Unknown)).and(unknown);

        Condition::all()
            .add(recipient::Column::AttemptId.eq(UuidText(self.call)))
            .add(Condition::any().add(sending).add_option(self.late.then_some(unknown)))
    }
}

/// Where recipients of a call go.
pub(super) struct Transition {
    state: RecipientState,
    reason: Option<CleanText>,
    task: Option<i64>,
    /// `None`: as it is.
    not_before: Option<DateTime<Utc>>,
    /// The attempt, which its claim has counted, stays counted. A result is recorded once, and reaches only whom no
    /// later claim has counted again: nothing is taken back twice.
    counts: bool,
    /// It did not go out: that was no repetition.
    not_repeated: bool,
    /// So many may share a call from now on.
    together: Option<u32>,
    /// It may be tried again while the day lasts.
    tried_again: bool,
    now: DateTime<Utc>,
}

impl Transition {
    pub(super) fn new(state: RecipientState, reason: Option<&Statement>, now: DateTime<Utc>) -> Self {
        Self {
            state,
            reason: CleanText::said_of(reason),
            task: None,
            not_before: Some(now),
            counts: true,
            not_repeated: false,
            together: None,
            tried_again: false,
            now,
        }
    }

    pub(super) fn counts(mut self, counts: bool) -> Self {
        self.counts = counts;
        self
    }

    pub(super) fn together(mut self, together: Option<u32>) -> Self {
        self.together = together;
        self
    }

    pub(super) fn task(mut self, task: Option<i64>) -> Self {
        self.task = task;
        self
    }

    pub(super) fn due(mut self, not_before: Option<DateTime<Utc>>) -> Self {
        self.not_before = not_before;
        self
    }

    pub(super) fn because(mut self, reason: Statement) -> Self {
        self.reason = Some(CleanText::said(&reason));
        self
    }

    pub(super) fn not_repeated(mut self) -> Self {
        self.not_repeated = true;
        self
    }

    pub(super) fn tried_again(mut self) -> Self {
        self.tried_again = true;
        self
    }

    pub(super) async fn apply(self, transaction: &Transaction, rows: Condition) -> Result<(), StoreError> {
        let mut update = recipient::Entity::update_many()
            .col_expr(recipient::Column::State, Expr::val(Named(self.state)))
            .col_expr(recipient::Column::Reason, Expr::val(self.reason))
            .col_expr(recipient::Column::TaskId, Expr::val(self.task))
            .col_expr(recipient::Column::ClaimExpiresAt, Expr::val(None::<DateTime<Utc>>))
            .col_expr(recipient::Column::UpdatedAt, Expr::val(self.now));

        if let Some(not_before) = self.not_before {
            update = update.col_expr(recipient::Column::NotBefore, Expr::val(not_before));
        }
        if !self.counts {
            let fewer = Expr::col(recipient::Column::Attempts).sub(1_i64);
            update = update.col_expr(recipient::Column::Attempts, fewer);
        }
        if self.not_repeated {
            let fewer = Expr::col(recipient::Column::Repeats).sub(1_i64);
            update = update.col_expr(recipient::Column::Repeats, fewer);
        }
        if let Some(together) = self.together {
            let together = i32::try_from(together).unwrap_or(i32::MAX);
            update = update.col_expr(recipient::Column::Together, Expr::val(together));
        }
        if !self.tried_again {
            update = update.col_expr(recipient::Column::RepeatUntil, Expr::val(None::<DateTime<Utc>>));
        }

        update.filter(rows).exec(transaction).await?;
        Ok(())
    }
}
