use proptest::prelude::*;
use serde_json::Value;

use super::*;

#[test]
fn text_image_and_file_are_rendered_as_the_fact_sheet_says() {
    assert_eq!(
        Content::Text {
            content: "你好 \"x\"\n".into()
        }
        .render(),
        r#"{"msgtype":"text","text":{"content":"你好 \"x\"\n"}}"#
    );

    assert_eq!(
        Content::Image {
            media_id: "@lAD".into()
        }
        .render(),
        r#"{"msgtype":"image","image":{"media_id":"@lAD"}}"#
    );

    assert_eq!(
        Content::File {
            media_id: "@lAD".into()
        }
        .render(),
        r#"{"msgtype":"file","file":{"media_id":"@lAD"}}"#
    );
}

#[test]
fn a_voices_duration_is_a_string() {
    assert_eq!(
        Content::Voice {
            media_id: "@lAD".into(),
            duration_seconds: 10
        }
        .render(),
        r#"{"msgtype":"voice","voice":{"media_id":"@lAD","duration":"10"}}"#
    );
}

#[test]
fn markdown_keeps_its_line_breaks() {
    assert_eq!(
        Content::Markdown {
            title: "t".into(),
            text: "# a  \nb".into()
        }
        .render(),
        r##"{"msgtype":"markdown","markdown":{"title":"t","text":"# a  \nb"}}"##
    );
}

#[test]
fn only_link_has_camel_case_keys() {
    let link = Content::Link {
        title: "t".into(),
        text: "x".into(),
        message_url: "https://a".into(),
        pic_url: "@p".into(),
    };

    assert_eq!(
        link.render(),
        r#"{"msgtype":"link","link":{"messageUrl":"https://a","picUrl":"@p","title":"t","text":"x"}}"#
    );
}

#[test]
fn oa_is_rendered_whole_and_its_file_count_is_a_string() {
    let whole = Content::Oa {
        message_url: "https://a".into(),
        pc_message_url: Some("https://b".into()),
        head_bgcolor: "FFBBBBBB".into(),
        head_text: "h".into(),
        status_bar: Some(OaStatusBar {
            status_value: "open".into(),
            status_bg: Some("0xFFF65E5E".into()),
        }),
        body: Box::new(OaBody {
            title: Some("t".into()),
            form: vec![OaForm {
                key: "k".into(),
                value: "v".into(),
            }],
            rich: Some(OaRich {
                num: "15.6".into(),
                unit: Some("元".into()),
            }),
            content: Some("c".into()),
            image: Some("@i".into()),
            file_count: Some(3),
            author: Some("a".into()),
        }),
    };

    assert_eq!(
        whole.render(),
        concat!(
            r#"{"msgtype":"oa","oa":{"message_url":"https://a","pc_message_url":"https://b","#,
            r#""head":{"bgcolor":"FFBBBBBB","text":"h"},"status_bar":{"status_value":"open","status_bg":"0xFFF65E5E"},"#,
            r#""body":{"title":"t","form":[{"key":"k","value":"v"}],"rich":{"num":"15.6","unit":"元"},"content":"c","#,
            r#""image":"@i","file_count":"3","author":"a"}}}"#
        )
    );
}

#[test]
fn what_is_not_given_in_an_oa_is_left_out() {
    let bare = Content::Oa {
        message_url: "https://a".into(),
        pc_message_url: Some(String::new()),
        head_bgcolor: "FFBBBBBB".into(),
        head_text: "h".into(),
        status_bar: None,
        body: Box::new(OaBody {
            content: Some("c".into()),
            ..OaBody::default()
        }),
    };

    assert_eq!(
        bare.render(),
        concat!(
            r#"{"msgtype":"oa","oa":{"message_url":"https://a","head":{"bgcolor":"FFBBBBBB","text":"h"},"#,
            r#""body":{"content":"c"}}}"#
        )
    );
}

#[test]
fn an_action_card_has_one_link_or_a_list_of_buttons() {
    let single = Content::ActionCard(ActionCard {
        title: Some("t".into()),
        markdown: "m".into(),
        action: CardAction::Single {
            title: "s".into(),
            url: "https://a".into(),
        },
    });
    assert_eq!(
        single.render(),
        concat!(
            r#"{"msgtype":"action_card","action_card":{"title":"t","markdown":"m","#,
            r#""single_title":"s","single_url":"https://a"}}"#
        )
    );

    let multi = Content::ActionCard(ActionCard {
        title: None,
        markdown: "m".into(),
        action: CardAction::Multi {
            orientation: Orientation::Horizontal,
            buttons: vec![Button {
                title: "b".into(),
                action_url: "https://a".into(),
            }],
        },
    });
    assert_eq!(
        multi.render(),
        concat!(
            r#"{"msgtype":"action_card","action_card":{"markdown":"m","btn_orientation":"1","#,
            r#""btn_json_list":[{"title":"b","action_url":"https://a"}]}}"#
        )
    );
}

proptest! {
    #[test]
    fn any_text_renders_to_valid_json_of_the_same_bytes_and_loses_nothing(title in ".*", text in ".*") {
        let content = Content::Markdown { title: title.clone(), text: text.clone() };
        let rendered = content.render();
        prop_assert_eq!(&rendered, &content.clone().render());
        let value: Value = serde_json::from_str(&rendered).expect("valid JSON");
        prop_assert_eq!(value["markdown"]["title"].as_str(), Some(title.as_str()));
        prop_assert_eq!(value["markdown"]["text"].as_str(), Some(text.as_str()));
    }

    #[test]
    fn a_content_that_was_stored_renders_to_the_same_bytes(markdown in ".*", title in ".*", url in ".*") {
        let content = Content::ActionCard(ActionCard {
            title: Some(title.clone()),
            markdown,
            action: CardAction::Multi {
                orientation: Orientation::Vertical,
                buttons: vec![Button { title, action_url: url }],
            },
        });

        let stored = serde_json::to_string(&content).expect("serialises");
        let read: Content = serde_json::from_str(&stored).expect("reads back");
        prop_assert_eq!(read.render(), content.render());
    }
}
