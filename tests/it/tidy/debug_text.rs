//! Rust's own way of writing values, `Debug`, stands in no line of the log and in no error: what a program reads there
//! has a name of its own ([`word`](dingmirror::word::word)), and people are told in words.

use super::{code, rust_files};

/// Files that write values so for themselves alone, and what for.
const FOR_ITSELF: [(&str, &str); 2] = [
    ("src/graphql/directory/order.rs", "the name of a list in its cursors"),
    ("src/sync/crawl/queues.rs", "a key in memory"),
];

/// Where the code that is served ends, and the file's own tests begin.
const TESTS: &str = "#[cfg(test)]";

/// Whether a line writes a value by `Debug`: by a format, or as a field of a line of the log.
fn writes_debug(line: &str) -> bool {
    let is_field =
        |(at, sign): (usize, &str)| line[at + sign.len()..].starts_with(|c: char| c.is_ascii_lowercase() || c == '_');
    line.contains(":?}")
        || line.contains(":#?}")
        || ["= ?", ", ?", "(?"]
            .iter()
            .any(|sign| line.match_indices(sign).any(is_field))
}

fn is_of_tests(file: &str, modules: &[String]) -> bool {
    // The simulator speaks to whoever writes tests.
    file.starts_with("src/simulator/")
        || file.ends_with("tests.rs")
        || modules.iter().any(|module| file.starts_with(module))
}

/// The files and folders of modules that are there for tests alone.
fn modules_of_tests(files: &[(String, String)]) -> Vec<String> {
    let mut modules = Vec::new();
    for (file, text) in files {
        let folder = match file.rsplit_once('/') {
            Some((folder, "mod.rs" | "lib.rs" | "main.rs")) => folder.to_owned(),
            _ => file.trim_end_matches(".rs").to_owned(),
        };
        for rest in text.split(TESTS).skip(1) {
            let line = rest.trim_start().lines().next().unwrap_or_default();
            let declared = line.strip_suffix(';').and_then(|line| line.split_once("mod "));
            if let Some((_, module)) = declared {
                modules.extend([format!("{folder}/{module}.rs"), format!("{folder}/{module}/")]);
            }
        }
    }
    modules
}

#[test]
fn no_log_line_and_no_error_is_written_as_rust_writes_values() {
    let mut wrong = Vec::new();
    let files = rust_files("src");
    let modules = modules_of_tests(&files);
    for (file, text) in files {
        if is_of_tests(&file, &modules) || FOR_ITSELF.iter().any(|(one, _)| *one == file) {
            continue;
        }
        let served = text.split(TESTS).next().unwrap_or_default();
        for (at, line) in code(served).lines().enumerate().filter(|(_, line)| writes_debug(line)) {
            wrong.push(format!("{file}:{}: {}", at + 1, line.trim()));
        }
    }
    assert!(
        wrong.is_empty(),
        "say these in words, or by `word`:\n{}",
        wrong.join("\n")
    );
}

#[test]
fn debug_is_seen_where_it_is_and_nowhere_else() {
    for line in [
        "format!(\"{kind:?}\")",
        "format!(\"{:#?}\", kind)",
        "tracing::warn!(entity = ?row.entity, \"x\");",
        "tracing::warn!(?error, \"x\");",
        "tracing::warn!(%id, ?error);",
    ] {
        assert!(writes_debug(line), "{line}");
    }
    for line in [
        "VALUES (?, ?2)",
        "WHERE id = ?1 AND x = ?",
        "let x = y?;",
        "f(a?, b?)",
        "format!(\"{kind}\")",
    ] {
        assert!(!writes_debug(line), "{line}");
    }
}
