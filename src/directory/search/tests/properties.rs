//! The index finds what the rule says of each record, in its order, however it came about.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::directory::{
    RecordId, RecordState, User,
    fixtures::standing,
    search::{Rank, judge_near, name::Name},
};

/// Few characters, with surnames of several readings, so that much is alike; and more than is spelled.
#[rustfmt::skip]
const CHARACTERS: [&str; 15] = [
    "王", "伟", "偉", "单", "解", "乐", "仇", "欧", "阳", "石", "a", "An", " ", "重",
    "双双双双双双双双双双双双 Anna ",
];
#[rustfmt::skip]
const TYPED: [&str; 24] = [
    "w", "wa", "wang", "wei", "王", "伟", "单", "s", "shan", "dan", "x", "xie", "jie", "le", "y", "yue", " ", "a", "n",
    "0", "01", "@", "o", "q",
];

fn any_text(parts: &'static [&'static str], sizes: std::ops::Range<usize>) -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(parts), sizes).prop_map(|parts| parts.concat())
}

fn any_user() -> impl Strategy<Value = User> {
    let number = || prop::option::of(prop::sample::select(vec!["001", "0012", "WA7", "", "a01n"]));
    let email = || prop::option::of(prop::sample::select(vec!["wang@a.n", "an.wei@a.n", "WANG@A.N", ""]));
    let mobile = || prop::option::of(prop::sample::select(vec!["13800010012", "+86-00 12", "001"]));
    let title = || prop::option::of(prop::sample::select(vec!["王者", "Wang An", "a"]));
    let state = prop_oneof![4 => Just(RecordState::Active), 1 => Just(RecordState::Gone)];

    (
        0_u8..30,
        any_text(&CHARACTERS, 1..5),
        number(),
        email(),
        email(),
        mobile(),
        title(),
        state,
    )
        .prop_map(|(id, name, number, email, org_email, mobile, title, state)| {
            let mut made = user(&format!("u{id:02}"), &[1]);
            made.facts.name = name.into();
            made.facts.job_number = number.map(Into::into);
            made.facts.email = email.map(Into::into);
            made.facts.org_email = org_email.map(Into::into);
            made.facts.mobile = mobile.map(Into::into);
            made.facts.title = title.map(Into::into);
            made.standing = standing(state);
            made
        })
}

fn any_record() -> impl Strategy<Value = Record> {
    let department = (2_i64..6, any_text(&CHARACTERS, 1..5)).prop_map(|(id, name)| unit(id, &name));
    prop_oneof![6 => any_user().prop_map(|user| Record::User(Arc::new(user))), 1 => department]
}

/// The order of equals.
fn place(record: &Record) -> (usize, Vec<u8>, String, bool, RecordId) {
    let name = Name::new(record.name(), record.is_user());
    let sound = name.spellings[0].sound.clone();
    (name.letters.len(), sound, name.folded(), !record.is_user(), record.id())
}

/// What is found by looking at everybody.
fn by_rule(records: &BTreeMap<RecordId, Record>, query: &Query, asked: Asked) -> Vec<(Rank, RecordId)> {
    let wanted = |record: &&Record| {
        record.is_present()
            && if record.is_user() {
                asked.users
            } else {
                asked.departments
            }
    };
    let judged = |judge: &dyn Fn(&Record) -> Option<Rank>| {
        let all = records.values().filter(wanted);
        let mut found: Vec<_> = all.filter_map(|record| Some((judge(record)?, place(record)))).collect();
        found.sort();
        found.truncate(asked.most);
        found
            .into_iter()
            .map(|(rank, place)| (rank, place.4))
            .collect::<Vec<_>>()
    };

    let exact = judged(&|record| judge(record, query, asked.contact).map(|judged| judged.rank));
    if exact.is_empty() {
        judged(&|record| judge_near(record, query).map(|judged| judged.rank))
    } else {
        exact
    }
}

fn check(
    index: &SearchIndex,
    records: &BTreeMap<RecordId, Record>,
    typed: &str,
    asked: Asked,
) -> Result<(), TestCaseError> {
    let Some(query) = Query::new(typed) else { return Ok(()) };
    let hits = index.search(&query, asked, Vec::new());
    let told: Vec<_> = hits.iter().map(|hit| (hit.rank, hit.record.id())).collect();
    prop_assert_eq!(told, by_rule(records, &query, asked), "{}", typed);

    let matching = index.matching(&query, asked.contact, &[]);
    let kind = |record: &Record| (record.is_user(), record.is_present());
    let judged = records.values().filter(|it| judge(it, &query, asked.contact).is_some());
    let judged: BTreeMap<RecordId, (bool, bool)> = judged.map(|it| (it.id(), kind(it))).collect();
    for record in records.values() {
        let found = match record {
            Record::User(user) => matching.has_user(user.facts.userid.as_str()),
            Record::Department(department) => matching.has_department(department.facts.dept_id),
        };
        let is_met = if judged.values().any(|it| *it == kind(record)) {
            judged.contains_key(&record.id())
        } else {
            judge_near(record, &query).is_some()
        };
        prop_assert_eq!(found, is_met, "{} by {}", record.name(), typed);
    }
    Ok(())
}

fn any_asked() -> impl Strategy<Value = Asked> {
    (any::<bool>(), any::<bool>(), any::<bool>(), 1_usize..12).prop_map(|(users, departments, contact, most)| Asked {
        users,
        departments,
        contact,
        most,
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn the_index_finds_what_the_rule_says(
        first in prop::collection::vec(any_record(), 0..40),
        changes in prop::collection::vec(any_record(), 0..12),
        typed in prop::collection::vec(any_text(&TYPED, 1..6), 1..8),
        asked in any_asked(),
        is_ready in any::<bool>(),
    ) {
        let mut records: BTreeMap<RecordId, Record> = first.into_iter().map(|it| (it.id(), it)).collect();
        let all: Vec<_> = records.values().cloned().collect();
        let mut index = index(&all);
        if is_ready {
            index.prepare();
        }

        for change in changes {
            records.insert(change.id(), change.clone());
            let all: Vec<_> = records.values().cloned().collect();
            index = index.with(all.len(), &[change], || Box::new(move || all));
        }
        for typed in typed {
            check(&index, &records, &typed, asked)?;
        }
    }
}

#[test]
fn a_large_segment_that_is_stale_is_made_anew_while_the_former_one_answers() {
    let all = people(&["王伟"; 400]);
    let mut records: BTreeMap<RecordId, Record> = all.iter().map(|it| (it.id(), it.clone())).collect();
    let mut index = index(&all);
    index.prepare();

    for number in 0..300 {
        let change = person(&format!("u{number:03}"), "李娜");
        records.insert(change.id(), change.clone());
        let now: Vec<_> = records.values().cloned().collect();
        index = index.with(now.len(), &[change], || Box::new(move || now));

        let most = 1_000;
        let query = Query::new("ln").unwrap();
        let hits = index.search(&query, Asked { most, ..EVERYTHING }, Vec::new());
        assert_eq!(hits.len(), number + 1);
    }

    assert!(!index.is_ready(), "nobody has made the new one ready");
    index.prepare();
    assert!(index.is_ready());
    let query = Query::new("李娜").unwrap();
    assert_eq!(index.matching(&query, false, &[]).users().len(), 300);
}

/// Each with an id of its own, and some with a number and an address that few others begin like.
fn numbered(records: Vec<Record>) -> BTreeMap<RecordId, Record> {
    let each = records.into_iter().enumerate().map(|(number, record)| match record {
        Record::User(user) => {
            let mut made = User::clone(&user);
            made.facts.userid = format!("u{number:04}").as_str().into();
            if number % 3 == 0 {
                made.facts.job_number = Some(format!("A{number:04}").into());
                made.facts.email = Some(format!("{number:03}wang@a.n").into());
            }
            Record::User(Arc::new(made))
        }
        Record::Department(department) => unit(2 + number as i64, &department.facts.name),
    });
    each.map(|record| (record.id(), record)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    /// What many have is passed over in another way than what few have.
    #[test]
    fn a_large_index_finds_what_the_rule_says(
        records in prop::collection::vec(any_record(), 600).prop_map(numbered),
        typed in prop::collection::vec(any_text(&TYPED, 1..6), 12),
        asked in any_asked(),
    ) {
        let all: Vec<_> = records.values().cloned().collect();
        let index = index(&all);
        for typed in typed {
            check(&index, &records, &typed, asked)?;
        }
    }
}
