//! No two files of `src/` need each other, by whatever detour: whoever reads a room can begin at one end of it.
//!
//! A file needs those that its paths lead to, those behind `crate::`, `super::` and `self::`; a name that is handed on
//! by `pub use` leads to where it is at home. A module and those inside it may name each other. Test modules are left
//! out.

use std::collections::{BTreeMap, BTreeSet};

use super::rust_files;

/// `["sync", "run"]` of `src/sync/run/mod.rs`.
type Module = Vec<String>;
type Needs = BTreeMap<Module, BTreeSet<Module>>;

/// A path as it is written in one file.
struct Named {
    path: Vec<String>,
    /// By `pub use`, under this name.
    handed_on_as: Option<String>,
}

fn module_of(file: &str) -> Module {
    let inside = file.trim_start_matches("src/").trim_end_matches(".rs");
    let inside = inside.strip_suffix("/mod").unwrap_or(inside);
    inside.split('/').map(str::to_owned).collect()
}

/// Words and punctuation, without comments, texts and characters; `::` is one.
fn tokens(text: &str) -> Vec<String> {
    let text: Vec<char> = text.chars().collect();
    let at = |index: usize| text.get(index).copied().unwrap_or('\n');
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let (mut found, mut index) = (Vec::new(), 0);

    while index < text.len() {
        let start = index;
        match (at(index), at(index + 1)) {
            ('/', '/') => {
                while at(index) != '\n' {
                    index += 1;
                }
            }
            ('b', '"' | '\'') => index += 1,
            ('b', 'r') if matches!(at(index + 2), '"' | '#') => index += 1,
            ('r', '"' | '#') => {
                let hashes = text[index + 1..].iter().take_while(|c| **c == '#').count();
                index += 1 + hashes;
                // `r#type` is a word.
                if at(index) == '"' {
                    index += 1;
                    while index < text.len() && !(at(index) == '"' && (1..=hashes).all(|n| at(index + n) == '#')) {
                        index += 1;
                    }
                    index += 1 + hashes;
                }
            }
            ('"', _) => {
                index += 1;
                while index < text.len() && at(index) != '"' {
                    index += if at(index) == '\\' { 2 } else { 1 };
                }
                index += 1;
            }
            ('\'', '\\') => {
                index += 3;
                while at(index) != '\'' && at(index) != '\n' {
                    index += 1;
                }
                index += 1;
            }
            ('\'', _) if at(index + 2) == '\'' => index += 3,
            (':', ':') => {
                found.push("::".to_owned());
                index += 2;
            }
            (c, _) if is_word(c) => {
                while index < text.len() && is_word(at(index)) {
                    index += 1;
                }
                found.push(text[start..index].iter().collect());
            }
            (c, _) => {
                if !c.is_whitespace() {
                    found.push(c.to_string());
                }
                index += 1;
            }
        }
    }

    found
}

/// All paths of a file.
fn named(text: &str) -> Vec<Named> {
    let tests = text.find("#[cfg(test)]\nmod tests {").unwrap_or(text.len());
    let tokens = tokens(&text[..tests]);
    let (mut found, mut index) = (Vec::new(), 0);

    while index < tokens.len() {
        match tokens[index].as_str() {
            "use" if tokens.get(index + 1).is_some_and(|next| next != "<") => {
                let is_public = index > 0 && (tokens[index - 1] == "pub" || tokens[index - 1] == ")");
                index = tree(&tokens, index + 1, &[], is_public, &mut found);
            }
            "crate" | "super" | "self" if tokens.get(index + 1).is_some_and(|next| next == "::") => {
                let mut path = vec![tokens[index].clone()];
                while let (Some("::"), Some(name)) = (
                    tokens.get(index + 1).map(String::as_str),
                    tokens
                        .get(index + 2)
                        .filter(|name| name.starts_with(char::is_alphabetic)),
                ) {
                    path.push(name.clone());
                    index += 2;
                }
                found.push(Named {
                    path,
                    handed_on_as: None,
                });
                index += 1;
            }
            _ => index += 1,
        }
    }

    found
}

/// Reads the tree of a `use` behind `prefix`, and gives the place behind it.
fn tree(tokens: &[String], mut index: usize, prefix: &[String], is_public: bool, found: &mut Vec<Named>) -> usize {
    let mut path = prefix.to_vec();
    let mut name = None;
    while let Some(token) = tokens.get(index) {
        match token.as_str() {
            "{" => {
                index += 1;
                while tokens.get(index).is_some_and(|token| token != "}") {
                    index = tree(tokens, index, &path, is_public, found);
                    index += usize::from(tokens.get(index).is_some_and(|token| token == ","));
                }
                return index + 1;
            }
            "," | "}" | ";" => break,
            "as" => {
                name = tokens.get(index + 1).cloned();
                index += 1;
            }
            "::" => {}
            // `x::{self}` is `x`.
            "self" if !path.is_empty() => {}
            word => path.push(word.to_owned()),
        }
        index += 1;
    }

    let handed_on_as = name.or_else(|| path.last().cloned()).filter(|_| is_public);
    found.push(Named { path, handed_on_as });
    index
}

/// Where a path of `module` begins, from the root; `None`: with something that isn't ours.
fn from_root(module: &Module, path: &[String], modules: &BTreeMap<Module, Vec<Named>>) -> Option<Vec<String>> {
    let mut base = match path.first()?.as_str() {
        "crate" => Module::new(),
        "super" | "self" => module.clone(),
        _ if modules.contains_key(&[module, &path[..1]].concat()) => return Some([module, path].concat()),
        _ => return None,
    };
    let steps = path
        .iter()
        .take_while(|step| ["crate", "super", "self"].contains(&step.as_str()));
    let steps = steps.map(|step| usize::from(step == "super")).collect::<Vec<_>>();
    base.truncate(base.len().saturating_sub(steps.iter().sum()));
    Some([&base, &path[steps.len()..]].concat())
}

/// The module where the name at the end of `path` is at home.
fn home(path: &[String], modules: &BTreeMap<Module, Vec<Named>>, detours: usize) -> Option<Module> {
    let end = (1..=path.len()).rev().find(|end| modules.contains_key(&path[..*end]))?;
    let module = path[..end].to_vec();
    let handed_on = path.get(end).and_then(|name| {
        let named = modules[&module]
            .iter()
            .find(|it| it.handed_on_as.as_ref() == Some(name))?;
        from_root(&module, &named.path, modules)
    });

    match handed_on {
        // One that hands on its own name leads nowhere else.
        Some(further) if detours < 16 => home(&[&further, &path[end + 1..]].concat(), modules, detours + 1),
        _ => Some(module),
    }
}

fn needs(files: &[(String, String)]) -> Needs {
    let modules: BTreeMap<Module, Vec<Named>> = files
        .iter()
        .map(|(file, text)| (module_of(file), named(text)))
        .filter(|(module, _)| !["lib", "main"].contains(&module[0].as_str()))
        .collect();

    let is_inside = |inner: &Module, outer: &Module| inner.starts_with(outer);
    let needed = |module: &Module, paths: &Vec<Named>| {
        let homes = paths
            .iter()
            .filter_map(|it| home(&from_root(module, &it.path, &modules)?, &modules, 0));
        homes
            .filter(|other| !is_inside(module, other) && !is_inside(other, module))
            .collect()
    };
    modules
        .iter()
        .map(|(module, paths)| (module.clone(), needed(module, paths)))
        .collect()
}

/// The groups of modules that need each other.
fn circles(needs: &Needs) -> BTreeSet<BTreeSet<Module>> {
    let reached: Needs = needs
        .keys()
        .map(|start| {
            let (mut seen, mut open) = (BTreeSet::new(), vec![start]);
            while let Some(module) = open.pop() {
                open.extend(needs[module].iter().filter(|next| seen.insert((*next).clone())));
            }
            (start.clone(), seen)
        })
        .collect();

    let circle = |module: &Module| {
        let others = reached[module].iter();
        others
            .filter(|other| reached[*other].contains(module))
            .cloned()
            .collect()
    };
    let groups: BTreeSet<BTreeSet<Module>> = reached.keys().map(circle).collect();
    groups.into_iter().filter(|group| group.len() > 1).collect()
}

#[test]
fn no_files_need_each_other() {
    let needs = needs(&rust_files("src"));
    let mut wrong = Vec::new();
    for circle in circles(&needs) {
        wrong.push(format!("{} files need each other:", circle.len()));
        for module in &circle {
            let others: Vec<_> = needs[module].intersection(&circle).map(|it| it.join("::")).collect();
            wrong.push(format!("  {} -> {}", module.join("::"), others.join(", ")));
        }
    }

    assert!(
        wrong.is_empty(),
        "what they share belongs in a file of its own:\n{}",
        wrong.join("\n")
    );
}

#[test]
fn the_finder_of_circles_follows_what_is_handed_on_and_spares_a_modules_own() {
    let files = |files: &[(&str, &str)]| -> Vec<(String, String)> {
        let whole = files
            .iter()
            .map(|(file, text)| (format!("src/{file}"), (*text).to_owned()));
        whole.collect()
    };
    let found = |list: &[(&str, &str)]| {
        let circles = circles(&needs(&files(list)));
        let names = circles
            .iter()
            .map(|circle| circle.iter().map(|it| it.join("/")).collect::<Vec<_>>());
        names.collect::<Vec<_>>()
    };

    // `b` gets from its room what is at home in `c`; `c` calls `a`, and `a` takes from `b`.
    let mut list = [
        (
            "room/mod.rs",
            "mod a; mod b; mod c;\npub(crate) use c::{Thing, Other as Else};",
        ),
        (
            "room/a.rs",
            "use super::{\n    b::{self, B},\n};\nfn f() { let it = '\"'; b::g() }",
        ),
        ("room/b.rs", "pub struct B(crate::room::Else); // super::d"),
        ("room/c.rs", "pub struct Other;\nfn f() { super::a::f() }"),
        (
            "room/d.rs",
            "use super::a;\nfn f() -> &'static str { r#\"\"crate::room::a\"# }",
        ),
    ];
    assert_eq!(found(&list), [["room/a", "room/b", "room/c"]]);

    list[3].1 =
        "pub struct Other;\nconst TEXT: &str = \"super::a\";\n#[cfg(test)]\nmod tests {\n    use super::super::a;\n}";
    assert_eq!(
        found(&list),
        Vec::<Vec<String>>::new(),
        "a text and a test need nothing"
    );

    let own = [
        ("room/mod.rs", "mod a;\nuse a::A;\npub struct Room;"),
        ("room/a.rs", "use super::Room;\npub struct A;"),
    ];
    assert_eq!(found(&own), Vec::<Vec<String>>::new());
}
