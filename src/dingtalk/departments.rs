//! A department, from `department/get` or `listsub`.

use super::{
    answers::user_ids,
    bounds,
    fields::{self, Object},
};
use crate::directory::{DepartmentFacts, DeptId};

/// `None` where there is no `dept_id`.
pub(super) fn department(object: &Object) -> Option<DepartmentFacts> {
    let text = |key| fields::text(object, key).map(bounds::text);
    let flag = |key| fields::boolean(object, key);

    Some(DepartmentFacts {
        dept_id: DeptId(fields::integer(object, "dept_id")?),
        // The root has none; 0 and below lie outside the company.
        parent_id: fields::integer(object, "parent_id")
            .map(DeptId)
            .filter(|parent| parent.is_company()),
        name: text("name").unwrap_or_default(),
        order: fields::integer(object, "order"),
        hide_dept: flag("hide_dept"),
        outer_dept: flag("outer_dept"),
        create_dept_group: flag("create_dept_group"),
        auto_add_user: flag("auto_add_user"),
        manager_userids: user_ids(object, "dept_manager_userid_list").unwrap_or_default(),
        org_dept_owner: fields::id(object, "org_dept_owner").map(Into::into),
        dept_group_chat_id: text("dept_group_chat_id"),
        source_identifier: text("source_identifier"),
        brief: text("brief"),
        raw: bounds::raw(object),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn the_documentations_text_typed_sample_and_real_traffic_read_alike() {
        let real = json!({"dept_id": 581208264, "name": "研发部", "parent_id": 1, "order": 581208264, "hide_dept": false,
            "dept_manager_userid_list": ["manager164"], "union_dept_ext": {"dept_id": 1, "corp_id": "x"}});
        let documented = json!({"dept_id": "581208264", "name": "研发部", "parent_id": "1", "order": "581208264", "hide_dept": "false",
            "dept_manager_userid_list": "[\"manager164\"]", "union_dept_ext": {"deptId": "1", "corpId": "x"}});
        let read = |value: &Value| department(value.as_object().expect("an object")).expect("a department");
        let (real, documented) = (read(&real), read(&documented));

        assert_eq!(
            documented.raw.value()["union_dept_ext"]["corpId"],
            "x",
            "what isn't mapped stays in raw"
        );
        assert_eq!(
            real,
            DepartmentFacts {
                raw: real.raw.clone(),
                ..documented
            }
        );
        assert_eq!(real.brief, None);
    }

    #[test]
    fn the_root_has_no_parent_and_home_school_ids_are_told_as_they_are() {
        let read = |value: Value| department(value.as_object().expect("an object"));

        assert_eq!(
            read(json!({"dept_id": 1, "name": "公司", "parent_id": 0}))
                .expect("a department")
                .parent_id,
            None
        );
        assert_eq!(
            read(json!({"dept_id": -7, "parent_id": null}))
                .expect("a department")
                .dept_id,
            DeptId(-7)
        );
        assert_eq!(read(json!({"name": "no id"})), None);
    }
}
