//! How much of the company the app sees.

use super::{
    calls::{Answer, Unanswered},
    check::Finding,
};
use crate::{
    catalogue::checks as said,
    dingtalk::{Class, Scopes},
    directory::DeptId,
};

/// By what DingTalk says of the scope, or, where it isn't asked, of the root department.
pub(super) fn contact_scope<T>(scopes: Option<&Answer<Scopes>>, root: &Answer<T>) -> Finding {
    let Some(Ok(scopes)) = scopes else {
        return match root {
            Ok(_) => Finding::passed(said::SCOPE_ROOT_READABLE {}),
            Err(Unanswered::Error(error)) if error.class() == Class::Scope => {
                Finding::limited(said::SCOPE_ROOT_HIDDEN {}).remedied(said::WIDEN_SCOPE {})
            }
            Err(_) => Finding::skipped(said::SCOPE_UNTESTED {}),
        };
    };

    let (departments, people) = (scopes.departments.len(), scopes.users.len());
    if scopes.departments.contains(&DeptId::ROOT) {
        Finding::passed(said::SCOPE_WHOLE_COMPANY {})
    } else if departments + people == 0 {
        Finding::failed(said::SCOPE_NOTHING {}).remedied(said::WIDEN_SCOPE {})
    } else {
        Finding::limited(said::SCOPE_PARTS { departments, people }).remedied(said::WIDEN_SCOPE {})
    }
}
