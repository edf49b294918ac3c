//! The table against the sheet, and against what it must never say.

use std::collections::{BTreeMap, BTreeSet};

use super::{row::Form, *};
use crate::dingtalk::class::Class;

const SHEET: &str = include_str!("../../../docs/dingtalk-codes.md");

/// A row of the sheet that names codes.
struct SheetRow {
    section: u32,
    codes: Vec<String>,
    cells: Vec<String>,
}

/// The sheet's rows that begin with codes.
fn sheet_rows() -> Vec<SheetRow> {
    let mut section = 0;
    let mut rows = Vec::new();
    for line in SHEET.lines() {
        if let Some(rest) = line.strip_prefix("## ") {
            section = rest.split('.').next().and_then(|it| it.parse().ok()).unwrap_or(0);
        }
        if !line.starts_with('|') || line.starts_with("|--") || section > 7 {
            continue;
        }

        let cells: Vec<String> = line
            .trim_matches('|')
            .split('|')
            .map(|it| it.trim().to_owned())
            .collect();
        let codes = match section {
            7 => words(&cells[0]),
            _ => numbers(&cells[0]),
        };
        if !codes.is_empty() {
            rows.push(SheetRow { section, codes, cells });
        }
    }

    rows
}

/// `34004, 34008–34011 (w)` as its numbers.
fn numbers(cell: &str) -> Vec<String> {
    if cell.starts_with("HTTP")
        || cell.starts_with("in `forbidden_list`")
        || cell.starts_with("14310")
        || cell.starts_with("143000")
    {
        return Vec::new();
    }

    let ranges = cell.split([',', '(', ')', ' ', ';']);
    let mut numbers = Vec::new();
    for range in ranges {
        let range = range.trim_matches('*');
        match range.split_once('–') {
            Some((from, to)) => {
                let (Ok(from), Ok(to)) = (from.parse::<i64>(), to.parse::<i64>()) else {
                    continue;
                };
                numbers.extend((from..=to).map(|it| it.to_string()));
            }
            None => numbers.extend(range.parse::<i64>().ok().map(|it| it.to_string())),
        }
    }

    numbers
}

/// Words in backticks, `…Tail` as `XTail`, `…QpmLimitFor…` with something on both sides.
fn words(cell: &str) -> Vec<String> {
    let quoted = cell.split('`').skip(1).step_by(2);
    quoted
        .filter(|word| !word.contains(' ') && *word != "status")
        .map(|word| word.replacen('…', "Forbidden.AccessDenied.", 1).replace('…', "Org"))
        .collect()
}

/// The classes that a row of the sheet names.
fn named(line: &SheetRow) -> BTreeSet<Class> {
    let cells = &line.cells;
    let (cell, usual) = match line.section {
        1 => (cells[4].clone(), None),
        2 => (cells[4].clone(), None),
        3 => (format!("{} {}", cells[3], cells[4]), Some(Class::Application)),
        4 => (format!("{} {}", cells[1], cells[2]), Some(Class::Throttled)),
        5 => (cells[3].clone(), None),
        6 => (cells[2].clone(), None),
        7 => (cells[1].clone(), None),
        _ => unreachable!("there are seven sections of codes"),
    };

    let mut classes = BTreeSet::new();
    for (word, class) in [
        ("TRANSIENT", Class::Transient),
        ("THROTTLED", Class::Throttled),
        ("BANNED", Class::Banned),
        ("TOKEN", Class::Token),
        ("APPLICATION", Class::Application),
        ("SCOPE", Class::Scope),
        ("GONE", Class::Gone),
        ("RECIPIENT", Class::Recipient),
        ("split", Class::Recipient),
        ("CONTENT", Class::Content),
        ("that record", Class::Content),
        ("that department unread", Class::Content),
        ("that message alone", Class::Content),
        ("record unread", Class::Content),
        ("skip ids", Class::Content),
        ("that number has no answer", Class::Gone),
        ("stop asking", Class::Content),
        ("next Beijing day", Class::NextDay),
        ("next day", Class::NextDay),
    ] {
        if cell.contains(word) {
            classes.insert(class);
        }
    }

    if cell == "as 40" {
        classes.extend([Class::Application, Class::Content]);
    }
    if classes.contains(&Class::NextDay) {
        classes.remove(&Class::Throttled);
    }
    // "TOKEN, then APPLICATION": the client's second refusal. "gettoken: APPLICATION": that call has a rule of its own.
    if classes.contains(&Class::Token) {
        classes.remove(&Class::Application);
        if cells.iter().any(|cell| cell.contains("系统繁忙")) {
            classes.insert(Class::Transient);
        }
    }

    if classes.is_empty() {
        classes.extend(usual);
    }
    classes
}

/// Everything that the table says of a code, on whatever call, with the texts that tell its meanings apart.
fn told(code: &str) -> BTreeSet<Class> {
    let texts = [
        "",
        "access_token is blank",
        "系统繁忙",
        "agent_id",
        "isv.invalid-parameter",
    ];

    let mut classes = BTreeSet::new();
    for api in Api::ALL.into_iter().filter(|api| *api != Api::GetToken) {
        for text in texts {
            classes.extend(meaning(api, code, text).map(|it| it.kind.class()));
        }
    }

    // The sheet has one word for what is one message's or one record's fault.
    if classes.remove(&Class::Request) {
        classes.insert(Class::Content);
    }
    classes
}

#[test]
fn the_table_says_of_every_code_in_which_form_the_sheet_has_it() {
    let mut forms: BTreeMap<String, Vec<Form>> = BTreeMap::new();
    for line in sheet_rows().iter().filter(|line| (1..=3).contains(&line.section)) {
        let form = match line.cells[2].as_str() {
            "p" => Form::Plain,
            "w" => Form::Wrapped,
            "?" => Form::Unseen,
            _ => continue,
        };
        // 88 is the wrapper itself.
        for code in line.codes.iter().filter(|code| *code != "88") {
            forms.entry(code.clone()).or_default().push(form);
        }
    }

    for (code, forms) in forms {
        let number: i64 = code.parse().expect("a number");
        let row = NUMBERS.iter().find(|row| row.codes.contains(&number)).expect("a row");
        // Where a code means two things, each has its line, and the table has the form of the one that goes by the code
        // alone.
        assert!(forms.contains(&row.form), "{code}: {:?}, {forms:?}", row.form);
    }
}

fn source(code: &str) -> Option<&'static str> {
    let word = || {
        let row = WORDS.iter().find(|row| row.codes.iter().any(|it| is_like(code, it)))?;
        Some(row.source)
    };
    match code.parse::<i64>() {
        Ok(number) => NUMBERS
            .iter()
            .find(|row| row.codes.contains(&number))
            .map(|row| row.source),
        Err(_) => word(),
    }
}

#[test]
fn the_table_says_of_every_code_what_the_sheet_says() {
    let mut by_code: BTreeMap<String, (BTreeSet<Class>, BTreeSet<String>)> = BTreeMap::new();
    for line in sheet_rows() {
        let classes = named(&line);
        assert!(!classes.is_empty(), "{:?} names no class: {:?}", line.codes, line.cells);
        for code in &line.codes {
            // Of the range of parameters this one is the application's, which another row says.
            if code == "43007" && line.section == 5 {
                continue;
            }
            let (all, sources) = by_code.entry(code.clone()).or_default();
            all.extend(classes.iter().copied());
            sources.extend(line.cells.last().cloned());
        }
    }
    assert!(by_code.len() > 175, "{} codes", by_code.len());

    for (code, (classes, sources)) in &by_code {
        let mut classes = classes.clone();
        // A row of the same parameter error is the application's, which no single answer tells.
        if sources.contains("G A, H") {
            classes.remove(&Class::Application);
        }

        let mut told = told(code);
        // Where a record can't be what the code speaks of, it is unread, and that is evidence of nothing.
        let of_some_calls = [Class::Gone, Class::Scope, Class::Recipient];
        if of_some_calls.iter().any(|class| classes.contains(class)) && !classes.contains(&Class::Content) {
            told.remove(&Class::Content);
        }
        assert_eq!(told, classes, "{code}: the table on the left, the sheet on the right");
        let source = source(code).unwrap_or_else(|| panic!("{code} is in no row"));
        assert!(
            sources.iter().any(|it| it.replace('*', "") == source),
            "{code}: {source:?} is none of {sources:?}"
        );
    }
}

#[test]
fn the_table_has_each_code_once_and_none_that_the_sheet_lacks() {
    let mut on_the_sheet: BTreeSet<String> = sheet_rows().into_iter().flat_map(|line| line.codes).collect();
    let failed_list = SHEET.lines().find(|line| line.starts_with("Failed list:"));
    on_the_sheet.extend(numbers(&failed_list.expect("a line").replace(';', ",")));

    let mut seen = BTreeSet::new();
    for number in NUMBERS.iter().flat_map(|row| row.codes) {
        assert!(seen.insert(number), "{number} stands in two rows");
        assert!(
            on_the_sheet.contains(&number.to_string()),
            "{number} isn't on the sheet"
        );
    }
    for pattern in WORDS.iter().flat_map(|row| row.codes) {
        assert!(
            on_the_sheet.iter().any(|word| is_like(word, pattern)),
            "{pattern} isn't on the sheet"
        );
    }
}

#[test]
fn whatever_gettoken_says_is_the_applications_or_passes() {
    let numbers = NUMBERS.iter().flat_map(|row| row.codes).map(ToString::to_string);
    let words = WORDS.iter().flat_map(|row| row.codes).map(|it| it.replace('*', "x"));
    for code in numbers.chain(words).chain(["987654".to_owned(), "any.word".to_owned()]) {
        let class = meaning(Api::GetToken, &code, "").expect("always known").kind.class();
        assert!(
            matches!(
                class,
                Class::Application | Class::Transient | Class::Throttled | Class::NextDay
            ),
            "{code}: {class:?}"
        );
    }
}

#[test]
fn only_these_are_evidence_of_absence_and_only_on_calls_that_can_give_it() {
    let mut evidence = BTreeSet::new();
    for api in Api::ALL {
        for number in NUMBERS.iter().flat_map(|row| row.codes) {
            let found = meaning(api, &number.to_string(), "");
            if found.is_some_and(|it| it.kind.class() == Class::Gone) {
                evidence.insert((api.path(), *number));
            }
        }
    }

    let person = ["/topapi/v2/user/get", "/topapi/v2/user/getbymobile"];
    let department = [
        "/topapi/v2/department/get",
        "/topapi/v2/department/listsub",
        "/topapi/user/listid",
        "/topapi/v2/user/list",
    ];

    let mut expected = BTreeSet::new();
    for code in [60_121, 33_012, 60_111] {
        expected.extend(person.map(|path| (path, code)));
    }
    // Of a number, and so of nobody: the mirror removes no record by it.
    expected.extend([40_104, 60_103].map(|code| ("/topapi/v2/user/getbymobile", code)));
    expected.extend(department.map(|path| (path, 60_003)));
    assert_eq!(evidence, expected);
}
