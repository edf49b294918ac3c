//! The fields that differ, by DingTalk's names.

use super::raw;
use crate::directory::{DepartmentFacts, FieldChange, UserFacts, facts::Field};

pub(super) fn department(old: &DepartmentFacts, new: &DepartmentFacts) -> Vec<FieldChange> {
    let mut changes = mapped(DepartmentFacts::FIELDS, old, new);
    changes.extend(raw::department_changes(&old.raw, &new.raw));
    changes
}

pub(super) fn user(old: &UserFacts, new: &UserFacts) -> Vec<FieldChange> {
    let mut changes = mapped(UserFacts::FIELDS, old, new);
    changes.extend(raw::user_changes(&old.raw, &new.raw));
    changes
}

fn mapped<F>(fields: &[Field<F>], old: &F, new: &F) -> Vec<FieldChange> {
    let change = |field: &Field<F>| {
        let (before, after) = field.difference(old, new)?;
        Some(FieldChange {
            field: field.name.to_owned(),
            before,
            after,
        })
    };
    fields.iter().filter_map(change).collect()
}
