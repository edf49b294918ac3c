//! A department in DingTalk's words.

use super::{
    ids::{DeptId, UserId},
    raw::Raw,
};
use serde::{Deserialize, Serialize};

/// What `department/get` (or `listsub`) said of a department. `None` is "not said": no permission, or no value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DepartmentFacts {
    /// `dept_id`.
    pub dept_id: DeptId,
    /// `parent_id`; absent for the root, and kept for an authorised department whose parent can't be read.
    pub parent_id: Option<DeptId>,
    /// `name`; of the root: the company's name.
    pub name: String,
    /// `order` among its siblings, small first.
    pub order: Option<i64>,
    /// `hide_dept`: people don't see it in the directory.
    pub hide_dept: Option<bool>,
    /// `outer_dept`: its members see a restricted directory.
    pub outer_dept: Option<bool>,
    /// `create_dept_group`.
    pub create_dept_group: Option<bool>,
    /// `auto_add_user`.
    pub auto_add_user: Option<bool>,
    /// `dept_manager_userid_list`.
    pub manager_userids: Vec<UserId>,
    /// `org_dept_owner`: the group's owner.
    pub org_dept_owner: Option<UserId>,
    /// `dept_group_chat_id`.
    pub dept_group_chat_id: Option<String>,
    /// `source_identifier`.
    pub source_identifier: Option<String>,
    /// `brief`.
    pub brief: Option<String>,
    /// DingTalk's whole object, so that a field nobody mapped yet is not lost.
    pub raw: Raw,
}
