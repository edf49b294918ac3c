//! The cross-checks, one function each.

use std::collections::{BTreeMap, BTreeSet};

use super::{Evidence, Judgement, SMALLEST_CROWD};
use crate::directory::{
    DeptId, Observation, Snapshot, UserFacts, UserId,
    held::expected,
    plan::withheld,
    snapshot::{ParentLink, Tree},
};

/// How many examples a finding names.
const EXAMPLES: usize = 3;

/// A difference that people who are hired or moved during the crawl explain: five of them, or one in a hundred.
fn is_explained_by_haste(differing: usize, of: usize) -> bool {
    differing <= 5.max(of / 100)
}

/// What is counted: one, and more than one.
struct Noun(&'static str, &'static str);

const PEOPLE: Noun = Noun("person", "people");
const DEPARTMENTS: Noun = Noun("department", "departments");

/// `1 person (a)`, `3 people (a, b, c)`, or `7 people (a, b, c, …)`.
fn named<T: ToString>(noun: Noun, items: impl IntoIterator<Item = T>) -> String {
    let items: Vec<T> = items.into_iter().collect();
    let noun = if items.len() == 1 { noun.0 } else { noun.1 };
    let examples: Vec<String> = items.iter().take(EXAMPLES).map(ToString::to_string).collect();
    let more = if items.len() > EXAMPLES { ", …" } else { "" };
    format!("{} {noun} ({}{more})", items.len(), examples.join(", "))
}

pub(super) fn of_scope(judgement: &mut Judgement, snapshot: &Snapshot, observed: &Observation, evidence: &Evidence) {
    if evidence.starts.is_empty() && observed.users.is_empty() && !evidence.selection.is_everything() {
        judgement.landslide(
            "Nothing that the app may see is selected: includeDepartments and excludeDepartments of the settings leave all of it out."
                .into(),
        );
    } else if evidence.starts.is_empty() && observed.users.is_empty() {
        judgement.landslide(
            "The app's contact scope (通讯录权限范围) names no department and nobody: widen it in DingTalk's developer console."
                .into(),
        );
    }

    let had_root = snapshot
        .department(DeptId::ROOT)
        .is_some_and(|root| root.standing.is_present());
    if had_root && evidence.wants_root() && !observed.has_department(DeptId::ROOT) {
        judgement.landslide(
            "The whole company was visible before, and the root department no longer is: loss of scope is not leaving, so nobody is \
             removed without approval. Set the app's contact scope (通讯录权限范围) to all employees again, or approve what waits \
             (heldRemovals) if it was narrowed on purpose."
                .into(),
        );
    }
}

pub(super) fn of_size(judgement: &mut Judgement, snapshot: &Snapshot, observed: &Observation, evidence: &Evidence) {
    let seen = observed.users.len()
        + observed
            .kept_users
            .iter()
            .filter(|id| !observed.users.contains_key(*id))
            .count();
    let (known, known_departments) = expected(snapshot);
    let known = known.saturating_sub(evidence.deselected_users.union(&evidence.kept_users).count());
    let not_expected = evidence.deselected_departments.union(&evidence.kept_departments);
    let known_departments = known_departments.saturating_sub(not_expected.count());

    if (known >= SMALLEST_CROWD && seen * 2 < known) || (known > 0 && seen == 0) {
        judgement.landslide(format!("Only {seen} people were seen where the mirror has {known}."));
    }

    let departments = observed.departments.len() + observed.kept_departments.len();
    if known_departments >= SMALLEST_CROWD && departments * 2 < known_departments {
        judgement.landslide(format!(
            "Only {departments} departments were seen where the mirror has {known_departments}."
        ));
    }

    let counted = evidence
        .user_count
        .filter(|_| evidence.sees_root())
        .and_then(|count| usize::try_from(count).ok());
    if let Some(counted) = counted.filter(|counted| *counted != seen) {
        // Whoever is in a department that could not be listed is missing for that reason.
        let grave = evidence.unreadable.is_empty() && !is_explained_by_haste(counted.abs_diff(seen), counted);
        judgement.found(
            grave,
            format!("DingTalk counts {counted} people, and {seen} were seen in its departments."),
        );
    }
}

pub(super) fn of_reading(judgement: &mut Judgement, observed: &Observation, evidence: &Evidence) {
    if !evidence.unreadable.is_empty() {
        let mut by_code: BTreeMap<&str, Vec<DeptId>> = BTreeMap::new();
        for (id, code) in &evidence.unreadable {
            by_code.entry(code).or_default().push(*id);
        }
        let grave = evidence.unreadable.len() * 2 >= observed.departments.len().max(2);
        for (code, ids) in by_code {
            judgement.found(
                grave,
                format!("{} could not be listed: {code}.", named(DEPARTMENTS, ids)),
            );
        }
    }

    if !evidence.undetailed_departments.is_empty() {
        let who = named(DEPARTMENTS, &evidence.undetailed_departments);
        judgement.partial(format!("The records of {who} could not be read."));
    }
    if !evidence.unread_users.is_empty() {
        let who = named(PEOPLE, &evidence.unread_users);
        judgement.partial(format!(
            "The records of {who} could not be read; they stay as they were."
        ));
    }
    if !evidence.undetailed_users.is_empty() {
        let who = named(PEOPLE, &evidence.undetailed_users);
        judgement.partial(format!(
            "The details of {who} could not be read; what their departments' lists say was taken."
        ));
    }

    if !evidence.out_of_scope_users.is_empty() {
        let who = named(PEOPLE, &evidence.out_of_scope_users);
        judgement.note(format!(
            "Listed by departments, but outside the app's contact scope (通讯录权限范围): {who}. What the mirror knew was kept."
        ));
    }
}

/// A user's own departments against the departments that listed them.
pub(super) fn of_both_sides(judgement: &mut Judgement, observed: &Observation, evidence: &Evidence) {
    let mut one_sided: BTreeSet<&UserId> = BTreeSet::new();
    let mut unseen: BTreeSet<DeptId> = BTreeSet::new();
    for (id, (facts, _)) in &observed.users {
        for dept_id in facts
            .memberships
            .iter()
            .map(|it| it.dept_id)
            .filter(|id| id.is_company())
        {
            match evidence.listed.get(&dept_id) {
                Some(people) if !people.contains(id) => {
                    one_sided.insert(id);
                }
                Some(_) => {}
                // Where the app sees a part of the company, people may well be in departments of the other part.
                None if evidence.sees_root() && !evidence.unreadable.contains_key(&dept_id) => {
                    unseen.insert(dept_id);
                }
                None => {}
            }
        }
    }

    let names = |facts: &UserFacts, id: DeptId| facts.memberships.iter().any(|it| it.dept_id == id);
    for (dept_id, people) in &evidence.listed {
        let read = people.iter().filter_map(|id| Some((id, observed.users.get(id)?)));
        one_sided.extend(read.filter(|(_, (facts, _))| !names(facts, *dept_id)).map(|(id, _)| id));
    }

    judgement.evidence.one_sided_users = one_sided.len() as u64;
    if !one_sided.is_empty() {
        let grave = !is_explained_by_haste(one_sided.len(), observed.users.len());
        let who = named(PEOPLE, &one_sided);
        judgement.found(
            grave,
            format!("A person's own departments and the departments' lists do not agree about {who}."),
        );
    }

    if !unseen.is_empty() {
        let which = named(DEPARTMENTS, &unseen);
        judgement.partial(format!("People name {which} that the crawl did not find."));
    }
}

pub(super) fn of_tree(judgement: &mut Judgement, observed: &Observation, evidence: &Evidence) {
    let links = observed.departments.values().map(|(facts, _)| ParentLink {
        id: facts.dept_id,
        parent: facts
            .parent_id
            .filter(|parent| *parent != facts.dept_id && facts.dept_id != DeptId::ROOT),
        order: None,
    });

    let tree = Tree::build(links);
    if !tree.cyclic().is_empty() {
        let which = named(DEPARTMENTS, tree.cyclic());
        judgement.partial(format!("Parents that form a circle were cut at {which}."));
    }

    let kept = |id: &DeptId| {
        let parent = observed.departments.get(id).and_then(|(facts, _)| facts.parent_id);
        parent.is_some_and(|parent| observed.kept_departments.contains(&parent))
    };
    let orphans: Vec<DeptId> = tree
        .roots()
        .iter()
        .copied()
        .filter(|id| *id != DeptId::ROOT && !evidence.starts.contains(id) && !tree.cyclic().contains(id) && !kept(id))
        .collect();

    judgement.evidence.orphan_departments = orphans.len() as u64;
    if !orphans.is_empty() {
        judgement.partial(format!("The parent of {} was not found.", named(DEPARTMENTS, orphans)));
    }
}

pub(super) fn of_fields(judgement: &mut Judgement, snapshot: &Snapshot, observed: &Observation) {
    for group in withheld(snapshot, observed) {
        judgement.evidence.fields_withheld.push(group.permission().into());
        judgement.note(format!(
            "DingTalk no longer says anybody's {}: the permission {} was probably withdrawn. What the mirror knew was kept.",
            group.fields(),
            group.permission()
        ));
    }
}
