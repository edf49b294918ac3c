//! What happens to the company.

use dingmirror::{directory::EventChannel, settings::Api};
use serde_json::{Value, json};

use super::{super::rig::parsed, World};

/// What is done, and taken back a moment later.
pub(super) enum Passing {
    /// Somebody's title is another one.
    Title(String, Value),
    /// Somebody is elsewhere.
    Place(String, Vec<i64>),
    /// Somebody is away, and back with the same userid.
    Away(String),
    /// A department has another name.
    Name(i64, String),
    /// A department is there.
    Department(i64),
}

impl World {
    /// One edit after the other, each noted as a moment of the company.
    pub(super) fn churn(&mut self, count: usize) {
        self.did.push(format!("{count} edits"));
        for _ in 0..count {
            self.rig.simulator.control().churn(json!({ "count": 1 })).ok();
            self.remember();
        }
    }

    /// An edit that may be about somebody who left.
    pub(super) fn try_edit(&mut self, edit: Value) {
        self.rig.simulator.control().edit(edit).ok();
        self.remember();
    }

    /// Most people leave at once.
    pub(super) fn landslide(&mut self) {
        self.did.push("most people left".into());
        for id in self.there() {
            if self.chance.below(5) < 3 {
                self.try_edit(json!({ "edit": "leave", "userid": id }));
            }
        }
    }

    /// Something is so for a moment.
    pub(super) fn begin_passing(&mut self) -> Passing {
        let truth = self.rig.truth();
        let person = self.chance.one_of(truth["users"].as_array().unwrap()).clone();
        let id = person["userid"].as_str().unwrap().to_owned();
        let departments = truth["departments"].as_array().unwrap();
        let department = self.chance.one_of(departments).clone();
        let dept_id = department["dept_id"].as_i64().unwrap();

        let (edit, passing) = match self.chance.below(5) {
            0 => (
                json!({ "edit": "update_user", "userid": id, "fields": { "title": "For a moment" } }),
                Passing::Title(id, person["title"].clone()),
            ),
            1 => {
                let places = person["departments"].as_array().unwrap().iter();
                let places = places.filter_map(|it| it["dept_id"].as_i64()).filter(|id| *id > 0);
                (
                    json!({ "edit": "move", "userid": id, "departments": [dept_id] }),
                    Passing::Place(id, places.collect()),
                )
            }
            2 => (json!({ "edit": "leave", "userid": id }), Passing::Away(id)),
            3 if dept_id != 1 => (
                json!({ "edit": "rename_department", "dept_id": dept_id, "name": "For a moment" }),
                Passing::Name(dept_id, department["name"].as_str().unwrap().to_owned()),
            ),
            _ => {
                let new = 5_000_000 + self.chance.below(1_000_000) as i64;
                (
                    json!({ "edit": "create_department", "parent_id": dept_id, "name": format!("New {new}"), "dept_id": new }),
                    Passing::Department(new),
                )
            }
        };

        self.did.push(format!("for a moment: {edit}"));
        self.try_edit(edit);
        passing
    }

    pub(super) fn take_back(&mut self, passing: Passing) {
        let edit = match passing {
            Passing::Title(id, title) => {
                json!({ "edit": "update_user", "userid": id, "fields": { "title": title } })
            }
            Passing::Place(id, places) => json!({ "edit": "move", "userid": id, "departments": places }),
            Passing::Away(id) => json!({ "edit": "hire", "userid": id }),
            Passing::Name(id, name) => json!({ "edit": "rename_department", "dept_id": id, "name": name }),
            Passing::Department(id) => json!({ "edit": "remove_department", "dept_id": id }),
        };
        self.try_edit(edit);
    }

    /// The events since the last time arrive, in any order, some twice; unless all of them do, some are lost.
    pub(super) async fn tell_events(&mut self, all: bool) {
        let events = self.rig.simulator.control().events(self.told);
        self.told = events["newest"].as_u64().unwrap();
        let mut arriving = Vec::new();
        for event in events["events"].as_array().unwrap() {
            for _ in 0..usize::from(all).max(self.chance.below(3)) {
                let place = self.chance.below(arriving.len() + 1);
                arriving.insert(place, parsed(event));
            }
        }

        if self.chance.below(4) == 0 {
            // About nobody, and about what never was.
            let odd = json!({
                "event_id": format!("odd {}", self.did.len()), "event_type": "user_modify_org",
                "user_ids": ["[\"nobody\"]", "nobody"], "dept_ids": [424_242],
            });
            arriving.push(parsed(&odd));
        }

        self.did.push(format!("{} events arrived", arriving.len()));
        let at_once = if self.chance.flips() { arriving.len().max(1) } else { 1 };
        for events in arriving.chunks(at_once) {
            self.rig.store.receive_events(events, EventChannel::Push).await.unwrap();
        }
    }

    pub(super) fn hinder(&mut self) {
        let apis = [
            Api::DepartmentListSub,
            Api::DepartmentGet,
            Api::UserList,
            Api::UserListId,
            Api::UserGet,
        ];
        let kinds = [
            "throttle",
            "platform_throttle",
            "busy",
            "timeout15",
            "empty_sub_code_88",
            "missing_result",
            "empty_list",
            "truncated_json",
            "close_connection",
            "404",
            "60020",
        ];

        let api = self.chance.one_of(&apis).path();
        let kind = *self.chance.one_of(&kinds);
        let (count, skip) = (1 + self.chance.below(6), self.chance.below(12));
        self.did.push(format!("{kind} on {api}, {count} times behind {skip}"));

        let rule = match kind.parse::<i64>() {
            // What has just answered isn't wrong.
            Ok(code) => json!({ "kind": "errcode", "code": code, "msg": "?", "api": api, "count": 1, "skip": skip }),
            Err(_) => json!({ "api": api, "kind": kind, "count": count, "skip": skip }),
        };

        let lies = kind == "empty_list";
        (self.lies, self.is_lied_to) = (self.lies || lies, self.is_lied_to || lies);
        self.rig.fault(rule);
    }

    /// Some answers come late: those of before they were waited for, or of after.
    pub(super) fn slow_down(&mut self) {
        let everybody: Vec<String> = self.there().into_iter().collect();
        let mut slow = |api: Api, about: Option<&String>| {
            let ms = 100 + self.chance.below(500);
            let mut rule =
                json!({ "api": api.path(), "count": 1, "kind": "slow", "ms": ms, "after_effect": self.chance.flips() });
            if let Some(id) = about {
                rule["userid"] = id.clone().into();
            }
            rule
        };

        let mut rules = vec![slow(Api::DepartmentGet, None), slow(Api::UserList, None)];
        if let Some(id) = everybody.first() {
            rules.push(slow(Api::UserGet, Some(id)));
            rules.push(slow(Api::UserGet, None));
        }
        self.rig.fault(Value::Array(rules));
    }
}
