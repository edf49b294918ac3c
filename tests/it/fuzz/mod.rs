//! The targets of `fuzz/`, on any bytes. `make prove` runs them for longer.

mod engine;
#[path = "../../../fuzz/targets/mod.rs"]
mod targets;

use std::path::{Path, PathBuf};

use targets::TARGETS;

fn corpus(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(name)
}

fn fuzz(name: &str) {
    let (_, target) = TARGETS.into_iter().find(|(other, _)| *other == name).unwrap();
    engine::run(name, &corpus(name), target);
}

#[test]
fn answers_of_dingtalk() {
    fuzz("dingtalk");
}

#[test]
fn documents_of_the_edge() {
    fuzz("documents");
}

#[test]
fn events_and_their_encryption() {
    fuzz("events");
}

#[test]
fn links_as_a_file() {
    fuzz("links");
}

#[test]
fn searches() {
    fuzz("search");
}

#[test]
fn tokens_and_keys() {
    fuzz("tokens");
}

#[test]
fn each_target_is_run_here_and_has_a_corpus() {
    let text = include_str!("mod.rs");
    for (name, _) in TARGETS {
        assert!(text.contains(&format!("fuzz(\"{name}\")")), "nothing runs {name}");
    }
    let mut folders: Vec<_> = std::fs::read_dir(corpus(""))
        .unwrap()
        .map(|it| it.unwrap().file_name())
        .collect();
    folders.sort();
    assert_eq!(folders, TARGETS.map(|(name, _)| name));
}

#[test]
#[should_panic(expected = "keeps the input")]
fn the_engine_finds_what_a_target_does_not_hold() {
    // Two of the corpus's words, in another order: no input has them so.
    engine::run("itself", &corpus("links"), |data| {
        let text = String::from_utf8_lossy(data);
        assert!(!text.contains("reason,username"), "found");
    });
}
