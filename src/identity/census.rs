//! What a matching method can achieve with this mirror, and whom it leaves out.

use std::collections::{BTreeMap, BTreeSet};

use super::{KnownIdentities, Links, ResolutionStatus, resolve};
use crate::{
    directory::{DeptId, Snapshot, User, UserId, fold_key},
    settings::MatchingMethod,
};

/// What a method compares of a DingTalk user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UserKeys {
    /// DingTalk says nothing: the app lacks the permission.
    Hidden,
    /// DingTalk says that there is none.
    Blank,
    /// The folded keys, each once: an email address and the company's may be two.
    Some(BTreeSet<String>),
}

impl UserKeys {
    /// Of this user, by this method.
    pub fn of(user: &User, method: MatchingMethod) -> Self {
        let facts = &user.facts;
        let said = match method {
            MatchingMethod::EmailToEmail => [facts.email.as_deref(), facts.org_email.as_deref()],
            MatchingMethod::UsernameToJobNumber => [facts.job_number.as_deref(), None],
        };
        if said.iter().all(Option::is_none) {
            return Self::Hidden;
        }

        let keys: BTreeSet<String> = said
            .into_iter()
            .flatten()
            .filter_map(fold_key)
            .map(Into::into)
            .collect();
        if keys.is_empty() { Self::Blank } else { Self::Some(keys) }
    }
}

/// The figures of one method.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Census {
    /// Present people.
    pub people: usize,
    /// Of them: with a key.
    pub with_key: usize,
    /// Of them: with a field that DingTalk says to be empty.
    pub blank: usize,
    /// Of them: with a field that this app is not shown.
    pub hidden: usize,
    /// Keys that several present people have.
    pub shared_keys: usize,
    /// The people who have such a key.
    pub sharing: usize,
    /// Known Confluence identities.
    pub known: usize,
    /// Of them: by what they would come to, in the order of [`ResolutionStatus`].
    pub outcomes: [usize; 5],
}

impl Census {
    /// Counts the people of the mirror, and what the known identities would come to.
    pub fn take(snapshot: &Snapshot, links: &Links, method: MatchingMethod, known: &KnownIdentities) -> Self {
        let mut census = Self {
            known: known.len(),
            ..Self::default()
        };

        for user in snapshot.users().filter(|user| user.standing.is_present()) {
            census.people += 1;
            match UserKeys::of(user, method) {
                UserKeys::Hidden => census.hidden += 1,
                UserKeys::Blank => census.blank += 1,
                UserKeys::Some(_) => census.with_key += 1,
            }
        }

        let shared = shared_keys(snapshot, method, None);
        census.shared_keys = shared.len();
        census.sharing = shared.values().flatten().collect::<BTreeSet<_>>().len();

        for it in known.iter() {
            let status = resolve(snapshot, links, method, &it.identity).status;
            census.outcomes[status as usize] += 1;
        }
        census
    }

    /// How many known identities would come to `status`.
    pub fn outcome(&self, status: ResolutionStatus) -> usize {
        self.outcomes[status as usize]
    }
}

/// Keys that several present people have, with those people by userid; of a department: where one of them is in it or
/// below.
pub fn shared_keys(
    snapshot: &Snapshot,
    method: MatchingMethod,
    within: Option<DeptId>,
) -> BTreeMap<String, Vec<UserId>> {
    let mut holders: BTreeMap<String, Vec<UserId>> = BTreeMap::new();
    for user in snapshot.users().filter(|user| user.standing.is_present()) {
        if let UserKeys::Some(keys) = UserKeys::of(user, method) {
            for key in keys {
                holders.entry(key).or_default().push(user.facts.userid.clone());
            }
        }
    }
    holders.retain(|_, people| people.len() > 1 && people.iter().any(|id| is_within(snapshot, id.as_str(), within)));
    holders
}

/// Whether a user is in this department or below it; everybody is in none.
pub fn is_within(snapshot: &Snapshot, userid: &str, top: Option<DeptId>) -> bool {
    let Some(top) = top else { return true };
    let memberships = snapshot.user(userid).map(|user| &user.facts.memberships);
    let mut memberships = memberships.into_iter().flatten();
    memberships.any(|it| snapshot.is_in_subtree(it.dept_id, top))
}
