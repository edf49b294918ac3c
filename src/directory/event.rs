//! What DingTalk tells of a change: never the change itself, only whose record to read again.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::ids::{DeptId, UserId};

/// What an event is about, in DingTalk's `EventType`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum EventKind {
    /// `user_add_org`.
    UserAdd,
    /// `user_modify_org`, moves between departments included.
    UserModify,
    /// `user_leave_org`.
    UserLeave,
    /// `user_active_org`: the first login.
    UserActive,
    /// `org_admin_add`.
    AdminAdd,
    /// `org_admin_remove`.
    AdminRemove,
    /// `org_dept_create`.
    DepartmentCreate,
    /// `org_dept_modify`; of a moved subtree only the moved department.
    DepartmentModify,
    /// `org_dept_remove`; one event lists the whole subtree.
    DepartmentRemove,
    /// `org_change`: the company's own record.
    OrgChange,
    /// `org_remove`: the company was dissolved.
    OrgRemove,
    /// `label_user_change`: who has a role.
    RoleMembers,
    /// `label_conf_add`, `label_conf_del`, `label_conf_modify`: the roles themselves.
    Roles,
    /// Anything else; it is known again, and leads to nothing.
    Other,
}

impl EventKind {
    /// By DingTalk's `EventType`.
    pub fn of(event_type: &str) -> Self {
        match event_type {
            "user_add_org" => Self::UserAdd,
            "user_modify_org" => Self::UserModify,
            "user_leave_org" => Self::UserLeave,
            "user_active_org" => Self::UserActive,
            "org_admin_add" => Self::AdminAdd,
            "org_admin_remove" => Self::AdminRemove,
            "org_dept_create" => Self::DepartmentCreate,
            "org_dept_modify" => Self::DepartmentModify,
            "org_dept_remove" => Self::DepartmentRemove,
            "org_change" => Self::OrgChange,
            "org_remove" => Self::OrgRemove,
            "label_user_change" => Self::RoleMembers,
            "label_conf_add" | "label_conf_del" | "label_conf_modify" => Self::Roles,
            _ => Self::Other,
        }
    }
}

/// How an event came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum EventChannel {
    /// HTTP push.
    Push,
    /// Stream mode.
    Stream,
    /// The list of pushes that failed.
    FailedList,
}

/// One event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DirectoryEvent {
    /// The same however often and by whichever channel it comes: DingTalk's `eventId`, or what stands in for it.
    pub key: String,
    /// What it is about.
    pub kind: EventKind,
    /// Whom it names.
    pub users: Vec<UserId>,
    /// Which departments it names, home-school ones left out.
    pub departments: Vec<DeptId>,
    /// When it happened, where DingTalk says so.
    pub born_at: Option<DateTime<Utc>>,
}

/// An event that is durable here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceivedEvent {
    /// Its place among those received.
    pub seq: i64,
    /// When it was received.
    pub received_at: DateTime<Utc>,
    /// The event.
    pub event: DirectoryEvent,
}
