use proptest::prelude::*;

use super::*;
use crate::message::{ActionCard, Button, CardAction, OaBody, OaForm, OaRich, OaStatusBar, Orientation};

/// The problems as `path code`.
fn problems(content: &Content, recipients: usize) -> Vec<String> {
    content
        .validate(recipients)
        .into_iter()
        .map(|problem| format!("{} {:?}", problem.path.join("."), problem.code))
        .collect()
}

fn text(content: impl Into<String>) -> Content {
    Content::Text {
        content: content.into(),
    }
}

fn oa() -> Content {
    Content::Oa {
        message_url: "https://wiki.example.com/x".into(),
        pc_message_url: None,
        head_bgcolor: "FFBBBBBB".into(),
        head_text: "Wiki".into(),
        status_bar: None,
        body: Box::new(OaBody {
            content: Some("c".into()),
            ..OaBody::default()
        }),
    }
}

fn card(title: &str, markdown: &str, action: CardAction) -> Content {
    Content::ActionCard(ActionCard {
        title: Some(title.into()),
        markdown: markdown.into(),
        action,
    })
}

fn single(title: &str, url: &str) -> CardAction {
    CardAction::Single {
        title: title.into(),
        url: url.into(),
    }
}

fn multi(buttons: Vec<(&str, &str)>) -> CardAction {
    CardAction::Multi {
        orientation: Orientation::Vertical,
        buttons: buttons
            .into_iter()
            .map(|(t, u)| Button {
                title: t.into(),
                action_url: u.into(),
            })
            .collect(),
    }
}

#[test]
fn a_good_message_of_each_type_has_no_problem() {
    let media = || "@lADPDeC2uRkl3QrNAkDNAkA".to_owned();
    let good = [
        text("hi"),
        Content::Markdown {
            title: "t".into(),
            text: "a  \nb".into(),
        },
        Content::Link {
            title: "t".into(),
            text: "x".into(),
            message_url: "eapp://page?x=1".into(),
            pic_url: media(),
        },
        oa(),
        card(
            "t",
            "m",
            single(
                "Open",
                "dingtalk://dingtalkclient/page/link?url=https%3A%2F%2Fa&pc_slide=true",
            ),
        ),
        card("t", "m", multi(vec![("Yes", "https://a.b/y"), ("No", "https://a.b/n")])),
        Content::Image { media_id: media() },
        Content::Voice {
            media_id: media(),
            duration_seconds: 59,
        },
        Content::File { media_id: media() },
    ];

    for content in good {
        assert_eq!(problems(&content, 1_000), Vec::<String>::new(), "{content:?}");
    }
}

#[test]
fn text_must_not_be_empty_or_too_long() {
    assert_eq!(problems(&text(" \n"), 1), ["text.content Required"]);
    assert_eq!(
        problems(&text("a".repeat(5_001)), 1),
        ["text.content TooLong", " TooLong"]
    );
    assert_eq!(problems(&text("a\u{0}b"), 1), ["text.content Invalid"]);
}

#[test]
fn the_rendered_message_has_at_most_2048_bytes_and_the_message_tells_the_size() {
    let frame = text("").render().len();
    assert!(text("a".repeat(2_048 - frame)).validate(1).is_empty());

    let over = text("汉".repeat((2_048 - frame) / 3 + 1)).validate(1);
    assert_eq!(over.len(), 1);
    assert!(over[0].path.is_empty() && over[0].code == ProblemCode::TooLong);
    assert!(
        over[0].message.contains("2048") && over[0].message.contains("bytes"),
        "{}",
        over[0].message
    );
}

#[test]
fn a_markdown_title_has_at_most_64_characters() {
    let of = |title: &str| Content::Markdown {
        title: title.into(),
        text: "t".into(),
    };
    assert!(of(&"题".repeat(64)).validate(1).is_empty());
    assert_eq!(problems(&of(&"题".repeat(65)), 1), ["markdown.title TooLong"]);
}

#[test]
fn markdown_needs_a_title_and_a_text() {
    let content = Content::Markdown {
        title: String::new(),
        text: String::new(),
    };
    assert_eq!(
        problems(&content, 1),
        ["markdown.title Required", "markdown.text Required"]
    );
}

#[test]
fn a_links_picture_is_a_media_id_and_its_url_a_url() {
    let content = Content::Link {
        title: "t".repeat(101),
        text: "x".into(),
        message_url: "javascript:alert(1)".into(),
        pic_url: "https://a/b.png".into(),
    };

    assert_eq!(
        problems(&content, 1),
        ["link.title TooLong", "link.messageUrl Invalid", "link.picUrl Invalid"]
    );
}

#[test]
fn media_ids_begin_with_an_at_or_a_dollar_sign_and_a_voice_lasts_1_to_59_seconds() {
    for media_id in ["@lADPDe7s", "$iAEKAqNqcGc"] {
        let media_id = media_id.to_owned();
        assert!(problems(&Content::Image { media_id }, 1).is_empty());
    }

    assert_eq!(
        problems(&Content::Image { media_id: "lAD".into() }, 1),
        ["image.mediaId Invalid"]
    );
    assert_eq!(
        problems(&Content::Image { media_id: "@".into() }, 1),
        ["image.mediaId Invalid"]
    );
    assert_eq!(
        problems(
            &Content::File {
                media_id: String::new()
            },
            1
        ),
        ["file.mediaId Required"]
    );

    for duration_seconds in [i32::MIN, -1, 0, 60, 255, 286, i32::MAX] {
        let voice = Content::Voice {
            media_id: "@x".into(),
            duration_seconds,
        };
        assert_eq!(problems(&voice, 1), ["voice.durationSeconds Invalid"]);
    }
}

#[test]
fn every_part_of_an_oa_is_checked() {
    let content = Content::Oa {
        message_url: "wiki/page".into(),
        pc_message_url: Some("https://a b".into()),
        head_bgcolor: "0xFFBBBBBB".into(),
        head_text: String::new(),
        status_bar: Some(OaStatusBar {
            status_value: String::new(),
            status_bg: Some("FFF65E5E".into()),
        }),
        body: Box::new(OaBody {
            form: vec![
                OaForm {
                    key: "k".into(),
                    value: String::new(),
                },
                OaForm {
                    key: String::new(),
                    value: String::new(),
                },
            ],
            rich: Some(OaRich {
                num: String::new(),
                unit: None,
            }),
            image: Some("i.png".into()),
            ..OaBody::default()
        }),
    };

    assert_eq!(
        problems(&content, 6),
        [
            "oa.messageUrl Invalid",
            "oa.pcMessageUrl Invalid",
            "oa.headBgcolor Invalid",
            "oa.headText Required",
            "oa.statusBar Invalid",
            "oa.statusBar.statusValue Required",
            "oa.statusBar.statusBg Invalid",
            "oa.body.form.1 Required",
            "oa.body.rich.num Required",
            "oa.body.image Invalid",
        ]
    );
}

#[test]
fn an_oa_has_a_body_and_a_status_bar_only_for_five_people() {
    let mut content = oa();
    if let Content::Oa { status_bar, body, .. } = &mut content {
        *status_bar = Some(OaStatusBar {
            status_value: "open".into(),
            status_bg: None,
        });
        **body = OaBody::default();
    }

    assert_eq!(problems(&content, 5), ["oa.body Required"]);
    assert_eq!(problems(&content, 6), ["oa.statusBar Invalid", "oa.body Required"]);
}

#[test]
fn an_action_cards_limits_are_those_of_error_34016() {
    let long_url = format!("https://a.b/{}", "x".repeat(489));
    assert_eq!(long_url.len(), 501);
    assert_eq!(
        problems(&card(&"t".repeat(65), "", single(&"s".repeat(21), &long_url)), 1),
        [
            "actionCard.title TooLong",
            "actionCard.markdown Required",
            "actionCard.single.title TooLong",
            "actionCard.single.url TooLong",
        ]
    );

    assert_eq!(
        problems(&card("t", "m", multi(vec![])), 1),
        ["actionCard.multi.buttons Required"]
    );

    let bad = multi(vec![("ok", "https://a.b/c"), ("", "nowhere")]);
    assert_eq!(
        problems(&card("t", "m", bad), 1),
        [
            "actionCard.multi.buttons.1.title Required",
            "actionCard.multi.buttons.1.actionUrl Invalid"
        ]
    );

    let url = format!("https://a.b/{}", "x".repeat(450));
    let many = multi(vec![("a", &url), ("b", &url), ("c", &url)]);
    assert_eq!(problems(&card("t", "m", many), 1), ["actionCard.multi.buttons TooLong"]);
}

#[test]
fn a_problem_names_its_field_and_the_remedy() {
    let problem = &Content::Image { media_id: "x".into() }.validate(1)[0];
    assert!(
        problem
            .message
            .to_string()
            .starts_with("image.mediaId must be a media id"),
        "{}",
        problem.message
    );
}

proptest! {
    #[test]
    fn no_input_makes_the_check_panic(a in ".*", b in ".*", c in ".*", recipients in 0_usize..2_000) {
        for content in [
            text(a.clone()),
            Content::Link { title: a.clone(), text: b.clone(), message_url: c.clone(), pic_url: a.clone() },
            card(&a, &b, single(&c, &a)),
            card(&a, &b, multi(vec![(&a, &c)])),
        ] {
            let found = content.validate(recipients);
            prop_assert!(found.iter().all(|problem| !problem.message.to_string().is_empty()));
        }
    }
}
