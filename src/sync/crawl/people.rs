//! People as a crawl learns of them: by lists, by records, each once however many departments name them.

use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    sync::Arc,
};

use crate::directory::{DeptId, Observation, Removals, Snapshot, UserFacts, UserId, UserSource, plan};

/// What is known of the people so far.
#[derive(Default)]
pub(super) struct CrawledPeople {
    /// From `user/list`, merged over the departments; without those whose record was read.
    listed: BTreeMap<UserId, UserFacts>,
    /// From `user/get`.
    detailed: BTreeMap<UserId, UserFacts>,
    /// Everybody whom anything named.
    found: BTreeSet<UserId>,
    /// Whose record was asked for.
    asked: HashSet<UserId>,
    /// Whose record was asked for and answered, one way or the other.
    settled: usize,
    /// Gone since they were listed.
    left: BTreeSet<UserId>,
    unreadable: BTreeSet<UserId>,
    out_of_scope: BTreeSet<UserId>,
}

impl CrawledPeople {
    /// Whether their record is to be asked for: they are new here.
    pub(super) fn ask(&mut self, id: &UserId) -> bool {
        self.found.insert(id.clone());
        self.asked.insert(id.clone())
    }

    /// Somebody names them, and the mirror's record is good enough.
    pub(super) fn find(&mut self, id: UserId) {
        self.found.insert(id);
    }

    pub(super) fn is_found(&self, id: &UserId) -> bool {
        self.found.contains(id)
    }

    /// Somebody whose record was not asked for, and who is not among those `outside`.
    pub(super) fn unasked(&self, outside: &BTreeSet<UserId>) -> Option<UserId> {
        let unasked = self
            .listed
            .keys()
            .find(|id| !self.asked.contains(*id) && !outside.contains(*id));
        unasked.cloned()
    }

    /// Whether their own record was read, or found to be gone.
    pub(super) fn is_settled(&self, id: &UserId) -> bool {
        self.detailed.contains_key(id) || self.left.contains(id)
    }

    /// Takes a record from a department's list: order and leader are known of that department alone.
    pub(super) fn list(&mut self, dept: DeptId, facts: UserFacts) {
        self.found.insert(facts.userid.clone());
        // The record says more, and everything is held once.
        if self.detailed.contains_key(&facts.userid) {
            return;
        }

        match self.listed.get_mut(&facts.userid) {
            None => {
                self.listed.insert(facts.userid.clone(), facts);
            }
            Some(known) => {
                let mut newer = facts;
                for membership in &mut newer.memberships {
                    let former = known.memberships.iter().find(|it| it.dept_id == membership.dept_id);
                    if membership.dept_id != dept
                        && let Some(former) = former
                    {
                        membership.order = membership.order.or(former.order);
                        membership.leader = membership.leader.or(former.leader);
                    }
                }
                *known = newer;
            }
        }
    }

    pub(super) fn detail(&mut self, facts: UserFacts) {
        self.settled += 1;
        self.listed.remove(&facts.userid);
        self.detailed.insert(facts.userid.clone(), facts);
    }

    pub(super) fn not_there(&mut self, id: &UserId) {
        self.settled += 1;
        self.left.insert(id.clone());
    }

    pub(super) fn outside(&mut self, id: &UserId) {
        self.settled += 1;
        self.out_of_scope.insert(id.clone());
    }

    /// Named by a list, outside as it was yesterday, and not asked for.
    pub(super) fn outside_still(&mut self, id: &UserId) {
        self.found.insert(id.clone());
        if self.asked.insert(id.clone()) {
            self.settled += 1;
            self.out_of_scope.insert(id.clone());
        }
    }

    pub(super) fn given_up(&mut self, id: &UserId) {
        self.settled += 1;
        self.unreadable.insert(id.clone());
    }

    /// Listed people whose record isn't what the mirror has: the list says that something changed, the record says
    /// what.
    pub(super) fn changed(&self, snapshot: &Snapshot) -> Vec<UserId> {
        let unasked = self.listed.iter().filter(|(id, _)| !self.asked.contains(*id));
        let observed = Observation {
            users: unasked
                .map(|(id, facts)| (id.clone(), (facts.clone(), UserSource::List)))
                .collect(),
            ..Observation::default()
        };

        // Only who differs matters here, not when.
        let changes = plan(snapshot, &observed, chrono::DateTime::UNIX_EPOCH);
        changes.users.into_iter().map(|user| user.facts.userid).collect()
    }

    pub(super) fn found(&self) -> u64 {
        self.found.len() as u64
    }

    pub(super) fn read(&self) -> u64 {
        let waiting = self.asked.len().saturating_sub(self.settled);
        self.found().saturating_sub(waiting as u64)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.listed.is_empty() && self.detailed.is_empty()
    }

    /// Whoever left since they were listed.
    pub(super) fn left(&self) -> &BTreeSet<UserId> {
        &self.left
    }

    /// The observation's people; (not read, of list alone, outside the scope) for the evidence.
    pub(super) fn into_observation(
        self,
        snapshot: &Arc<Snapshot>,
        observed: &mut Observation,
    ) -> [BTreeSet<UserId>; 3] {
        let Self {
            mut listed,
            detailed,
            left,
            unreadable,
            out_of_scope,
            found,
            ..
        } = self;
        debug_assert_eq!(observed.removals, Removals::None);

        let (mut unread, mut of_list_alone) = (BTreeSet::new(), BTreeSet::new());
        for id in unreadable {
            let group = if listed.contains_key(&id) {
                &mut of_list_alone
            } else {
                &mut unread
            };
            group.insert(id);
        }

        // They are missing, then, and asked about once more before they are removed: by the end of a long crawl they
        // may be back.
        for id in &left {
            listed.remove(id);
        }

        observed
            .users
            .extend(listed.into_iter().map(|(id, facts)| (id, (facts, UserSource::List))));
        observed.users.extend(
            detailed
                .into_iter()
                .map(|(id, facts)| (id, (facts, UserSource::Detail))),
        );

        // Who is there but could not be read stays as they are; an unknown one stays unknown.
        // So does whoever was found and not asked for: nothing pointed at a change.
        let known = |id: &&UserId| {
            snapshot.user(id.as_str()).is_some() && !observed.users.contains_key(*id) && !left.contains(*id)
        };
        let kept: Vec<UserId> = found.iter().filter(known).cloned().collect();
        observed.kept_users.extend(kept);

        [unread, of_list_alone, out_of_scope]
    }
}
