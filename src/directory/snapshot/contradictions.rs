//! What a directory must never say: looked through after each run and whenever its verdict is asked for, and, more
//! closely, after each batch of the tests.

use std::collections::BTreeMap;

use super::Snapshot;
use crate::{
    catalogue::{
        Statement,
        directory::{DEPARTMENT_BELOW_REMOVED, USER_IN_REMOVED_DEPARTMENT},
    },
    directory::{DeptId, GoneCause, RecordState, UserId, Verdict},
};

/// So many are told; one is enough to know.
const MOST_TOLD: usize = 20;

impl Snapshot {
    /// Statements about present records that lead to departments that were removed: cheap, for only departments are
    /// looked through. A department that the app isn't shown may well be named.
    pub fn contradictions(&self) -> Vec<Statement> {
        let removed = self.departments().map(|it| it.facts.dept_id);
        let removed = removed.filter(|id| self.is_removed(*id));
        let people = removed.flat_map(|id| {
            let them = self.members.of(id).iter();
            them.map(move |user| {
                let department = id;
                USER_IN_REMOVED_DEPARTMENT { user, department }.into()
            })
        });

        let departments = self
            .departments()
            .filter(|it| it.standing.is_present())
            .filter_map(|it| {
                let parent = it.facts.parent_id.filter(|id| self.is_removed(*id))?;
                let department = it.facts.dept_id;
                Some(DEPARTMENT_BELOW_REMOVED { department, parent }.into())
            });

        people.chain(departments).take(MOST_TOLD).collect()
    }

    /// Whether there are no [contradictions](Self::contradictions): looked for once in each snapshot, for every answer
    /// says so.
    pub fn is_consistent(&self) -> bool {
        *self.consistent.get_or_init(|| self.contradictions().is_empty())
    }

    /// What a finished run's verdict is worth of this snapshot: events that were acted upon since may have told half of
    /// something.
    pub fn verdict(&self, of_run: Verdict) -> Verdict {
        let is_half = of_run == Verdict::Complete && !self.is_consistent();
        if is_half { Verdict::Partial } else { of_run }
    }

    fn is_removed(&self, id: DeptId) -> bool {
        let standing = self.department(id).map(|it| &it.standing);
        standing.is_some_and(|it| it.state == RecordState::Gone && it.cause == Some(GoneCause::DepartmentRemoved))
    }

    /// [`Self::contradictions`], and whether everything that is kept in two places agrees: too slow for each batch of a
    /// large company.
    pub fn all_contradictions(&self) -> Vec<String> {
        let mut found: Vec<String> = self.contradictions().iter().map(ToString::to_string).collect();
        let present: Vec<_> = self.users().filter(|it| it.standing.is_present()).collect();
        if present.len() != self.user_count() {
            found.push(format!(
                "{} people are present, and {} are counted.",
                present.len(),
                self.user_count()
            ));
        }

        let departments = self.departments().filter(|it| it.standing.is_present());
        let departments: Vec<DeptId> = departments.map(|it| it.facts.dept_id).collect();
        if departments.len() != self.department_count() {
            found.push(format!(
                "{} departments are present, and {} are counted.",
                departments.len(),
                self.department_count()
            ));
        }

        // Whom the departments' lists name was found above.
        let mut places = present.iter().flat_map(|it| &it.facts.memberships);
        if found.is_empty() && places.any(|it| self.is_removed(it.dept_id)) {
            found.push("Somebody is in a department that was removed, which doesn't list them.".into());
        }

        let mut members: BTreeMap<DeptId, Vec<&UserId>> = BTreeMap::new();
        for user in &present {
            for membership in &user.facts.memberships {
                members.entry(membership.dept_id).or_default().push(&user.facts.userid);
            }
        }

        for id in departments {
            let mut said: Vec<&UserId> = self.members(id).iter().collect();
            said.sort_unstable();
            let expected = members.remove(&id).unwrap_or_default();
            if said != expected {
                let ids = |users: &[&UserId]| users.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
                let (said, expected) = (ids(&said), ids(&expected));
                found.push(format!(
                    "Department {id} lists “{said}”, and “{expected}” say that they are in it."
                ));
            }

            let mut below: Vec<&UserId> = std::iter::once(id)
                .chain(self.descendants(id, None).map(|(id, _)| id))
                .flat_map(|id| self.members(id))
                .collect();
            below.sort_unstable();
            below.dedup();
            if below.len() != self.total_members(id) {
                found.push(format!(
                    "Department {id} counts {}, and has {}.",
                    self.total_members(id),
                    below.len()
                ));
            }
        }

        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::directory::fixtures::{department, user};

    #[test]
    fn what_a_snapshot_found_of_itself_is_not_taken_over_by_the_next() {
        let before = Snapshot::build(
            1,
            vec![department(1, None), department(2, Some(1))],
            vec![user("anna", &[2])],
        );
        assert!(before.is_consistent());

        let mut removed = department(2, Some(1));
        removed.standing.state = RecordState::Gone;
        removed.standing.cause = Some(GoneCause::DepartmentRemoved);
        let after = before.with(2, vec![removed], Vec::new());
        assert!(!after.is_consistent() && before.is_consistent());

        let healed = after.with(3, Vec::new(), vec![user("anna", &[1])]);
        assert!(healed.is_consistent(), "{:?}", healed.contradictions());
    }
}
