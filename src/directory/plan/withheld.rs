//! Fields that nobody shows any more: a withdrawn permission, not a thousand emptied fields.

use std::{collections::BTreeSet, sync::Arc};

use super::{Observation, UserSource};
use crate::directory::{FieldGroup, Snapshot, User, UserFacts, facts::Field};

/// From this many people who had a field, its sudden silence about everybody is a lost permission.
const PEOPLE: usize = 3;

/// The fields of a group.
fn fields(group: FieldGroup) -> impl Iterator<Item = &'static Field<UserFacts>> {
    let fields = UserFacts::FIELDS.iter();
    fields.filter(move |field| field.rules.group == Some(group))
}

fn is_said(group: FieldGroup, facts: &UserFacts) -> bool {
    fields(group).any(|field| (field.is_said)(facts))
}

/// The groups that the mirror knows of at least three of the people who were read, and that were said of none of them.
///
/// With the permission DingTalk says `""` for an empty email, so silence about everybody means that it is gone. The
/// mirror then keeps what it had: blanking every email would unmatch the whole company at once.
pub fn withheld(snapshot: &Snapshot, observation: &Observation) -> BTreeSet<FieldGroup> {
    let is_known = |group: &FieldGroup| known_with(*group, snapshot, observation).take(PEOPLE).count() == PEOPLE;
    let unsaid = FieldGroup::ALL
        .into_iter()
        .filter(|group| !is_said_of_anybody(*group, observation));
    unsaid.filter(is_known).collect()
}

/// Of how many of the people who were read the mirror knows a field of the group.
pub fn people_with(group: FieldGroup, snapshot: &Snapshot, observation: &Observation) -> usize {
    known_with(group, snapshot, observation).count()
}

/// The people who were read, as the mirror has them, of whom it knows a field of the group.
fn known_with<'a>(
    group: FieldGroup,
    snapshot: &'a Snapshot,
    observation: &'a Observation,
) -> impl Iterator<Item = &'a Arc<User>> {
    let read = observation.users.values().map(|(facts, _)| facts);
    let known = read.filter_map(|facts| snapshot.user(facts.userid.as_str()));
    known.filter(move |user| is_said(group, &user.facts))
}

fn is_said_of_anybody(group: FieldGroup, observation: &Observation) -> bool {
    observation.users.values().any(|(facts, _)| is_said(group, facts))
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
                source == UserSource::Detail && self.of_records.contains(&group) && !is_said(group, new);
            if is_record_silent || self.of_everybody.contains(&group) {
                for field in fields(group) {
                    (field.take)(new, old);
                }
            }
        }
    }
}
