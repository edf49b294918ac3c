//! Who has which key: email, job number, union id, mobile.

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet, hash_map::Entry},
    sync::Arc,
};

use super::{
    by_id::UsersById,
    layered::{Layered, Table},
};
use crate::directory::{
    SharedText, User, UserFacts, UserId,
    fold::{fold_key, fold_mobile},
    lookalike::looks_like,
};

/// One index for each key that people are looked up by.
#[derive(Clone)]
pub(super) struct Indexes {
    /// By `email` and `org_email` alike: whoever looks somebody up by email wants either.
    pub(super) email: Index,
    pub(super) job_number: Index,
    pub(super) union_id: Index,
    pub(super) mobile: Index,
    /// By what the emails and `job_number` look like, of those few people whose key is not what it seems.
    pub(super) email_looks: Index,
    pub(super) job_number_looks: Index,
}

impl Indexes {
    pub(super) fn build(users: &UsersById) -> Self {
        Self::each(|keys| Index::build(keys, users))
    }

    pub(super) fn replace(&mut self, changes: &[(Option<Arc<User>>, Arc<User>)]) {
        for index in [
            &mut self.email,
            &mut self.job_number,
            &mut self.union_id,
            &mut self.mobile,
            &mut self.email_looks,
            &mut self.job_number_looks,
        ] {
            index.replace(changes);
        }
    }

    fn each(make: impl Fn(KeysOf) -> Index) -> Self {
        Self {
            email: make(|facts| emails(facts).map(|it| it.and_then(|text| key(text, fold_key(text))))),
            job_number: make(|facts| one(facts.job_number.as_ref(), |text| key(text, fold_key(text)))),
            union_id: make(|facts| {
                one(facts.unionid.as_ref(), |id| {
                    Some(id.clone()).filter(|id| !id.is_empty())
                })
            }),
            mobile: make(|facts| {
                one(facts.mobile.as_ref(), |text| {
                    key(text, fold_mobile(text).map(Cow::from))
                })
            }),
            email_looks: make(|facts| emails(facts).map(|it| it.and_then(looks))),
            job_number_looks: make(|facts| one(facts.job_number.as_ref(), looks)),
        }
    }
}

fn emails(facts: &UserFacts) -> [Option<&SharedText>; 2] {
    [facts.email.as_ref(), facts.org_email.as_ref()]
}

fn one(text: Option<&SharedText>, key: impl Fn(&SharedText) -> Option<SharedText>) -> Keys {
    [text.and_then(key), None]
}

/// Most texts are their own keys, and are kept once.
fn key(text: &SharedText, folded: Option<Cow<'_, str>>) -> Option<SharedText> {
    let folded = folded?;
    let is_same = *folded == **text;
    Some(if is_same {
        text.clone()
    } else {
        SharedText::from(&*folded)
    })
}

fn looks(text: &SharedText) -> Option<SharedText> {
    fold_key(text).and_then(|key| looks_like(&key)).map(SharedText::from)
}

/// A user's keys of one kind.
type Keys = [Option<SharedText>; 2];

/// How a user's keys are made.
type KeysOf = fn(&UserFacts) -> Keys;

/// People by one folded key: the present ones first, then those who are gone, each sorted by userid. It has the records
/// themselves, because whoever looks up a key wants them, and each step to another place in memory costs more than a
/// copy.
#[derive(Clone)]
pub(super) struct Index {
    keys_of: KeysOf,
    entries: Layered<SharedText, KeyHolders>,
}

/// Who has a key. Nearly every key is one person's.
#[derive(Clone)]
enum KeyHolders {
    One(Arc<User>),
    Many(Arc<[Arc<User>]>),
}

impl KeyHolders {
    fn of(users: Vec<Arc<User>>) -> Self {
        let users = sorted(users);
        match <[_; 1]>::try_from(users) {
            Ok([user]) => Self::One(user),
            Err(users) => Self::Many(users.into()),
        }
    }

    fn as_slice(&self) -> &[Arc<User>] {
        match self {
            Self::One(user) => std::slice::from_ref(user),
            Self::Many(users) => users,
        }
    }
}

impl Index {
    fn build(keys_of: KeysOf, users: &UsersById) -> Self {
        let mut entries = Table::default();
        let mut shared: HashMap<SharedText, Vec<Arc<User>>> = HashMap::new();

        for user in users.iter() {
            for key in keys_of(&user.facts).into_iter().flatten() {
                match entries.entry(key) {
                    Entry::Vacant(vacant) => drop(vacant.insert(KeyHolders::One(user.clone()))),
                    Entry::Occupied(taken) => {
                        let first = || taken.get().as_slice().to_vec();
                        shared
                            .entry(taken.key().clone())
                            .or_insert_with(first)
                            .push(user.clone());
                    }
                }
            }
        }

        entries.extend(shared.into_iter().map(|(key, users)| (key, KeyHolders::of(users))));
        Self {
            keys_of,
            entries: entries.into(),
        }
    }

    pub(super) fn get(&self, key: &str) -> &[Arc<User>] {
        self.entries.get(key).map_or(&[], KeyHolders::as_slice)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    fn replace(&mut self, changes: &[(Option<Arc<User>>, Arc<User>)]) {
        let mut touched: HashMap<SharedText, Touched<'_>> = HashMap::new();
        for (old, new) in changes {
            let before = old.as_ref().map(|old| (self.keys_of)(&old.facts)).unwrap_or_default();
            for key in before.into_iter().flatten() {
                touched.entry(key).or_default().out.insert(&new.facts.userid);
            }
            for key in (self.keys_of)(&new.facts).into_iter().flatten() {
                touched.entry(key).or_default().users.push(new.clone());
            }
        }

        for (key, Touched { out, mut users }) in touched {
            let others = self.get(&key).iter().filter(|it| !out.contains(&it.facts.userid));
            users.extend(others.cloned());
            if users.is_empty() {
                self.entries.remove(key.as_str());
            } else {
                self.entries.insert(key, KeyHolders::of(users));
            }
        }
    }
}

/// What changes for one key.
#[derive(Default)]
struct Touched<'a> {
    /// Whose former record had it.
    out: HashSet<&'a UserId>,
    /// The new records that have it.
    users: Vec<Arc<User>>,
}

fn sorted(mut users: Vec<Arc<User>>) -> Vec<Arc<User>> {
    let place = |user: &Arc<User>| (!user.standing.is_present(), user.facts.userid.clone());
    users.sort_by_cached_key(place);
    // The same address in both fields.
    users.dedup_by(|a, b| a.facts.userid == b.facts.userid);
    users
}
