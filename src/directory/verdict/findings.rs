//! The cross-checks, one function each.

use std::collections::{BTreeMap, BTreeSet};

use super::{Evidence, Judgement, SMALLEST_CROWD};
use crate::{
    catalogue::sync as said,
    directory::{
        DeptId, Observation, Snapshot, UserFacts, UserId,
        held::expected,
        plan::{people_with, withheld},
        snapshot::{ParentLink, Tree},
    },
};

/// How many examples a finding names.
const EXAMPLES: usize = 3;

/// A difference that people who are hired or moved during the crawl explain: five of them, or one in a hundred.
fn is_explained_by_haste(differing: usize, of: usize) -> bool {
    differing <= 5.max(of / 100)
}

/// How many there are, and the first of them: `a, b, c`, or `a, b, c, …` where there are more.
fn named<T: ToString>(items: impl IntoIterator<Item = T>) -> (usize, String) {
    let items: Vec<T> = items.into_iter().collect();
    let examples: Vec<String> = items.iter().take(EXAMPLES).map(ToString::to_string).collect();
    let more = if items.len() > EXAMPLES { ", …" } else { "" };
    (items.len(), examples.join(", ") + more)
}

pub(super) fn of_scope(judgement: &mut Judgement, snapshot: &Snapshot, observed: &Observation, evidence: &Evidence) {
    if evidence.starts.is_empty() && observed.users.is_empty() && !evidence.selection.is_everything() {
        judgement.landslide(said::SELECTION_EMPTY {});
    } else if evidence.starts.is_empty() && observed.users.is_empty() {
        judgement.landslide(said::SCOPE_EMPTY {});
    }

    let had_root = snapshot
        .department(DeptId::ROOT)
        .is_some_and(|root| root.standing.is_present());
    if had_root && evidence.wants_root() && !observed.has_department(DeptId::ROOT) {
        judgement.landslide(said::ROOT_LOST {});
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
        judgement.landslide(said::FEW_PEOPLE_SEEN { seen, known });
    }

    let departments = observed.departments.len() + observed.kept_departments.len();
    if known_departments >= SMALLEST_CROWD && departments * 2 < known_departments {
        judgement.landslide(said::FEW_DEPARTMENTS_SEEN {
            seen: departments,
            known: known_departments,
        });
    }

    let counted = evidence
        .user_count
        .filter(|_| evidence.sees_root())
        .and_then(|count| usize::try_from(count).ok());
    if let Some(counted) = counted.filter(|counted| *counted != seen) {
        // Whoever is in a department that could not be listed is missing for that reason.
        let grave = evidence.unreadable.is_empty() && !is_explained_by_haste(counted.abs_diff(seen), counted);
        judgement.found(grave, said::COUNT_DIFFERS { counted, seen });
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
            let (count, examples) = named(ids);
            let reason = code;
            judgement.found(
                grave,
                said::DEPARTMENTS_UNLISTED {
                    count,
                    examples,
                    reason,
                },
            );
        }
    }

    if !evidence.undetailed_departments.is_empty() {
        let (count, examples) = named(&evidence.undetailed_departments);
        judgement.partial(said::DEPARTMENT_RECORDS_UNREAD { count, examples });
    }
    if !evidence.unread_users.is_empty() {
        let (count, examples) = named(&evidence.unread_users);
        judgement.partial(said::PEOPLE_UNREAD { count, examples });
    }
    if !evidence.undetailed_users.is_empty() {
        let (count, examples) = named(&evidence.undetailed_users);
        judgement.partial(said::PEOPLE_READ_BY_LIST { count, examples });
    }

    if !evidence.out_of_scope_users.is_empty() {
        let (count, examples) = named(&evidence.out_of_scope_users);
        judgement.note(said::PEOPLE_OUT_OF_SCOPE { count, examples });
    }
}

/// A user's own departments against the departments that listed them.
pub(super) fn of_both_sides(judgement: &mut Judgement, observed: &Observation, evidence: &Evidence) {
    let (mut in_records, mut in_lists): (BTreeSet<&UserId>, BTreeSet<&UserId>) = Default::default();
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
                    in_records.insert(id);
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
        in_lists.extend(read.filter(|(_, (facts, _))| !names(facts, *dept_id)).map(|(id, _)| id));
    }

    let one_sided: BTreeSet<&UserId> = in_records.union(&in_lists).copied().collect();
    let told = &mut judgement.evidence;
    told.one_sided_users = one_sided.len() as u64;
    told.users_only_in_records = Some(in_records.len() as u64);
    told.users_only_in_lists = Some(in_lists.len() as u64);
    if !one_sided.is_empty() {
        let grave = !is_explained_by_haste(one_sided.len(), observed.users.len());
        let (count, examples) = named(&one_sided);
        judgement.found(grave, said::SIDES_DISAGREE { count, examples });
    }

    if !unseen.is_empty() {
        let (count, examples) = named(&unseen);
        judgement.partial(said::DEPARTMENTS_NOT_FOUND { count, examples });
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
        let (count, examples) = named(tree.cyclic());
        judgement.partial(said::PARENTS_IN_CIRCLE { count, examples });
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
        let (count, examples) = named(orphans);
        judgement.partial(said::PARENTS_NOT_FOUND { count, examples });
    }
}

pub(super) fn of_fields(judgement: &mut Judgement, snapshot: &Snapshot, observed: &Observation) {
    let mut people = BTreeMap::new();
    for group in withheld(snapshot, observed) {
        let permission = group.permission();
        people.insert(permission.into(), people_with(group, snapshot, observed) as u64);
        judgement.evidence.fields_withheld.push(permission.into());
        judgement.note(group.withheld());
    }
    judgement.evidence.users_withheld = Some(people);
}
