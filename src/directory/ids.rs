//! DingTalk's keys. Names are never keys: two departments may share one, and people rename themselves.

use std::{fmt, sync::Arc};

use serde::{Deserialize, Serialize};

use crate::catalogue::Value;

/// Deeper than any company's tree: who climbs from parent to parent stops after so many, for parents may form a circle.
pub const MOST_LEVELS: usize = 200;

/// DingTalk's `dept_id`. Root is 1; ids at or below 0 are the home-school directory and never enter the mirror.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DeptId(pub i64);

impl DeptId {
    /// The company itself.
    pub const ROOT: Self = Self(1);

    /// Whether this is a department of the company, not of the home-school directory.
    pub const fn is_company(self) -> bool {
        self.0 > 0
    }
}

impl fmt::Display for DeptId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// DingTalk's `userid`: opaque text, unique in the company, compared exactly (`011505184066774889` keeps its zero).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UserId(pub Arc<str>);

impl UserId {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for UserId {
    fn from(text: &str) -> Self {
        Self(text.into())
    }
}

impl From<String> for UserId {
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

impl std::borrow::Borrow<str> for UserId {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<DeptId> for Value {
    fn from(id: DeptId) -> Self {
        id.0.into()
    }
}

impl From<&UserId> for Value {
    fn from(id: &UserId) -> Self {
        id.as_str().into()
    }
}

/// The number of an applied batch: 0 is the empty mirror, each batch that changed something takes the next.
pub type Revision = i64;
