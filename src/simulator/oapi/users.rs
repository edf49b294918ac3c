//! Single people, looked up in several ways, and counts.

use serde_json::{Value, json};

use super::views;
use crate::simulator::company::{Admin, ROOT};
use crate::simulator::permissions::Permissions;
use crate::simulator::wire::{CallArgs, CallResult, Refusal, fields, result};
use crate::simulator::world::World;

/// One person in full. Obeys the scope.
pub(super) fn get(world: &mut World, args: &CallArgs, permissions: &Permissions) -> CallResult {
    let userid = args.required_text("userid")?;
    if userid.chars().count() > 64 {
        return Err(args.bad("userid"));
    }
    let person = world.scope.person(&world.company, &userid)?;
    Ok(result(views::full(person, permissions, &world.config.corp_id)))
}

/// How many people there are. Ignores the scope.
pub(super) fn count(world: &mut World, args: &CallArgs, _: &Permissions) -> CallResult {
    let only_active = args.flag("only_active")?.ok_or_else(|| args.missing("only_active"))?;
    let count = world
        .company
        .people()
        .filter(|person| person.active || !only_active)
        .count();
    Ok(result(json!({"count": count})))
}

/// The current employee with a mobile number.
pub(super) fn getbymobile(world: &mut World, args: &CallArgs, _: &Permissions) -> CallResult {
    let mobile = args.required_text("mobile")?;
    let digits = mobile.strip_prefix('+').unwrap_or(&mobile);
    if mobile.chars().count() > 15 || digits.is_empty() || !digits.chars().all(|c| c.is_ascii_digit() || c == '-') {
        return Err(Refusal::business(40_104, "无效的手机号码"));
    }

    let person = world.company.by_mobile(&mobile).ok_or_else(Refusal::no_such_user)?;
    let person = world.scope.person(&world.company, &person.userid)?;
    let exclusive: Vec<&str> = person.exclusive.iter().map(|_| person.userid.as_str()).collect();

    let mut body = json!({"userid": person.userid});
    if args.flag("support_exclusive_account_search")? == Some(true) {
        body["exclusive_account_userid_list"] = json!(exclusive);
    }
    Ok(result(body))
}

/// The employee with a unionid.
pub(super) fn getbyunionid(world: &mut World, args: &CallArgs, _: &Permissions) -> CallResult {
    let unionid = args.required_text("unionid")?;
    let person = world.company.by_unionid(&unionid).ok_or_else(Refusal::no_such_user)?;
    Ok(result(json!({"contact_type": 0, "userid": person.userid})))
}

/// All administrators. Ignores the scope.
pub(super) fn listadmin(world: &mut World, _: &CallArgs, _: &Permissions) -> CallResult {
    let admins = world.company.people_by_entry().into_iter().filter_map(|person| {
        let sys_level = match person.admin {
            Admin::No => return None,
            Admin::Main => 1,
            Admin::Sub => 2,
        };
        Some(json!({"userid": person.userid, "sys_level": sys_level}))
    });
    Ok(result(admins.collect::<Value>()))
}

/// The departments an administrator manages: not under `result`, unlike everything else.
pub(super) fn get_admin_scope(world: &mut World, args: &CallArgs, _: &Permissions) -> CallResult {
    let userid = args.required_text("userid")?;
    let person = world.company.person(&userid).ok_or_else(Refusal::no_such_user)?;
    let dept_ids: &[i64] = if person.admin == Admin::No { &[] } else { &[ROOT] };
    Ok(fields(json!({"dept_ids": dept_ids})))
}
