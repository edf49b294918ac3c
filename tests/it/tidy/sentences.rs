//! What the server says of a state is said by the catalogue alone.

use std::collections::BTreeSet;

use dingmirror::catalogue;

use super::rust_files;

/// Who may tell a text that the catalogue doesn't have: what was stored as that, and what is shown as it came.
const OTHER_WORDS: [&str; 3] = [
    "src/catalogue/",
    "src/store/outbox/stop.rs",
    "src/graphql/sync/evidence.rs",
];

/// The code that runs, without the tests beside it.
fn running(text: &str) -> &str {
    text.split("#[cfg(test)]").next().unwrap_or_default()
}

/// Files of tests, and what only tests use.
fn is_of_tests(file: &str) -> bool {
    file.contains("test") || file == "src/sync/crawl/fake.rs"
}

#[test]
fn every_sentence_of_the_catalogue_is_said_and_no_other() {
    let (mut said, mut wrong) = (BTreeSet::new(), Vec::new());
    for (file, text) in rust_files("src") {
        let code = running(&text);
        if !file.starts_with("src/catalogue/") {
            let words = code.split(|c: char| !(c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_'));
            said.extend(words.map(str::to_owned));
        }

        let tells_words = code.contains("Statement::other(");
        if tells_words && !is_of_tests(&file) && !OTHER_WORDS.iter().any(|it| file.starts_with(it)) {
            wrong.push(format!("{file} says something that the catalogue doesn't have"));
        }
    }

    // These the catalogue makes itself, of what was stored and of what is said together.
    let codes = catalogue::all().map(|entry| entry.code);
    let codes = codes.filter(|code| !["OTHER", "SEVERAL"].contains(code));
    wrong.extend(
        codes
            .filter(|code| !said.contains(*code))
            .map(|code| format!("nobody says {code}")),
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
