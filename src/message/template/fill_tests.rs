use proptest::prelude::*;
use serde_json::json;

use super::*;

fn markdown(title: &str, text: &str) -> Content {
    Content::Markdown {
        title: title.into(),
        text: text.into(),
    }
}

fn filled(text: &str, variables: Json) -> Result<String, String> {
    let Json::Object(variables) = variables else {
        panic!("variables are an object");
    };
    match markdown("t", text).fill_in(&variables, &Steps::default()) {
        Ok(Content::Markdown { text, .. }) => Ok(text),
        Ok(other) => panic!("the type stays: {other:?}"),
        Err(problems) => Err(format!("{:?} {}", problems[0].code, problems[0].message)),
    }
}

#[test]
fn variables_are_filled_in_as_they_are() {
    let order = 176_294_576_350_761_512_i64;
    let variables = json!({ "page": { "title": "<Q3> & *x*", "id": order }, "tags": ["a", "b"], "done": true });

    for (text, expected) in [
        ("{{ page.title }} {{ page.id }}", "<Q3> & *x* 176294576350761512"),
        (
            "{% for tag in tags %}\n- {{ tag }}\n{% endfor %}\nend\n",
            "- a\n- b\nend\n",
        ),
        ("{% if done %}ok{% endif %}", "ok"),
        ("{{ missing | default('-') }}", "-"),
        ("{{ page.title | escape_markdown }}", r"\<Q3\> \& \*x\*"),
        ("{{ 'a b' | urlencode }}", "a%20b"),
        (
            "[x]({{ 'https://a.b/?c=d' | dingtalk_link }})",
            "[x](dingtalk://dingtalkclient/page/link?url=https%3A%2F%2Fa.b%2F%3Fc%3Dd&pc_slide=true)",
        ),
        (
            "{{ 'https://a.b' | dingtalk_link(pc_slide=false) }}",
            "dingtalk://dingtalkclient/page/link?url=https%3A%2F%2Fa.b&pc_slide=false",
        ),
    ] {
        assert_eq!(filled(text, variables.clone()).as_deref(), Ok(expected), "{text}");
    }
}

#[test]
fn a_missing_variable_is_named_with_its_field_and_line() {
    let told = filled("a\n{{ page.title }}", json!({ "page": {} })).unwrap_err();
    assert!(
        told.starts_with("Required markdown.text, line 2: `page.title` is undefined: give it"),
        "{told}"
    );

    for text in [
        "{{ x }}",
        "{% if x %}{% endif %}",
        "{{ x | upper }}",
        "{% for y in x %}{% endfor %}",
        "{{ x.y }}",
    ] {
        let told = filled(text, json!({})).unwrap_err();
        assert!(
            told.starts_with("Required") && told.contains("`x` is undefined"),
            "{text}: {told}"
        );
    }

    let told = filled("{{ x.y }}", json!({ "x": { "y": null } })).unwrap_err();
    assert!(told.contains("`x.y` is null: give"), "{told}");

    let problems = markdown("{{ a }}", "{{ b }}")
        .fill_in(&Map::new(), &Steps::default())
        .unwrap_err();
    assert_eq!(problems.len(), 2, "every field is told");
}

#[test]
fn what_can_never_be_rendered_is_found_without_variables() {
    for (text, part) in [
        ("a\n\n{{ x", "line 3"),
        ("{% for x in y %}", "syntax error"),
        ("{{ x | nonsense }}", "nonsense"),
        ("{% if x is nonsense %}{% endif %}", "nonsense"),
        ("{{ x | escape }}", "escape"),
        ("{% include 'a' %}", "syntax error"),
        ("{% macro a() %}{% endmacro %}", "syntax error"),
        ("{% for x in range(99999) %}{{ x }}{% endfor %}", "too many steps"),
        (&"x".repeat(5_001), "at most 5000"),
    ] {
        let problems = markdown("t", text).check_template(&Steps::default());
        assert_eq!(problems.len(), 1, "{text}");
        assert_eq!(problems[0].path, ["markdown", "text"]);
        assert!(problems[0].message.contains(part), "{}", problems[0].message);
    }

    let fine =
        "{% for t in tags %}{{ t.name | upper | escape_markdown }}{% else %}{{ page.url | dingtalk_link }}{% endfor %}";
    assert_eq!(markdown("{{ page.title }}", fine).check_template(&Steps::default()), []);
}

#[test]
fn the_variables_are_those_that_the_caller_gives() {
    let content = markdown(
        "{{ page.title }}",
        "{% set n = 1 %}{{ n }}{% for t in tags %}{{ t }}{{ range(n) }}{% endfor %}",
    );
    let variables: Vec<_> = content.template_variables(&Steps::default()).into_iter().collect();
    assert_eq!(variables, ["page.title", "tags"]);
}

#[test]
fn nothing_a_template_does_costs_much() {
    for text in [
        "{% for a in range(1000) %}{% for b in range(1000) %}{% endfor %}{% endfor %}",
        "{{ 'x' * 100000000 }}",
        "{% set x = 'xxxxxxxxxx' %}{% for i in range(900) %}{{ x * 20 }}{% endfor %}",
        "{{ range(1000000) | list }}",
        "{{ big }}",
    ] {
        let told = filled(text, json!({ "big": "x".repeat(30_000) })).unwrap_err();
        assert!(
            told.starts_with("TooLong") || told.starts_with("Invalid"),
            "{text}: {told}"
        );
    }

    for deep in ["{{ (", "{% if x %}", "{{ [", "{{ not ", "{{ -", "{{ {1:"] {
        assert!(
            !markdown("t", &deep.repeat(5_000 / deep.len()))
                .check_template(&Steps::default())
                .is_empty()
        );
    }
    for deep in ["{{ (((((((((", "{% if x %}", "{{ [[[[[[[[["] {
        assert!(
            !markdown("t", &deep.repeat(1_000))
                .check_template(&Steps::default())
                .is_empty()
        );
    }

    let rows = Content::Oa {
        message_url: "https://a.b".into(),
        pc_message_url: None,
        head_bgcolor: "FFBBBBBB".into(),
        head_text: "t".into(),
        status_bar: None,
        body: Box::new(crate::message::OaBody {
            form: vec![
                crate::message::OaForm {
                    key: "k".into(),
                    value: "v".into()
                };
                60
            ],
            ..Default::default()
        }),
    };
    assert_eq!(rows.check_template(&Steps::default())[0].code, ProblemCode::TooLong);
    assert!(rows.fill_in(&Map::new(), &Steps::default()).is_err());
}

proptest! {
    #[test]
    fn a_text_without_marks_comes_out_as_it_is(text in r"([\n\r\t]|[^{}#%\p{Cc}]){0,60}") {
        prop_assert_eq!(filled(&text, json!({})), Ok(text));
    }

    #[test]
    fn no_text_makes_it_panic(text in r"(\{\{|\}\}|\{%|%\}|\{#|#\}| |for|in|if|endfor|x|\||\(|\)|\[|\]|'|1|-|\n|页){0,30}") {
        let content = markdown("t", &text);
        content.check_template(&Steps::default());
        content.template_variables(&Steps::default());
        let _ = filled(&text, json!({ "x": [1, "页"] }));
    }
}

/// Values within values are as deep as the source is long, and whoever walks them goes down one stack frame each.
#[test]
fn no_template_overflows_the_stack() {
    let lists = format!("{}a{}", "[".repeat(20), "]".repeat(20));
    let lists = format!("{{% set a={lists} %}}");
    let lists = lists.repeat(12);
    let mut hostile = vec![
        format!("{{% set a=1 %}}{lists}{{{{ a }}}}{{{{ a < [a] }}}}{{{{ a == [a] }}}}"),
        format!("{{% set a=1 %}}{lists}{{{{ {{a: a}} == a }}}}{{{{ [a, a]|sort|unique }}}}"),
        "{% for y in x recursive %}{{ loop([x]) }}{% endfor %}".to_owned(),
    ];

    // As long as the source may be, and as long as one tag or all of them may be: the first is refused, the others run.
    for length in [MAX_SOURCE, 1_500, 700, 250, 150, 90] {
        let often = |start: &str, step: &str, end: &str| {
            let times = length.saturating_sub(start.len() + end.len()) / step.len();
            format!("{start}{}{end}", step.repeat(times))
        };
        let steps = [
            "|batch(1)",
            "|slice(1)",
            "|reverse",
            "|list",
            "|map('list')",
            "|items",
            "|groupby(0)",
            "|sort",
            "+x",
            "+1",
            "~1",
            "-1",
            "*1",
            "**1",
            ".x",
            "[0]",
            "[0:]",
            " if x else 1",
            " and 1",
            " or x",
            " == 1",
            " in x",
            " is true",
            "(x)",
            ".items()",
        ];

        hostile.extend(steps.map(|step| often("{{ x", step, " }}")));
        hostile.extend(["(", "[", "{1:", "not ", "-", "x(", "x if ", "x|map("].map(|step| often("{{ ", step, "")));
        hostile.extend([
            often("{% set a=[1] %}", "{% set a=[a] %}", "{{ a }}"),
            often("{% set a={} %}", "{% set a={1:a} %}", "{{ a }}{{ {a: 1} }}"),
            often("{% set a=1 %}", "{% set a=dict(a=a) %}", "{{ a }}"),
            often("{% set a=x %}", "{% set a=a|reverse %}", "{{ a }}"),
            often("{% set a=x %}", "{% set a=a+x %}", "{{ a }}"),
            often("{% set a=x %}", "{% set a=a~x %}", "{{ a }}"),
            often("{% set a=x %}", "{% set a=a|batch(1) %}", "{{ a }}"),
            often("", "{% for y in x recursive %}{{ loop([x]) }}", "{% endfor %}"),
            often("", "{% for y in x %}", ""),
            often("", "{% if x %}", ""),
            often("", "{% set a %}", ""),
            often("{% if x %}", "{% elif x %}", "{% endif %}"),
            often("{% if not x %}", "{% elif not x %}", "{% endif %}"),
        ]);
    }

    for deep in &hostile[..2] {
        assert_eq!(
            markdown("t", deep).check_template(&Steps::default()),
            [],
            "it is deep, and allowed"
        );
    }

    // A server's threads have 2 MB, some of it taken by whoever calls.
    let thread = std::thread::Builder::new().stack_size(1_000_000);
    let run = move || {
        for text in hostile {
            // Seen only where this fails.
            eprintln!("{text:.60} of {}", text.len());
            let content = markdown("t", &text);
            content.check_template(&Steps::default());
            content.template_variables(&Steps::default());
            let _ = filled(&text, json!({ "x": [1, [2]] }));
        }
    };
    thread.spawn(run).expect("a thread").join().expect("no panic");
}

#[test]
fn the_texts_of_a_request_share_its_steps() {
    let row = || crate::message::Content::Text {
        content: "{% for a in range(6000) %}{% endfor %}".into(),
    };
    let steps = Steps::new(60_000);
    let told = |_| {
        row()
            .fill_in(&Map::new(), &steps)
            .map_err(|problems| problems[0].message.to_string())
    };

    let ended: Vec<_> = (0..50).map(told).collect();
    let filled = ended.iter().take_while(|ended| ended.is_ok()).count();
    assert!((2..5).contains(&filled), "{filled}");
    assert!(
        ended[49]
            .as_ref()
            .is_err_and(|message| message.contains("of this request")),
        "{ended:?}"
    );
    assert_eq!(steps.left(), 0);

    // What a whole content may take, a request may.
    assert_eq!(row().check_template(&Steps::default()), []);
    let many = Steps::default();
    assert!((0..100).all(|_| row().fill_in(&Map::new(), &many).is_ok()));
    assert!((0..100).any(|_| row().fill_in(&Map::new(), &many).is_err()));
}

#[test]
fn a_content_without_steps_is_told_of_once() {
    let content = markdown("{{ a }}", "{{ b }}");
    let problems = content.fill_in(&Map::new(), &Steps::new(0)).unwrap_err();
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert_eq!(content.check_template(&Steps::new(0)).len(), 1);
    assert!(content.template_variables(&Steps::new(0)).is_empty());
}
