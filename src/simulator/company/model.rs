//! What a company consists of.

/// One department. Field names are DingTalk's (`/topapi/v2/department/get`), typed as on the wire.
#[derive(Clone, Debug)]
pub(crate) struct Department {
    pub(crate) dept_id: i64,
    /// `None` for the root only.
    pub(crate) parent_id: Option<i64>,
    pub(crate) name: String,
    /// Position among its siblings, the small ones first.
    pub(crate) order: i64,
    pub(crate) create_dept_group: bool,
    pub(crate) auto_add_user: bool,
    pub(crate) source_identifier: Option<String>,
    pub(crate) dept_group_chat_id: Option<String>,
    pub(crate) outer_dept: bool,
    pub(crate) hide_dept: bool,
    pub(crate) brief: String,
    pub(crate) ext: Option<String>,
}

impl Department {
    /// The home-school directory has negative ids, is listed below the root and cannot be read.
    pub(crate) fn is_home_school(&self) -> bool {
        self.dept_id < 1
    }
}

/// Somebody's place in one department.
#[derive(Clone, Debug)]
pub(crate) struct Membership {
    pub(crate) dept_id: i64,
    /// About 1.76e17, beyond 2^53; the larger sorts nearer the front.
    pub(crate) order: i64,
    pub(crate) leader: bool,
}

/// A role somebody has.
#[derive(Clone, Debug)]
pub(crate) struct Role {
    pub(crate) id: i64,
    pub(crate) name: String,
    pub(crate) group_name: String,
}

/// An account that belongs to the company instead of the person (企业账号).
#[derive(Clone, Debug)]
pub(crate) struct ExclusiveAccount {
    pub(crate) login_id: String,
    pub(crate) nickname: String,
}

/// How much of an administrator somebody is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Admin {
    /// Not at all.
    No,
    /// `sys_level` 1.
    Main,
    /// `sys_level` 2.
    Sub,
}

/// One employee. A text that is `None` was never entered; `Some("")` was entered and cleared: DingTalk shows both
/// forms.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    pub(crate) userid: String,
    pub(crate) unionid: String,
    pub(crate) name: String,
    pub(crate) avatar: Option<String>,
    pub(crate) mobile: String,
    pub(crate) hide_mobile: bool,
    pub(crate) telephone: Option<String>,
    pub(crate) job_number: Option<String>,
    pub(crate) title: Option<String>,
    pub(crate) email: Option<String>,
    pub(crate) org_email: Option<String>,
    pub(crate) work_place: Option<String>,
    pub(crate) remark: Option<String>,
    /// JSON in a string, with texts as values.
    pub(crate) extension: Option<String>,
    /// Milliseconds; midnight in China.
    pub(crate) hired_date: Option<i64>,
    /// ISO 8601 in UTC; undocumented, seen in reality now and then.
    pub(crate) create_time: Option<String>,
    pub(crate) active: bool,
    pub(crate) real_authed: bool,
    pub(crate) senior: bool,
    pub(crate) admin: Admin,
    pub(crate) boss: bool,
    pub(crate) manager_userid: Option<String>,
    /// Access-restricted people appear in lists only when `contain_access_limit` is true.
    pub(crate) restricted: bool,
    pub(crate) exclusive: Option<ExclusiveAccount>,
    pub(crate) roles: Vec<Role>,
    pub(crate) departments: Vec<Membership>,
    /// Counts up with every hire: `order_field` `entry_*` follows it.
    pub(crate) entry: u64,
    /// Counts up with every change: `order_field` `modify_*` follows it.
    pub(crate) modified: u64,
}

impl Person {
    /// The ids of this person's departments, in the order they were given.
    pub(crate) fn dept_ids(&self) -> Vec<i64> {
        self.departments.iter().map(|membership| membership.dept_id).collect()
    }

    /// This person's place in one department.
    pub(crate) fn membership(&self, dept_id: i64) -> Option<&Membership> {
        self.departments.iter().find(|membership| membership.dept_id == dept_id)
    }
}
