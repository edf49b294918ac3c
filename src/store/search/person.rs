//! Recipients who are one person.

use sea_orm::{ColumnTrait, Condition};

use crate::{
    directory::UserId,
    store::{column::CleanText, entity::recipient},
};

/// This DingTalk user; `named`: only where the request named them, not where a department brought them.
pub(super) fn this_user(userid: &UserId, named: bool) -> Condition {
    let this = Condition::all().add(recipient::Column::Userid.eq(CleanText::from(userid.as_str())));
    this.add_option(named.then(|| recipient::Column::DeptId.is_null()))
}
