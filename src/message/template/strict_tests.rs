use proptest::prelude::*;
use serde_json::{Map, Value as Json, json};

use super::*;
use crate::message::{Content, template::Steps};

fn filled(text: &str, variables: &Json) -> Result<String, String> {
    let Json::Object(variables) = variables else {
        panic!("variables are an object");
    };
    let content = Content::Text { content: text.into() };
    match content.fill_in(variables, &Steps::default()) {
        Ok(Content::Text { content }) => Ok(content),
        Ok(other) => panic!("the type stays: {other:?}"),
        Err(problems) => Err(problems[0].message.to_string()),
    }
}

/// How each filter is called, and all filters that the language brings: a new one of a later version has to be put
/// somewhere.
const CALLS: [&str; 44] = [
    "lower",
    "upper",
    "title",
    "capitalize",
    "replace('a', 'b')",
    "trim",
    "lines",
    "indent(2)",
    "string",
    "pprint",
    "format('a')",
    "split(',')",
    "urlencode",
    "escape_markdown",
    "dingtalk_link",
    "dingtalk_link(pc_slide=false)",
    "length",
    "count",
    "dictsort",
    "items",
    "reverse",
    "round",
    "abs",
    "int",
    "float",
    "attr('a')",
    "first",
    "last",
    "min",
    "max",
    "sort",
    "list",
    "batch(2)",
    "slice(2)",
    "sum",
    "select",
    "reject",
    "selectattr('a')",
    "rejectattr('a')",
    "groupby('a')",
    "unique",
    "join",
    "join(', ')",
    "map('upper')",
];

#[test]
fn null_fails_in_front_of_every_filter_and_names_the_variable_and_the_line() {
    for call in CALLS {
        for variables in [json!({ "page": { "title": null } }), json!({ "page": {} })] {
            let text = format!("a\n{{{{ page.title | {call} }}}}");
            let told = filled(&text, &variables).expect_err(call);
            assert!(
                told.contains("page.title") && told.contains("text.content, line 2") && told.contains("default"),
                "{call}: {told}"
            );
        }
    }

    for text in [
        "{{ x ~ 'a' }}",
        "{{ 'a' ~ x }}",
        "{{ 'a' ~ x ~ 'b' }}",
        "{{ x }}",
        "{{ 'a' + x }}",
        "{{ x + 'a' }}",
        "{{ 'abc' | replace('a', x) }}",
        "{{ 'abc' | replace(x, 'a') }}",
        "{{ '%s' | format(x) }}",
        "{{ 'abc' | indent(x) }}",
        "{{ ['a', x] | join(',') }}",
        "{{ ['a', 'b'] | join(x) }}",
        "{{ ['a', x] | map('upper') | join }}",
        "{{ [{'a': x}] | join(',', attribute='a') }}",
        "{{ [{'a': x}] | map(attribute='a') | join }}",
        "{{ ['a', [x]] }}",
        "{{ {'a': x} }}",
        "{{ ['a', x] | string }}",
        "{{ [x] ~ 'a' }}",
        "{{ {'a': x} | pprint }}",
        "{% for y in [x] %}{{ y | upper }}{% endfor %}",
        "{% set y = x %}{{ y | upper }}",
        "{% set y %}{{ x }}{% endset %}{{ y }}",
        "{{ (x if true) | upper }}",
        "{{ x | default('a') | upper }}",
        "{{ dict(a=x).a | upper }}",
        "{% for y in range(1) %}{{ loop.cycle(x) | upper }}{% endfor %}",
        "{% filter upper %}{{ x }}{% endfilter %}",
        "{{ x | up per }}",
        "{{ x | trim | upper }}",
        "{{ [x] | first | upper }}",
        "{{ [x, x] | unique | join }}",
    ] {
        let told = filled(text, &json!({ "x": null }));
        assert!(told.is_err(), "{text}: {told:?}");
    }
}

#[test]
fn null_can_be_asked_for_and_defaults_stand_in_for_it() {
    let variables = json!({ "x": null, "page": { "title": null, "n": 0 }, "list": ["a", null] });

    for (text, expected) in [
        ("{% if x is none %}none{% endif %}", "none"),
        ("{% if x %}{% else %}false{% endif %}", "false"),
        ("{{ 'y' if x == none else 'n' }}{{ 'y' if x != none else 'n' }}", "yn"),
        ("{{ x | default('-', true) | upper }}", "-"),
        ("{{ x | d('a', true) ~ 'b' }}", "ab"),
        ("{{ (x or 'a') | upper }}", "A"),
        ("{{ page.title | default('a', true) | trim }}", "a"),
        ("{{ page.space | default('') }}", ""),
        ("{{ list | select | join(',') }}", "a"),
        ("{{ list | reject('none') | map('upper') | join }}", "A"),
        ("{{ page.n ~ 1.5 }}", "01.5"),
        ("{{ 'a b' | split(none, 1) | join('/') }}", "a/b"),
    ] {
        assert_eq!(filled(text, &variables).as_deref(), Ok(expected), "{text}");
    }
}

#[test]
fn booleans_are_the_words_of_json_wherever_they_become_text() {
    let variables = json!({ "yes": true, "no": false, "all": [true, "x", 1], "of": { "done": true } });

    for (text, expected) in [
        ("{{ yes }}{{ no }}", "truefalse"),
        ("{{ yes ~ no }}", "truefalse"),
        ("{{ yes | upper }}{{ yes | string }}{{ no | trim }}", "TRUEtruefalse"),
        ("{{ yes | urlencode }}{{ no | escape_markdown }}", "truefalse"),
        ("{{ all | join(',') }}", "true,x,1"),
        ("{{ all | map('string') | join }}", "truex1"),
        ("{{ 'a' | replace('a', yes) }}", "true"),
        ("{{ '%s' | format(yes) }}", "true"),
        ("{{ [of] | join(attribute='done') }}", "true"),
        ("{{ all }}", "[true, \"x\", 1]"),
        ("{{ of }}", "{\"done\": true}"),
        ("{{ 1 == 1 }}", "true"),
        ("{{ '%.2f' | format(1.5) }}{{ '%d' | format(3) }}", "1.503"),
        ("{{ 'a\nb' | indent(2, true) }}", "  a\n  b"),
    ] {
        assert_eq!(filled(text, &variables).as_deref(), Ok(expected), "{text}");
    }
}

proptest! {
    /// Whatever chain of filters null goes through, no word comes of it.
    #[test]
    fn no_chain_of_filters_makes_a_word_of_null(
        chain in prop::collection::vec(prop::sample::select(CALLS.to_vec()), 1..4),
        within in any::<bool>(),
    ) {
        let x = if within { "{{ [x, x]" } else { "{{ x" };
        let text = format!("{x} | {} }}}}", chain.join(" | "));
        let made = filled(&text, &json!({ "x": null })).unwrap_or_default();
        let made = made.to_lowercase();
        prop_assert!(!made.contains("none") && !made.contains("null"), "{text}: {made}");
    }

    #[test]
    fn what_is_neither_null_nor_a_boolean_is_joined_as_it_was(texts in prop::collection::vec("[a-z0-9 页]{0,5}", 0..5), n in any::<i64>()) {
        let variables = json!({ "texts": texts, "n": n });
        prop_assert_eq!(filled("{{ texts | join(',') }}{{ n ~ '' }}", &variables), Ok(format!("{}{n}", texts.join(","))));
    }
}

#[test]
fn every_filter_of_the_language_is_one_of_text_or_of_values() {
    // `debug` output of the environment names its filters.
    let environment = super::super::engine::environment();
    let mut unknown: Vec<String> = Vec::new();

    for name in ["default", "d", "bool"]
        .into_iter()
        .chain(OF_TEXT)
        .chain(OF_VALUES)
        .chain(["join", "map"])
    {
        if environment
            .empty_state()
            .apply_filter(name, &[])
            .is_err_and(|e| e.kind() == ErrorKind::UnknownFilter)
        {
            unknown.push(name.to_owned());
        }
    }
    assert!(unknown.is_empty(), "{unknown:?}");

    let listed = format!("{environment:?}");
    let filters = listed
        .split("filters: ")
        .nth(1)
        .and_then(|rest| rest.split("templates: ").next());
    for name in filters
        .unwrap_or_default()
        .split('"')
        .skip(1)
        .step_by(2)
        .filter(|name| !name.starts_with('='))
    {
        let known = ["default", "d", "bool", "join", "map"].contains(&name)
            || OF_TEXT.contains(&name)
            || OF_VALUES.contains(&name);
        assert!(
            known,
            "the filter {name} is new: does it make text of what it is given?"
        );
    }

    let _ = Map::<String, Json>::new();
}
