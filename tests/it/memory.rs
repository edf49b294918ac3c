//! What a person costs in memory. Figures are `bench/memory.rs`'s; these bounds are for what must not come back:
//! objects that are kept as trees of values, tables that are mostly empty.

use std::{
    fs,
    process::{Command, Stdio},
};

use dingmirror::directory::{Raw, Snapshot, User};
use serde_json::json;

use crate::store::fixtures;

const PEOPLE: usize = 20_000;
/// Twice what it is; as trees of values the objects alone took more.
const BYTES_A_PERSON: usize = 4_500;

/// The variable that a process of this binary has which runs one test alone: what others allocate doesn't count.
const ALONE: &str = "DINGMIRROR_TEST_ALONE";

#[test]
fn a_person_of_a_large_company_takes_a_few_kilobytes() {
    // The process of all tests only starts one for this test; that one measures.
    if std::env::var_os(ALONE).is_none() {
        let name = "memory::a_person_of_a_large_company_takes_a_few_kilobytes";
        let output = Command::new(std::env::current_exe().unwrap())
            .args([name, "--exact", "--nocapture"])
            .env(ALONE, "1")
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && said.contains("1 passed"), "{said}");
        return;
    }

    let before = resident();
    let snapshot = Snapshot::build(1, Vec::new(), (0..PEOPLE).map(person).collect());
    let taken = resident().saturating_sub(before) / PEOPLE;
    println!("{taken} bytes a person");
    assert!(taken < BYTES_A_PERSON, "{taken} bytes a person");

    let somebody = snapshot.user("0115050000004711").expect("one of them");
    assert_eq!(somebody.facts.raw.value()["unionid"], json!("union4711PScV7BLCLlwiEiE"));
}

/// Somebody of whom DingTalk says everything that it usually says.
fn person(number: usize) -> User {
    let id = format!("011505{number:010}");
    let mut user = fixtures::user(&id, &[1, 2]);
    let facts = &mut user.facts;
    let (email, org_email) = (
        format!("person.{number}@example.com"),
        format!("p{number}@corp.example.com"),
    );
    let avatar = format!("https://static-legacy.dingtalk.com/media/lADPDgQ9q{number:08}_600_600.jpg");
    let (unionid, job_number, mobile) = (
        format!("union{number}PScV7BLCLlwiEiE"),
        format!("{number:08}"),
        format!("138{number:08}"),
    );

    facts.unionid = Some(unionid.as_str().into());
    facts.avatar = Some(avatar.as_str().into());
    facts.email = Some(email.as_str().into());
    facts.org_email = Some(org_email.as_str().into());
    facts.mobile = Some(mobile.as_str().into());
    facts.job_number = Some(job_number.as_str().into());
    facts.title = Some("工程师".into());
    facts.raw = Raw::of(&json!({
        "userid": id, "unionid": unionid, "name": facts.name, "avatar": avatar, "email": email, "org_email": org_email,
        "mobile": mobile, "state_code": "86", "job_number": job_number, "title": "工程师", "active": true, "admin": false,
        "boss": false, "hide_mobile": false, "senior": false, "real_authed": true, "exclusive_account": false, "remark": "",
        "telephone": "", "work_place": "北京", "hired_date": 1_597_573_616_828_i64, "union_emp_ext": {},
        "dept_id_list": [1, 2], "create_time": "2020-12-07T03:36:12.000Z",
        "dept_order_list": [{ "dept_id": 1, "order": 179_997_318_850_453_161_i64 }, { "dept_id": 2, "order": 176_188_733_616_559_513_i64 }],
        "leader_in_dept": [{ "dept_id": 2, "leader": false }, { "dept_id": 1, "leader": true }],
        "role_list": [{ "group_name": "默认", "id": 507_021_474, "name": "主管" }],
    }));
    user
}

/// This process's resident memory in bytes.
fn resident() -> usize {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    let kib: usize = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    kib * 1_024
}
