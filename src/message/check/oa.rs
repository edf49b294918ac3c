//! `oa`.

use super::{Checker, MAX_TEXT};
use crate::{
    catalogue::content as said,
    message::content::{Content, OaBody, OaStatusBar},
    problem::ProblemCode,
};

/// DingTalk takes a status bar only with so many `userid`s.
pub(super) const MAX_STATUS_BAR_RECIPIENTS: u32 = 5;

pub(super) fn check(content: &Content, recipients: usize, check: &mut Checker) {
    let Content::Oa {
        message_url,
        pc_message_url,
        head_bgcolor,
        head_text,
        status_bar,
        body,
    } = content
    else {
        return;
    };

    check.url(&["oa", "messageUrl"], message_url, None);
    if let Some(url) = pc_message_url.as_deref().filter(|url| !url.is_empty()) {
        check.url(&["oa", "pcMessageUrl"], url, None);
    }

    if !is_hex8(head_bgcolor) {
        let field = "oa.headBgcolor";
        check.report(
            &["oa", "headBgcolor"],
            ProblemCode::Invalid,
            said::COLOUR_FORM { field },
        );
    }
    check.line(&["oa", "headText"], head_text, MAX_TEXT);

    if let Some(bar) = status_bar {
        check_status_bar(bar, recipients, check);
    }
    check_body(body, check);
}

fn check_status_bar(bar: &OaStatusBar, recipients: usize, check: &mut Checker) {
    if recipients > MAX_STATUS_BAR_RECIPIENTS as usize {
        let what = said::STATUS_BAR_RECIPIENTS {
            field: "oa.statusBar",
            most: MAX_STATUS_BAR_RECIPIENTS,
            count: recipients,
        };
        check.report(&["oa", "statusBar"], ProblemCode::Invalid, what);
    }

    check.line(&["oa", "statusBar", "statusValue"], &bar.status_value, MAX_TEXT);
    if let Some(colour) = bar.status_bg.as_deref().filter(|colour| !colour.is_empty())
        && !colour.strip_prefix("0x").is_some_and(is_hex8)
    {
        let path = ["oa", "statusBar", "statusBg"];
        let field = path.join(".");
        check.report(&path, ProblemCode::Invalid, said::STATUS_COLOUR_FORM { field });
    }
}

fn check_body(body: &OaBody, check: &mut Checker) {
    let texts = [
        ("title", &body.title),
        ("content", &body.content),
        ("author", &body.author),
    ];
    for (name, text) in texts {
        if let Some(text) = text {
            check.plain(&["oa", "body", name], text, MAX_TEXT);
        }
    }

    for (index, row) in body.form.iter().enumerate() {
        let index = index.to_string();
        if row.key.is_empty() && row.value.is_empty() {
            let path = ["oa", "body", "form", &index];
            let field = path.join(".");
            check.report(&path, ProblemCode::Required, said::FORM_ROW_EMPTY { field });
        }
        check.plain(&["oa", "body", "form", &index, "key"], &row.key, MAX_TEXT);
        check.plain(&["oa", "body", "form", &index, "value"], &row.value, MAX_TEXT);
    }

    if let Some(rich) = &body.rich {
        check.line(&["oa", "body", "rich", "num"], &rich.num, MAX_TEXT);
        if let Some(unit) = &rich.unit {
            check.plain(&["oa", "body", "rich", "unit"], unit, MAX_TEXT);
        }
    }
    let image = body.image.as_deref().filter(|image| !image.is_empty());
    if let Some(image) = image {
        check.media_id(&["oa", "body", "image"], image);
    }

    let has_text = texts
        .iter()
        .any(|(_, text)| text.as_ref().is_some_and(|text| !text.is_empty()));
    if !has_text && body.form.is_empty() && body.rich.is_none() && image.is_none() && body.file_count.is_none() {
        let field = "oa.body";
        check.report(&["oa", "body"], ProblemCode::Required, said::BODY_EMPTY { field });
    }
}

fn is_hex8(text: &str) -> bool {
    text.len() == 8 && text.bytes().all(|b| b.is_ascii_hexdigit())
}
