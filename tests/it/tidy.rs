//! The house's rules, kept true: who may import whom, that no files need each other, which library lives where, how
//! long a file may grow, and that the glossary names homes that are there.

mod circles;
mod debug_text;
mod glossary;
mod sentences;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

/// The rooms and what each may import of ours, by the map in `src/lib.rs`.
fn allowed() -> BTreeMap<&'static str, BTreeSet<&'static str>> {
    let level_0 = [
        "catalogue",
        "clock",
        "id",
        "backoff",
        "critical_section",
        "page",
        "problem",
        "word",
    ];
    let level_1 = ["directory", "settings", "identity", "message", "auth", "audit"];
    let below_2: Vec<_> = level_0.into_iter().chain(level_1).collect();
    let below_3: Vec<_> = below_2.iter().copied().chain(["store", "dingtalk"]).collect();
    let below_4: Vec<_> = below_3
        .iter()
        .copied()
        .chain(["sync", "intake", "delivery", "admin", "matching", "checkup"])
        .collect();

    let set = |rooms: &[&'static str]| rooms.iter().copied().collect::<BTreeSet<_>>();
    let everything = |rooms: &[&'static str]| set(&below_4).into_iter().chain(rooms.iter().copied()).collect();

    BTreeMap::from([
        ("catalogue", set(&[])),
        ("clock", set(&[])),
        ("id", set(&[])),
        ("backoff", set(&[])),
        ("critical_section", set(&[])),
        ("page", set(&[])),
        ("problem", set(&["catalogue"])),
        ("word", set(&[])),
        ("directory", set(&level_0)),
        ("settings", set(&level_0)),
        ("auth", set(&level_0)),
        ("audit", set(&level_0)),
        (
            "identity",
            set(&["catalogue", "clock", "id", "page", "problem", "directory", "settings"]),
        ),
        (
            "message",
            set(&[
                "catalogue",
                "clock",
                "page",
                "problem",
                "directory",
                "identity",
                "settings",
            ]),
        ),
        ("store", set(&below_2)),
        ("dingtalk", set(&below_2)),
        ("sync", set(&below_3)),
        ("intake", set(&below_3)),
        ("delivery", set(&below_3)),
        ("admin", set(&below_3)),
        ("matching", set(&below_3)),
        ("checkup", set(&below_3)),
        ("graphql", set(&below_4)),
        ("http", everything(&["graphql"])),
        (
            "config",
            set(&[
                "auth",
                "delivery",
                "dingtalk",
                "directory",
                "intake",
                "message",
                "settings",
            ]),
        ),
        ("telemetry", set(&["config"])),
        ("lifecycle", set(&[])),
        (
            "app",
            everything(&["graphql", "http", "config", "lifecycle", "telemetry"]),
        ),
        (
            "cli",
            everything(&[
                "graphql",
                "http",
                "config",
                "lifecycle",
                "telemetry",
                "app",
                "simulator",
            ]),
        ),
        // The simulator shares nothing with `dingtalk` but the wire facts, and needs only the time.
        ("simulator", set(&["clock"])),
    ])
}

/// Libraries, and the places that may name them.
const LIBRARIES: [(&str, &[&str]); 7] = [
    ("sea_orm", &["src/store/", "migration/"]),
    // The log has lines of its own of it.
    ("sqlx", &["src/store/", "src/telemetry.rs"]),
    ("async_graphql", &["src/graphql/", "src/http/graphql/"]),
    ("reqwest", &["src/dingtalk/"]),
    ("anyhow", &["src/cli/", "src/main.rs"]),
    ("minijinja", &["src/message/template/"]),
    ("clap", &["src/cli/", "src/config/args.rs"]),
];

/// SQL that only one file may write by hand.
const RAW_SQL: [&str; 5] = [
    "Statement::from_",
    "execute_unprepared",
    ".ilike(",
    "Expr::cust",
    "raw_sql!",
];

/// Past this a file holds more than one concept.
const LONGEST_FILE: usize = 500;

/// Columns of a line of comment: as wide as code, which rustfmt keeps to that.
const WIDEST_COMMENT: usize = 120;

fn rust_files(root: &str) -> Vec<(String, String)> {
    let base = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    let mut folders = vec![base.join(root)];

    while let Some(folder) = folders.pop() {
        let entries: Vec<PathBuf> = fs::read_dir(&folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        for path in entries {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(base).unwrap().to_string_lossy().into_owned();
                found.push((name, fs::read_to_string(&path).unwrap()));
            }
        }
    }

    found.sort();
    found
}

/// The code without line comments: what a comment says imports nothing.
fn code(text: &str) -> String {
    text.lines()
        .map(|line| line.split("//").next().unwrap_or_default())
        .collect::<Vec<_>>()
        .join("\n")
}

/// The first names behind `crate::`, those of `crate::{a::…, b}` included.
fn imported_rooms(code: &str) -> BTreeSet<String> {
    let mut rooms = BTreeSet::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        if !rest.starts_with('{') {
            rooms.insert(name_at(rest));
            continue;
        }

        let (mut depth, mut expects_name) = (0, false);
        for (index, character) in rest.char_indices() {
            match character {
                '{' => {
                    depth += 1;
                    expects_name = depth == 1;
                }
                '}' => depth -= 1,
                ',' => expects_name = depth == 1,
                c if c.is_whitespace() => {}
                _ if expects_name => {
                    rooms.insert(name_at(&rest[index..]));
                    expects_name = false;
                }
                _ => {}
            }
            if depth == 0 {
                break;
            }
        }
    }

    rooms
}

fn name_at(text: &str) -> String {
    text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

fn room_of(file: &str) -> &str {
    let inside = file.trim_start_matches("src/");
    inside.split(['/', '.']).next().unwrap_or_default()
}

#[test]
fn rooms_import_only_what_lies_to_their_right() {
    let allowed = allowed();
    let mut wrong = Vec::new();
    for (file, text) in rust_files("src") {
        let room = room_of(&file);
        if ["lib", "main"].contains(&room) {
            continue;
        }

        let may = allowed
            .get(room)
            .unwrap_or_else(|| panic!("{file}: give the room `{room}` its place in this test"));
        for other in imported_rooms(&code(&text)) {
            if other != room && allowed.contains_key(other.as_str()) && !may.contains(other.as_str()) {
                wrong.push(format!("{file} imports `{other}`"));
            }
        }
    }

    assert!(
        wrong.is_empty(),
        "against the import rule of src/lib.rs:\n{}",
        wrong.join("\n")
    );
}

#[test]
fn each_library_stays_in_its_room() {
    let mut wrong = Vec::new();
    for (file, text) in rust_files("src") {
        let code = code(&text);
        for (library, homes) in LIBRARIES {
            let named = code.contains(&format!("{library}::")) || code.contains(&format!("use {library}"));
            if named && !homes.iter().any(|home| file.starts_with(home)) {
                wrong.push(format!("{file} names {library}, whose home is {}", homes.join(", ")));
            }
        }

        // `transaction.rs` and `single.rs` hand statements on, by the names that the library gives to them, and write
        // none.
        if file.starts_with("src/store/")
            && ![
                "src/store/dialect.rs",
                "src/store/single.rs",
                "src/store/transaction.rs",
            ]
            .contains(&&*file)
        {
            for sql in RAW_SQL {
                if code.contains(sql) {
                    wrong.push(format!(
                        "{file} has `{sql}`: what differs by database stands in src/store/dialect.rs"
                    ));
                }
            }
        }
    }

    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn files_hold_one_concept_and_no_leftovers() {
    let mut wrong = Vec::new();
    for (file, text) in ["src", "tests", "migration"].into_iter().flat_map(rust_files) {
        if text.lines().count() > LONGEST_FILE {
            wrong.push(format!("{file} has {} lines: split it", text.lines().count()));
        }
        // This file names the leftovers that it looks for.
        if file == "tests/it/tidy.rs" {
            continue;
        }
        for leftover in ["todo!(", "unimplemented!(", "dbg!(", "TODO", "FIXME"] {
            if text.contains(leftover) {
                wrong.push(format!("{file} has `{leftover}`"));
            }
        }
    }

    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn comments_are_as_narrow_as_code() {
    let mut wrong = Vec::new();
    for (file, text) in ["src", "tests", "migration", "bench"].into_iter().flat_map(rust_files) {
        let wide = |line: &&str| line.trim_start().starts_with("//") && line.chars().count() > WIDEST_COMMENT;
        for (at, _) in text.lines().enumerate().filter(|(_, line)| wide(line)) {
            wrong.push(format!(
                "{file}:{} is a comment of more than {WIDEST_COMMENT} columns",
                at + 1
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_import_scanner_sees_nested_lists_and_ignores_comments() {
    let text = "use crate::{clock::Clock, store::{a, b},\n page};\n// crate::http::x\nfn f() { crate::auth::g() }";
    let rooms: Vec<_> = imported_rooms(&code(text)).into_iter().collect();
    assert_eq!(rooms, ["auth", "clock", "page", "store"]);
}
