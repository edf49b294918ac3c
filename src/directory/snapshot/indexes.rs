//! Who has which key: email, org email, job number, union id, mobile.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use super::search::Users;
use crate::directory::{
    User, UserFacts, UserId,
    fold::{fold_key, fold_mobile},
    lookalike::looks_like,
};

/// One index for each key that people are looked up by.
#[derive(Clone)]
pub(super) struct Indexes {
    pub(super) email: Index,
    pub(super) org_email: Index,
    pub(super) job_number: Index,
    pub(super) union_id: Index,
    pub(super) mobile: Index,
    /// By what `email`, `org_email` and `job_number` look like, of those few people whose key is not what it seems.
    pub(super) email_looks: Index,
    pub(super) org_email_looks: Index,
    pub(super) job_number_looks: Index,
}

impl Indexes {
    pub(super) fn build(users: &Users) -> Self {
        Self::each(|key| Index::build(key, users))
    }

    pub(super) fn replace(&mut self, changes: &[(Option<Arc<User>>, Arc<User>)], users: &Users) {
        for index in [
            &mut self.email,
            &mut self.org_email,
            &mut self.job_number,
            &mut self.union_id,
            &mut self.mobile,
            &mut self.email_looks,
            &mut self.org_email_looks,
            &mut self.job_number_looks,
        ] {
            index.replace(changes, users);
        }
    }

    fn each(make: impl Fn(KeyOf) -> Index) -> Self {
        Self {
            email: make(|facts| facts.email.as_deref().and_then(fold_key)),
            org_email: make(|facts| facts.org_email.as_deref().and_then(fold_key)),
            job_number: make(|facts| facts.job_number.as_deref().and_then(fold_key)),
            union_id: make(|facts| facts.unionid.clone().filter(|id| !id.is_empty())),
            mobile: make(|facts| facts.mobile.as_deref().and_then(fold_mobile)),
            email_looks: make(|facts| facts.email.as_deref().and_then(looks)),
            org_email_looks: make(|facts| facts.org_email.as_deref().and_then(looks)),
            job_number_looks: make(|facts| facts.job_number.as_deref().and_then(looks)),
        }
    }
}

fn looks(text: &str) -> Option<String> {
    fold_key(text).and_then(|key| looks_like(&key))
}

/// How a user's key is made; `None` where he has none.
type KeyOf = fn(&UserFacts) -> Option<String>;

/// People by one folded key: the present ones first, then those who are gone, each sorted by userid.
#[derive(Clone)]
pub(super) struct Index {
    key_of: KeyOf,
    entries: imbl::HashMap<Arc<str>, Arc<[UserId]>>,
}

impl Index {
    fn build(key_of: KeyOf, users: &Users) -> Self {
        let mut lists: HashMap<String, Vec<UserId>> = HashMap::new();
        for user in users.iter() {
            if let Some(key) = key_of(&user.facts) {
                lists.entry(key).or_default().push(user.facts.userid.clone());
            }
        }
        let entries = lists
            .into_iter()
            .map(|(key, ids)| (key.into(), sorted(ids, users)))
            .collect();
        Self { key_of, entries }
    }

    pub(super) fn get(&self, key: &str) -> &[UserId] {
        self.entries.get(key).map_or(&[], |ids| ids)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    fn replace(&mut self, changes: &[(Option<Arc<User>>, Arc<User>)], users: &Users) {
        let mut touched: HashMap<String, (HashSet<&UserId>, Vec<UserId>)> = HashMap::new();
        for (old, new) in changes {
            let before = old.as_ref().and_then(|old| (self.key_of)(&old.facts));
            let after = (self.key_of)(&new.facts);
            let same_place = old
                .as_ref()
                .is_some_and(|old| old.standing.is_present() == new.standing.is_present());
            if before == after && same_place {
                continue;
            }
            if let Some(key) = before {
                touched.entry(key).or_default().0.insert(&new.facts.userid);
            }
            if let Some(key) = after {
                touched.entry(key).or_default().1.push(new.facts.userid.clone());
            }
        }
        for (key, (out, mut ids)) in touched {
            ids.extend(self.get(&key).iter().filter(|id| !out.contains(id)).cloned());
            if ids.is_empty() {
                self.entries.remove(key.as_str());
            } else {
                self.entries.insert(key.into(), sorted(ids, users));
            }
        }
    }
}

fn sorted(mut ids: Vec<UserId>, users: &Users) -> Arc<[UserId]> {
    let gone = |id: &UserId| users.get(id.as_str()).is_some_and(|user| !user.standing.is_present());
    ids.sort_by(|a, b| gone(a).cmp(&gone(b)).then_with(|| a.cmp(b)));
    ids.dedup();
    ids.into()
}
