//! What can be written: leaves, objects, and lists and nullable forms of them.

use async_graphql::{
    ContextSelectionSet, OutputType, PathSegment, Pos, Positioned, ServerResult, parser::types::Field,
};

use super::{halt::Halt, walker::Walk};
use crate::graphql::error::ApiError;

/// A value that a walk can write.
pub(crate) trait WalkOutput: OutputType {
    /// What the selection below it is compiled to.
    type Plan: Send + Sync + 'static;

    /// Compiles the selection set of `ctx`, which is that of `field`.
    ///
    /// # Errors
    /// The selection set is none of this type.
    fn plan(ctx: &ContextSelectionSet<'_>, field: &Positioned<Field>) -> ServerResult<Self::Plan>;

    /// Writes the value as JSON.
    ///
    /// # Errors
    /// It can't be null and something in it failed, or the walk is stopped. What was written of it is worth nothing.
    fn write(&self, plan: &Self::Plan, walk: &mut Walk<'_>) -> Result<(), Halt>;
}

impl<T: WalkOutput + ?Sized> WalkOutput for &T {
    type Plan = T::Plan;

    fn plan(ctx: &ContextSelectionSet<'_>, field: &Positioned<Field>) -> ServerResult<T::Plan> {
        T::plan(ctx, field)
    }

    fn write(&self, plan: &T::Plan, walk: &mut Walk<'_>) -> Result<(), Halt> {
        T::write(self, plan, walk)
    }
}

impl<T: WalkOutput> WalkOutput for Option<T> {
    type Plan = T::Plan;

    fn plan(ctx: &ContextSelectionSet<'_>, field: &Positioned<Field>) -> ServerResult<T::Plan> {
        T::plan(ctx, field)
    }

    fn write(&self, plan: &T::Plan, walk: &mut Walk<'_>) -> Result<(), Halt> {
        match self {
            Some(value) => walk.nullable(|walk| value.write(plan, walk)),
            None => {
                walk.out().extend_from_slice(b"null");
                Ok(())
            }
        }
    }
}

impl<T: WalkOutput> WalkOutput for Result<T, ApiError> {
    /// The error needs the place of its field.
    type Plan = (Pos, T::Plan);

    fn plan(ctx: &ContextSelectionSet<'_>, field: &Positioned<Field>) -> ServerResult<Self::Plan> {
        Ok((field.pos, T::plan(ctx, field)?))
    }

    fn write(&self, (pos, plan): &Self::Plan, walk: &mut Walk<'_>) -> Result<(), Halt> {
        match self {
            Ok(value) => value.write(plan, walk),
            Err(error) => Err(Halt::failed(error.clone(), *pos)),
        }
    }
}

impl<T: WalkOutput> WalkOutput for Vec<T> {
    type Plan = T::Plan;

    fn plan(ctx: &ContextSelectionSet<'_>, field: &Positioned<Field>) -> ServerResult<T::Plan> {
        T::plan(ctx, field)
    }

    fn write(&self, plan: &T::Plan, walk: &mut Walk<'_>) -> Result<(), Halt> {
        write_list(self, plan, walk)
    }
}

impl<T: WalkOutput> WalkOutput for &[T] {
    type Plan = T::Plan;

    fn plan(ctx: &ContextSelectionSet<'_>, field: &Positioned<Field>) -> ServerResult<T::Plan> {
        T::plan(ctx, field)
    }

    fn write(&self, plan: &T::Plan, walk: &mut Walk<'_>) -> Result<(), Halt> {
        write_list(self, plan, walk)
    }
}

fn write_list<T: WalkOutput>(items: &[T], plan: &T::Plan, walk: &mut Walk<'_>) -> Result<(), Halt> {
    walk.out().push(b'[');
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            walk.out().push(b',');
        }
        walk.count_node()?;
        walk.step(|| PathSegment::Index(at), |walk| item.write(plan, walk))?;
    }
    walk.out().push(b']');
    Ok(())
}
