//! `/topapi/v2/department/…`.

use serde::Serialize;
use serde_json::{Value, json};

use crate::simulator::company::{Department, ROOT};
use crate::simulator::permissions::Permissions;
use crate::simulator::wire::{CallArgs, CallResult, Fields, Refusal, fields, result};
use crate::simulator::world::World;

/// Direct children, with few fields and no order. Not paged. Obeys the scope.
pub(super) fn listsub(world: &mut World, args: &CallArgs, _: &Permissions) -> CallResult {
    let dept_id = args.int("dept_id")?.unwrap_or(ROOT);
    world.scope.check_department(&world.company, dept_id)?;
    let brief = |department: &Department| {
        let mut shown = fields(json!({
            "dept_id": department.dept_id,
            "name": department.name,
            "parent_id": dept_id,
            "create_dept_group": department.create_dept_group,
            "auto_add_user": department.auto_add_user,
        }));
        put(&mut shown, "source_identifier", department.source_identifier.as_ref());
        put(&mut shown, "ext", department.ext.as_ref());
        Value::Object(shown)
    };

    Ok(result(world.company.children(dept_id).map(brief).collect()))
}

/// One department in full. Obeys the scope.
pub(super) fn get(world: &mut World, args: &CallArgs, _: &Permissions) -> CallResult {
    let dept_id = args.required_int("dept_id")?;
    world.scope.check_department(&world.company, dept_id)?;
    let department = world
        .company
        .department(dept_id)
        .ok_or_else(Refusal::no_such_department)?;
    let leaders: Vec<&str> = world
        .company
        .leaders(dept_id)
        .iter()
        .map(|leader| leader.userid.as_str())
        .collect();

    let mut shown = fields(json!({
        "dept_id": dept_id,
        "name": department.name,
        "order": department.order,
        "create_dept_group": department.create_dept_group,
        "auto_add_user": department.auto_add_user,
        "auto_approve_apply": false,
        "brief": department.brief,
        "dept_manager_userid_list": leaders,
        "dept_permits": [],
        "user_permits": [],
        "outer_permit_depts": [],
        "outer_permit_users": [],
        "group_contain_sub_dept": false,
        "hide_dept": department.hide_dept,
        "outer_dept": department.outer_dept,
    }));

    // The root has no parent_id at all.
    put(&mut shown, "parent_id", department.parent_id);
    put(&mut shown, "source_identifier", department.source_identifier.as_ref());
    if let Some(chat) = &department.dept_group_chat_id {
        put(&mut shown, "dept_group_chat_id", Some(chat));
        put(&mut shown, "org_dept_owner", leaders.first().copied());
    }
    Ok(result(Value::Object(shown)))
}

/// Ids of the direct children. Ignores the scope.
pub(super) fn listsubid(world: &mut World, args: &CallArgs, _: &Permissions) -> CallResult {
    let dept_id = args.required_int("dept_id")?;
    existing(world, dept_id)?;
    let ids: Vec<i64> = world.company.children(dept_id).map(|child| child.dept_id).collect();
    Ok(result(json!({"dept_id_list": ids})))
}

/// The department itself first, the root last. Ignores the scope.
pub(super) fn listparentbydept(world: &mut World, args: &CallArgs, _: &Permissions) -> CallResult {
    let dept_id = args.required_int("dept_id")?;
    existing(world, dept_id)?;
    Ok(result(json!({"parent_id_list": world.company.ancestors(dept_id)})))
}

/// One such path for each of a person's departments. Ignores the scope.
pub(super) fn listparentbyuser(world: &mut World, args: &CallArgs, _: &Permissions) -> CallResult {
    let userid = args.required_text("userid")?;
    let person = world.company.person(&userid).ok_or_else(Refusal::no_such_user)?;
    let path = |dept_id| json!({"parent_dept_id_list": world.company.ancestors(dept_id)});
    let paths: Vec<Value> = person.dept_ids().into_iter().map(path).collect();
    Ok(result(json!({"parent_list": paths})))
}

/// 60003 unless the department exists and is not a home-school one.
pub(super) fn existing(world: &World, dept_id: i64) -> Result<(), Refusal> {
    match world.company.department(dept_id) {
        Some(department) if !department.is_home_school() => Ok(()),
        _ => Err(Refusal::no_such_department()),
    }
}

/// Sets a field that has a value; DingTalk leaves the others out and never says `null`.
pub(super) fn put(shown: &mut Fields, name: &str, value: Option<impl Serialize>) {
    if let Some(value) = value {
        shown.insert(name.to_owned(), json!(value));
    }
}
