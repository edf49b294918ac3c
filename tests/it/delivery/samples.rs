//! One content of each kind.

use dingmirror::message::{ActionCard, Button, CardAction, Content, OaBody, OaForm, OaRich, OaStatusBar, Orientation};

/// A content of each type, action cards of both kinds.
pub fn one_of_each() -> Vec<Content> {
    let media = || "@lADPDeC2uRkl3QrNAkDNAkA".to_owned();
    let url = || "https://wiki.example.com/x".to_owned();
    let card = |action| {
        Content::ActionCard(ActionCard {
            title: Some("t".into()),
            markdown: "# m".into(),
            action,
        })
    };

    vec![
        Content::Text { content: "hi".into() },
        Content::Markdown {
            title: "t".into(),
            text: "a  \nb".into(),
        },
        Content::Link {
            title: "t".into(),
            text: "x".into(),
            message_url: url(),
            pic_url: media(),
        },
        Content::Oa {
            message_url: url(),
            pc_message_url: Some(url()),
            head_bgcolor: "FFBBBBBB".into(),
            head_text: "Wiki".into(),
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
                image: Some(media()),
                file_count: Some(3),
                author: Some("a".into()),
            }),
        },
        card(CardAction::Single {
            title: "Open".into(),
            url: url(),
        }),
        card(CardAction::Multi {
            orientation: Orientation::Horizontal,
            buttons: vec![
                Button {
                    title: "Yes".into(),
                    action_url: url(),
                },
                Button {
                    title: "No".into(),
                    action_url: url(),
                },
            ],
        }),
        Content::Image { media_id: media() },
        Content::Voice {
            media_id: media(),
            duration_seconds: 10,
        },
        Content::File { media_id: media() },
    ]
}
