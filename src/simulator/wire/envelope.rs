//! The envelope around every answer of the old API: always HTTP 200, `errcode`, `errmsg`, and `request_id` on topapi.

use axum::body::Body;
use axum::response::Response;
use serde_json::{Map, Value, json};

use super::Refusal;
use crate::simulator::random::Random;

/// The fields of an answer beside the envelope's own.
pub(crate) type Fields = Map<String, Value>;

/// What a call of the old API comes to, before the envelope is put around it.
pub(crate) type CallResult = Result<Fields, Refusal>;

/// The fields of an object literal; anything else gives none.
pub(crate) fn fields(value: Value) -> Fields {
    match value {
        Value::Object(fields) => fields,
        _ => Fields::new(),
    }
}

/// `{"result": …}`, the commonest answer.
pub(crate) fn result(value: Value) -> Fields {
    Fields::from_iter([("result".to_owned(), value)])
}

/// Puts the envelope around an outcome. `request_id` is given on topapi only.
pub(crate) fn answer(outcome: CallResult, request_id: Option<String>) -> Value {
    let topapi = request_id.is_some();
    let mut body = match outcome {
        Ok(mut fields) => {
            fields.insert("errcode".to_owned(), json!(0));
            fields.insert("errmsg".to_owned(), json!("ok"));
            fields
        }
        Err(refusal) => fields(refused(refusal, topapi)),
    };

    if let Some(request_id) = request_id {
        body.insert("request_id".to_owned(), Value::String(request_id));
    }
    Value::Object(body)
}

fn refused(refusal: Refusal, topapi: bool) -> Value {
    let wrapper = |code: &str, message: &str| format!("ding talk error[subcode={code},submsg={message}]");

    match refusal {
        Refusal::Business { code, message } => json!({"errcode": code, "errmsg": message}),
        Refusal::Gateway { code, message } if topapi => {
            json!({"errcode": 88, "sub_code": code, "sub_msg": message, "errmsg": wrapper(&code, &message)})
        }
        Refusal::Gateway { code, message } => {
            json!({"errcode": code.parse::<i64>().unwrap_or(-1), "errmsg": message})
        }
        Refusal::UnknownApi { name } => {
            let message = format!("不合法ApiName，ApiName = {name}");
            json!({"errcode": 22, "sub_msg": message, "errmsg": format!("Invalid method[submsg={message}]")})
        }
        Refusal::Timeout => {
            let (code, message) = ("isp.top-remote-connection-timeout", "服务连接超时");
            json!({"errcode": 15, "sub_code": code, "sub_msg": message, "errmsg": wrapper(code, message)})
        }
    }
}

/// The HTTP response: 200 whatever happened, with the content type of its half of the API.
pub(crate) fn oapi_response(body: &Value, topapi: bool) -> Response {
    let mut text = body.to_string();
    if topapi {
        // The real one escapes slashes, which is legal and stays untested by clients otherwise. A slash can only be
        // inside a string here.
        text = text.replace('/', "\\/");
    }

    let content_type = if topapi {
        "application/json;charset=UTF-8"
    } else {
        "application/json"
    };

    let response = Response::builder()
        .header("content-type", content_type)
        .header("server", "DingTalk/1.0.0");
    response.body(Body::from(text)).unwrap_or_default()
}

/// Makes request ids that look like DingTalk's, such as `16l4ew3d47pdp`.
#[derive(Debug)]
pub(crate) struct RequestIds(Random);

impl RequestIds {
    /// Ids that depend on the seed alone.
    pub(crate) fn new(seed: u64) -> Self {
        Self(Random::new(seed ^ 0x7265_7175))
    }

    /// The next id: 12 or 13 characters of base 36.
    pub(crate) fn next(&mut self) -> String {
        let length = 12 + self.0.below(2);
        self.0.text(b"0123456789abcdefghijklmnopqrstuvwxyz", length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gateway_refusal_is_wrapped_with_a_text_sub_code_on_topapi_and_plain_elsewhere() {
        let refusal = Refusal::gateway("40014", "不合法的access_token");
        assert_eq!(
            answer(Err(refusal.clone()), Some("16l4ew3d47pdp".into())),
            json!({"errcode": 88, "sub_code": "40014", "sub_msg": "不合法的access_token",
                   "errmsg": "ding talk error[subcode=40014,submsg=不合法的access_token]", "request_id": "16l4ew3d47pdp"})
        );
        assert_eq!(
            answer(Err(refusal), None),
            json!({"errcode": 40014, "errmsg": "不合法的access_token"})
        );
    }
}
