//! Is it an answer at all? DingTalk says 200 to nearly everything; the truth is in the body, if the body is JSON.

use serde_json::Value;

use super::{
    classify::classify,
    error::ErrorKind,
    fields::{self, Object},
    lenient,
    transport::Reply,
};
use crate::settings::Api;

/// What went wrong with one attempt, before it is put into words.
#[derive(Debug, Clone)]
pub(super) struct Failure {
    pub(super) kind: ErrorKind,
    pub(super) code: Option<String>,
    /// In DingTalk's words, or the operating system's.
    pub(super) said: Option<String>,
}

impl Failure {
    pub(super) fn new(kind: ErrorKind, said: impl Into<String>) -> Self {
        Self {
            kind,
            code: None,
            said: Some(said.into()),
        }
    }
}

/// The answer's object where `errcode` is 0, also as text.
pub(super) fn open(api: Api, reply: &Reply) -> Result<Object, Failure> {
    let body = reply.body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&reply.body);
    let object = match lenient::value(body) {
        Ok(Value::Object(object)) => object,
        Ok(_) => return Err(by_status(reply, "JSON that isn't an object")),
        Err(_) if is_page(body) => return Err(by_status(reply, "a web page")),
        Err(error) if error.is_eof() => return Err(by_status(reply, "JSON that ends too early")),
        Err(_) => return Err(by_status(reply, "something that isn't JSON")),
    };
    // The firewall's JSON has no errcode: {"status":1111,"wait":5,"source":"x5","punish":"deny",…}.
    if fields::integer(&object, "status") == Some(1111) {
        return Err(Failure {
            kind: ErrorKind::Banned,
            code: Some("1111".to_owned()),
            said: None,
        });
    }
    match fields::text(&object, "errcode").as_deref().map(str::trim) {
        Some("0") if (200..300).contains(&reply.status) => Ok(object),
        Some("0") => Err(by_status(reply, "errcode 0")),
        Some(errcode) => Err(refusal(api, errcode, &object)),
        None => Err(by_status(reply, "JSON without errcode")),
    }
}

fn refusal(api: Api, errcode: &str, object: &Object) -> Failure {
    let sub_code = fields::text(object, "sub_code")
        .map(|code| code.trim().to_owned())
        .filter(|code| !code.is_empty());
    let code = match (errcode, sub_code) {
        ("88", Some(sub_code)) => sub_code,
        _ => errcode.to_owned(),
    };
    let said = ["sub_msg", "errmsg"]
        .into_iter()
        .find_map(|key| fields::id(object, key));
    Failure {
        kind: classify(api, &code),
        code: Some(code),
        said,
    }
}

/// Without a code only the status and the look of the body are left to judge by.
fn by_status(reply: &Reply, what: &str) -> Failure {
    let kind = match reply.status {
        429 => ErrorKind::Throttled,
        404 => ErrorKind::WrongUrl,
        500.. => ErrorKind::Unavailable,
        // The ban of an IP shows a page, with whatever status.
        _ if what == "a web page" => ErrorKind::Banned,
        _ => ErrorKind::Undecodable,
    };
    Failure {
        kind,
        code: None,
        said: Some(format!("HTTP {} with {what}", reply.status)),
    }
}

/// A page: whatever begins with a tag, except the XML that DingTalk's gateway can speak.
fn is_page(body: &[u8]) -> bool {
    let body = body.trim_ascii_start();
    body.starts_with(b"<") && !body.starts_with(b"<?xml") && !body.starts_with(b"<error_response")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(status: u16, body: &str) -> (ErrorKind, Option<String>) {
        let failure = open(
            Api::UserGet,
            &Reply {
                status,
                body: body.into(),
            },
        )
        .expect_err("a failure");
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
