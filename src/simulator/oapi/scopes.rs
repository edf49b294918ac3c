//! `GET /auth/scopes`.

use serde_json::json;

use crate::simulator::permissions::Permissions;
use crate::simulator::wire::{CallArgs, CallResult, fields};
use crate::simulator::world::World;

/// Which departments and people the app was given, and which fields of them.
pub(super) fn scopes(world: &mut World, _: &CallArgs, permissions: &Permissions) -> CallResult {
    let mut names = vec![
        "name",
        "userid",
        "active",
        "isAdmin",
        "department",
        "position",
        "avatar",
        "jobnumber",
    ];

    if permissions.mobile {
        names.extend(["mobile", "stateCode"]);
    }
    if permissions.personal {
        names.extend(["email", "orgEmail", "workPlace", "remark", "extattr"]);
    }

    Ok(fields(json!({
        "auth_user_field": names,
        "condition_field": [],
        "auth_org_scopes": {"authed_user": world.scope.authed_user, "authed_dept": world.scope.authed_dept},
    })))
}
