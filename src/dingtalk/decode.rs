//! Reads an answer as the calls do, without a call: the door of the fuzz targets (`fuzz/targets`).

use super::{answers, departments, envelope, fields, transport::Reply, users};
use crate::{
    directory::{DepartmentFacts, DeptId, UserFacts},
    settings::Api,
};

/// What an answer says, by each way of reading it that finds something.
#[derive(Debug, Default)]
pub struct Decoded {
    /// People: of `user/get`, and of a page of `user/list`.
    pub users: Vec<UserFacts>,
    /// Departments: of `department/get`, and of `department/listsub`.
    pub departments: Vec<DepartmentFacts>,
    /// How many others it names: in scopes, lists of userids, and the result of a send.
    pub named: usize,
}

/// Reads the body of an answer of `api`. `None`: it is a failure, or no answer.
pub fn decode(api: Api, status: u16, body: &[u8]) -> Option<Decoded> {
    let reply = Reply {
        status,
        body: body.to_vec(),
    };
    // Failures of the new API have another form. What they come to is read in either case.
    let named = envelope::open_named(api, &reply).ok();
    let answer = envelope::open(api, &reply).ok().or(named)?;
    let mut decoded = Decoded::default();

    if let Some(result) = fields::object(&answer, "result") {
        decoded.users.extend(users::from_get(&result));
        decoded.departments.extend(departments::department(&result));
        let listed = fields::objects(&result, "list").unwrap_or_default();
        let listed = listed.iter().filter_map(|entry| users::from_list(entry, DeptId(1)));
        decoded.users.extend(listed);
        decoded.named += answers::user_ids(&result, "userid_list").map_or(0, |ids| ids.len());
    }
    let children = fields::objects(&answer, "result").unwrap_or_default();
    let children = children.iter().filter_map(departments::department);
    decoded.departments.extend(children);

    if let Some(scopes) = answers::scopes(&answer) {
        decoded.named += scopes.departments.len() + scopes.users.len();
    }
    let sent = answers::send_result(&answer);
    decoded.named += [sent.invalid, sent.failed, sent.read, sent.unread]
        .iter()
        .map(Vec::len)
        .sum::<usize>();
    decoded.named += sent.forbidden.len() + usize::from(answers::send_progress(&answer).is_some());
    Some(decoded)
}
