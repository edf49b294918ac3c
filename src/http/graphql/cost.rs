//! What an operation costs, as its caller is told in the answer's extensions.

use async_graphql::Value;

use super::extension::object;
use crate::{
    auth::{Caller, Permission},
    directory::Snapshot,
    graphql::admission::{Cost, Sizes},
};

/// How much there is of everything, as far as the caller may know it: costs tell of it. Whoever may not read the
/// directory gets none of its lists, so that there may be any number.
pub(super) fn sizes(snapshot: Option<&Snapshot>, may_read: bool) -> Sizes {
    let Some(snapshot) = snapshot.filter(|_| may_read) else {
        return Sizes::UNKNOWN;
    };
    Sizes {
        departments: snapshot.department_count(),
        people: snapshot.user_count(),
        memberships: snapshot.membership_count(),
        reached: snapshot.reached_count(),
    }
}

/// Whether the caller may know how much there is.
pub(super) fn may_know(caller: Option<&Caller>) -> bool {
    caller.is_some_and(|caller| caller.may(Permission::DirectoryRead))
}

/// As `extensions.cost` of an answer has it.
pub(super) fn value(cost: &Cost) -> Value {
    let field = cost.costliest.as_ref();
    object([
        ("requested", Value::from(cost.requested)),
        ("allowed", Value::from(cost.allowed)),
        (
            "costliestField",
            field.map_or(Value::Null, |(path, _)| Value::from(path.as_str())),
        ),
    ])
}
