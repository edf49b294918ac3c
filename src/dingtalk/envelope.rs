//! Is it an answer at all? DingTalk says 200 to nearly everything; the truth is in the body, if the body is JSON.

use serde_json::Value;

use super::{
    codes::{self, Meaning},
    error::ErrorKind,
    failure::AttemptFailure,
    fields::{self, Object},
    lenient,
    transport::Reply,
    web_page::{self, WebPage, WebPageKind},
};
use crate::{
    catalogue::{
        Entry,
        dingtalk::{DINGTALK_HTTP_FOR_HTTPS, DINGTALK_SOMEBODY_ELSE_ANSWERS},
    },
    settings::Api,
};

/// The answer's object where `errcode` is 0, also as text.
pub(super) fn open(api: Api, reply: &Reply) -> Result<Object, AttemptFailure> {
    let object = object(reply)?;
    match fields::text(&object, "errcode").as_deref().map(str::trim) {
        Some("0") if (200..300).contains(&reply.status) => Ok(object),
        Some("0") => Err(by_status(reply, "errcode 0".to_owned())),
        Some(errcode) => Err(refusal(api, errcode, &object)),
        None => Err(named(api, reply, &object).unwrap_or_else(|| by_status(reply, "JSON without errcode".to_owned()))),
    }
}

/// The answer's object where the status is 200: the new API tells failure by it, and what failed by `code`. A gateway
/// in front of it may refuse in the old API's form, with 200.
pub(super) fn open_named(api: Api, reply: &Reply) -> Result<Object, AttemptFailure> {
    let object = object(reply)?;
    let errcode = fields::text(&object, "errcode");
    if let Some(errcode) = errcode.as_deref().map(str::trim).filter(|code| *code != "0") {
        return Err(refusal(api, errcode, &object));
    }
    if reply.status == 200 && !object.contains_key("code") {
        return Ok(object);
    }
    Err(named(api, reply, &object).unwrap_or_else(|| by_status(reply, "JSON without code".to_owned())))
}

fn object(reply: &Reply) -> Result<Object, AttemptFailure> {
    let body = reply.body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&reply.body);
    let object = match lenient::value(body) {
        Ok(Value::Object(object)) => object,
        Ok(_) => return Err(by_status(reply, "JSON that isn't an object".to_owned())),
        Err(_) if web_page::is_page(body) => return Err(by_page(reply, &web_page::read(reply.status, body))),
        Err(error) if error.is_eof() => return Err(by_status(reply, "JSON that ends too early".to_owned())),
        Err(_) => return Err(by_status(reply, "something that isn't JSON".to_owned())),
    };

    // The firewall's JSON has no errcode: {"status":1111,"wait":5,"source":"x5","punish":"deny",…}.
    if fields::integer(&object, "status") == Some(1111) {
        let banned = Meaning::of(ErrorKind::Banned);
        return Err(AttemptFailure::meaning(banned, Some("1111".to_owned()), None));
    }
    Ok(object)
}

fn refusal(api: Api, errcode: &str, object: &Object) -> AttemptFailure {
    let sub_code = fields::text(object, "sub_code")
        .map(|code| code.trim().to_owned())
        .filter(|code| !code.is_empty());
    let said = ["sub_msg", "errmsg"]
        .into_iter()
        .find_map(|key| fields::id(object, key));

    // Where a code means several things, its texts tell which, and under 15 the sub_code does.
    let mut texts: Vec<String> = ["sub_msg", "errmsg"]
        .into_iter()
        .filter_map(|key| fields::id(object, key))
        .collect();
    texts.extend(sub_code.clone());

    let code = match (errcode, sub_code) {
        ("88", Some(sub_code)) => sub_code,
        _ => errcode.to_owned(),
    };
    of_code(api, code, &texts.join(" "), said)
}

/// The new API's form, wherever it comes: `{"code": …, "message": …}`.
fn named(api: Api, reply: &Reply, object: &Object) -> Option<AttemptFailure> {
    let code = fields::id(object, "code")?;
    let said = ["message", "msg"].into_iter().find_map(|key| fields::id(object, key));
    let texts = said.clone().unwrap_or_default();

    let mut failure = of_code(api, code, &texts, said);
    if failure.kind == ErrorKind::UnknownCode {
        // The status still tells what passes by itself, and that there is no such path.
        failure.kind = match reply.status {
            429 => ErrorKind::Throttled,
            404 => ErrorKind::WrongUrl,
            500.. => ErrorKind::Unavailable,
            _ => failure.kind,
        };
    }
    Some(failure)
}

fn of_code(api: Api, code: String, texts: &str, said: Option<String>) -> AttemptFailure {
    let meaning = codes::meaning(api, &code, texts).unwrap_or(Meaning::of(ErrorKind::UnknownCode));
    AttemptFailure::meaning(meaning, Some(code), said)
}

/// Without a code only the status is left to judge by.
fn by_status(reply: &Reply, what: String) -> AttemptFailure {
    let kind = match reply.status {
        429 => ErrorKind::Throttled,
        404 => ErrorKind::WrongUrl,
        500.. => ErrorKind::Unavailable,
        _ => ErrorKind::Undecodable,
    };
    AttemptFailure::new(kind, format!("HTTP {} with {what}", reply.status))
}

fn by_page(reply: &Reply, page: &WebPage) -> AttemptFailure {
    let what = match &page.title {
        Some(title) => format!("a web page, \u{201c}{title}\u{201d}"),
        None => "a web page".to_owned(),
    };
    let by_status = by_status(reply, what);
    let (kind, says): (_, Option<&Entry>) = match page.kind {
        WebPageKind::Ban => (ErrorKind::Banned, None),
        WebPageKind::PlainHttp => (ErrorKind::WrongUrl, Some(&DINGTALK_HTTP_FOR_HTTPS)),
        WebPageKind::Other if reply.status >= 500 => (by_status.kind, Some(&DINGTALK_SOMEBODY_ELSE_ANSWERS)),
        // Who refuses with a page of its own did not pass the call on.
        WebPageKind::Other => (ErrorKind::WrongUrl, Some(&DINGTALK_SOMEBODY_ELSE_ANSWERS)),
    };

    AttemptFailure {
        kind,
        says,
        ..by_status
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(status: u16, body: &str) -> Reply {
        Reply {
            status,
            body: body.into(),
        }
    }

    fn kind(status: u16, body: &str) -> (ErrorKind, Option<String>) {
        let failure = open(Api::UserGet, &reply(status, body)).expect_err("a failure");
        (failure.kind, failure.code)
    }

    #[test]
    fn errcode_0_is_success_as_number_and_as_text_with_a_byte_order_mark_or_without() {
        for body in [
            r#"{"errcode":0}"#,
            r#"{"errcode":"0"}"#,
            "\u{feff}{\"errcode\":0,\"new\":[]}",
        ] {
            assert!(
                open(
                    Api::UserGet,
                    &Reply {
                        status: 200,
                        body: body.into()
                    }
                )
                .is_ok(),
                "{body}"
            );
        }
    }

    #[test]
    fn the_code_that_counts_is_the_sub_code_under_88_and_the_errcode_elsewhere() {
        use ErrorKind::*;
        let code = |text: &str| Some(text.to_owned());

        assert_eq!(
            kind(200, r#"{"errcode":88,"sub_code":"90018"}"#),
            (Throttled, code("90018"))
        );
        assert_eq!(
            kind(200, r#"{"errcode":"88","sub_code":40014}"#),
            (BadToken, code("40014"))
        );
        assert_eq!(kind(200, r#"{"errcode":88,"sub_code":""}"#), (Unavailable, code("88")));
        assert_eq!(kind(200, r#"{"errcode":88}"#), (Unavailable, code("88")));

        assert_eq!(
            kind(200, r#"{"errcode":15,"sub_code":"isp.top-remote-connection-timeout"}"#),
            (Unavailable, code("15"))
        );
        assert_eq!(
            kind(200, r#"{"errcode":60121,"errmsg":"找不到该用户"}"#),
            (NotFound, code("60121"))
        );
        assert_eq!(kind(400, r#"{"errcode":40035}"#), (BadRequest, code("40035")));
        assert_eq!(
            kind(200, r#"{"errcode":15,"sub_code":"isv.invalid-parameter"}"#),
            (BadRequest, code("15"))
        );
        assert_eq!(
            kind(200, r#"{"errcode":88,"sub_code":"isp.unknown-error"}"#),
            (Unavailable, code("isp.unknown-error"))
        );

        assert_eq!(kind(200, r#"{"errcode":987654}"#), (UnknownCode, code("987654")));
        assert_eq!(
            kind(200, r#"{"errcode":88,"sub_code":"987654"}"#),
            (UnknownCode, code("987654"))
        );
    }

    #[test]
    fn the_new_apis_form_is_read_wherever_it_comes_with_its_own_words() {
        use ErrorKind::*;
        let told = |status, body: &str| {
            let failure = open(Api::UserGet, &reply(status, body)).expect_err("a failure");
            (failure.kind, failure.code, failure.said)
        };
        let is = |code: &str, said: &str| (Some(code.to_owned()), Some(said.to_owned()));

        let (kind, code, said) = told(400, r#"{"code":"app.notPublished","message":"应用未发布"}"#);
        assert_eq!((kind, (code, said)), (Refused, is("app.notPublished", "应用未发布")));
        let (kind, code, said) = told(
            403,
            r#"{"code":"Forbidden.AccessDenied.QpsLimitForAppkeyAndApi","message":"qps"}"#,
        );
        assert_eq!(
            (kind, (code, said)),
            (Throttled, is("Forbidden.AccessDenied.QpsLimitForAppkeyAndApi", "qps"))
        );
        let (kind, code, said) = told(400, r#"{"code":"new.word","message":"??"}"#);
        assert_eq!((kind, (code, said)), (UnknownCode, is("new.word", "??")));
        assert_eq!(told(503, r#"{"code":"new.word","message":"??"}"#).0, Unavailable);

        assert!(open_named(Api::StreamOpen, &reply(200, r#"{"endpoint":"wss://x","ticket":"t"}"#)).is_ok());
        assert!(open_named(Api::StreamOpen, &reply(403, r#"{"endpoint":"wss://x","ticket":"t"}"#)).is_err());
    }

    #[test]
    fn what_is_no_answer_is_told_by_its_look_and_status() {
        use ErrorKind::*;

        assert_eq!(kind(200, " <!DOCTYPE html><html>").0, Banned);
        assert_eq!(kind(403, "<html>").0, Banned);
        assert_eq!(
            kind(
                200,
                r#"{"status":1111,"wait":5,"source":"x5","punish":"deny","uuid":"x"}"#
            )
            .0,
            Banned
        );
        assert_eq!(kind(502, "<html>Bad Gateway").0, Unavailable);
        assert_eq!(kind(200, "<?xml version=\"1.0\"?><error_response/>").0, Undecodable);
        assert_eq!(kind(503, "").0, Unavailable);
        assert_eq!(kind(404, "not found").0, WrongUrl);
        assert_eq!(kind(404, "<html>").0, WrongUrl);
        assert_eq!(kind(413, "<html>").0, WrongUrl, "a proxy's page is no ban");
        assert_eq!(kind(302, "").0, Undecodable);

        assert_eq!(kind(200, r#"{"errcode":0,"resu"#).0, Undecodable);
        assert_eq!(kind(200, "[]").0, Undecodable);
        assert_eq!(kind(200, "").0, Undecodable);
        assert_eq!(kind(200, "{}").0, Undecodable);
        assert_eq!(kind(200, "\u{1}\u{fffd}").0, Undecodable);
        assert_eq!(kind(429, "").0, Throttled);
    }

    #[test]
    fn one_name_that_cannot_be_decoded_costs_no_answer() {
        for body in [
            &br#"{"errcode":0,"result":{"name":"\ud83d"}}"#[..],
            b"{\"errcode\":0,\"result\":{\"name\":\"\xff\"}}",
        ] {
            let reply = Reply {
                status: 200,
                body: body.to_vec(),
            };
            let answer = open(Api::UserGet, &reply).expect("an answer");
            assert_eq!(answer["result"]["name"], "\u{fffd}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_body_makes_it_panic(status in 100_u16..600, body in proptest::collection::vec(proptest::num::u8::ANY, 0..64)) {
            let _ = open(Api::UserGet, &Reply { status, body });
        }
    }
}
