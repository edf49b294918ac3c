//! Fields of walked types that have to be waited for: they come from the database. Whatever stands above one of them in
//! a document is resolved by the library, field by field; everything beside it is walked.

use async_graphql::{
    ContainerType, Context, ContextSelectionSet, Positioned, ServerResult, Value,
    parser::types::{Field, Selection, SelectionSet},
    resolver_utils::resolve_container,
};

use super::{
    context::WalkContext,
    table::{WalkObject, is_called, is_waiting},
};
use crate::graphql::guard::require_all;

/// Whether something of it has to be waited for.
pub(super) fn waits(set: &SelectionSet) -> bool {
    set.items.iter().any(|selection| match &selection.node {
        Selection::Field(field) => waits_at(&field.node),
        Selection::InlineFragment(inline) => waits(&inline.node.selection_set.node),
        Selection::FragmentSpread(_) => false,
    })
}

fn waits_at(field: &Field) -> bool {
    is_waiting(&field.name.node) || waits(&field.selection_set.node)
}

/// Resolves an object field by field.
///
/// # Errors
/// A field failed that can't be null.
pub(super) async fn resolve<T: WalkObject + ContainerType>(
    object: &T,
    ctx: &ContextSelectionSet<'_>,
) -> ServerResult<Value> {
    resolve_container(ctx, object).await
}

/// Resolves a field that has to be waited for itself, or for something below it. None: it is to be walked.
///
/// # Errors
/// It can't be null and failed.
pub(super) async fn resolve_field<T: WalkObject>(
    object: &T,
    ctx: &Context<'_>,
    set: &ContextSelectionSet<'_>,
) -> ServerResult<Option<Value>> {
    let name = ctx.item.node.name.node.as_str();
    if let Some(def) = T::WAITING.iter().find(|def| is_called(def.name, name)) {
        return nullable(ctx, ctx.item, (def.resolve)(object, ctx).await).map(Some);
    }
    if !waits(&set.item.node) {
        return Ok(None);
    }

    match T::FIELDS.iter().find(|def| def.is_named(name)) {
        Some(def) if require_all(&WalkContext::new(set), def.needs).is_ok() => {
            let resolved = (def.resolve)(object, set, ctx.item).await;
            if def.is_nullable() {
                nullable(ctx, ctx.item, resolved).map(Some)
            } else {
                resolved.map(Some)
            }
        }
        // The walk refuses it.
        _ => Ok(None),
    }
}

/// An argument that has a wrong value is the field's own fault.
fn nullable(ctx: &Context<'_>, field: &Positioned<Field>, resolved: ServerResult<Value>) -> ServerResult<Value> {
    Ok(resolved.unwrap_or_else(|mut error| {
        if error.locations.is_empty() {
            error.locations.push(field.pos);
        }
        let has_place = !error.path.is_empty();
        ctx.add_error(if has_place { error } else { ctx.set_error_path(error) });
        Value::Null
    }))
}
