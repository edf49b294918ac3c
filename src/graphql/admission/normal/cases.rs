//! What documents become, written as GraphQL without the outermost braces.

use async_graphql::{
    Request, Variables,
    parser::types::{ExecutableDocument, Selection, SelectionSet},
};
use async_graphql_value::Value;
use serde_json::json;

use super::super::{Code, Limits, Refusal, Types, admit::valid, validation::cases::SDL};

/// What a document becomes; where it has a template, that says the same.
fn formed(document: &str, variables: serde_json::Value) -> Result<ExecutableDocument, Refusal> {
    let (types, limits) = (Types::of_sdl(SDL), Limits::default());
    let parsed = valid(document, &types, &limits).unwrap_or_else(|refusal| panic!("{document}: {refusal}"));
    let (_, operation) = parsed.operations.iter().next().expect("an operation");
    let values = super::values(operation, Variables::from_json(variables), &types)?;

    let formed = super::form(&parsed, operation, &values, &types, &limits, true);
    if let Some(template) = super::template(&parsed, operation, &types, &limits) {
        let filled = template.form(&values, &types, &limits, true);
        match (&filled, &formed) {
            (Ok(filled), Ok(formed)) => {
                let texts = [filled, formed].map(|formed| written(&formed.set.node));
                assert_eq!(texts[0], texts[1], "{document}");
                assert_eq!(
                    (filled.is_heavy, filled.is_steady),
                    (formed.is_heavy, formed.is_steady),
                    "{document}"
                );
            }
            (Err(filled), Err(formed)) => assert_eq!(filled.code, formed.code, "{document}"),
            _ => panic!("{document}: its template says otherwise"),
        }
    }
    Ok(formed?.document(None, operation))
}

fn form(document: &str, variables: serde_json::Value) -> String {
    let formed = formed(document, variables).unwrap_or_else(|refusal| panic!("{document}: {refusal}"));
    assert!(formed.fragments.is_empty());
    let (_, operation) = formed.operations.iter().next().expect("an operation");
    assert!(operation.node.variable_definitions.is_empty());
    written(&operation.node.selection_set.node)
}

fn refusal(document: &str, variables: serde_json::Value) -> (Code, String) {
    let refusal = formed(document, variables).expect_err(document);
    (refusal.code, refusal.message)
}

fn written(set: &SelectionSet) -> String {
    let one = |selection: &Selection| match selection {
        Selection::Field(field) => {
            let field = &field.node;
            assert!(field.directives.is_empty());
            let alias = field.alias.as_ref().map(|alias| format!("{}: ", alias.node));
            let arguments: Vec<_> = field
                .arguments
                .iter()
                .map(|(name, value)| format!("{}: {}", name.node, plain(&value.node)))
                .collect();
            let arguments = if arguments.is_empty() {
                String::new()
            } else {
                format!("({})", arguments.join(", "))
            };
            let below = &field.selection_set.node;
            let below = if below.items.is_empty() {
                String::new()
            } else {
                format!(" {{ {} }}", written(below))
            };

            format!("{}{}{arguments}{below}", alias.unwrap_or_default(), field.name.node)
        }
        Selection::InlineFragment(inline) => {
            let on = inline
                .node
                .type_condition
                .as_ref()
                .map(|condition| &condition.node.on.node);
            let on = on.expect("a type");
            format!("... on {on} {{ {} }}", written(&inline.node.selection_set.node))
        }
        Selection::FragmentSpread(_) => panic!("a spread"),
    };

    set.items
        .iter()
        .map(|item| one(&item.node))
        .collect::<Vec<_>>()
        .join(" ")
}

fn plain(value: &Value) -> String {
    assert!(!matches!(value, Value::Variable(_)));
    value.to_string()
}

#[test]
fn conditions_are_settled_with_the_defaults_of_variables() {
    let document = "query($dry: Boolean = true, $go: Boolean = true, $no: Boolean! = false) {
        big { a @skip(if: $dry) b @include(if: $go) scalar @include(if: $no) }
        x: big @skip(if: true) { a } y: big @include(if: true) { a }
    }";
    assert_eq!(form(document, json!({})), "big { b } y: big { a }");
    assert_eq!(
        form(document, json!({"dry": false, "go": false, "no": true})),
        "big { a scalar } y: big { a }"
    );

    let everywhere = "query($s: Boolean = true) {
        ... @skip(if: $s) { a: big { a } } ...F @skip(if: $s) ... on Query @include(if: $s) { c: big { a } }
    } fragment F on Query { b: big { a } }";
    assert_eq!(form(everywhere, json!({})), "c: big { a }");
    assert_eq!(form(everywhere, json!({"s": false})), "a: big { a } b: big { a }");

    let both = "query($s: Boolean!, $i: Boolean!) { big { a b @skip(if: $s) @include(if: $i) } }";
    for (s, i, b) in [
        (false, true, " b"),
        (true, true, ""),
        (false, false, ""),
        (true, false, ""),
    ] {
        assert_eq!(form(both, json!({"s": s, "i": i})), format!("big {{ a{b} }}"));
    }
}

#[test]
fn an_explicit_null_is_no_condition() {
    let document = "query($s: Boolean = true) { big { a @skip(if: $s) } }";
    let (code, message) = refusal(document, json!({"s": null}));
    assert_eq!(code, Code::BadUserInput);
    assert!(message.contains("@skip"), "{message}");
}

#[test]
fn everything_may_be_skipped_but_what_a_subscription_is_about() {
    assert_eq!(form("{ big @skip(if: true) { a } }", json!({})), "");
    assert_eq!(form("{ big { a @skip(if: true) } }", json!({})), "big");
    let (code, _) = refusal("subscription { ticks @skip(if: true) }", json!({}));
    assert_eq!(code, Code::BadUserInput);
    assert_eq!(form("subscription { ticks ticks }", json!({})), "ticks");
}

#[test]
fn equal_keys_become_one_field_at_every_depth() {
    for (document, expected) in [
        ("mutation { add(by: 1) add(by: 1) }", "add(by: 1)"),
        (
            "mutation { ...A ...B } fragment A on Mutation { add(by: 1) } fragment B on Mutation { add(by: 1) }",
            "add(by: 1)",
        ),
        (
            "mutation { big { a } ...A } fragment A on Mutation { big { b } }",
            "big { a b }",
        ),
        (
            "mutation { x: add(by: 1) add(by: 1) x: add(by: 1) }",
            "x: add(by: 1) add(by: 1)",
        ),
        (
            "{ big { deep { a } } big { b deep { deep { a } } } big { deep { deep { b } a } } }",
            "big { deep { a deep { a b } } b }",
        ),
        (
            "{ big { ...F ...F deep { ...F } } } fragment F on Big { a }",
            "big { a deep { a } }",
        ),
        (
            "{ ...F big { a } } fragment F on Query { big { b } big { scalar } }",
            "big { b scalar a }",
        ),
        ("{ ... { ... on Query { ... { big { a } } } } }", "big { a }"),
    ] {
        assert_eq!(form(document, json!({})), expected, "{document}");
    }
}

#[test]
fn what_differs_by_type_stands_under_the_type() {
    for (document, expected) in [
        ("{ pet { name owner { name } } }", "pet { name owner { name } }"),
        ("{ pet { ... on Being { name } } }", "pet { name }"),
        (
            "{ pet { name ... on Dog { barks } } }",
            "pet { name ... on Dog { barks } }",
        ),
        (
            "{ pet { ... on Dog { barks } name } }",
            "pet { ... on Cat { name } ... on Dog { barks name } }",
        ),
        (
            "{ pet { owner { name } ... on Dog { owner { iq } } } }",
            "pet { ... on Cat { owner { name } } ... on Dog { owner { name iq } } }",
        ),
        (
            "{ pet { name ...F } } fragment F on CatOrDog { ... on Cat { meows } ... on Dog { barks } ... on Pet { name } }",
            "pet { name ... on Cat { meows } ... on Dog { barks } }",
        ),
        (
            "{ someone { __typename ... on Being { name } ... on Pet { owner { name } } } }",
            "someone { __typename ... on Cat { name owner { name } } ... on Human { name } }",
        ),
        (
            "{ dog { ... on Pet { name ... on CatOrDog { ... on Dog { barks } } } } }",
            "dog { name barks }",
        ),
        ("{ catOrDog { __typename } }", "catOrDog { __typename }"),
    ] {
        assert_eq!(form(document, json!({})), expected, "{document}");
    }
}

#[test]
fn values_stand_in_place_of_variables() {
    let int = "query($v: Int) { arguments(int: $v, intRequired: $v, place: {x: 1, y: $v, z: 2}) }";
    assert_eq!(form(int, json!({})), "arguments(place: {x: 1, z: [2]})");
    assert_eq!(
        form(int, json!({"v": null})),
        "arguments(int: null, intRequired: null, place: {x: 1, y: null, z: [2]})"
    );
    assert_eq!(
        form(int, json!({"v": 5.0})),
        "arguments(int: 5, intRequired: 5, place: {x: 1, y: 5, z: [2]})"
    );

    for (document, variables, expected) in [
        (
            "query($v: [ID!]) { arguments(ids: $v) }",
            json!({"v": 7}),
            r#"arguments(ids: ["7"])"#,
        ),
        (
            "{ arguments(id: 7, ids: 8) }",
            json!({}),
            r#"arguments(id: "7", ids: ["8"])"#,
        ),
        (
            "query($v: Command) { arguments(command: $v) }",
            json!({"v": "SIT"}),
            "arguments(command: SIT)",
        ),
        (
            "query($v: Command = HEEL) { arguments(command: $v) }",
            json!({}),
            "arguments(command: HEEL)",
        ),
        (
            "query($v: Place = {x: 1, command: SIT}) { arguments(place: $v, places: [$v2]) }"
                .replace("$v2", "{x: 2}")
                .leak(),
            json!({}),
            "arguments(place: {x: 1, command: SIT}, places: [{x: 2}])",
        ),
        (
            "query($v: Anything, $w: Int) { arguments(anything: {a: $v, b: [$v, $w], c: $w}) }",
            json!({"v": {"d": "SIT"}}),
            r#"arguments(anything: {a: {d: "SIT"}, b: [{d: "SIT"}, null]})"#,
        ),
        (
            "query($v: [[Int]]) { arguments(matrix: $v) }",
            json!({"v": [1, null, [2, null]]}),
            "arguments(matrix: [[1], null, [2, null]])",
        ),
        (
            "query($v: Float) { arguments(float: $v) }",
            json!({"v": 3}),
            "arguments(float: 3)",
        ),
        (
            "query($v: OneKey) { arguments(oneKey: $v) }",
            json!({"v": {"a": 1}}),
            "arguments(oneKey: {a: 1})",
        ),
    ] {
        assert_eq!(form(document, variables), expected, "{document}");
    }
}

#[test]
fn a_wrong_value_is_named_with_the_way_to_it() {
    let place = "query($p: Place, $c: Command, $n: Int!, $o: OneKey, $t: String, $b: Boolean, $i: ID) {
        arguments(place: $p, command: $c, intRequired: $n, oneKey: $o, text: $t, truth: $b, id: $i)
    }";

    for (variables, words) in [
        (json!({}), ["`$n`", "needs a value"]),
        (json!({"n": null}), ["`$n`", "needs a value"]),
        (json!({"n": "1"}), ["`$n`", "32 bits"]),
        (json!({"n": 1.5}), ["`$n`", "32 bits"]),
        (json!({"n": 3_000_000_000_u32}), ["`$n`", "32 bits"]),
        (json!({"n": 1, "c": "RUN"}), ["`$c`", "HEEL"]),
        (json!({"n": 1, "c": 1}), ["`$c`", "HEEL"]),
        (json!({"n": 1, "t": 1}), ["`$t`", "String"]),
        (json!({"n": 1, "b": "true"}), ["`$b`", "Boolean"]),
        (json!({"n": 1, "i": 1.5}), ["`$i`", "ID"]),
        (json!({"n": 1, "p": "x"}), ["`$p`", "Place"]),
        (json!({"n": 1, "p": {"x": 1, "q": 1}}), ["`$p`", "`q`"]),
        (json!({"n": 1, "p": {"y": 1}}), ["`$p`", "`x`"]),
        (json!({"n": 1, "p": {"x": null}}), ["`$p.x`", "null"]),
        (
            json!({"n": 1, "p": {"x": 1, "inside": {"x": 1, "z": [1, "2"]}}}),
            ["`$p.inside.z[1]`", "Int"],
        ),
        (json!({"n": 1, "o": {}}), ["`$o`", "exactly one"]),
        (json!({"n": 1, "o": {"a": 1, "b": "x"}}), ["`$o`", "exactly one"]),
        (json!({"n": 1, "o": {"a": null}}), ["`$o`", "exactly one"]),
    ] {
        let shown = variables.to_string();
        let (code, message) = refusal(place, variables);
        assert_eq!(code, Code::BadUserInput, "{shown}");
        assert!(words.iter().all(|word| message.contains(word)), "{shown}: {message}");
    }
}

#[test]
fn what_is_written_out_for_every_type_is_bounded() {
    let many: String = (0..300).map(|n| format!("f{n}: name ")).collect();
    let limits = Limits {
        aliases: 1_000,
        ..Limits::default()
    };
    let types = Types::of_sdl(SDL);
    let nested = format!("{{ being {{ ... on Dog {{ x: name }} {many} }} pet {{ ... on Dog {{ x: name }} {many} }} }}");
    let request = |text: &str| super::super::admit::admit_text(Request::new(text), &types, &limits, true).map(|_| ());
    assert!(request(&nested).is_ok());

    let tight = Limits {
        merged: 1_000,
        ..limits
    };
    let refused = super::super::admit::admit_text(Request::new(nested), &types, &tight, true).expect_err("too many");
    assert_eq!(refused.limit, Some("merged"));
}
