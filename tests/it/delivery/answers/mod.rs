//! What this program makes of each of DingTalk's codes on each call, as a table in `docs/`: made by asking, not by
//! hand.
//!
//! The test compares; with `DINGMIRROR_WRITE_DOCS=1` it writes the file anew.

mod calls;
mod sends;

use std::{fmt::Write, path::Path};

/// Codes that nobody knows: numbers of all sizes, and words.
pub const UNKNOWN: [&str; 10] = [
    "3",
    "77",
    "999",
    "34999",
    "60999",
    "88888",
    "90015",
    "143999",
    "987654",
    "some.new.word",
];

const INTRODUCTION: &str = "\
# What this program makes of DingTalk's answers

Made by `delivery::answers` of the tests, and checked by it; `DINGMIRROR_WRITE_DOCS=1` writes it anew. What the codes mean and where
that is known from: [dingtalk-codes.md](dingtalk-codes.md). The ten codes at the end of each table are known to nobody.

## What follows from the class

| class | a read: the record | a send: who is in the call | sending as a whole | a question about a send | a recall | metered calls |
|---|---|---|---|---|---|---|
| Transient | asked again, at last an entry error; never gone | `UNKNOWN`, never sent again unless the message says so; QUEUED where no connection was made, or no token was to be had | goes on | asked again in the next round | asked again | one for a send, up to 4 for a read |
| Throttled | waits | QUEUED, again after the rest | rests as long as DingTalk asks | rests | asked again | as many as it takes; throttled ones aren't counted by DingTalk |
| NextDay | ends the run | QUEUED until the next day in Beijing | goes on; stops after 3 different messages in a row | rests | asked again | one |
| Banned | waits for the end of the ban; unread where it meets the page again although others are answered | QUEUED | rests for five minutes | rests | asked again | none during the ban |
| Token | asked again where anything was answered, else ends the run | QUEUED | stops, looks again after 1 min | rests, longer each time, until the settings change | asked again | one with each of two tokens |
| Application | unread where the same API answers about others, else ends the run | QUEUED | stops, looks again after 10 min, after a change of the settings, and by `resumeDelivery` | rests, longer each time, until the settings change | asked again | one |
| Scope | unread, out of scope | split in halves until the one is alone: INVALID; the others get it | goes on; stops after 20 calls in a row, of 5 different messages | as Request | asked again | two for each halving |
| Gone | evidence of absence | as Scope | as Scope | as Request | asked again | as Scope |
| Recipient | unread | as Scope; FAILED where the person refuses messages | as Scope | as Request | asked again | as Scope |
| Content | unread | FAILED | goes on | never asked again | asked again | one |
| Request | unread; where the first 30 of a kind meet it, the run ends | FAILED | goes on; stops after 5 different messages in a row | asked later; after 3 sends in a row it rests | asked again | one |
| Unknown | asked once more, then unread, never gone; where the first 30 of a kind meet it, the run ends | FAILED | goes on; stops after 3 different messages in a row | as Request | asked again | one |
| Undecodable | asked again twice, then unread | `UNKNOWN` | goes on | asked later | asked again | up to 3 for a read |

An event whose record could not be read is asked again: ten times where DingTalk answered, and for a week where it did not. A recall is asked again for 24 hours.
";

#[tokio::test(flavor = "multi_thread")]
async fn the_table_of_answers_is_what_happens() {
    let (mut asked, mut carried_out) = (String::new(), String::new());
    tokio::join!(calls::write(&mut asked), sends::write(&mut carried_out));
    let text = [INTRODUCTION, &asked, &carried_out].concat();

    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/dingtalk-answers.md");
    if std::env::var_os("DINGMIRROR_WRITE_DOCS").is_some() {
        std::fs::write(&path, &text).unwrap();
        return;
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    let differs = text.lines().zip(kept.lines()).find(|(made, kept)| made != kept);
    assert!(
        text == kept,
        "docs/dingtalk-answers.md is out of date (DINGMIRROR_WRITE_DOCS=1 writes it anew); first: {differs:#?}"
    );
}

/// A row of a table.
fn row(text: &mut String, cells: &[&str]) {
    let cells: Vec<String> = cells.iter().map(|cell| cell.replace('|', "\\|")).collect();
    writeln!(text, "| {} |", cells.join(" | ")).unwrap();
}

fn head(text: &mut String, cells: &[&str]) {
    row(text, cells);
    writeln!(text, "|{}", "---|".repeat(cells.len())).unwrap();
}

/// DingTalk's answer with `code`, in the form that the code has or wrapped as a gateway does.
fn answer(code: &str, wrapped: bool) -> serde_json::Value {
    use serde_json::json;
    let words = "DingTalk's words";
    match code.parse::<i64>() {
        Ok(number) if !wrapped => json!({ "errcode": number, "errmsg": words }),
        Err(_) if !wrapped => json!({ "code": code, "message": words }),
        _ => json!({ "errcode": 88, "sub_code": code, "sub_msg": words, "errmsg": "ding talk error" }),
    }
}
