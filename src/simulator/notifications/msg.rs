//! What a message may look like.

use serde_json::{Map, Value};

use crate::simulator::wire::Refusal;

/// The whole message as JSON, in bytes.
const LARGEST: usize = 2_048;

/// Checks a message as the documentation describes it. Sizes in bytes for the whole, in characters for the parts.
pub(crate) fn validate(msg: &Map<String, Value>) -> Result<(), Refusal> {
    let size = serde_json::to_string(msg).map_or(usize::MAX, |text| text.len());
    if size > LARGEST {
        return Err(Refusal::business(
            45_002,
            format!("消息内容超过限制: {size} > {LARGEST}"),
        ));
    }

    let Some(Value::String(msgtype)) = msg.get("msgtype") else {
        return Err(Refusal::business(34_004, "不合法的msgtype"));
    };
    let empty = match msgtype.as_str() {
        "image" => 34_008,
        "link" => 34_009,
        "file" => 34_010,
        "voice" => 34_011,
        "text" | "oa" | "markdown" | "action_card" => 34_014,
        _ => return Err(Refusal::business(34_004, "不合法的msgtype")),
    };

    let body = msg.get(msgtype).and_then(Value::as_object);
    let body = MsgBody(body.ok_or_else(|| Refusal::business(empty, format!("{msgtype}消息内容为空")))?);
    match msgtype.as_str() {
        "text" => body
            .required("content")
            .and_then(|text| at_most("content", text, 5_000)),
        "image" | "file" => body.media("media_id"),
        "voice" => body.media("media_id").and_then(|()| body.duration()),
        "link" => ["messageUrl", "picUrl", "title", "text"]
            .into_iter()
            .try_for_each(|n| body.required(n).map(drop)),
        "markdown" => {
            body.required("title").and_then(|text| at_most("title", text, 64))?;
            body.required("text").and_then(|text| at_most("markdown", text, 5_000))
        }
        "action_card" => body.action_card(),
        _ => body.oa(),
    }
}

fn malformed(name: &str) -> Refusal {
    Refusal::business(34_014, format!("会话消息的json结构无效或不完整: {name}"))
}

fn at_most(name: &str, text: &str, limit: usize) -> Result<(), Refusal> {
    match text.chars().count() > limit {
        true => Err(Refusal::business(34_016, format!("会话消息的内容超长: {name}>{limit}"))),
        false => Ok(()),
    }
}

/// What stands under the name of the `msgtype`.
struct MsgBody<'a>(&'a Map<String, Value>);

impl<'a> MsgBody<'a> {
    fn optional(&self, name: &str) -> Result<Option<&'a str>, Refusal> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(malformed(name)),
        }
    }

    fn required(&self, name: &str) -> Result<&'a str, Refusal> {
        self.optional(name)?
            .filter(|text| !text.is_empty())
            .ok_or_else(|| malformed(name))
    }

    fn object(&self, name: &str) -> Result<MsgBody<'a>, Refusal> {
        self.0
            .get(name)
            .and_then(Value::as_object)
            .map(MsgBody)
            .ok_or_else(|| malformed(name))
    }

    fn media(&self, name: &str) -> Result<(), Refusal> {
        match self.required(name)?.starts_with(['@', '$']) {
            true => Ok(()),
            false => Err(Refusal::business(40_007, "不合法的媒体文件id")),
        }
    }

    /// A text of a number of seconds, below 60.
    fn duration(&self) -> Result<(), Refusal> {
        let seconds = self.required("duration")?.parse::<u32>();
        seconds
            .ok()
            .filter(|seconds| (1..60).contains(seconds))
            .map(drop)
            .ok_or_else(|| malformed("duration"))
    }

    fn action_card(&self) -> Result<(), Refusal> {
        at_most("markdown", self.required("markdown")?, 5_000)?;
        at_most("title", self.optional("title")?.unwrap_or_default(), 64)?;
        let (title, url) = (self.optional("single_title")?, self.optional("single_url")?);
        at_most("single_title", title.unwrap_or_default(), 20)?;
        at_most("single_url", url.unwrap_or_default(), 500)?;

        let (orientation, buttons) = (self.optional("btn_orientation")?, self.0.get("btn_json_list"));
        match (title, url, orientation, buttons) {
            (Some(_), Some(_), None, None) => Ok(()),
            (None, None, Some("0" | "1"), Some(Value::Array(buttons))) if !buttons.is_empty() => {
                let size = serde_json::to_string(buttons).map_or(usize::MAX, |text| text.chars().count());
                if size > 1_000 {
                    return Err(Refusal::business(34_016, "会话消息的内容超长: btn_json_list>1000"));
                }
                buttons.iter().try_for_each(|button| {
                    let button = MsgBody(button.as_object().ok_or_else(|| malformed("btn_json_list"))?);
                    at_most("title", button.required("title")?, 20)?;
                    at_most("action_url", button.required("action_url")?, 700)
                })
            }
            _ => Err(malformed("single_title/single_url, btn_orientation/btn_json_list")),
        }
    }

    fn oa(&self) -> Result<(), Refusal> {
        self.required("message_url")?;
        let head = self.object("head")?;
        let colour = head.required("bgcolor")?;
        if colour.len() != 8 || !colour.chars().all(|c| c.is_ascii_hexdigit()) {
            return Err(malformed("head.bgcolor"));
        }
        head.required("text")?;

        let body = self.object("body")?;
        body.optional("title")?;
        body.optional("content")?;
        body.optional("author")?;
        // A text, although it holds a number.
        body.optional("file_count")?;
        if body.0.contains_key("image") {
            body.media("image")?;
        }

        match body.0.get("form") {
            None => Ok(()),
            Some(Value::Array(rows)) if rows.iter().all(Value::is_object) => Ok(()),
            Some(_) => Err(malformed("body.form")),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::simulator::wire::fields;

    fn code(msg: Value) -> i64 {
        match validate(&fields(msg)) {
            Ok(()) => 0,
            Err(Refusal::Business { code, .. }) => code,
            Err(other) => panic!("{other:?}"),
        }
    }

    #[test]
    fn every_type_is_accepted_in_its_documented_form() {
        for msg in [
            json!({"msgtype": "text", "text": {"content": "hi"}}),
            json!({"msgtype": "image", "image": {"media_id": "@a"}}),
            json!({"msgtype": "voice", "voice": {"media_id": "@a", "duration": "10"}}),
            json!({"msgtype": "file", "file": {"media_id": "@a"}}),
            json!({"msgtype": "link", "link": {"messageUrl": "u", "picUrl": "@p", "title": "t", "text": "x"}}),
            json!({"msgtype": "markdown", "markdown": {"title": "t", "text": "x"}}),
            json!({"msgtype": "oa", "oa": {"message_url": "u", "head": {"bgcolor": "FFBBBBBB", "text": "t"},
                "body": {"title": "t", "form": [{"key": "k", "value": "v"}]}}}),
            json!({"msgtype": "action_card", "action_card": {"title": "t", "markdown": "x", "single_title": "s", "single_url": "u"}}),
            json!({"msgtype": "action_card", "action_card": {"title": "t", "markdown": "x", "btn_orientation": "1",
                "btn_json_list": [{"title": "b", "action_url": "u"}]}}),
        ] {
            assert_eq!(code(msg.clone()), 0, "{msg}");
        }
    }

    #[test]
    fn what_is_wrong_gives_its_own_code() {
        assert_eq!(code(json!({"msgtype": "fax", "fax": {}})), 34_004);
        assert_eq!(code(json!({"msgtype": "image"})), 34_008);
        assert_eq!(code(json!({"msgtype": "link"})), 34_009);
        assert_eq!(code(json!({"msgtype": "text", "text": {"content": ""}})), 34_014);
        assert_eq!(code(json!({"msgtype": "image", "image": {"media_id": "a"}})), 40_007);
        assert_eq!(
            code(json!({"msgtype": "markdown", "markdown": {"title": "t".repeat(65), "text": "x"}})),
            34_016
        );
        assert_eq!(
            code(json!({"msgtype": "text", "text": {"content": "字".repeat(700)}})),
            45_002
        );
        assert_eq!(
            code(json!({"msgtype": "voice", "voice": {"media_id": "@a", "duration": "60"}})),
            34_014
        );

        let half =
            json!({"msgtype": "action_card", "action_card": {"title": "t", "markdown": "x", "single_title": "s"}});
        assert_eq!(code(half), 34_014);
    }
}
