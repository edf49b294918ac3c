//! A content in the form of the input that makes it, so that what is read can be given back.

use serde_json::{Value, json};

use crate::message::{ActionCard, CardAction, Content};

/// The `MessageContentInput` that gives `content`.
pub(crate) fn as_input(content: &Content) -> Value {
    match content {
        Content::Text { content } => json!({ "text": { "content": content } }),
        Content::Markdown { title, text } => json!({ "markdown": { "title": title, "text": text } }),
        Content::Link {
            title,
            text,
            message_url,
            pic_url,
        } => json!({ "link": { "title": title, "text": text, "messageUrl": message_url, "picUrl": pic_url } }),
        Content::Oa {
            message_url,
            pc_message_url,
            head_bgcolor,
            head_text,
            status_bar,
            body,
        } => json!({ "oa": {
            "messageUrl": message_url,
            "pcMessageUrl": pc_message_url,
            "headBgcolor": head_bgcolor,
            "headText": head_text,
            "statusBar": status_bar.as_ref().map(|bar| json!({ "statusValue": bar.status_value, "statusBg": bar.status_bg })),
            "body": {
                "title": body.title,
                "form": body.form.iter().map(|row| json!({ "key": row.key, "value": row.value })).collect::<Vec<_>>(),
                "rich": body.rich.as_ref().map(|rich| json!({ "num": rich.num, "unit": rich.unit })),
                "content": body.content,
                "image": body.image,
                "fileCount": body.file_count,
                "author": body.author,
            },
        } }),
        Content::ActionCard(card) => json!({ "actionCard": card_input(card) }),
        Content::Image { media_id } => json!({ "image": { "mediaId": media_id } }),
        Content::Voice {
            media_id,
            duration_seconds,
        } => json!({ "voice": { "mediaId": media_id, "durationSeconds": duration_seconds } }),
        Content::File { media_id } => json!({ "file": { "mediaId": media_id } }),
    }
}

fn card_input(card: &ActionCard) -> Value {
    let mut input = json!({ "title": card.title, "markdown": card.markdown });
    let (kind, action) = match &card.action {
        CardAction::Single { title, url } => ("single", json!({ "title": title, "url": url })),
        CardAction::Multi { orientation, buttons } => {
            let buttons = buttons.iter();
            let buttons = buttons.map(|button| json!({ "title": button.title, "actionUrl": button.action_url }));
            let multi = json!({ "orientation": orientation, "buttons": buttons.collect::<Vec<_>>() });
            ("multi", multi)
        }
    };

    input[kind] = action;
    input
}
