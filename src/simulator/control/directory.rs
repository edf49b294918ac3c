//! The whole truth about the directory, whatever scope and permissions say.

use serde_json::{Value, json};

use crate::simulator::company::{Admin, Company, Department, Person};

/// `{departments, users, home_school, counts: {departments, users}}`; home-school departments are not counted.
pub(super) fn whole(company: &Company) -> Value {
    let (home_school, departments): (Vec<_>, Vec<_>) = company.departments().partition(|one| one.is_home_school());
    let show = |list: Vec<&Department>| -> Value { list.into_iter().map(|one| department(company, one)).collect() };
    let users: Value = company.people_by_entry().into_iter().map(person).collect();
    json!({
        "counts": {"departments": company.department_count(), "users": company.person_count()},
        "departments": show(departments),
        "home_school": show(home_school),
        "users": users,
    })
}

fn department(company: &Company, department: &Department) -> Value {
    let leaders: Vec<&str> = company
        .leaders(department.dept_id)
        .iter()
        .map(|one| one.userid.as_str())
        .collect();

    json!({
        "dept_id": department.dept_id,
        "parent_id": department.parent_id,
        "name": department.name,
        "order": department.order,
        "hide_dept": department.hide_dept,
        "outer_dept": department.outer_dept,
        "brief": department.brief,
        "source_identifier": department.source_identifier,
        "dept_manager_userid_list": leaders,
        "member_count": company.members(department.dept_id).count(),
    })
}

fn person(person: &Person) -> Value {
    let places = person.departments.iter();
    let places = places.map(|one| json!({"dept_id": one.dept_id, "order": one.order, "leader": one.leader}));
    let roles = person.roles.iter();
    let roles = roles.map(|one| json!({"id": one.id, "name": one.name, "group_name": one.group_name}));

    json!({
        "userid": person.userid,
        "unionid": person.unionid,
        "name": person.name,
        "avatar": person.avatar,
        "mobile": person.mobile,
        "hide_mobile": person.hide_mobile,
        "telephone": person.telephone,
        "job_number": person.job_number,
        "title": person.title,
        "email": person.email,
        "org_email": person.org_email,
        "work_place": person.work_place,
        "remark": person.remark,
        "extension": person.extension,
        "hired_date": person.hired_date,
        "create_time": person.create_time,
        "active": person.active,
        "real_authed": person.real_authed,
        "senior": person.senior,
        "admin": person.admin != Admin::No,
        "boss": person.boss,
        "manager_userid": person.manager_userid,
        "restricted": person.restricted,
        "exclusive_account": person.exclusive.is_some(),
        "dept_id_list": person.dept_ids(),
        "departments": places.collect::<Value>(),
        "role_list": roles.collect::<Value>(),
    })
}
