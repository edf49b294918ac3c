//! Which fields say what follows from the snapshot and the caller's permissions alone. Answers of such fields only have
//! an `ETag`. Whatever isn't named here is taken to depend on more: the database, the clock, the settings.

use async_graphql::parser::types::Field;
use async_graphql_value::Value;

use super::{FieldDef, TypeDefKind, Types, name_of};

/// Fields of the query root.
const ROOTS: [&str; 4] = ["department", "departments", "user", "users"];

/// The types of the snapshot.
const TYPES: [&str; 10] = [
    "Department",
    "DepartmentConnection",
    "DepartmentEdge",
    "User",
    "UserConnection",
    "UserEdge",
    "Membership",
    "MembershipConnection",
    "MembershipEdge",
    "PageInfo",
];

/// Fields of those types that say more than the snapshot: when something was last verified, the runs tell.
const OTHERS: [&str; 1] = ["lastVerifiedAt"];

impl Types {
    /// Marks the fields, once all types are known.
    pub(super) fn mark_steady(&mut self) {
        let composites: Vec<String> = self
            .types
            .values()
            .filter(|ty| ty.composite().is_some())
            .map(|ty| ty.name.clone())
            .collect();

        for (parents, fields) in [(vec![self.query.as_str()], Some(&ROOTS)), (TYPES.to_vec(), None)] {
            for parent in parents {
                let Some(TypeDefKind::Composite(parent)) = self.types.get_mut(parent).map(|ty| &mut ty.kind) else {
                    continue;
                };
                for (name, def) in &mut parent.fields {
                    let below = name_of(&def.ty);
                    let is_below = TYPES.contains(&below) || !composites.iter().any(|name| name == below);
                    let is_named = fields.is_none_or(|fields| fields.contains(&name.as_str()));
                    def.is_steady = is_named && is_below && !OTHERS.contains(&name.as_str());
                }
            }
        }
    }
}

impl FieldDef {
    /// Whether this use of it, with the arguments that it has in normal form, is answered from the change log, as far
    /// back as that is kept.
    pub(in crate::graphql::admission) fn is_of_another_time(&self, field: &Field) -> bool {
        let as_of = field.get_argument("asOf");
        as_of.is_some_and(|value| value.node != Value::Null) || self.heavy.names_past(field)
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::types::OperationType;

    use super::*;
    use crate::graphql::{Mutation, Query, Subscription};

    #[test]
    fn whatever_is_named_is_there() {
        let types = Types::of::<Query, Mutation, Subscription>();
        let root = types.root(OperationType::Query).expect("a root");
        for name in ROOTS {
            assert!(types.field(root, name).is_some_and(|def| def.is_steady), "{name}");
        }
        for name in TYPES {
            assert!(types.get(name).is_some(), "{name}");
        }

        let user = types.get("User").expect("people");
        for (name, is_steady) in [
            ("name", true),
            ("memberships", true),
            ("lastVerifiedAt", false),
            ("confluenceIdentities", false),
        ] {
            assert_eq!(
                types.field(user, name).map(|def| def.is_steady),
                Some(is_steady),
                "{name}"
            );
        }
        for name in ["mirror", "changes", "viewer", "node", "userByMobile", "__schema"] {
            assert!(types.field(root, name).is_some_and(|def| !def.is_steady), "{name}");
        }
    }
}
