//! In which order people and departments are listed.

use std::borrow::Cow;

use async_graphql::{Enum, InputObject};

use crate::directory;

/// Which way round.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum OrderDirection {
    /// The smallest, earliest or first one first.
    Asc,
    /// The other way round. What has no such value comes last all the same.
    Desc,
}

/// What people can be ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum UserOrderField {
    /// `userId`, byte by byte.
    UserId,
    /// DingTalk's order in a department; of a subtree: department after department as `descendants` has them. Whoever
    /// has no order in their department stands last in it, and those who are gone behind everybody.
    #[graphql(name = "DINGTALK")]
    DingTalk,
    /// The name, by Chinese collation: in the order of its pinyin, other scripts behind it.
    Name,
    /// The job number; runs of digits are compared as numbers.
    JobNumber,
    /// The date of joining, the longest ago first.
    HiredDate,
}

/// In which order people are listed. Equal ones are told apart by their `userId`.
#[derive(Debug, Clone, InputObject)]
pub struct UserOrder {
    /// By what.
    field: UserOrderField,
    /// Which way round.
    #[graphql(default_with = "Some(OrderDirection::Asc)")]
    direction: Option<OrderDirection>,
}

/// What departments can be ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum DepartmentOrderField {
    /// `deptId`.
    DeptId,
    /// DingTalk's order: a department before its children, siblings as people see them; those that are gone last. Of
    /// `children` one that DingTalk gave no `order` comes last.
    #[graphql(name = "DINGTALK")]
    DingTalk,
    /// The name, by Chinese collation: in the order of its pinyin, other scripts behind it.
    Name,
    /// How many people are in it and below it (`totalMemberCount`), the smallest first.
    Size,
}

/// In which order departments are listed. Equal ones are told apart by their `deptId`.
#[derive(Debug, Clone, InputObject)]
pub struct DepartmentOrder {
    /// By what.
    field: DepartmentOrderField,
    /// Which way round.
    #[graphql(default_with = "Some(OrderDirection::Asc)")]
    direction: Option<OrderDirection>,
}

/// An order as lists take it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order<O> {
    /// DingTalk's, and whether from the end.
    DingTalk(bool),
    /// By a value, and whether the largest comes first.
    By(O, bool),
}

impl Order<directory::UserOrder> {
    /// What was given, or else `default`.
    pub(super) fn of_users(given: Option<&UserOrder>, default: Self) -> Self {
        let Some(given) = given else { return default };
        let descending = given.direction == Some(OrderDirection::Desc);
        match given.field {
            UserOrderField::DingTalk => Self::DingTalk(descending),
            UserOrderField::UserId => Self::By(directory::UserOrder::UserId, descending),
            UserOrderField::Name => Self::By(directory::UserOrder::Name, descending),
            UserOrderField::JobNumber => Self::By(directory::UserOrder::JobNumber, descending),
            UserOrderField::HiredDate => Self::By(directory::UserOrder::HiredDate, descending),
        }
    }
}

impl Order<directory::DepartmentOrder> {
    /// What was given, or else `default`.
    pub(super) fn of_departments(given: Option<&DepartmentOrder>, default: Self) -> Self {
        let Some(given) = given else { return default };
        let descending = given.direction == Some(OrderDirection::Desc);
        match given.field {
            DepartmentOrderField::DingTalk => Self::DingTalk(descending),
            DepartmentOrderField::DeptId => Self::By(directory::DepartmentOrder::DeptId, descending),
            DepartmentOrderField::Name => Self::By(directory::DepartmentOrder::Name, descending),
            DepartmentOrderField::Size => Self::By(directory::DepartmentOrder::Size, descending),
        }
    }
}

impl<O: std::fmt::Debug> Order<O> {
    /// The name of a list in this order, for its cursors: one order's don't fit another's. DingTalk's is that of most
    /// lists, and costs nothing.
    pub(super) fn list(&self, list: &'static str) -> Cow<'static, str> {
        match self {
            Self::DingTalk(false) => list.into(),
            Self::DingTalk(true) => format!("{list}.DingTalk.desc").into(),
            Self::By(order, false) => format!("{list}.{order:?}").into(),
            Self::By(order, true) => format!("{list}.{order:?}.desc").into(),
        }
    }
}
