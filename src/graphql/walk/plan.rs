//! A selection set, compiled: the steps in which an object is written.

use async_graphql::{
    ContextSelectionSet, PathSegment, Positioned, ServerError, ServerResult,
    parser::types::{Field, Selection, SelectionSet},
};

use super::{
    context::WalkContext,
    halt::Halt,
    table::{FieldDef, WalkObject, WriteField},
    walker::Walk,
};
use crate::graphql::guard::require_all;

/// How the objects `T` are written that one selection set selects of.
pub(crate) struct ObjectPlan<T> {
    steps: Vec<Step<T>>,
}

struct Step<T> {
    /// `"key":`, behind a comma where it isn't the first.
    key: Box<[u8]>,
    action: Action<T>,
}

enum Action<T> {
    /// `__typename`, written down.
    TypeName,
    /// A field, by its response key.
    Field(String, WriteField<T>),
}

impl<T: WalkObject> ObjectPlan<T> {
    /// Writes one object.
    ///
    /// # Errors
    /// A field failed that can't be null, or the walk is stopped.
    pub(crate) fn write(&self, object: &T, walk: &mut Walk<'_>) -> Result<(), Halt> {
        walk.out().push(b'{');
        for step in &self.steps {
            walk.out().extend_from_slice(&step.key);
            match &step.action {
                Action::TypeName => {
                    walk.out().push(b'"');
                    walk.out().extend_from_slice(T::NAME.as_bytes());
                    walk.out().push(b'"');
                }
                Action::Field(key, write) => {
                    walk.count_node()?;
                    walk.step(|| PathSegment::Field(key.clone()), |walk| write(object, walk))?;
                }
            }
        }
        walk.out().push(b'}');
        Ok(())
    }

    fn push(&mut self, key: &str, action: Action<T>) {
        let comma = if self.steps.is_empty() { "" } else { "," };
        // A name needs no escapes.
        let key = format!("{comma}\"{key}\":").into_bytes().into_boxed_slice();
        self.steps.push(Step { key, action });
    }

    fn add(&mut self, ctx: &ContextSelectionSet<'_>, set: &SelectionSet) -> ServerResult<()> {
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) => {
                    let key = field.node.response_key().node.as_str();
                    let action = if field.node.name.node == "__typename" {
                        Action::TypeName
                    } else {
                        Action::Field(key.to_owned(), compile_field(ctx, field)?)
                    };
                    self.push(key, action);
                }
                // Of an interface or a union: the fields of one type.
                Selection::InlineFragment(inline) => {
                    let condition = inline.node.type_condition.as_ref();
                    if condition.is_none_or(|condition| condition.node.on.node == T::NAME) {
                        self.add(ctx, &inline.node.selection_set.node)?;
                    }
                }
                Selection::FragmentSpread(spread) => {
                    let message = "a fragment is spread where the normal form has none";
                    return Err(ServerError::new(message, Some(spread.pos)));
                }
            }
        }
        Ok(())
    }
}

/// Compiles the selection set of `ctx`.
///
/// # Errors
/// It is none of this type.
pub(crate) fn compile<T: WalkObject>(ctx: &ContextSelectionSet<'_>) -> ServerResult<ObjectPlan<T>> {
    let mut plan = ObjectPlan {
        steps: Vec::with_capacity(ctx.item.node.items.len()),
    };
    plan.add(ctx, &ctx.item.node)?;
    Ok(plan)
}

/// Makes one use of a field ready. Whoever may not see it is refused here, before its arguments are looked at.
///
/// # Errors
/// There is no such field, or it is wrong below it.
pub(super) fn compile_field<T: WalkObject>(
    ctx: &ContextSelectionSet<'_>,
    field: &Positioned<Field>,
) -> ServerResult<WriteField<T>> {
    let name = field.node.name.node.as_str();
    let Some(def) = T::FIELDS.iter().find(|def| def.is_named(name)) else {
        let message = format!("Cannot query field \"{name}\" on type \"{}\".", T::NAME);
        return Err(ServerError::new(message, Some(field.pos)));
    };

    if let Err(refused) = require_all(&WalkContext::new(ctx), def.needs) {
        let error = async_graphql::Error::from(refused).into_server_error(field.pos);
        return Ok(failing(def, error));
    }
    // An argument has a value that it can't have: the field's own fault.
    (def.compile)(ctx, field).or_else(|error| Ok(failing(def, error)))
}

fn failing<T: WalkObject>(def: &FieldDef<T>, error: ServerError) -> WriteField<T> {
    let fail = move || Err(Halt::of(error.clone()));
    if def.is_nullable() {
        Box::new(move |_, walk| walk.nullable(|_| fail()))
    } else {
        Box::new(move |_, _| fail())
    }
}
