use proptest::prelude::*;
use url::Url;

use super::*;
use crate::message::{ActionCard, Button, CardAction, Orientation, link_target::dingtalk_link};

fn markdown(text: &str) -> Content {
    Content::Markdown {
        title: "https://a.example".into(),
        text: text.into(),
    }
}

fn rewritten(text: &str) -> String {
    markdown_links::rewrite(text, LinkTarget::Sidebar)
}

const A: &str = "dingtalk://dingtalkclient/page/link?url=https%3A%2F%2Fa.example%2Fx&pc_slide=true";

#[test]
fn a_link_says_where_it_opens_and_carries_the_whole_address() {
    assert_eq!(dingtalk_link("https://a.example/x", true), A);
    assert_eq!(
        dingtalk_link("http://a.example/?q=a b+c&d=页#e", false),
        "dingtalk://dingtalkclient/page/link?url=http%3A%2F%2Fa.example%2F%3Fq%3Da%20b%2Bc%26d%3D%E9%A1%B5%23e&pc_slide=false"
    );
}

#[test]
fn the_browsers_link_for_phones_too_carries_one_for_each() {
    let url = "https://a.example/页?q=a b&c=1";
    let made = Url::parse(&LinkTarget::BrowserEverywhere.around(url)).expect("a URL");
    assert!(
        made.as_str()
            .starts_with("dingtalk://dingtalkclient/action/open_platform_link?"),
        "{made}"
    );

    let links: Vec<_> = made.query_pairs().into_owned().collect();
    let names: Vec<_> = links.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["pcLink", "mobileLink"]);
    assert_eq!(links[0].1, dingtalk_link(url, false));

    let phone = Url::parse(&links[1].1).expect("a URL");
    assert!(
        phone.as_str().starts_with("dingtalk://dingtalkclient/action/jump?"),
        "{phone}"
    );
    let carried: Vec<_> = phone.query_pairs().into_owned().collect();
    assert_eq!(carried, [("url".to_owned(), url.to_owned())]);

    // It is fit for Markdown's brackets as it is.
    let Content::Markdown { text, .. } =
        markdown("[x](https://a.example/x)").open_links_in(LinkTarget::BrowserEverywhere)
    else {
        panic!("the type stays");
    };
    assert_eq!(
        text,
        format!("[x]({})", LinkTarget::BrowserEverywhere.around("https://a.example/x"))
    );
}

#[test]
fn links_of_markdown_are_rewritten_and_nothing_else() {
    for (given, expected) in [
        ("see [x](https://a.example/x).", format!("see [x]({A}).")),
        ("[x](https://a.example/x \"t\")", format!("[x]({A} \"t\")")),
        ("[x](<https://a.example/x>)", format!("[x](<{A}>)")),
        (
            "[a](https://a.example/x)[b](https://a.example/x)",
            format!("[a]({A})[b]({A})"),
        ),
        (
            "[![p](https://a.example/x)](https://a.example/x)",
            format!("[![p](https://a.example/x)]({A})"),
        ),
        ("[[1] x](https://a.example/x)", format!("[[1] x]({A})")),
        ("页[页](https://a.example/x)页", format!("页[页]({A})页")),
    ] {
        assert_eq!(rewritten(given), expected, "{given}");
    }

    for same in [
        "https://a.example/x",
        "<https://a.example/x>",
        "![p](https://a.example/x)",
        "`[x](https://a.example/x)`",
        "``[x](https://a.example/x)` ``",
        "\\[x](https://a.example/x)",
        "[x](mailto:a@a.example)",
        "[x](dingtalk://dingtalkclient/page/link?url=https%3A%2F%2Fa.example&pc_slide=false)",
        "[x](eapp://page?x=1)",
        "[x] (https://a.example/x)",
        "[x](https://a.example/x",
        "[x](https://a.example/x \"t)",
        "[x](https://)",
        "](https://a.example/x)",
        "[x](",
        "[x](<",
        "\\",
        "`",
    ] {
        assert_eq!(rewritten(same), same);
    }

    assert!(rewritten("[x](https://a.example/x_(y))").ends_with("x_%28y%29&pc_slide=true)"));
}

#[test]
fn link_fields_are_rewritten_and_titles_are_not() {
    let card = Content::ActionCard(ActionCard {
        title: Some("https://a.example/x".into()),
        markdown: "[x](https://a.example/x)".into(),
        action: CardAction::Multi {
            orientation: Orientation::Vertical,
            buttons: vec![
                Button {
                    title: "[x](https://a.example/x)".into(),
                    action_url: "https://a.example/x".into(),
                },
                Button {
                    title: "t".into(),
                    action_url: "eapp://page".into(),
                },
            ],
        },
    });

    let Content::ActionCard(card) = card.open_links_in(LinkTarget::Sidebar) else {
        panic!("the type stays");
    };
    assert_eq!(card.title.as_deref(), Some("https://a.example/x"));
    assert_eq!(card.markdown, format!("[x]({A})"));

    let CardAction::Multi { buttons, .. } = card.action else {
        panic!("the kind stays");
    };
    assert_eq!(
        (buttons[0].title.as_str(), buttons[0].action_url.as_str()),
        ("[x](https://a.example/x)", A)
    );
    assert_eq!(buttons[1].action_url, "eapp://page");
}

#[test]
fn a_link_that_grew_too_long_is_found_by_the_check_afterwards() {
    let url = format!("https://a.example/{}", "x".repeat(440));
    let card = Content::ActionCard(ActionCard {
        title: None,
        markdown: "m".into(),
        action: CardAction::Single {
            title: "Open".into(),
            url,
        },
    });

    assert!(card.validate(1).is_empty());
    let problems = card.open_links_in(LinkTarget::Browser).validate(1);
    assert_eq!(problems[0].path, ["actionCard", "single", "url"]);
}

/// A megabyte of brackets without an end would be looked through for minutes: a rewritten link at its end tells that it
/// was.
#[test]
fn a_text_that_is_longer_than_a_message_may_be_is_left_alone_and_refused() {
    let link = "[x](https://a.example/x)";
    for piece in ["[](", "[](<", "[](x \"", "`", "``x", "[x](https://a.example/x)"] {
        let endless = piece.repeat(1_048_576 / piece.len());
        let given = markdown(&format!("{link}{endless}"));
        let same = given.clone().open_links_in(LinkTarget::Sidebar);
        assert_eq!(same, given, "{piece}");
        assert!(!same.validate(1).is_empty(), "{piece}");
    }

    let long = format!("https://a.example/{}", "x".repeat(MAX_BYTES));
    let given = Content::Link {
        title: "t".into(),
        text: "t".into(),
        message_url: long,
        pic_url: "@x".into(),
    };
    assert_eq!(given.clone().open_links_in(LinkTarget::Sidebar), given);
}

#[test]
fn a_text_as_long_as_a_message_is_still_rewritten() {
    let link = "[x](https://a.example/x)";
    let text = format!("{link}{}", "页".repeat((MAX_BYTES - link.len()) / 3));
    let Content::Markdown { text, .. } = markdown(&text).open_links_in(LinkTarget::Sidebar) else {
        panic!("the type stays");
    };
    assert!(text.starts_with(&format!("[x]({A})页")));
}

proptest! {
    #[test]
    fn rewriting_twice_is_rewriting_once(
        text in r"([\[\]()!<>`\\ \n\x22'a页]|https?://a\.b/|\[x\]\(https://a\.b/c\)|dingtalk://c/){0,24}",
        first in prop::sample::select(vec![LinkTarget::Sidebar, LinkTarget::Browser, LinkTarget::BrowserEverywhere]),
        second in prop::sample::select(vec![LinkTarget::AsGiven, LinkTarget::Sidebar, LinkTarget::Browser]),
    ) {
        let once = markdown(&text).open_links_in(first);
        prop_assert_eq!(once.clone().open_links_in(second), once);
    }

    #[test]
    fn as_given_changes_nothing(text in any::<String>(), url in any::<String>()) {
        let link = Content::Link { title: text.clone(), text: text.clone(), message_url: url, pic_url: "@x".into() };
        for content in [markdown(&text), link] {
            prop_assert_eq!(content.clone().open_links_in(LinkTarget::AsGiven), content);
        }
    }

    #[test]
    fn the_address_comes_back_out_of_the_link(path in "[ -~页]{0,40}") {
        let url = format!("https://a.example/{path}");
        let made = Url::parse(&dingtalk_link(&url, true)).expect("a URL");
        let carried: Vec<_> = made.query_pairs().into_owned().collect();
        prop_assert_eq!(carried, [("url".to_owned(), url), ("pc_slide".to_owned(), "true".to_owned())]);
    }
}
