//! Every order, direction and filter against a naive list, in pages from either end, while people and departments go.

mod company;

use std::{collections::BTreeSet, fmt::Debug, sync::Arc};

use proptest::{collection::vec, prelude::*, sample::Index};

use self::company::{company, user, user_filter};
use super::{DepartmentList, DepartmentUserList, MemberList, UserList};
use crate::{
    directory::{
        Department, DepartmentCondition, DepartmentFilter, DepartmentOrder, DeptId, Filter, RecordState, Snapshot,
        TextTest, User, UserCondition, UserOrder, fixtures,
    },
    page::{Direction, Page, PageRequest},
};

/// What decides how a list is walked.
#[derive(Debug, Clone)]
struct Steps {
    size: u32,
    backwards: bool,
    descending: bool,
    /// Whoever goes after each page.
    going: Vec<Index>,
}

fn steps() -> impl Strategy<Value = Steps> {
    (1_u32..6, any::<bool>(), any::<bool>(), vec(any::<Index>(), 0..6)).prop_map(
        |(size, backwards, descending, going)| Steps {
            size,
            backwards,
            descending,
            going,
        },
    )
}

impl Steps {
    /// Everything that comes of walking a list, with the snapshots that it was walked in; in the list's order.
    fn walk<T, K>(
        &self,
        snapshot: &Snapshot,
        page: impl Fn(&Snapshot, PageRequest<K>) -> Page<T>,
        place: impl Fn(&Snapshot, &T) -> K,
        go: impl Fn(&Snapshot, &Index) -> Snapshot,
    ) -> (Vec<T>, Snapshot) {
        let (mut found, mut current, mut seen) = (Vec::new(), snapshot.clone(), None);
        let mut going = self.going.iter();
        let direction = if self.backwards {
            Direction::Backwards
        } else {
            Direction::Forwards
        };

        loop {
            let (after, before) = if self.backwards { (None, seen) } else { (seen, None) };
            let is_first = after.is_none() && before.is_none();
            let read = page(&current, PageRequest::between(self.size, direction, after, before));
            let (has_more, has_behind) = match self.backwards {
                true => (read.has_previous, read.has_next),
                false => (read.has_next, read.has_previous),
            };
            assert!(!(is_first && has_behind));
            assert!(read.items.len() == self.size as usize || !has_more);

            let edge = if self.backwards {
                read.items.first()
            } else {
                read.items.last()
            };
            let Some(edge) = edge else { break };
            seen = Some(place(&current, edge));
            let mut items = read.items;
            if self.backwards {
                items.reverse();
            }
            found.extend(items);
            if !has_more {
                break;
            }
            if let Some(index) = going.next() {
                current = go(&current, index);
            }
        }

        if self.backwards {
            found.reverse();
        }
        (found, current)
    }

    /// Nothing goes.
    fn still(&self) -> Self {
        Self {
            going: Vec::new(),
            ..self.clone()
        }
    }
}

fn somebody_goes(snapshot: &Snapshot, index: &Index) -> Snapshot {
    let users: Vec<_> = snapshot.users().collect();
    let mut user = User::clone(users[index.index(users.len())]);
    user.standing = fixtures::standing(RecordState::Gone);
    snapshot.with(snapshot.revision() + 1, Vec::new(), vec![user])
}

/// One without anything below it, so that nothing else moves.
fn a_department_goes(snapshot: &Snapshot, index: &Index) -> Snapshot {
    let leaves: Vec<_> = snapshot
        .departments()
        .filter(|it| snapshot.children(it.facts.dept_id).is_empty())
        .collect();
    let mut department = Department::clone(leaves[index.index(leaves.len())]);
    department.standing = fixtures::standing(RecordState::Gone);
    snapshot.with(snapshot.revision() + 1, vec![department], Vec::new())
}

/// Each once, in their order, and nobody who was there all the time is missing.
fn check<I: Ord + Debug + Clone>(found: &[I], before: &[I], after: &[I]) -> Result<(), TestCaseError> {
    let places: Vec<_> = found.iter().map(|id| before.iter().position(|it| it == id)).collect();
    prop_assert!(
        places.is_sorted_by(|a, b| a.is_some() && a < b),
        "{found:?} of {before:?}"
    );
    let missed: Vec<_> = before
        .iter()
        .filter(|id| after.contains(id) && !found.contains(id))
        .collect();
    prop_assert!(missed.is_empty(), "{missed:?} of {before:?}");
    Ok(())
}

fn ids(users: &[Arc<User>]) -> Vec<String> {
    users.iter().map(|user| user.facts.userid.to_string()).collect()
}

fn dept_ids(departments: &[Arc<Department>]) -> Vec<i64> {
    departments.iter().map(|it| it.facts.dept_id.0).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn people_in_every_order_by_any_filter_come_once_while_others_go(
        (departments, users) in company(),
        filter in user_filter(),
        order in prop::sample::select(vec![UserOrder::UserId, UserOrder::Name, UserOrder::JobNumber, UserOrder::HiredDate]),
        steps in steps(),
    ) {
        let snapshot = Snapshot::build(1, departments, users);
        let list = UserList { filter: filter.clone(), order, descending: steps.descending };
        let naive = |snapshot: &Snapshot| {
            let mut all: Vec<_> = snapshot.users().filter(|user| filter.matches(snapshot, user)).cloned().collect();
            all.sort_by_key(|user| order.key_of(user));
            if steps.descending {
                all.reverse();
                all.sort_by_key(|user| !order.key_of(user).is_valued());
            }
            ids(&all)
        };
        let expected = naive(&snapshot);
        prop_assert_eq!(list.count(&snapshot), expected.len());

        let page = |snapshot: &Snapshot, request: PageRequest<_>| list.page(snapshot, &request);
        let place = |_: &Snapshot, user: &Arc<User>| list.place(user);
        let (found, _) = steps.still().walk(&snapshot, page, place, somebody_goes);
        prop_assert_eq!(ids(&found), expected.clone());

        // Those whom the filter finds for being gone come while it is read: they may come or not.
        if filter.mentions(&|it| matches!(it, UserCondition::States(_))) {
            return Ok(());
        }
        let (found, last) = steps.walk(&snapshot, page, place, somebody_goes);
        let found: Vec<_> = ids(&found).into_iter().filter(|id| expected.contains(id)).collect();
        check(&found, &expected, &naive(&last))?;
    }

    #[test]
    fn a_walk_along_an_order_finds_whom_sorting_finds(
        (departments, users) in company(),
        changes in vec((0_usize..14).prop_flat_map(user), 0..4),
        filter in user_filter(),
        order in prop::sample::select(vec![UserOrder::Name, UserOrder::JobNumber, UserOrder::HiredDate]),
        descending in any::<bool>(),
        place in prop::option::of(any::<Index>()),
    ) {
        use std::ops::Bound::{Excluded, Unbounded};
        let first = Snapshot::build(1, departments, users);
        // Made before the change, and kept up by it.
        let _ = first.users_in_order((order, false), Unbounded, Unbounded).count();
        let snapshot = changes.into_iter().fold(first, |snapshot, user| snapshot.with(snapshot.revision() + 1, Vec::new(), vec![user]));

        let mut all: Vec<_> = snapshot.users().collect();
        all.sort_by_key(|user| order.key_of(user));
        if descending {
            all.reverse();
            all.sort_by_key(|user| !order.key_of(user).is_valued());
        }
        let from = place.map(|index| index.index(all.len()));
        let key = from.map(|at| order.key_of(all[at]));
        let walked = snapshot.users_in_order((order, descending), key.as_ref().map_or(Unbounded, Excluded), Unbounded);
        let walked: Vec<_> = walked.filter(|it| filter.matches(&snapshot, it)).map(|it| it.facts.userid.clone()).collect();
        let rest = all[from.map_or(0, |at| at + 1)..].iter().filter(|it| filter.matches(&snapshot, it));
        prop_assert_eq!(walked, rest.map(|it| it.facts.userid.clone()).collect::<Vec<_>>());

        let back = snapshot.users_in_order((order, descending), Unbounded, key.as_ref().map_or(Unbounded, Excluded)).rev().count();
        prop_assert_eq!(back, from.unwrap_or(all.len()));
    }

    #[test]
    fn members_in_dingtalks_order_come_once_while_others_go(
        (departments, users) in company(),
        filter in prop::option::of(user_filter()),
        id in (1_i64..9).prop_map(DeptId),
        with_subtree in any::<bool>(),
        steps in steps(),
    ) {
        let snapshot = Snapshot::build(1, departments, users);
        let list = MemberList { department: id, with_subtree, filter: filter.clone() };
        let naive = |snapshot: &Snapshot| {
            let below = snapshot.descendants(id, None).map(|(id, _)| id).filter(|_| with_subtree);
            let (mut departments, mut seen) = (Vec::new(), BTreeSet::new());
            for id in std::iter::once(id).chain(below) {
                let people = snapshot.members(id).iter().map(|user| snapshot.user(user.as_str()).unwrap());
                let people = people.filter(|it| filter.as_ref().is_none_or(|filter| filter.matches(snapshot, it)));
                let people: Vec<_> = people.filter(|it| seen.insert(it.facts.userid.clone())).cloned().collect();
                departments.push((id, people));
            }
            if steps.descending {
                departments.reverse();
                for (id, people) in &mut departments {
                    people.reverse();
                    people.sort_by_key(|it| !it.facts.memberships.iter().any(|it| it.dept_id == *id && it.order.is_some()));
                }
            }
            ids(&departments.into_iter().flat_map(|(_, people)| people).collect::<Vec<_>>())
        };
        let expected = naive(&snapshot);
        prop_assert_eq!(list.count(&snapshot), expected.len());

        let page = |snapshot: &Snapshot, request| list.page(snapshot, request, steps.descending);
        let place = |snapshot: &Snapshot, user: &Arc<User>| list.place(snapshot, user);
        let (found, _) = steps.still().walk(&snapshot, page, place, somebody_goes);
        prop_assert_eq!(ids(&found), expected.clone());

        let (found, last) = steps.walk(&snapshot, page, place, somebody_goes);
        check(&ids(&found), &expected, &naive(&last))?;
    }

    #[test]
    fn everybody_of_a_department_comes_in_dingtalks_order_and_those_who_are_gone_behind_them(
        (departments, users) in company(),
        filter in user_filter(),
        id in (1_i64..9).prop_map(DeptId),
        with_subtree in any::<bool>(),
        steps in steps(),
    ) {
        let snapshot = Snapshot::build(1, departments, users);
        let place = if with_subtree {
            UserCondition::Subtree(id)
        } else {
            UserCondition::Departments(BTreeSet::from([id]))
        };
        let filter = Filter::All(vec![Filter::Is(place), filter]);
        let list = DepartmentUserList::new(id, with_subtree, filter.clone());
        let naive = |snapshot: &Snapshot| {
            let members = MemberList { department: id, with_subtree, filter: Some(filter.clone()) };
            let all = members.page(snapshot, PageRequest::new(500, None), steps.descending);
            let mut gone: Vec<_> = snapshot.users().filter(|it| !it.standing.is_present() && filter.matches(snapshot, it)).cloned().collect();
            if steps.descending {
                gone.reverse();
            }
            let mut all = all.items;
            all.extend(gone);
            ids(&all)
        };
        let expected = naive(&snapshot);
        prop_assert_eq!(list.count(&snapshot), expected.len());

        // The same people as in any other order.
        let others = UserList { filter: filter.clone(), order: UserOrder::UserId, descending: false };
        let found = others.page(&snapshot, &PageRequest::new(500, None));
        let sorted = expected.iter().cloned().collect::<BTreeSet<_>>();
        prop_assert_eq!(ids(&found.items), sorted.into_iter().collect::<Vec<_>>());

        let page = |snapshot: &Snapshot, request: PageRequest<_>| list.page(snapshot, &request, steps.descending);
        let place = |snapshot: &Snapshot, user: &Arc<User>| list.place(snapshot, user);
        let (found, _) = steps.still().walk(&snapshot, page, place, somebody_goes);
        prop_assert_eq!(ids(&found), expected.clone());

        // Whoever goes while it is read comes last then, once more where they came before.
        let (found, last) = steps.walk(&snapshot, page, place, somebody_goes);
        let after = naive(&last);
        let stayed = |id: &String| last.user(id).is_some_and(|it| it.standing.is_present());
        let present = |ids: &[String]| ids.iter().filter(|id| stayed(id)).cloned().collect::<Vec<_>>();
        check(&present(&ids(&found)), &present(&expected), &present(&after))?;
    }

    #[test]
    fn departments_in_every_order_come_once_while_others_go(
        (departments, users) in company(),
        filtered in any::<bool>(),
        parent in prop::option::of((1_i64..9).prop_map(DeptId)),
        order in prop::sample::select(vec![DepartmentOrder::DeptId, DepartmentOrder::Name, DepartmentOrder::Size]),
        steps in steps(),
    ) {
        let snapshot = Snapshot::build(1, departments, users);
        let filter: Option<DepartmentFilter> = filtered.then(|| Filter::Any(vec![
            Filter::Is(DepartmentCondition::Name(TextTest::starts_with("王"))),
            Filter::Not(Box::new(Filter::Is(DepartmentCondition::States(vec![RecordState::Active])))),
        ]));
        let list = DepartmentList { children_of: parent, filter: filter.clone() };
        let naive = |snapshot: &Snapshot| {
            let is = |it: &&Arc<Department>| match &filter {
                Some(filter) => filter.matches(snapshot, it),
                None => it.standing.is_present(),
            };
            let is_child = |it: &&Arc<Department>| parent.is_none_or(|parent| snapshot.children(parent).contains(&it.facts.dept_id));
            let mut all: Vec<_> = snapshot.departments().filter(is).filter(is_child).cloned().collect();
            all.sort_by_key(|it| snapshot.department_key(order, it));
            if steps.descending {
                all.reverse();
            }
            dept_ids(&all)
        };
        let expected = naive(&snapshot);
        prop_assert_eq!(list.count(&snapshot), expected.len());

        let page = |snapshot: &Snapshot, request| list.page(snapshot, (order, steps.descending), request);
        let place = |snapshot: &Snapshot, it: &Arc<Department>| DepartmentList::place(snapshot, order, it);
        let (found, _) = steps.still().walk(&snapshot, page, place, a_department_goes);
        prop_assert_eq!(dept_ids(&found), expected.clone());

        // Whose people are counted elsewhere then stands elsewhere.
        if order == DepartmentOrder::Size {
            return Ok(());
        }
        let (found, last) = steps.walk(&snapshot, page, place, a_department_goes);
        let found: Vec<_> = dept_ids(&found).into_iter().filter(|id| expected.contains(id)).collect();
        check(&found, &expected, &naive(&last))?;
    }

    #[test]
    fn the_forest_and_what_is_below_a_department_come_once_while_others_go(
        (departments, users) in company(),
        top in (1_i64..9).prop_map(DeptId),
        depth in prop::option::of(0_u32..4),
        steps in steps(),
    ) {
        let snapshot = Snapshot::build(1, departments, users);
        let list = DepartmentList { children_of: None, filter: Some(Filter::All(Vec::new())) };
        let everything = |snapshot: &Snapshot| {
            let below = snapshot.roots().iter().flat_map(|id| {
                std::iter::once(*id).chain(snapshot.descendants(*id, None).map(|(id, _)| id))
            });
            let gone = snapshot.departments().filter(|it| !it.standing.is_present()).map(|it| it.facts.dept_id);
            let (mut below, mut gone): (Vec<_>, Vec<_>) = (below.map(|id| id.0).collect(), gone.map(|id| id.0).collect());
            if steps.descending {
                below.reverse();
                gone.reverse();
            }
            below.extend(gone);
            below
        };
        let page = |snapshot: &Snapshot, request| list.forest_page(snapshot, request, steps.descending);
        let place = |snapshot: &Snapshot, it: &Arc<Department>| DepartmentList::forest_place(snapshot, it.facts.dept_id);
        let (found, _) = steps.still().walk(&snapshot, page, place, a_department_goes);
        prop_assert_eq!(dept_ids(&found), everything(&snapshot));

        let below = |snapshot: &Snapshot| snapshot.descendants(top, depth).map(|(id, _)| id.0).collect::<Vec<_>>();
        let page = |snapshot: &Snapshot, request: PageRequest<_>| {
            request.page(|from, to| snapshot.descendants_between(top, depth, from, to))
        };
        let place = |snapshot: &Snapshot, id: &DeptId| snapshot.tree_place(*id, Some(top)).unwrap();
        let (found, _) = steps.still().walk(&snapshot, page, place, a_department_goes);
        let plain = |found: Vec<DeptId>| found.into_iter().map(|id| id.0).collect::<Vec<_>>();
        prop_assert_eq!(plain(found), below(&snapshot));

        let (found, last) = steps.walk(&snapshot, page, place, a_department_goes);
        check(&plain(found), &below(&snapshot), &below(&last))?;

        let list = DepartmentList { children_of: Some(top), filter: None };
        let children = |snapshot: &Snapshot| {
            let mut all: Vec<_> = snapshot.children(top).iter().map(|id| id.0).collect();
            if steps.descending {
                all.reverse();
                all.sort_by_key(|id| snapshot.department(DeptId(*id)).is_some_and(|it| it.facts.order.is_none()));
            }
            all
        };
        let page = |snapshot: &Snapshot, request| list.children_page(snapshot, top, request, steps.descending);
        let place = |snapshot: &Snapshot, it: &Arc<Department>| snapshot.tree_place(it.facts.dept_id, Some(top)).unwrap();
        let (found, _) = steps.still().walk(&snapshot, page, place, a_department_goes);
        prop_assert_eq!(dept_ids(&found), children(&snapshot));
        let (found, last) = steps.walk(&snapshot, page, place, a_department_goes);
        check(&dept_ids(&found), &children(&snapshot), &children(&last))?;
    }
}
