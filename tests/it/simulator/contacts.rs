//! Reading the directory.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::support::{Platform, small, start};

/// Walks the tree as the documentation recommends and gives (departments, people).
async fn walk(platform: &Platform) -> (BTreeSet<i64>, BTreeSet<String>) {
    let (mut departments, mut people) = (BTreeSet::from([1]), BTreeSet::new());
    let mut open = vec![1];
    while let Some(dept_id) = open.pop() {
        let children = platform
            .call("/topapi/v2/department/listsub", json!({"dept_id": dept_id}))
            .await;
        for child in children["result"].as_array().unwrap() {
            assert_eq!(child["parent_id"], dept_id);
            let id = child["dept_id"].as_i64().unwrap();
            if id > 0 && departments.insert(id) {
                open.push(id);
            }
        }

        let mut cursor = 0;
        loop {
            let body = json!({"dept_id": dept_id, "cursor": cursor, "size": 7, "contain_access_limit": true});
            let page = platform.call("/topapi/v2/user/list", body).await["result"].take();
            people.extend(
                page["list"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|p| p["userid"].as_str().unwrap().to_owned()),
            );
            match page["has_more"].as_bool() {
                Some(true) => cursor = page["next_cursor"].as_i64().unwrap(),
                _ => break assert!(page.get("next_cursor").is_none(), "left out on the last page"),
            }
        }
    }
    (departments, people)
}

fn userids(directory: &Value) -> BTreeSet<String> {
    directory["users"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| p["userid"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn a_walk_finds_every_department_and_every_person() {
    let platform = start(small()).await;
    let (departments, people) = walk(&platform).await;
    let truth = platform.get("/control/directory").await;
    assert_eq!(truth["counts"], json!({"departments": 30, "users": 300}));
    assert_eq!(departments.len(), 30);
    assert_eq!(people, userids(&truth));
}

#[tokio::test]
async fn numbers_and_booleans_may_be_texts_and_arguments_may_come_as_form_or_query() {
    let platform = start(small()).await;
    let page = json!({"dept_id": "1", "cursor": "0", "size": "10", "contain_access_limit": "false"});
    assert_eq!(platform.call("/topapi/v2/user/list", page).await["errcode"], 0);

    let url = format!("{}/topapi/v2/department/get", platform.base);
    let form = platform
        .http
        .post(url)
        .header("content-type", "application/x-www-form-urlencoded");
    let body = form
        .body(format!("access_token={}&dept_id=1", platform.token))
        .send()
        .await
        .unwrap();
    assert_eq!(body.headers()["content-type"], "application/json;charset=UTF-8");
    let body: Value = body.json().await.unwrap();
    assert_eq!(body["result"]["dept_id"], 1);
    assert!(body["result"].get("parent_id").is_none(), "the root has none");

    let body = platform
        .get(&format!(
            "/topapi/v2/department/get?access_token={}&dept_id=1",
            platform.token
        ))
        .await;
    assert_eq!(body["result"]["dept_id"], 1);
}

#[tokio::test]
async fn get_and_list_show_a_person_differently() {
    let platform = start(small()).await;
    let truth = platform.control.directory();
    let person = truth["users"]
        .as_array()
        .unwrap()
        .iter()
        .find(|p| p["dept_id_list"].as_array().unwrap().len() > 1);
    let person = person.expect("somebody works in two departments");

    let got = platform
        .call("/topapi/v2/user/get", json!({"userid": person["userid"]}))
        .await["result"]
        .take();
    assert_eq!(
        got["dept_order_list"][0]["order"], person["departments"][0]["order"],
        "to the last digit"
    );
    assert!(got["dept_order_list"][0]["order"].as_i64().unwrap() > 1 << 53);

    for (index, dept_id) in person["dept_id_list"].as_array().unwrap().iter().enumerate() {
        let body = json!({"dept_id": dept_id, "cursor": 0, "size": 100, "contain_access_limit": true});
        let page = platform.call("/topapi/v2/user/list", body).await;
        let listed = page["result"]["list"]
            .as_array()
            .unwrap()
            .iter()
            .find(|p| p["userid"] == person["userid"])
            .unwrap();

        assert_eq!(listed["dept_order"], person["departments"][index]["order"]);
        for field in [
            "role_list",
            "leader_in_dept",
            "dept_order_list",
            "senior",
            "real_authed",
            "manager_userid",
        ] {
            assert!(listed.get(field).is_none(), "{field} is in user/get alone");
        }
    }
}

#[tokio::test]
async fn pages_and_parameters_are_checked() {
    let platform = start(small()).await;
    for size in [json!(0), json!(101), json!("many"), json!(null)] {
        let body = json!({"dept_id": 1, "cursor": 0, "size": size});
        assert_eq!(platform.call("/topapi/v2/user/list", body).await["errcode"], 40035);
    }

    let simple = json!({"dept_id": 1, "cursor": 0, "size": 101});
    assert_eq!(platform.call("/topapi/user/listsimple", simple).await["errcode"], 40069);
    assert_eq!(platform.call("/topapi/user/count", json!({})).await["errcode"], 40035);
    assert_eq!(
        platform.call("/topapi/v2/department/get", json!({"dept_id": 2})).await["errcode"],
        60003
    );
    assert_eq!(
        platform.call("/topapi/v2/department/get", json!({"dept_id": -7})).await["errcode"],
        60003
    );
    assert_eq!(
        platform
            .call("/topapi/v2/user/getbymobile", json!({"mobile": "x"}))
            .await["errcode"],
        40104
    );
    assert_eq!(
        platform
            .call("/topapi/v2/user/getbymobile", json!({"mobile": "10000000000"}))
            .await["errcode"],
        60121
    );

    let root = platform
        .call("/topapi/v2/department/listsubid", json!({"dept_id": 1}))
        .await;
    assert!(
        root["result"]["dept_id_list"].as_array().unwrap().contains(&json!(-7)),
        "the home-school directory"
    );
}
