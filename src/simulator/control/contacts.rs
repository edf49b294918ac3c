//! What the directory is, who may see what of it, and changes to it.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Control, ControlError, ControlResult, changed, directory, many, parse, refused};
use crate::simulator::edits::Edit;
use crate::simulator::permissions::{POINTS, Permissions};
use crate::simulator::scope::Scope;
use crate::simulator::world::World;

impl Control {
    /// The whole truth about the directory: `{departments, users, home_school, counts}`.
    pub fn directory(&self) -> Value {
        let company = self.shared.world().company.clone();
        directory::whole(&company)
    }

    /// The contact scope: `{authed_dept, authed_user}`.
    pub fn scope(&self) -> Value {
        json!(self.shared.world().scope)
    }

    /// Replaces the contact scope, at once and for every token.
    pub fn set_scope(&self, body: Value) -> ControlResult {
        let scope: Scope = parse(body)?;
        let mut world = self.shared.world();
        if let Some(unknown) = scope
            .authed_dept
            .iter()
            .find(|id| world.company.department(**id).is_none())
        {
            return Err(refused(format!("authed_dept: there is no department {unknown}")));
        }
        if let Some(unknown) = scope.authed_user.iter().find(|id| world.company.person(id).is_none()) {
            return Err(refused(format!("authed_user: there is no {unknown:?}")));
        }

        world.scope = scope;
        Ok(json!(world.scope))
    }

    /// The permissions a new token gets: `{mobile, personal, points, empty_fields}`.
    pub fn permissions(&self) -> Value {
        json!(self.shared.world().permissions)
    }

    /// Changes the permissions given; the others stay. Tokens that are out keep theirs: expire them if need be.
    pub fn set_permissions(&self, body: Value) -> ControlResult {
        let mut world = self.shared.world();
        let permissions: Permissions = changed(&world.permissions, body)?;
        if let Some(unknown) = permissions
            .points
            .iter()
            .find(|point| !POINTS.contains(&point.as_str()))
        {
            return Err(refused(format!(
                "points: {unknown:?} is unknown; known are {}",
                POINTS.join(", ")
            )));
        }

        world.permissions = permissions;
        Ok(json!(world.permissions))
    }

    /// Makes one edit, or an array of them in order: `{results: […]}`. The first refused one ends it; those before
    /// stay.
    pub fn edit(&self, body: Value) -> ControlResult {
        let edits: Vec<Edit> = many(body)?;
        let mut world = self.shared.world();
        let made = edits.into_iter().enumerate().map(|(index, edit)| {
            let made = world.edit(edit);
            made.map_err(|reason| refused(format!("edit {index}: {reason}")))
        });
        let results: Result<Vec<Value>, ControlError> = made.collect();

        // Also after a refusal: the edits before it stay, and so do their events.
        self.shared.hub.wake.notify_one();
        Ok(json!({"results": results?}))
    }

    /// Makes `{count}` edits of all kinds, at most 100,000: `{made: [{edit, result}]}`.
    pub fn churn(&self, body: Value) -> ControlResult {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Churn {
            count: usize,
        }

        let churn: Churn = parse(body)?;
        if churn.count > 100_000 {
            return Err(refused("count: at most 100000"));
        }

        let made = self.shared.world().churn(churn.count);
        self.shared.hub.wake.notify_one();
        Ok(json!({ "made": made }))
    }

    /// Back to the state after the start, generated company included.
    pub fn reset(&self) {
        let fresh = World::new(self.shared.config.clone());
        *self.shared.world() = fresh;
        self.shared.hub.clear();
    }
}
