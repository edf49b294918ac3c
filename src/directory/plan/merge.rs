//! What a record shall say: the source's words, and the mirror's where the source can't say anything.

use super::{DepartmentSource, UserSource, raw, withheld::Silence};
use crate::directory::{DepartmentFacts, DeptId, Raw, UserFacts};

pub(super) fn department(
    old: Option<&DepartmentFacts>,
    mut new: DepartmentFacts,
    source: DepartmentSource,
) -> DepartmentFacts {
    // The root has no parent, and nothing is its own; links of other circles are cut by the tree, not here.
    if new.dept_id == DeptId::ROOT || new.parent_id == Some(new.dept_id) {
        new.parent_id = None;
    }

    let said = new.raw.is_object();
    // Everything has a name; an answer without one (seen with `language=en_US`) takes nobody's away.
    if let Some(old) = old.filter(|_| new.name.is_empty()) {
        new.name.clone_from(&old.name);
    }

    match (source, old) {
        (DepartmentSource::ListSub, Some(old)) => {
            new.keep_unlisted(old);
            new.raw = Raw::of(&raw::overlaid(Some(old.raw.value()), new.raw.value()));
        }
        (DepartmentSource::Detail, Some(old)) if !said => new.raw = old.raw.clone(),
        _ => {}
    }

    new
}

pub(super) fn user(old: Option<&UserFacts>, mut new: UserFacts, source: UserSource, silence: &Silence) -> UserFacts {
    new.memberships.retain(|membership| membership.dept_id.is_company());
    new.memberships.sort_by_key(|membership| membership.dept_id);
    new.memberships.dedup_by_key(|membership| membership.dept_id);

    if let Some(old) = old {
        // As a department does, everybody keeps the name.
        if new.name.is_empty() {
            new.name.clone_from(&old.name);
        }
        silence.keep(old, &mut new, source);
    }

    match (source, old) {
        (UserSource::List, _) => {
            for membership in &mut new.memberships {
                // A department whose own list could not be read leaves its order and leader unsaid.
                let former = old.and_then(|old| old.memberships.iter().find(|it| it.dept_id == membership.dept_id));
                membership.order = membership.order.or(former.and_then(|it| it.order));
                membership.leader = membership.leader.or(former.and_then(|it| it.leader));
            }
            if let Some(old) = old {
                keep_blanks(old, &mut new);
                new.keep_unlisted(old);
            }
            let former = old.map(|old| old.raw.value());
            new.raw = Raw::of(&raw::listed_user(former, new.raw.value(), &new.memberships));
        }
        (UserSource::Detail, Some(old)) if !new.raw.is_object() => new.raw = old.raw.clone(),
        (UserSource::Detail, _) => {}
    }

    new
}

/// `user/list` leaves an empty text out where `user/get` says `""`: its silence about a blank is no news.
fn keep_blanks(old: &UserFacts, new: &mut UserFacts) {
    for field in UserFacts::FIELDS {
        if !(field.is_said)(new) && (field.is_blank)(old) {
            (field.take)(new, old);
        }
    }
}
