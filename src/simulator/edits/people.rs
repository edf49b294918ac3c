//! Joining, leaving, moving, changing.

use serde_json::{Map, Value, json};

use super::EditRefusal;
use crate::simulator::company::{Membership, Person, ROOT, membership};
use crate::simulator::world::World;

/// DingTalk puts a person into at most this many departments.
const MOST_DEPARTMENTS: usize = 100;

impl World {
    pub(super) fn hire(
        &mut self,
        departments: Vec<i64>,
        userid: Option<String>,
        name: Option<String>,
        fields: Map<String, Value>,
    ) -> Result<Value, EditRefusal> {
        let departments = if departments.is_empty() {
            vec![ROOT]
        } else {
            departments
        };
        self.check_places(&departments)?;

        let mut person = loop {
            let person = self.newcomer.person(&departments, &mut self.random);
            // An earlier edit may have given somebody what was invented just now.
            let company = &self.company;
            if company.person(&person.userid).is_none() && company.by_mobile(&person.mobile).is_none() {
                break person;
            }
        };

        if let Some(userid) = userid {
            let length = userid.chars().count();
            if !(1..=64).contains(&length) || self.company.person(&userid).is_some() {
                return Err(format!("userid: {userid:?} is taken, or not 1 to 64 characters long"));
            }
            person.userid = userid;
        }
        person.name = name.unwrap_or(person.name);
        self.set_fields(&mut person, fields)?;

        let userid = person.userid.clone();
        self.company_mut().put_person(person);
        let now = self.now();
        self.events.users(now, "user_add_org", vec![userid.clone()], None);
        // In reality this follows at once.
        self.events.users(now, "user_modify_org", vec![userid.clone()], None);
        Ok(json!({"userid": userid}))
    }

    pub(super) fn leave(&mut self, userid: &str) -> Result<Value, EditRefusal> {
        let person = self.company_mut().take_person(userid);
        let person = person.ok_or_else(|| no_person(userid))?;
        let now = self.now();
        self.leavers.add(now, userid, &person.name, &person.mobile);
        self.events.users(now, "user_leave_org", vec![userid.to_owned()], None);
        Ok(json!({"userid": userid}))
    }

    pub(super) fn move_person(&mut self, userid: &str, departments: &[i64]) -> Result<Value, EditRefusal> {
        self.check_places(departments)?;
        let mut person = self.company.person(userid).cloned().ok_or_else(|| no_person(userid))?;

        // Who stays in a department keeps the place in it.
        let places = departments.iter().map(|&dept_id| {
            person
                .membership(dept_id)
                .cloned()
                .unwrap_or_else(|| membership(&mut self.random, dept_id, false))
        });
        person.departments = places.collect();

        self.company_mut().put_person(person);
        let now = self.now();
        self.events.users(now, "user_modify_org", vec![userid.to_owned()], None);
        Ok(json!({"userid": userid}))
    }

    pub(super) fn update_user(&mut self, userid: &str, fields: Map<String, Value>) -> Result<Value, EditRefusal> {
        let mut person = self.company.person(userid).cloned().ok_or_else(|| no_person(userid))?;
        let before = person.clone();
        self.set_fields(&mut person, fields)?;
        let diff = difference(&before, &person);
        self.company_mut().put_person(person);
        let now = self.now();
        self.events.users(now, "user_modify_org", vec![userid.to_owned()], diff);
        Ok(json!({"userid": userid}))
    }

    fn check_places(&self, departments: &[i64]) -> Result<(), EditRefusal> {
        if departments.is_empty() || departments.len() > MOST_DEPARTMENTS {
            return Err(format!("departments: give 1 to {MOST_DEPARTMENTS} ids"));
        }

        for (index, dept_id) in departments.iter().enumerate() {
            self.known_department("departments", *dept_id)?;
            if departments[..index].contains(dept_id) {
                return Err(format!("departments: {dept_id} is named twice"));
            }
        }
        Ok(())
    }

    fn set_fields(&self, person: &mut Person, fields: Map<String, Value>) -> Result<(), EditRefusal> {
        for (name, value) in fields {
            match name.as_str() {
                "name" => person.name = text(&name, value)?,
                "avatar" => person.avatar = optional(&name, value)?,
                "mobile" => {
                    let mobile = text(&name, value)?;
                    if self
                        .company
                        .by_mobile(&mobile)
                        .is_some_and(|other| other.userid != person.userid)
                    {
                        return Err(format!("mobile: {mobile} belongs to somebody else"));
                    }
                    person.mobile = mobile;
                }
                "unionid" => {
                    let unionid = text(&name, value)?;
                    if self
                        .company
                        .by_unionid(&unionid)
                        .is_some_and(|other| other.userid != person.userid)
                    {
                        return Err(format!("unionid: {unionid} belongs to somebody else"));
                    }
                    person.unionid = unionid;
                }
                "telephone" => person.telephone = optional(&name, value)?,
                "job_number" => person.job_number = optional(&name, value)?,
                "title" => person.title = optional(&name, value)?,
                "email" => person.email = optional(&name, value)?,
                "org_email" => person.org_email = optional(&name, value)?,
                "work_place" => person.work_place = optional(&name, value)?,
                "remark" => person.remark = optional(&name, value)?,
                "extension" => person.extension = optional(&name, value)?,
                "create_time" => person.create_time = optional(&name, value)?,
                "manager_userid" => person.manager_userid = optional(&name, value)?,
                "hired_date" if value.is_null() => person.hired_date = None,
                "hired_date" => {
                    person.hired_date = Some(value.as_i64().ok_or("hired_date: give milliseconds or null")?);
                }
                "active" => person.active = flag(&name, value)?,
                "hide_mobile" => person.hide_mobile = flag(&name, value)?,
                "real_authed" => person.real_authed = flag(&name, value)?,
                "senior" => person.senior = flag(&name, value)?,
                "boss" => person.boss = flag(&name, value)?,
                "restricted" => person.restricted = flag(&name, value)?,
                "leader" => leaders(person, value)?,
                _ => return Err(format!("fields: {name:?} is unknown or can't be changed")),
            }
        }

        Ok(())
    }
}

/// `leader`: the departments this person leads.
fn leaders(person: &mut Person, value: Value) -> Result<(), EditRefusal> {
    let ids: Vec<i64> = serde_json::from_value(value).map_err(|_| "leader: give the list of department ids")?;
    for Membership { dept_id, leader, .. } in &mut person.departments {
        *leader = ids.contains(dept_id);
    }
    Ok(())
}

fn no_person(userid: &str) -> EditRefusal {
    format!("userid: there is no {userid:?}")
}

fn text(name: &str, value: Value) -> Result<String, EditRefusal> {
    match value {
        Value::String(text) => Ok(text),
        _ => Err(format!("{name}: give text")),
    }
}

fn optional(name: &str, value: Value) -> Result<Option<String>, EditRefusal> {
    if value.is_null() {
        Ok(None)
    } else {
        text(name, value).map(Some)
    }
}

fn flag(name: &str, value: Value) -> Result<bool, EditRefusal> {
    value.as_bool().ok_or_else(|| format!("{name}: give true or false"))
}

/// `diffInfo` as the stream carries it, for the fields it covers; absent when none of them changed.
fn difference(before: &Person, after: &Person) -> Option<Value> {
    let (mut prev, mut curr) = (Map::new(), Map::new());
    let pairs = [
        ("name", Some(&before.name), Some(&after.name)),
        ("telephone", before.telephone.as_ref(), after.telephone.as_ref()),
        ("email", before.email.as_ref(), after.email.as_ref()),
        ("jobNumber", before.job_number.as_ref(), after.job_number.as_ref()),
        ("workPlace", before.work_place.as_ref(), after.work_place.as_ref()),
        ("remark", before.remark.as_ref(), after.remark.as_ref()),
        ("extFields", before.extension.as_ref(), after.extension.as_ref()),
        (
            "managerUserid",
            before.manager_userid.as_ref(),
            after.manager_userid.as_ref(),
        ),
    ];

    for (name, old, new) in pairs {
        if old != new {
            prev.insert(name.to_owned(), json!(old.map_or("", String::as_str)));
            curr.insert(name.to_owned(), json!(new.map_or("", String::as_str)));
        }
    }
    (!prev.is_empty()).then(|| json!([{"prev": prev, "curr": curr, "userid": after.userid}]))
}
