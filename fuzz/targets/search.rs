//! What somebody types, on the first line, and the company behind it: a line for each person
//! (`NAME<tab>JOB NUMBER<tab>TITLE<tab>EMAIL<tab>MOBILE`), and `# NAME` for each department.
//!
//! The index finds whom the rule for one record finds, and where it looks for what is near, whom that rule finds.

use std::{collections::BTreeSet, sync::Arc};

use chrono::DateTime;
use dingmirror::directory::{
    Department, DepartmentFacts, DeptId, RecordState, SharedText, Standing, User, UserFacts,
    search::{Asked, Query, Record, SearchIndex, judge, judge_near},
};

/// Records of an input that are looked at.
const MOST: usize = 60;

/// One search.
pub fn run(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let mut lines = text.split('\n');
    let Some(query) = lines.next().and_then(Query::new) else {
        return;
    };

    let records: Vec<Record> = lines
        .take(MOST)
        .enumerate()
        .map(|(at, line)| record(at, line))
        .collect();
    let all = records.clone();
    let index = SearchIndex::new(all.len(), Box::new(move || all));
    for contact in [false, true] {
        check(&index, &records, &query, contact);
    }
}

fn check(index: &SearchIndex, records: &[Record], query: &Query, contact: bool) {
    let has_id = |record: &&Record| match record {
        Record::User(user) => user.facts.userid.as_str() == query.raw(),
        Record::Department(department) => department.facts.dept_id.to_string() == query.raw(),
    };
    let by_id: Vec<Record> = records.iter().filter(has_id).cloned().collect();

    let matching = index.matching(query, contact, &by_id);
    let judged = |record: &&Record| judge(record, query, contact).is_some();
    let kinds: BTreeSet<bool> = records.iter().filter(judged).map(Record::is_user).collect();
    for record in records {
        let found = match record {
            Record::User(user) => matching.has_user(user.facts.userid.as_str()),
            Record::Department(department) => matching.has_department(department.facts.dept_id),
        };
        // What is near counts where nothing else of its kind is found.
        let is_met = if kinds.contains(&record.is_user()) {
            judged(&record)
        } else {
            judge_near(record, query).is_some()
        };
        assert_eq!(found, is_met, "{:?} by {:?}", record.name(), query.raw());
    }

    let asked = Asked {
        users: true,
        departments: true,
        contact,
        most: MOST,
    };
    let hits = index.search(query, asked, by_id);
    assert!(hits.is_sorted_by(|one, other| one.rank <= other.rank), "out of order");
    let found: BTreeSet<_> = hits.iter().map(|hit| hit.record.id()).collect();
    assert_eq!(found.len(), hits.len(), "somebody twice");
    let wanted = records.iter().filter(judged).map(Record::id);
    let wanted: BTreeSet<_> = wanted.collect();
    assert!(wanted.is_empty() || found == wanted, "{found:?}, not {wanted:?}");
}

fn record(at: usize, line: &str) -> Record {
    let moment = DateTime::from_timestamp(1_700_000_000, 0).unwrap();
    let standing = Standing {
        state: RecordState::Active,
        cause: None,
        revision: 1,
        first_seen: moment,
        last_seen: moment,
    };

    if let Some(name) = line.strip_prefix("# ") {
        let facts = DepartmentFacts {
            name: name.into(),
            ..DepartmentFacts::unsaid(DeptId(i64::try_from(at).unwrap() + 1))
        };
        return Record::Department(Arc::new(Department { facts, standing }));
    }

    let mut fields = line.split('\t');
    let mut field = || fields.next().filter(|text| !text.is_empty()).map(SharedText::from);
    let facts = UserFacts {
        name: field().unwrap_or_default(),
        job_number: field(),
        title: field(),
        email: field(),
        mobile: field(),
        ..UserFacts::unsaid(format!("u{at:03}").into())
    };
    Record::User(Arc::new(User { facts, standing }))
}
