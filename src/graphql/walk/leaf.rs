//! Leaves: scalars and enums, as the answer has them.

use std::borrow::Cow;

use async_graphql::{ContextSelectionSet, ID, Positioned, ServerResult, parser::types::Field};
use serde::Serialize;

use super::{halt::Halt, output::WalkOutput, walker::Walk};
use crate::graphql::scalars::{BigInt, DateTime, Json};

/// A value without a selection below it: nothing is to be compiled.
macro_rules! leaves {
    ($($Leaf:ty: |$leaf:ident| $json:expr;)+) => {$(
        impl WalkOutput for $Leaf {
            type Plan = ();

            fn plan(_: &ContextSelectionSet<'_>, _: &Positioned<Field>) -> ServerResult<()> {
                Ok(())
            }

            fn write(&self, (): &(), walk: &mut Walk<'_>) -> Result<(), Halt> {
                let $leaf = self;
                write_json(&$json, walk);
                Ok(())
            }
        }
    )+};
}

leaves! {
    bool: |it| it;
    i32: |it| it;
    str: |it| it;
    String: |it| it;
    Cow<'_, str>: |it| it;
    ID: |it| it.0;
    BigInt: |it| it.0.to_string();
    DateTime: |it| it.0.to_rfc3339();
    Json: |it| it.0;
}

/// Plain values always have a JSON form, and nothing fails to be written into memory.
pub(super) fn write_json(value: &(impl Serialize + ?Sized), walk: &mut Walk<'_>) {
    let begun = walk.out().len();
    if serde_json::to_writer(walk.out(), value).is_err() {
        walk.out().truncate(begun);
        walk.out().extend_from_slice(b"null");
    }
}

/// Lets enums of the schema be leaves of a walk.
macro_rules! walked_enum {
    ($($Enum:ty),+ $(,)?) => {$(
        impl $crate::graphql::walk::WalkOutput for $Enum {
            type Plan = ();

            fn plan(
                _: &async_graphql::ContextSelectionSet<'_>,
                _: &async_graphql::Positioned<async_graphql::parser::types::Field>,
            ) -> async_graphql::ServerResult<()> {
                Ok(())
            }

            fn write(
                &self,
                (): &(),
                walk: &mut $crate::graphql::walk::Walk<'_>,
            ) -> Result<(), $crate::graphql::walk::Halt> {
                walk.write_name(self);
                Ok(())
            }
        }
    )+};
}
pub(crate) use walked_enum;
