//! The orders that people and departments are listed in, beside DingTalk's own.

mod collation;
mod key;

pub(crate) use key::TextOrder;
pub use key::{Place, SortKey, SortValue};

use super::{DeptId, SharedText, User};

/// What people are ordered by. Whoever has no such value comes last in either direction; equal ones are told apart by
/// their `userid`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum UserOrder {
    /// `userid`, byte by byte.
    UserId,
    /// The name, by Chinese collation.
    Name,
    /// The job number, runs of digits as numbers.
    JobNumber,
    /// The date of joining.
    HiredDate,
}

impl UserOrder {
    /// The value of a user.
    pub fn value(self, user: &User) -> SortValue {
        let text = |text: &SharedText| match text.trim().is_empty() {
            true => SortValue::None,
            false => SortValue::Text(text.to_string()),
        };
        let facts = &user.facts;
        match self {
            Self::UserId => SortValue::None,
            Self::Name => text(&facts.name),
            Self::JobNumber => facts.job_number.as_ref().map_or(SortValue::None, text),
            Self::HiredDate => facts.hired_date.map_or(SortValue::None, SortValue::Number),
        }
    }

    /// The key of a user.
    pub(crate) fn key_of(self, user: &User) -> SortKey {
        self.key(&self.value(user), user.facts.userid.as_str())
    }

    /// The key of a place.
    pub fn key_at(self, place: &Place<String>) -> SortKey {
        self.key(&place.0, place.1.as_str())
    }

    fn key(self, value: &SortValue, userid: &str) -> SortKey {
        let order = match self {
            Self::JobNumber => TextOrder::Natural,
            Self::UserId | Self::Name | Self::HiredDate => TextOrder::Pinyin,
        };
        SortKey::of(order, value, userid)
    }
}

/// What departments are ordered by; equal ones are told apart by their id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DepartmentOrder {
    /// `dept_id`.
    DeptId,
    /// The name, by Chinese collation.
    Name,
    /// How many people are in it and below it.
    Size,
}

impl DepartmentOrder {
    /// The key of a place.
    pub fn key_at(self, place: &Place<i64>) -> SortKey {
        SortKey::of(TextOrder::Pinyin, &place.0, &DeptId(place.1))
    }
}
