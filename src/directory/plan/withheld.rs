//! Fields that nobody shows any more: a withdrawn permission, not a thousand emptied fields.

use std::collections::BTreeSet;

use super::{Observation, UserSource};
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
    const ALL: [Self; 2] = [Self::Mobile, Self::Personal];

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
    fn keep(self, old: &UserFacts, new: &mut UserFacts) {
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
    let is_known = |group: &FieldGroup| {
        let known = read().filter_map(|facts| snapshot.user(facts.userid.as_str()));
        known.filter(|user| group.is_said(&user.facts)).take(PEOPLE).count() == PEOPLE
    };
    let unsaid = FieldGroup::ALL
        .into_iter()
        .filter(|group| !is_said_of_anybody(*group, observation));
    unsaid.filter(is_known).collect()
}

fn is_said_of_anybody(group: FieldGroup, observation: &Observation) -> bool {
    observation.users.values().any(|(facts, _)| group.is_said(facts))
}

/// Which silence takes no values away.
pub(super) struct Silence {
    /// Of lists and of people's own records: the permission is gone.
    of_everybody: BTreeSet<FieldGroup>,
    /// Of people's own records: nobody's says the group, or too few were read to tell a cleared value from a lost
    /// permission.
    of_records: BTreeSet<FieldGroup>,
}

impl Silence {
    pub(super) fn of(snapshot: &Snapshot, observation: &Observation) -> Self {
        let is_no_news = |group: &FieldGroup| observation.single_records || !is_said_of_anybody(*group, observation);
        Self {
            of_everybody: withheld(snapshot, observation),
            of_records: FieldGroup::ALL.into_iter().filter(is_no_news).collect(),
        }
    }

    /// Puts the former values back where saying nothing of them is no news. A cleared value is `""`, and is news.
    pub(super) fn keep(&self, old: &UserFacts, new: &mut UserFacts, source: UserSource) {
        for group in FieldGroup::ALL {
            let is_record_silent =
                source == UserSource::Detail && self.of_records.contains(&group) && !group.is_said(new);
            if is_record_silent || self.of_everybody.contains(&group) {
                group.keep(old, new);
            }
        }
    }
}
