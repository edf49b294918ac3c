//! Fields that nobody shows any more: a withdrawn permission, not a thousand emptied fields.

use std::collections::BTreeSet;

use super::Observation;
use crate::directory::{Snapshot, UserFacts};

/// From this many people who had a field, its sudden silence about everybody is a lost permission.
const PEOPLE: usize = 3;

/// Fields that DingTalk says only with a permission, and with which one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FieldGroup {
    /// `mobile`, `state_code`: 企业员工手机号信息.
    Mobile,
    /// `email`, `org_email`, `work_place`, `remark`, `extension`: 邮箱等个人信息.
    Personal,
}

impl FieldGroup {
    /// The permission's name in DingTalk's console.
    pub const fn permission(self) -> &'static str {
        match self {
            Self::Mobile => "企业员工手机号信息",
            Self::Personal => "邮箱等个人信息",
        }
    }

    /// The fields, for people.
    pub const fn fields(self) -> &'static str {
        match self {
            Self::Mobile => "mobile numbers",
            Self::Personal => "emails and other personal fields",
        }
    }

    fn is_said(self, facts: &UserFacts) -> bool {
        match self {
            Self::Mobile => facts.mobile.is_some() || facts.state_code.is_some(),
            Self::Personal => [
                &facts.email,
                &facts.org_email,
                &facts.work_place,
                &facts.remark,
                &facts.extension,
            ]
            .iter()
            .any(|field| field.is_some()),
        }
    }

    /// Puts the former values back.
    pub(super) fn keep(self, old: &UserFacts, new: &mut UserFacts) {
        match self {
            Self::Mobile => {
                new.mobile.clone_from(&old.mobile);
                new.state_code.clone_from(&old.state_code);
            }
            Self::Personal => {
                new.email.clone_from(&old.email);
                new.org_email.clone_from(&old.org_email);
                new.work_place.clone_from(&old.work_place);
                new.remark.clone_from(&old.remark);
                new.extension.clone_from(&old.extension);
            }
        }
    }
}

/// The groups that the mirror knows of at least three of the people who were read, and that were said of none of them.
///
/// With the permission DingTalk says `""` for an empty email, so silence about everybody means that it is gone. The
/// mirror then keeps what it had: blanking every email would unmatch the whole company at once.
pub fn withheld(snapshot: &Snapshot, observation: &Observation) -> BTreeSet<FieldGroup> {
    let read = || observation.users.values().map(|(facts, _)| facts);
    [FieldGroup::Mobile, FieldGroup::Personal]
        .into_iter()
        .filter(|group| !read().any(|facts| group.is_said(facts)))
        .filter(|group| {
            let known = read().filter_map(|facts| snapshot.user(facts.userid.as_str()));
            known.filter(|user| group.is_said(&user.facts)).take(PEOPLE).count() == PEOPLE
        })
        .collect()
}
