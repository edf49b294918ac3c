//! The calls of the old API, one table.

mod departments;
mod members;
mod messages;
mod scopes;
mod token;
mod users;
mod views;

use super::events::callbacks;
use super::permissions::Permissions;
use super::wire::{CallArgs, CallResult};
use super::world::World;

type Handler = fn(&mut World, &CallArgs, &Permissions) -> CallResult;

/// One call: its path, the permission point it needs, the code with which it refuses bad parameters, what it does.
pub(crate) struct ApiEntry {
    pub(crate) path: &'static str,
    pub(crate) point: &'static str,
    pub(crate) bad_parameter: i64,
    pub(crate) handler: Handler,
}

const DEPARTMENTS: &str = "qyapi_get_department_list";
const MEMBER: &str = "qyapi_get_member";
const MEMBERS: &str = "qyapi_get_department_member";
const MOBILE: &str = "qyapi_get_member_by_mobile";
const BASE: &str = "qyapi_base";

const fn api(path: &'static str, point: &'static str, bad_parameter: i64, handler: Handler) -> ApiEntry {
    ApiEntry {
        path,
        point,
        bad_parameter,
        handler,
    }
}

/// Every call that needs a token.
pub(crate) const APIS: &[ApiEntry] = &[
    api("/auth/scopes", BASE, 40_035, scopes::scopes),
    api(
        "/topapi/v2/department/listsub",
        DEPARTMENTS,
        400_002,
        departments::listsub,
    ),
    api("/topapi/v2/department/get", DEPARTMENTS, 400_002, departments::get),
    api(
        "/topapi/v2/department/listsubid",
        DEPARTMENTS,
        400_002,
        departments::listsubid,
    ),
    api(
        "/topapi/v2/department/listparentbydept",
        DEPARTMENTS,
        400_002,
        departments::listparentbydept,
    ),
    api(
        "/topapi/v2/department/listparentbyuser",
        DEPARTMENTS,
        400_002,
        departments::listparentbyuser,
    ),
    api("/topapi/user/listid", MEMBER, 400_002, members::listid),
    api("/topapi/v2/user/list", MEMBERS, 40_035, members::list),
    api("/topapi/user/listsimple", MEMBERS, 400_002, members::listsimple),
    api("/topapi/v2/user/get", MEMBER, 400_002, users::get),
    api("/topapi/user/count", MEMBER, 40_035, users::count),
    api("/topapi/v2/user/getbymobile", MOBILE, 400_002, users::getbymobile),
    api("/topapi/user/getbyunionid", MEMBER, 400_002, users::getbyunionid),
    api("/topapi/user/listadmin", MEMBER, 400_002, users::listadmin),
    api("/topapi/user/get_admin_scope", MEMBER, 40_036, users::get_admin_scope),
    api(
        "/topapi/message/corpconversation/asyncsend_v2",
        BASE,
        40_035,
        messages::send,
    ),
    api(
        "/topapi/message/corpconversation/getsendprogress",
        BASE,
        40_035,
        messages::progress,
    ),
    api(
        "/topapi/message/corpconversation/getsendresult",
        BASE,
        40_035,
        messages::send_result,
    ),
    api(
        "/topapi/message/corpconversation/recall",
        BASE,
        400_002,
        messages::recall,
    ),
    api(
        "/topapi/message/corpconversation/status_bar/update",
        BASE,
        40_035,
        messages::status_bar,
    ),
    api("/call_back/register_call_back", BASE, 40_035, callbacks::register),
    api("/call_back/update_call_back", BASE, 40_035, callbacks::update),
    api("/call_back/get_call_back", BASE, 40_035, callbacks::get),
    api("/call_back/delete_call_back", BASE, 40_035, callbacks::delete),
    api(
        "/call_back/get_call_back_failed_result",
        BASE,
        40_035,
        callbacks::failed,
    ),
];

pub(crate) use token::gettoken;

#[cfg(test)]
mod tests;
