//! A working day's worth of edits, made up.

use serde_json::{Value, json};

use super::Edit;
use crate::simulator::company::ROOT;
use crate::simulator::world::World;

impl World {
    /// Makes `count` edits of all kinds by chance, mostly small ones, and gives those that were made.
    pub(crate) fn churn(&mut self, count: usize) -> Vec<Value> {
        let people = self.company.people_by_entry();
        let people: Vec<String> = people.into_iter().map(|person| person.userid.clone()).collect();
        let departments = self.company.departments().map(|department| department.dept_id);
        let departments: Vec<i64> = departments.filter(|id| *id >= ROOT).collect();
        let mut made = Vec::with_capacity(count);

        // Some are refused, for example about somebody who left a moment ago; then another one is tried.
        for _ in 0..count.saturating_mul(4) {
            if made.len() == count {
                break;
            }
            let edit = self.any_edit(&people, &departments);
            let Ok(parsed) = serde_json::from_value::<Edit>(edit.clone()) else {
                continue;
            };
            if let Ok(result) = self.edit(parsed) {
                made.push(json!({"edit": edit, "result": result}));
            }
        }
        made
    }

    fn any_edit(&mut self, people: &[String], departments: &[i64]) -> Value {
        let random = &mut self.random;
        let dept_id = departments[random.below(departments.len())];
        let chance = if people.is_empty() { 0 } else { random.below(100) };
        let userid = people.get(random.below(people.len()));
        let number = random.digits(4);

        match chance {
            0..25 => json!({"edit": "hire", "departments": [dept_id]}),
            25..40 => json!({"edit": "leave", "userid": userid}),
            40..60 => json!({"edit": "move", "userid": userid, "departments": [dept_id]}),
            60..75 => {
                json!({"edit": "update_user", "userid": userid, "fields": {"job_number": format!("0000{number}")}})
            }
            75..90 => json!({"edit": "update_user", "userid": userid, "fields": {"title": "高级顾问", "email": null}}),
            90..95 => json!({"edit": "rename_department", "dept_id": dept_id, "name": format!("新部门{number}")}),
            95..98 => json!({"edit": "create_department", "parent_id": dept_id, "name": format!("筹备组{number}")}),
            // The same department is picked rarely for both, and a large subtree is seldom picked at all.
            98 => json!({"edit": "move_department", "dept_id": dept_id, "parent_id": ROOT}),
            _ if self.company.children(dept_id).next().is_none() => {
                json!({"edit": "remove_department", "dept_id": dept_id})
            }
            _ => json!({"edit": "hire", "departments": [dept_id]}),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crate::simulator::SimulatorConfig;
    use crate::simulator::world::World;

    #[test]
    fn after_many_edits_the_company_is_still_whole() {
        let config = SimulatorConfig {
            users: 200,
            departments: 20,
            ..SimulatorConfig::default()
        };
        let mut world = World::new(Arc::new(config));
        assert_eq!(world.churn(2_000).len(), 2_000);

        for person in world.company.people() {
            assert!(!person.departments.is_empty());
            for place in &person.departments {
                assert!(world.company.department(place.dept_id).is_some());
                assert!(
                    world
                        .company
                        .members(place.dept_id)
                        .any(|member| member.userid == person.userid)
                );
            }
            assert_eq!(
                world.company.by_mobile(&person.mobile).map(|found| &found.userid),
                Some(&person.userid)
            );
        }

        let departments: Vec<i64> = world
            .company
            .departments()
            .map(|department| department.dept_id)
            .collect();
        let mut members = 0;
        for dept_id in departments {
            assert_eq!(world.company.ancestors(dept_id).last(), Some(&1));
            members += world.company.members(dept_id).count();
        }

        assert_eq!(
            members,
            world
                .company
                .people()
                .map(|person| person.departments.len())
                .sum::<usize>()
        );
        assert!(world.events.newest() >= 2_000);
    }
}
