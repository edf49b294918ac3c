//! Why a walk doesn't go on where it is.

use async_graphql::{ContextSelectionSet, Error, PathSegment, Pos, ServerError};

/// Why a value was not written.
#[derive(Debug)]
pub(crate) enum Halt {
    /// A field failed: the nearest nullable value around it is null.
    Failed(Box<Failure>),
    /// The walk has used up what it may use: all of it is stopped.
    Stopped(Stop),
}

/// What a walk has used up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stop {
    /// Fields and list items.
    Nodes,
    /// Bytes.
    Bytes,
    /// Time.
    Time,
}

/// An error, and the way to it from where the walk has got back to.
#[derive(Debug)]
pub(crate) struct Failure {
    error: ServerError,
    /// The innermost step first.
    way: Vec<PathSegment>,
}

impl Halt {
    /// The field at `pos` failed.
    pub(crate) fn failed(error: impl Into<Error>, pos: Pos) -> Self {
        Self::of(error.into().into_server_error(pos))
    }

    pub(super) fn of(error: ServerError) -> Self {
        Self::Failed(Box::new(Failure { error, way: Vec::new() }))
    }

    /// As it is seen one step further out.
    pub(super) fn below(mut self, step: impl FnOnce() -> PathSegment) -> Self {
        if let Self::Failed(failure) = &mut self {
            failure.way.push(step());
        }
        self
    }
}

impl Failure {
    pub(super) fn push(&mut self, step: PathSegment) {
        self.way.push(step);
    }

    /// As the answer has it, where the walk began at `ctx`.
    pub(super) fn told(self, ctx: &ContextSelectionSet<'_>) -> ServerError {
        let mut error = ctx.set_error_path(self.error);
        error.path.extend(self.way.into_iter().rev());
        error
    }
}
