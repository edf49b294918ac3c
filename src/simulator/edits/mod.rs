//! Changes to the directory, as an administrator would make them. Every change emits the events the platform would.

mod churn;
mod departments;
mod people;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::world::World;

/// One change.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "edit", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Edit {
    /// Somebody joins. What is not given is invented.
    Hire {
        /// At least one; absent for the root.
        #[serde(default)]
        departments: Vec<i64>,
        /// Invented when absent.
        userid: Option<String>,
        /// Invented when absent.
        name: Option<String>,
        /// As for `update_user`.
        #[serde(default)]
        fields: Map<String, Value>,
    },
    /// Somebody leaves and vanishes from every list at once.
    Leave {
        /// Who.
        userid: String,
    },
    /// Somebody's departments are replaced.
    Move {
        /// Who.
        userid: String,
        /// Where to; at least one.
        departments: Vec<i64>,
    },
    /// Some of somebody's fields change; `null` removes one.
    UpdateUser {
        /// Who.
        userid: String,
        /// DingTalk's names and types.
        fields: Map<String, Value>,
    },
    /// A department gets another name.
    RenameDepartment {
        /// Which.
        dept_id: i64,
        /// 1 to 64 characters without `-`, `,` and `，`; not used below the same parent.
        name: String,
    },
    /// A department and all below it go elsewhere.
    MoveDepartment {
        /// Which.
        dept_id: i64,
        /// Where to; not into its own subtree.
        parent_id: i64,
    },
    /// A new department.
    CreateDepartment {
        /// Below which one.
        parent_id: i64,
        /// As for `rename_department`.
        name: String,
        /// Invented when absent.
        dept_id: Option<i64>,
    },
    /// A department goes, with all below it; its people go to its parent unless they have another one.
    RemoveDepartment {
        /// Which; not the root.
        dept_id: i64,
    },
    /// Everybody and everything of one department goes to another, and the first is removed.
    MergeDepartments {
        /// Which disappears.
        from: i64,
        /// Which takes over.
        into: i64,
    },
}

/// Why an edit was refused: a sentence that names the field.
pub(crate) type EditRefusal = String;

impl World {
    /// Makes one change and gives what it was about.
    pub(crate) fn edit(&mut self, edit: Edit) -> Result<Value, EditRefusal> {
        match edit {
            Edit::Hire {
                departments,
                userid,
                name,
                fields,
            } => self.hire(departments, userid, name, fields),
            Edit::Leave { userid } => self.leave(&userid),
            Edit::Move { userid, departments } => self.move_person(&userid, &departments),
            Edit::UpdateUser { userid, fields } => self.update_user(&userid, fields),
            Edit::RenameDepartment { dept_id, name } => self.rename_department(dept_id, &name),
            Edit::MoveDepartment { dept_id, parent_id } => self.move_department(dept_id, parent_id),
            Edit::CreateDepartment {
                parent_id,
                name,
                dept_id,
            } => self.create_department(parent_id, &name, dept_id),
            Edit::RemoveDepartment { dept_id } => self.remove_department(dept_id),
            Edit::MergeDepartments { from, into } => self.merge_departments(from, into),
        }
    }

    /// The department, unless there is none or it is a home-school one.
    pub(super) fn known_department(
        &self,
        field: &str,
        dept_id: i64,
    ) -> Result<&super::company::Department, EditRefusal> {
        let found = self
            .company
            .department(dept_id)
            .filter(|department| !department.is_home_school());
        found.ok_or_else(|| format!("{field}: there is no department {dept_id}"))
    }
}
