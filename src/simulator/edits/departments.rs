//! Creating, renaming, moving, removing and merging departments.

use serde_json::{Value, json};

use super::EditRefusal;
use crate::simulator::company::{ROOT, department, membership};
use crate::simulator::world::World;

impl World {
    pub(super) fn create_department(
        &mut self,
        parent_id: i64,
        name: &str,
        dept_id: Option<i64>,
    ) -> Result<Value, EditRefusal> {
        self.known_department("parent_id", parent_id)?;
        self.check_name(parent_id, name)?;

        let dept_id = match dept_id {
            Some(dept_id) if dept_id <= ROOT || self.company.department(dept_id).is_some() => {
                return Err(format!("dept_id: {dept_id} is taken or not above 1"));
            }
            Some(dept_id) => dept_id,
            None => loop {
                let candidate = self.random.between(50_000_000, 1_000_000_000);
                if self.company.department(candidate).is_none() {
                    break candidate;
                }
            },
        };

        let department = department(&mut self.random, dept_id, Some(parent_id), name, dept_id);
        self.company_mut().put_department(department);
        self.department_event("org_dept_create", vec![dept_id]);
        Ok(json!({"dept_id": dept_id}))
    }

    pub(super) fn rename_department(&mut self, dept_id: i64, name: &str) -> Result<Value, EditRefusal> {
        let mut department = self.known_department("dept_id", dept_id)?.clone();
        if department.name != name {
            self.check_name(department.parent_id.unwrap_or(0), name)?;
        }

        name.clone_into(&mut department.name);
        self.company_mut().put_department(department);
        if dept_id == ROOT {
            // Renaming the company is a change of the company too.
            self.department_event("org_change", Vec::new());
        }
        self.department_event("org_dept_modify", vec![dept_id]);
        Ok(json!({"dept_id": dept_id}))
    }

    pub(super) fn move_department(&mut self, dept_id: i64, parent_id: i64) -> Result<Value, EditRefusal> {
        let mut department = self.known_department("dept_id", dept_id)?.clone();
        self.known_department("parent_id", parent_id)?;
        if dept_id == ROOT || self.company.ancestors(parent_id).contains(&dept_id) {
            return Err(format!(
                "parent_id: {dept_id} can't be put below {parent_id}, which is itself or below it"
            ));
        }
        if department.parent_id != Some(parent_id) {
            self.check_name(parent_id, &department.name)?;
        }

        department.parent_id = Some(parent_id);
        self.company_mut().put_department(department);
        // For the moved one only, none for what is below it.
        self.department_event("org_dept_modify", vec![dept_id]);
        Ok(json!({"dept_id": dept_id}))
    }

    pub(super) fn remove_department(&mut self, dept_id: i64) -> Result<Value, EditRefusal> {
        let parent = self.known_department("dept_id", dept_id)?.parent_id;
        let Some(parent) = parent else {
            return Err("dept_id: the root can't be removed".to_owned());
        };

        let gone = self.company.subtree(dept_id);
        self.empty(&gone, parent);
        for id in gone.iter().rev() {
            self.company_mut().take_department(*id);
        }

        // One event names the whole subtree.
        self.department_event("org_dept_remove", gone.clone());
        Ok(json!({"dept_ids": gone}))
    }

    pub(super) fn merge_departments(&mut self, from: i64, into: i64) -> Result<Value, EditRefusal> {
        let is_root = self.known_department("from", from)?.parent_id.is_none();
        self.known_department("into", into)?;
        if is_root || self.company.ancestors(into).contains(&from) {
            return Err(format!(
                "into: {from} can't be merged into {into}, which is itself or below it"
            ));
        }

        let children: Vec<_> = self.company.children(from).cloned().collect();
        for mut child in children {
            while self.check_name(into, &child.name).is_err() && child.name.chars().count() < 64 {
                child.name.push('旧');
            }
            let dept_id = child.dept_id;
            child.parent_id = Some(into);
            self.company_mut().put_department(child);
            self.department_event("org_dept_modify", vec![dept_id]);
        }

        self.empty(&[from], into);
        self.company_mut().take_department(from);
        self.department_event("org_dept_remove", vec![from]);
        Ok(json!({"dept_id": into}))
    }

    /// Takes everybody out of these departments; who would be left without any goes to `refuge`.
    fn empty(&mut self, dept_ids: &[i64], refuge: i64) {
        let of = dept_ids.iter().flat_map(|id| self.company.members(*id));
        let mut userids: Vec<String> = of.map(|person| person.userid.clone()).collect();
        userids.sort();
        userids.dedup();
        let now = self.now();

        for userid in userids {
            let Some(mut person) = self.company.person(&userid).cloned() else {
                continue;
            };
            person.departments.retain(|place| !dept_ids.contains(&place.dept_id));
            if person.departments.is_empty() {
                person.departments.push(membership(&mut self.random, refuge, false));
            }
            self.company_mut().put_person(person);
            self.events.users(now, "user_modify_org", vec![userid], None);
        }
    }

    fn check_name(&self, parent_id: i64, name: &str) -> Result<(), EditRefusal> {
        let length = name.chars().count();
        if !(1..=64).contains(&length) || name.contains(['-', ',', '，']) {
            return Err(format!(
                "name: {name:?} must have 1 to 64 characters and no hyphen or comma"
            ));
        }
        if self.company.children(parent_id).any(|sibling| sibling.name == name) {
            return Err(format!("name: {name:?} is used below department {parent_id} already"));
        }
        Ok(())
    }

    fn department_event(&mut self, event_type: &'static str, dept_ids: Vec<i64>) {
        let now = self.now();
        self.events.departments(now, event_type, dept_ids);
    }
}
