//! A department in DingTalk's words: the table of its fields.

use serde::{Deserialize, Serialize};

use super::{
    facts::{facts, open},
    ids::{DeptId, UserId},
    raw::Raw,
};

facts! {
    /// What `department/get` (or `listsub`) said of a department. `None` is "not said": no permission, or no value.
    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    pub struct DepartmentFacts {
        /// `dept_id`.
        key dept_id: DeptId,
        /// `parent_id`; absent for the root, and kept for an authorised department whose parent can't be read.
        parent_id: Option<DeptId> = open(),
        /// `name`; of the root: the company's name.
        name: String = open(),
        /// `order` among its siblings, small first.
        order: Option<i64> = open().unlisted(),
        /// `hide_dept`: people don't see it in the directory.
        hide_dept: Option<bool> = open().unlisted(),
        /// `outer_dept`: its members see a restricted directory.
        outer_dept: Option<bool> = open().unlisted(),
        /// `create_dept_group`.
        create_dept_group: Option<bool> = open(),
        /// `auto_add_user`.
        auto_add_user: Option<bool> = open(),
        /// The managers.
        manager_userids: Vec<UserId> = open().unlisted().named("dept_manager_userid_list").shown_as("managers"),
        /// `org_dept_owner`: the group's owner.
        org_dept_owner: Option<UserId> = open().unlisted().unshown(),
        /// `dept_group_chat_id`.
        dept_group_chat_id: Option<String> = open().unlisted(),
        /// `source_identifier`.
        source_identifier: Option<String> = open(),
        /// `brief`.
        brief: Option<String> = open().unlisted(),
        /// DingTalk's whole object, so that a field nobody mapped yet is not lost.
        raw: Raw,
    }
}

impl DepartmentFacts {
    /// Takes over from `former` what no list says.
    pub(super) fn keep_unlisted(&mut self, former: &Self) {
        for field in Self::FIELDS.iter().filter(|field| !field.rules.is_listed) {
            (field.take)(self, former);
        }
    }
}
