//! The hostile requests.

use serde_json::{Value, json};

pub(super) struct Case {
    pub(super) name: &'static str,
    pub(super) body: Value,
    pub(super) code: &'static str,
    pub(super) limit: Option<&'static str>,
}

fn document(name: &'static str, document: impl Into<String>, code: &'static str, limit: &'static str) -> Case {
    Case {
        name,
        body: json!({"query": document.into()}),
        code,
        limit: (!limit.is_empty()).then_some(limit),
    }
}

fn over(name: &'static str, text: impl Into<String>, limit: &'static str) -> Case {
    document(name, text, "LIMIT_EXCEEDED", limit)
}

fn with_variables(name: &'static str, variables: Value, limit: &'static str) -> Case {
    Case {
        name,
        body: json!({"query": "query($v: [[Int!]!]!) { matrix(of: $v) }", "variables": {"v": variables}}),
        code: "LIMIT_EXCEEDED",
        limit: Some(limit),
    }
}

fn nested(open: &str, inner: &str, close: &str, levels: usize) -> String {
    format!("{}{inner}{}", open.repeat(levels), close.repeat(levels))
}

fn doubling(root: &str, levels: usize, leaf: &str) -> String {
    let fragments: String = (0..levels)
        .map(|n| format!("fragment F{n} on Query {{ ...F{} ...F{} }} ", n + 1, n + 1))
        .collect();
    format!("{root} {fragments} fragment F{levels} on Query {{ {leaf} }}")
}

fn many(count: usize, one: impl Fn(usize) -> String) -> String {
    (0..count).map(one).collect()
}

fn deep_value(levels: usize) -> Value {
    (0..levels).fold(json!(1), |value, _| json!([value]))
}

/// Each is a request that a transport hands on.
pub(super) fn table() -> Vec<Case> {
    let validation = "GRAPHQL_VALIDATION_FAILED";
    let parse = "GRAPHQL_PARSE_FAILED";
    vec![
        over(
            "list literal, 2,000 deep",
            format!("{{ matrix(of: {}) }}", nested("[", "", "]", 2_000)),
            "nesting",
        ),
        over(
            "object literal, 2,000 deep",
            format!("{{ matrix(of: {}) }}", nested("{a:", "1", "}", 2_000)),
            "nesting",
        ),
        over(
            "list literal, unclosed",
            format!("{{ matrix(of: {}", "[".repeat(10_000)),
            "nesting",
        ),
        over(
            "type literal, 2,000 deep",
            format!("query($v: {}) {{ hello }}", nested("[", "Int", "]", 2_000)),
            "nesting",
        ),
        over(
            "default value, deep",
            format!("query($v: Int = {}) {{ hello }}", nested("[", "", "]", 500)),
            "nesting",
        ),
        over(
            "directive argument, deep",
            format!("{{ hello @a(b: {}) }}", nested("[", "", "]", 500)),
            "nesting",
        ),
        over(
            "selections, 2,000 deep",
            nested("{ children ", "{ hello }", "}", 2_000),
            "nesting",
        ),
        over(
            "inline fragments, 2,000 deep",
            nested("{ ... ", "{ hello }", "}", 2_000),
            "nesting",
        ),
        over(
            "selections, 20 deep",
            nested("{ children ", "{ hello }", "}", 20),
            "depth",
        ),
        over(
            "inline fragments around fields, deep",
            nested("{ ... { children { children ", "{ hello }", "} } }", 10),
            "depth",
        ),
        over(
            "doubling fragments, 24 levels",
            doubling("{ ...F0 }", 24, "hello"),
            "selections",
        ),
        over(
            "doubling fragments, 28 levels",
            doubling("{ ...F0 }", 28, "hello"),
            "selections",
        ),
        over(
            "doubling fragments, 190 levels",
            doubling("{ ...F0 }", 190, "hello"),
            "selections",
        ),
        over(
            "doubling fragments to an unknown one",
            doubling("{ ...F0 }", 28, "...X"),
            "selections",
        ),
        over(
            "doubling fragments, unused",
            doubling("{ hello }", 28, "hello"),
            "selections",
        ),
        over(
            "fragments that deepen",
            format!(
                "{{ ...F0 }} {}",
                many(30, |n| {
                    format!("fragment F{n} on Query {{ children {{ ...F{} }} }} ", n + 1)
                })
            ),
            "depth",
        ),
        document(
            "circular fragment",
            "{ ...A } fragment A on Query { ...A }",
            validation,
            "",
        ),
        document(
            "circular fragments",
            "{ ...A } fragment A on Query { children { ...B } } fragment B on Query { ...A }",
            validation,
            "",
        ),
        document(
            "circular fragments, unused",
            "{ hello } fragment A on Query { ...B } fragment B on Query { ...A }",
            validation,
            "",
        ),
        over(
            "200 aliases",
            format!("{{ {} }}", many(200, |n| format!("a{n}: hello "))),
            "aliases",
        ),
        over(
            "aliases in a fragment spread often",
            format!(
                "{{ {} }} fragment F on Query {{ {} }}",
                "children { ...F } ".repeat(5),
                many(30, |n| format!("a{n}: hello "))
            ),
            "aliases",
        ),
        over(
            "repeated fields",
            format!("{{ {} }}", "hello ".repeat(1_400)),
            "selections",
        ),
        over(
            "a list literal of 20,000 numbers",
            format!("{{ matrix(of: [[{}]]) }}", "1 ".repeat(20_000)),
            "tokens",
        ),
        over(
            "20,000 unknown fields",
            format!("{{ {} }}", "zz ".repeat(20_000)),
            "names",
        ),
        over(
            "many directives on one field",
            format!("{{ hello {} }}", "@a ".repeat(1_000)),
            "directives",
        ),
        over(
            "many directives on many fields",
            format!("{{ {} }}", "hello @skip(if: false) ".repeat(60)),
            "directives",
        ),
        over(
            "directives on an operation",
            format!("query {} {{ hello }}", "@a ".repeat(1_000)),
            "directives",
        ),
        over(
            "response bomb by pages",
            "{ children(first: 500) { children(first: 500) { hello } } }",
            "complexity",
        ),
        over(
            "response bomb by depth",
            nested("{ children ", "{ hello }", "}", 10),
            "complexity",
        ),
        over(
            "response bomb past usize",
            nested("{ children(first: 500) ", "{ hello }", "}", 14),
            "complexity",
        ),
        over(
            "response bomb with int overflow",
            nested("{ children(first: 2147483647) ", "{ hello }", "}", 8),
            "complexity",
        ),
        over(
            "mutations by alias",
            format!("mutation {{ {} }}", many(50, |n| format!("a{n}: add(by: 1) "))),
            "mutationFields",
        ),
        over(
            "many operations",
            many(100, |n| format!("query Q{n} {{ hello }} ")),
            "operations",
        ),
        over(
            "unused fragments",
            format!(
                "{{ hello }} {}",
                many(250, |n| format!("fragment F{n} on Query {{ hello }} "))
            ),
            "fragments",
        ),
        over(
            "many long names",
            format!("{{ {} }}", many(400, |n| format!("{}{n} ", "z".repeat(110)))),
            "nameBytes",
        ),
        over("a long name", format!("{{ {} }}", "x".repeat(50_000)), "name"),
        over(
            "a long number",
            format!("{{ matrix(of: [[{}]]) }}", "9".repeat(50_000)),
            "name",
        ),
        document(
            "two subscriptions in one",
            "subscription { ticks(count: 1) forever }",
            validation,
            "",
        ),
        document(
            "an unterminated string",
            format!("{{ echo(text: \"{}) }}", "x".repeat(20_000)),
            parse,
            "",
        ),
        document(
            "a block string that hides brackets",
            format!("{{ echo(text: \"\"\"x\" {}", "[".repeat(5_000)),
            parse,
            "",
        ),
        document(
            "a syntax error on a long line",
            format!("{{ hello {} $ }}", "hello ".repeat(500)),
            parse,
            "",
        ),
        document("control characters", "{ hello \u{0} \u{7} }", parse, ""),
        document("an empty document", "", parse, ""),
        Case {
            name: "a variable of 9,000 values used 99 times",
            body: json!({
                "query": format!("query($v: [[Int!]!]!) {{ {} }}", many(99, |n| format!("a{n}: matrix(of: $v) "))),
                "variables": {"v": [vec![1; 9_000]]},
            }),
            code: "LIMIT_EXCEEDED",
            limit: Some("usedValues"),
        },
        Case {
            name: "a variable of 50 kB used 99 times",
            body: json!({
                "query": format!("query($v: String!) {{ {} }}", many(99, |n| format!("a{n}: echo(text: $v) "))),
                "variables": {"v": "x".repeat(50_000)},
            }),
            code: "LIMIT_EXCEEDED",
            limit: Some("usedBytes"),
        },
        over(
            "a literal of 1,500 values in 60 places",
            format!(
                "{{ {} }} fragment F on Query {{ matrix(of: [[{}]]) }}",
                many(60, |n| format!("a{n}: children(first: 1) {{ ...F }} ")),
                "1 ".repeat(1_500)
            ),
            "usedValues",
        ),
        with_variables("variables, 100 deep", deep_value(100), "variableDepth"),
        with_variables("variables, 25,000 values", json!(vec![1; 25_000]), "variableValues"),
    ]
}
