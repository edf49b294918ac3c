//! What is wrong with DingTalk for a whole sequence, and keeps nobody else from being right.

use std::collections::BTreeSet;

use dingmirror::settings::Api;
use serde_json::{Value, json};

use super::super::{company::Company, rig::Rig};

/// A lasting flaw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Nothing,
    /// One person's record is always refused.
    Record,
    /// One person is listed, and their record is outside the app's scope.
    OutOfScope,
    /// One person's record doesn't name the departments that list them.
    OneSided,
    /// `user/count` is far too high.
    Counted,
    /// A department that the settings include isn't there.
    Included,
    /// The scope names a department below the one that the settings exclude.
    Excluded,
    /// Two departments are above each other.
    Circle,
    /// Half an emoji stands in one person's name, and in one department's.
    HalfAnEmoji,
    /// Bytes that aren't UTF-8 do.
    Bytes,
    /// One department's people are never listed.
    List,
    /// One department's list of people never ends, where there are pages.
    Endless,
    /// What is below one department is never listed.
    Children,
}

pub(super) const KINDS: [Kind; 13] = [
    Kind::Nothing,
    Kind::Record,
    Kind::OutOfScope,
    Kind::OneSided,
    Kind::Counted,
    Kind::Included,
    Kind::Excluded,
    Kind::Circle,
    Kind::HalfAnEmoji,
    Kind::Bytes,
    Kind::List,
    Kind::Endless,
    Kind::Children,
];

/// Names that are garbled, and nobody else's.
const PERSON: &str = "Unutterable person";
const DEPARTMENT: &str = "Unutterable department";

/// One lasting flaw, and whom it is about.
pub(super) struct Flaw {
    pub(super) kind: Kind,
    person: String,
    /// With one below it.
    department: i64,
    below: i64,
    faults: Value,
}

impl Flaw {
    /// Makes the company and the settings ready for it.
    pub(super) fn new(kind: Kind, rig: &Rig) -> Self {
        let truth = rig.truth();
        let person = truth["users"][39].clone();
        let id = person["userid"].as_str().unwrap().to_owned();
        let departments = truth["departments"].as_array().unwrap();
        let top = departments.iter().find(|it| it["parent_id"] == 1).unwrap();
        let department = top["dept_id"].as_i64().unwrap();

        rig.edit(json!([
            { "edit": "create_department", "parent_id": department, "name": "Below", "dept_id": 4_040 },
            { "edit": "move", "userid": truth["users"][5]["userid"], "departments": [4_040] },
            { "edit": "move", "userid": truth["users"][6]["userid"], "departments": [4_040, 1] },
            { "edit": "move", "userid": id, "departments": [department] },
        ]));
        if [Kind::HalfAnEmoji, Kind::Bytes].contains(&kind) {
            rig.edit(json!([
                { "edit": "update_user", "userid": id, "fields": { "name": PERSON } },
                { "edit": "rename_department", "dept_id": 4_040, "name": DEPARTMENT },
            ]));
        }

        match kind {
            Kind::Included => rig.set(|settings| settings.include_departments = [1, 77].into()),
            Kind::Excluded => {
                rig.set(|settings| settings.exclude_departments = [department].into());
                let scope = json!({ "authed_dept": [1, 4_040], "authed_user": [] });
                assert!(rig.simulator.control().set_scope(scope).is_ok());
            }
            _ => {}
        }

        let faults = faults(kind, &person, top);
        Self {
            kind,
            person: id,
            department,
            below: 4_040,
            faults,
        }
    }

    /// Puts it in DingTalk's answers.
    pub(super) fn put(&self, rig: &Rig) {
        rig.fault(self.faults.clone());
    }

    /// What the settings leave out isn't mirrored.
    pub(super) fn selected(&self, mut company: Company) -> Company {
        if self.kind != Kind::Excluded {
            return company;
        }
        let excluded = subtree(&[&company], self.department);
        company.0.retain(|id, _| !excluded.contains(id));
        company.1.retain(|_, said| {
            let mut places = said.iter().filter_map(|it| it["dept_id"].as_i64());
            places.any(|id| !excluded.contains(&id))
        });
        company
    }

    /// Departments and people who can't be right, in any of these companies.
    pub(super) fn blinds(&self, companies: &[&Company]) -> (BTreeSet<i64>, BTreeSet<String>) {
        let person = || BTreeSet::from([self.person.clone()]);
        match self.kind {
            Kind::Nothing | Kind::Counted | Kind::Included | Kind::Excluded => Default::default(),
            Kind::Record | Kind::OutOfScope | Kind::OneSided => (BTreeSet::new(), person()),
            Kind::Circle => (BTreeSet::from([self.department]), BTreeSet::new()),
            Kind::HalfAnEmoji | Kind::Bytes => (BTreeSet::from([self.below]), person()),
            Kind::List | Kind::Endless => {
                let of = BTreeSet::from([self.department]);
                (BTreeSet::new(), people_of(companies, &of))
            }
            Kind::Children => {
                let mut below = subtree(companies, self.department);
                below.remove(&self.department);
                let people = people_of(companies, &below);
                (below, people)
            }
        }
    }

    /// Whether a contradiction is DingTalk's own: the record of the circle's department goes on to name the one below
    /// it when that was removed long ago.
    pub(super) fn says(&self, contradiction: &str) -> bool {
        let about = format!("Department {} is below department {}, ", self.department, self.below);
        self.kind == Kind::Circle && contradiction.starts_with(&about)
    }

    /// Whether somebody who left stays for ever: DingTalk says that they are there.
    pub(super) fn keeps(&self, id: &str) -> bool {
        [Kind::Record, Kind::OutOfScope, Kind::OneSided].contains(&self.kind) && self.person == id
    }
}

/// A department and all below it, in any of these companies.
fn subtree(companies: &[&Company], top: i64) -> BTreeSet<i64> {
    let mut found = BTreeSet::from([top]);
    loop {
        let links = companies.iter().flat_map(|company| &company.0);
        let below = links.filter(|(_, (parent, _))| parent.is_some_and(|parent| found.contains(&parent)));
        let more: Vec<i64> = below.map(|(id, _)| *id).filter(|id| !found.contains(id)).collect();
        if more.is_empty() {
            return found;
        }
        found.extend(more);
    }
}

/// Who is in one of these departments, in any of these companies.
fn people_of(companies: &[&Company], departments: &BTreeSet<i64>) -> BTreeSet<String> {
    let people = companies.iter().flat_map(|company| &company.1);
    let is_in = |said: &&Value| said["dept_id"].as_i64().is_some_and(|id| departments.contains(&id));
    let them = people.filter(|(_, said)| said.iter().any(|it| is_in(&it)));
    them.map(|(id, _)| id.clone()).collect()
}

fn faults(kind: Kind, person: &Value, department: &Value) -> Value {
    let (id, dept_id) = (&person["userid"], &department["dept_id"]);
    let refused =
        |api: Api, code: i64| json!({ "api": api.path(), "kind": "errcode", "code": code, "msg": "不合法的参数" });
    let about = |mut rule: Value, key: &str, id: &Value| {
        rule[key] = id.clone();
        rule
    };
    let answer = |api: Api, result: Value| {
        let body = json!({ "errcode": 0, "errmsg": "ok", "request_id": "x", "result": result });
        json!({ "api": api.path(), "kind": "answer", "body": body })
    };

    match kind {
        Kind::Nothing | Kind::Included | Kind::Excluded => json!([]),
        Kind::Record => about(refused(Api::UserGet, 40_035), "userid", id),
        Kind::OutOfScope => about(refused(Api::UserGet, 50_002), "userid", id),
        Kind::OneSided => {
            let record = json!({
                "userid": id, "unionid": person["unionid"], "name": person["name"], "active": true, "dept_id_list": [1],
            });
            about(answer(Api::UserGet, record), "userid", id)
        }
        Kind::Counted => answer(Api::UserCount, json!({ "count": 90 })),
        Kind::Circle => {
            let record = json!({ "dept_id": dept_id, "parent_id": 4_040, "name": department["name"] });
            about(answer(Api::DepartmentGet, record), "dept_id", dept_id)
        }
        Kind::HalfAnEmoji | Kind::Bytes => {
            let garbled = |text: &str| json!({ "kind": "garbled", "text": text, "bytes": kind == Kind::Bytes });
            json!([garbled(PERSON), garbled(DEPARTMENT)])
        }
        Kind::List => json!([
            about(refused(Api::UserList, 40_035), "dept_id", dept_id),
            about(refused(Api::UserListId, 40_035), "dept_id", dept_id),
        ]),
        Kind::Endless => about(
            json!({ "api": Api::UserList.path(), "kind": "endless" }),
            "dept_id",
            dept_id,
        ),
        Kind::Children => about(refused(Api::DepartmentListSub, 40_035), "dept_id", dept_id),
    }
}
