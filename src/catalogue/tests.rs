use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::{
    Entry, Statement, Value, all,
    delivery::{STOPPED_FOR_NOW, USER_NOT_IN_MIRROR},
    entry::OTHER,
    matching::{EMAIL_UNKNOWN, KEY_FOUND, KEY_OF_SEVERAL, LINKED},
    meaning_of,
    request::{FOLLOW_UP_IS_OFF, NEWLINES_LOST},
    settings::URL_NOT_SET,
    statement::render::{Argument, Cases, Form, Part, Parts},
    templates::TEMPLATE_TOO_NESTED,
};

/// The arguments that a message names, and what is wrong with it.
fn look_through(message: &str, named: &mut BTreeSet<String>, wrong: &mut Vec<String>) {
    for part in (Parts { rest: message }) {
        let inside = match part {
            Part::Text(text) if text.contains(['{', '}']) && text.len() == 1 => {
                wrong.push(format!("a brace without its other: {message}"));
                continue;
            }
            Part::Text(_) | Part::Sign => continue,
            Part::Argument(inside) => inside,
        };

        let argument = Argument::of(inside);
        if argument.name.is_empty() || !argument.name.chars().all(|it| it.is_ascii_lowercase()) {
            wrong.push(format!("no name of an argument: {{{inside}}}"));
            continue;
        }
        named.insert(argument.name.to_owned());

        let cases: Vec<_> = Cases { rest: argument.cases }.collect();
        let is_choice = matches!(argument.form, Form::Select | Form::Plural);
        if is_choice && !cases.iter().any(|(key, _)| *key == "other") {
            wrong.push(format!("a choice without `other`: {{{inside}}}"));
        }
        if !is_choice && inside.contains(',') && argument.form == Form::Plain {
            wrong.push(format!("an unknown form: {{{inside}}}"));
        }
        for (key, message) in cases {
            let is_key = match argument.form {
                Form::Plural => key == "one" || key == "other" || key.starts_with('='),
                _ => !key.is_empty() && key.chars().all(|it| it.is_ascii_alphanumeric() || it == '_'),
            };
            if !is_key {
                wrong.push(format!("`{key}` is no case: {{{inside}}}"));
            }
            look_through(message, named, wrong);
        }
    }
}

#[test]
fn every_template_can_be_read_and_names_its_arguments_and_no_others() {
    let mut wrong = Vec::new();
    for entry in all() {
        let mut named = BTreeSet::new();
        look_through(entry.template, &mut named, &mut wrong);
        let declared: BTreeSet<String> = entry.arguments.iter().map(|it| (*it).to_owned()).collect();
        // What a client may want to know and the sentence doesn't say.
        let unsaid = BTreeSet::from([
            "field".to_owned(),
            "path".to_owned(),
            "fields".to_owned(),
            "code".to_owned(),
        ]);

        if let Some(missing) = named.difference(&declared).next() {
            wrong.push(format!("{} has no argument {missing}", entry.code));
        }
        let idle: Vec<&String> = declared.difference(&named).collect();
        if let Some(idle) = idle.iter().find(|it| !unsaid.contains(**it)) {
            wrong.push(format!("{} does not use {idle}", entry.code));
        }
        let silent: BTreeSet<_> = entry.silent_arguments().into_iter().collect();
        if !idle.iter().copied().eq(silent.iter().copied()) {
            wrong.push(format!("{} is said to do without {silent:?}", entry.code));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_code_is_there_once_and_every_argument_has_a_meaning() {
    let (mut codes, mut wrong) = (BTreeMap::new(), Vec::new());
    for entry in all() {
        if codes.insert(entry.code, entry).is_some() {
            wrong.push(format!("{} is there twice", entry.code));
        }
        let unknown = entry.arguments.iter().filter(|it| meaning_of(it).is_none());
        wrong.extend(unknown.map(|it| format!("{}: what is {it}?", entry.code)));
        let twice = entry.arguments.iter().collect::<BTreeSet<_>>().len() < entry.arguments.len();
        if twice {
            wrong.push(format!("{} has an argument twice", entry.code));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn said(statement: impl Into<Statement>) -> String {
    statement.into().to_string()
}

#[test]
fn numbers_choices_and_what_is_absent_make_the_sentence() {
    let found = |former: usize| {
        said(KEY_FOUND {
            user: "0113",
            field: "email",
            key: "anna@a.example",
            former,
        })
    };
    assert_eq!(found(0), "DingTalk user 0113 has email \"anna@a.example\".");
    assert!(found(1).ends_with(" One former user had it, too."));
    assert!(found(3).ends_with(" 3 former users had it, too."));

    let several = |count: usize| {
        said(KEY_OF_SEVERAL {
            count,
            field: "email",
            key: "a",
            unseen: 0,
        })
    };
    assert!(several(2).starts_with("Two DingTalk") && several(12).starts_with("12 DingTalk"));
    assert!(said(NEWLINES_LOST { count: 1 }).starts_with("One newline of the Markdown is no"));

    let unknown = |form: &str, alike: Option<&str>, odd: Option<&str>, hidden: usize| {
        said(EMAIL_UNKNOWN {
            key: "a",
            form,
            alike,
            plain: "b",
            odd,
            hidden,
            all: 9,
        })
    };
    assert_eq!(
        unknown("ADDRESS", None, None, 0),
        "No DingTalk user has email or org_email \"a\"."
    );
    assert!(unknown("OTHER", None, None, 0).ends_with("\"a\", which is not an email address."));
    assert!(unknown("ADDRESS", Some("7"), None, 0).contains("but is written with other characters"));
    assert!(
        unknown("ADDRESS", Some("7"), Some("U+0430"), 2).contains("has U+0430: look-alikes are refused. Of 2 of the 9")
    );
}

#[test]
fn a_note_behind_a_sentence_is_only_there_where_it_was_given() {
    let found = Statement::from(KEY_FOUND {
        user: "0113",
        field: "email",
        key: "a",
        former: 0,
    });
    assert_eq!(found.arguments().count(), 4);
    let noted = found
        .clone()
        .with("linked", "7")
        .with("differs", "accountId")
        .with("nonsense", 1);
    assert_eq!(
        noted.to_string(),
        format!(
            "{found} A link by hand to DingTalk user 7 shares a key, but is of another accountId, so \
                                           it does not apply."
        )
    );
    assert_eq!(noted.arguments().count(), 6);
}

#[test]
fn sentences_within_sentences_moments_and_quoted_braces() {
    let why = Statement::from(URL_NOT_SET {
        field: "getSendResultUrl",
    });
    assert_eq!(
        said(FOLLOW_UP_IS_OFF { why: &why }),
        "Follow-up is off, and ACCEPTED is the last that will be known: getSendResultUrl is not set: fill it in in the settings."
    );
    let until = chrono::DateTime::from_timestamp(1_800_000_000, 0).expect("a time");
    assert!(said(STOPPED_FOR_NOW { why, until }).ends_with("and at 2027-01-15 16:00 (UTC+8)."));
    assert!(
        said(TEMPLATE_TOO_NESTED {
            field: "text",
            most: 20
        })
        .ends_with("split the tag with {% set … %}.")
    );
}

#[test]
fn several_sentences_are_one_in_their_order() {
    let three = ["a", "b", "c"].map(|user| USER_NOT_IN_MIRROR { user }.into());
    let told = said(Statement::several(three.clone()));
    assert_eq!(told, three.map(|it: Statement| it.to_string()).join(" "));
    let one = Statement::from(USER_NOT_IN_MIRROR { user: "a" });
    assert_eq!(Statement::several([one.clone()]), one);
    assert_eq!(said(Statement::several([])), "");
}

#[test]
fn what_earlier_versions_stored_is_said_as_it_stands() {
    for text in [
        "The process ended.",
        "",
        "{",
        "{\"args\":{",
        "{\"args\":{}}",
        "{\"args\":{},\"code\":7}",
        "{\"args\":1,\"code\":\"X\"}",
    ] {
        let read = Statement::read(text);
        assert!(read.is_other() && read.is(&OTHER), "{text}");
        assert_eq!((read.to_string(), read.stored()), (text.to_owned(), text.to_owned()));
    }

    let newer = Statement::read("{\"args\":{\"count\":2,\"who\":\"anna\"},\"code\":\"SOMETHING_NEW\"}");
    assert_eq!(newer.to_string(), "SOMETHING_NEW (count: 2, who: anna)");
    assert_eq!(newer.code(), "OTHER");
}

#[test]
fn an_argument_that_a_stored_statement_lacks_is_absent_and_one_too_many_is_left_out() {
    let read = Statement::read("{\"args\":{\"more\":1,\"user\":\"7\"},\"code\":\"USER_NOT_IN_MIRROR\"}");
    assert!(read.is(&USER_NOT_IN_MIRROR));
    assert_eq!(read.arguments().count(), 1);
    let read = Statement::read("{\"args\":{},\"code\":\"USER_NOT_IN_MIRROR\"}");
    assert_eq!((read.is(&USER_NOT_IN_MIRROR), read.value("user")), (true, None));
}

/// A statement of some entry, with whatever values.
fn statements() -> impl Strategy<Value = Statement> {
    let entries: Vec<&'static Entry> = all().filter(|entry| **entry != OTHER).collect();
    let value = prop_oneof![
        Just(Value::Absent),
        any::<i64>().prop_map(Value::Number),
        "[^\0]{0,12}".prop_map(Value::from),
        Just(Value::from(Statement::from(LINKED {
            by: "a",
            on: "b",
            field: "c",
            user: "{d}"
        }))),
    ];
    let made = (proptest::sample::select(entries), proptest::collection::vec(value, 8));
    made.prop_map(|(entry, values)| {
        let given: Vec<(&str, Value)> = entry.arguments.iter().copied().zip(values).collect();
        Statement::pick(entry, &given)
    })
}

proptest! {
    #[test]
    fn every_statement_is_read_as_it_was_stored(statement in statements()) {
        let read = Statement::read(statement.stored());
        prop_assert_eq!(&read, &statement);
        prop_assert!(!read.is_other());

        let kept: Statement = serde_json::from_str(&serde_json::to_string(&statement).expect("JSON")).expect("a statement");
        prop_assert_eq!(kept, statement);
    }

    #[test]
    fn no_value_is_taken_for_a_part_of_the_template(text in "[^\0]{0,20}") {
        let said = said(USER_NOT_IN_MIRROR { user: text.as_str() });
        prop_assert_eq!(said, format!("There is no user {text} in the mirror: check the userid, or wait for the next sync."));
    }
}
