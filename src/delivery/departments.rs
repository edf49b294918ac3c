//! Whom departments bring. A thousand entries may name the same people, so each department is walked once, whichever of
//! them leads to it.

use std::collections::HashSet;

use super::request::DepartmentRecipients;
use crate::directory::{DeptId, Snapshot, UserId};

/// What was walked of one list of departments.
#[derive(Default)]
pub(super) struct DepartmentWalk {
    /// Departments whose own people were told.
    own: HashSet<DeptId>,
    /// Departments of which everything below was looked through, too.
    below: HashSet<DeptId>,
}

impl DepartmentWalk {
    /// The present people whom `asked` adds to those of the entries before, each with the department that they are in,
    /// in the tree's order; somebody in several departments comes with each of them.
    pub(super) fn members<'a>(
        &mut self,
        snapshot: &'a Snapshot,
        asked: &DepartmentRecipients,
    ) -> impl Iterator<Item = (&'a UserId, DeptId)> + use<'a> {
        let departments = self.departments(snapshot, asked).into_iter();
        departments.flat_map(|dept| snapshot.members(dept).iter().map(move |user| (user, dept)))
    }

    /// Whether an entry brings anybody by itself, whatever others brought before; no walk is needed for that.
    pub(super) fn is_empty(snapshot: &Snapshot, asked: &DepartmentRecipients) -> bool {
        let dept = DeptId(asked.dept_id);
        if asked.include_subtree {
            snapshot.total_members(dept) == 0
        } else {
            snapshot.members(dept).is_empty()
        }
    }

    fn departments(&mut self, snapshot: &Snapshot, asked: &DepartmentRecipients) -> Vec<DeptId> {
        let (mut news, mut open) = (Vec::new(), vec![DeptId(asked.dept_id)]);
        while let Some(dept) = open.pop() {
            if self.own.insert(dept) {
                news.push(dept);
            }
            if asked.include_subtree && self.below.insert(dept) {
                open.extend(snapshot.children(dept).iter().rev());
            }
        }
        news
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::directory::fixtures::{department, user};

    fn entry(dept_id: i64, include_subtree: bool) -> DepartmentRecipients {
        DepartmentRecipients {
            dept_id,
            include_subtree,
        }
    }

    /// 1 has 2 and 3, 2 has 4 and 5; everybody is in one department, `both` in two.
    fn company() -> Snapshot {
        let departments = [(1, None), (2, Some(1)), (3, Some(1)), (4, Some(2)), (5, Some(2))];
        let mut people: Vec<_> = (1..=5).map(|id| user(&format!("u{id}"), &[id])).collect();
        people.push(user("both", &[3, 4]));
        let departments = departments.map(|(id, parent)| department(id, parent));
        Snapshot::build(1, departments.into(), people)
    }

    fn told(walk: &mut DepartmentWalk, snapshot: &Snapshot, asked: &DepartmentRecipients) -> Vec<(String, i64)> {
        let members = walk.members(snapshot, asked);
        members.map(|(user, dept)| (user.to_string(), dept.0)).collect()
    }

    #[test]
    fn a_department_that_was_walked_brings_nobody_again() {
        let (snapshot, mut walk) = (company(), DepartmentWalk::default());
        assert_eq!(told(&mut walk, &snapshot, &entry(2, false)), [("u2".to_owned(), 2)]);

        let below: Vec<_> = told(&mut walk, &snapshot, &entry(2, true));
        assert_eq!(
            below,
            [("both".to_owned(), 4), ("u4".to_owned(), 4), ("u5".to_owned(), 5)]
        );

        let rest = told(&mut walk, &snapshot, &entry(1, true));
        assert_eq!(
            rest,
            [("u1".to_owned(), 1), ("both".to_owned(), 3), ("u3".to_owned(), 3)]
        );

        for id in 1..=5 {
            assert!(walk.departments(&snapshot, &entry(id, true)).is_empty());
        }
        assert!(told(&mut walk, &snapshot, &entry(404, true)).is_empty());
    }

    #[test]
    fn whether_a_department_is_empty_is_told_without_a_walk() {
        let snapshot = Snapshot::build(
            1,
            [(1, None), (2, Some(1)), (3, Some(2)), (4, Some(1))]
                .map(|(id, parent)| department(id, parent))
                .into(),
            vec![user("u", &[3])],
        );

        for id in 1..=5 {
            for whole in [false, true] {
                let asked = entry(id, whole);
                let walked = told(&mut DepartmentWalk::default(), &snapshot, &asked);
                assert_eq!(
                    DepartmentWalk::is_empty(&snapshot, &asked),
                    walked.is_empty(),
                    "{id} {whole}"
                );
            }
        }
    }

    proptest! {
        #[test]
        fn whoever_comes_first_comes_with_the_same_department_as_by_walking_every_entry(
            entries in prop::collection::vec((1_i64..7, any::<bool>()), 0..12),
        ) {
            let snapshot = company();
            let first = |list: Vec<(String, i64)>| {
                let mut seen = HashSet::new();
                list.into_iter().filter(|(user, _)| seen.insert(user.clone())).collect::<Vec<_>>()
            };

            let (mut walk, mut once, mut anew) = (DepartmentWalk::default(), Vec::new(), Vec::new());
            for (id, whole) in entries {
                once.extend(told(&mut walk, &snapshot, &entry(id, whole)));
                anew.extend(told(&mut DepartmentWalk::default(), &snapshot, &entry(id, whole)));
            }

            prop_assert!(once.len() <= 6 + 1, "each department once: {once:?}");
            prop_assert!(walk.below.len() <= 7 && walk.own.len() <= 7);
            prop_assert_eq!(first(once), first(anew));
        }
    }
}
