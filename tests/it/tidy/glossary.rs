//! The homes that the glossary gives to its words are there.

use std::path::Path;

use super::{code, rust_files};

/// Whether the text has one of these keywords before this name.
fn has(text: &str, keywords: &[&str], name: &str) -> bool {
    let words = || text.split(|c: char| !c.is_alphanumeric() && c != '_');
    let mut pairs = words().zip(words().skip(1));
    text.contains(name) && pairs.any(|(word, next)| next == name && keywords.contains(&word))
}

/// Whether the code defines `Name`, `Name::member` or the table `name`.
fn defines(code: &str, name: &str) -> bool {
    let Some((owner, member)) = name.split_once("::") else {
        let keywords = ["struct", "enum", "trait", "type", "fn", "const"];
        return has(code, &keywords, name) || code.contains(&format!("table_name = \"{name}\""));
    };
    let is_named = |line: &str| {
        let line = line.trim_start();
        let shown = line.strip_prefix("pub(").and_then(|it| it.split_once(") "));
        let line = shown.map_or(line, |it| it.1);
        let before = line.split([':', ',', '(', '{', '<']).next().unwrap_or_default();
        before.split_whitespace().next_back() == Some(member)
    };
    // A brace at the beginning of a line ends an item.
    code.split("\n}")
        .any(|item| has(item, &["struct", "enum", "impl"], owner) && item.lines().any(is_named))
}

/// Whether it is a path below `src/` or the repository, or defined in `place`.
fn is_there(files: &[(String, String)], home: &str, place: &str) -> bool {
    if home.contains('/') || home.ends_with(".rs") {
        let base = Path::new(env!("CARGO_MANIFEST_DIR"));
        return base.join("src").join(home).exists() || base.join(home).exists();
    }
    let within = |file: &str| file.starts_with(place) || file.starts_with(&format!("src/{place}"));
    files.iter().any(|(file, code)| within(file) && defines(code, home))
}

#[test]
fn the_words_of_the_glossary_are_at_home_where_it_says() {
    let files: Vec<_> = ["src", "tests"].into_iter().flat_map(rust_files).collect();
    let files: Vec<_> = files.into_iter().map(|(file, text)| (file, code(&text))).collect();
    for wrong in ["Nothing", "Turns::nothing", "store/nothing.rs"] {
        assert!(!is_there(&files, wrong, "src/"), "{wrong}");
    }
    let glossary = include_str!("../../../docs/glossary.md");
    for row in glossary.lines().filter(|line| line.starts_with("| ")) {
        let cell = row.trim_end_matches('|').rsplit('|').next().unwrap_or_default();
        assert!(!cell.trim().is_empty(), "{row}: no home");
        let parts: Vec<_> = cell.split('`').collect();
        for (at, home) in parts.iter().enumerate().skip(1).step_by(2) {
            let place = if parts[at + 1] == " in " { parts[at + 2] } else { "src/" };
            assert!(is_there(&files, home, place), "{row}: `{home}` is not in {place}");
        }
    }
}
