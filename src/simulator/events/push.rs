//! Pushing events to a URL: encrypted, signed, and answered with an encrypted `success`.

use std::time::Duration;

use axum::body::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use url::Url;

use super::crypto::Seal;
use super::log::PushSubscription;
use crate::simulator::random::fresh_uuid;

/// The longest answer that is read.
const LONGEST_ANSWER: usize = 64 * 1024;

/// Why a push failed, with the code that registering a URL answers for it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Failed {
    pub(crate) code: i64,
    pub(crate) reason: String,
}

fn failed(code: i64, reason: impl ToString) -> Failed {
    Failed {
        code,
        reason: reason.to_string(),
    }
}

/// Posts one event and checks the answer: 200 and an encrypted `success` within the time.
pub(crate) async fn push(
    subscription: &PushSubscription,
    body: &Value,
    timestamp: i64,
    timeout: Duration,
) -> Result<(), Failed> {
    let PushSubscription {
        token, aes_key, owner, ..
    } = subscription;
    let seal = Seal::new(token, aes_key, owner).ok_or_else(|| failed(900_004, "不合法的aeskey"))?;
    let random = fresh_uuid().simple().to_string();
    let (prefix, nonce) = random.split_at(16);
    let prefix = <[u8; 16]>::try_from(prefix.as_bytes()).map_err(|_| failed(-1, "no random bytes"))?;
    let encrypt = seal
        .encrypt(prefix, &body.to_string())
        .ok_or_else(|| failed(-1, "the event can't be encrypted"))?;
    let timestamp = timestamp.to_string();
    let signature = seal.signature(&timestamp, nonce, &encrypt);

    let mut url = Url::parse(&subscription.url).map_err(|error| failed(71_011, error))?;
    // The documentation says `signature`, its sample code reads `msg_signature`: send both.
    url.query_pairs_mut().extend_pairs([
        ("signature", signature.as_str()),
        ("msg_signature", signature.as_str()),
        ("timestamp", timestamp.as_str()),
        ("nonce", nonce),
    ]);

    let sent = tokio::time::timeout(timeout, post(&url, json!({"encrypt": encrypt}).to_string())).await;
    let answer = sent.map_err(|_| failed(400_054, "url访问超时"))??;
    check(&seal, &answer)
}

/// A POST over a connection of its own. Plain HTTP only: a simulator and its receiver share a machine.
async fn post(url: &Url, body: String) -> Result<Bytes, Failed> {
    let host = url
        .host_str()
        .filter(|_| url.scheme() == "http")
        .ok_or_else(|| failed(71_011, "give an http:// URL"))?;
    let unreachable = |error: &dyn std::error::Error| failed(71_012, format!("url地址访问异常: {error}"));
    let address = (host.trim_matches(['[', ']']), url.port_or_known_default().unwrap_or(80));
    let stream = TcpStream::connect(address).await.map_err(|error| unreachable(&error))?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream))
        .await
        .map_err(|error| unreachable(&error))?;

    let target = format!("{}?{}", url.path(), url.query().unwrap_or_default());
    let request = http::Request::post(target)
        .header("host", url.authority())
        .header("content-type", "application/json")
        .header("connection", "close")
        .body(Full::new(Bytes::from(body)))
        .map_err(|error| unreachable(&error))?;

    let exchange = async {
        let response = sender
            .send_request(request)
            .await
            .map_err(|error| unreachable(&error))?;
        if response.status() != http::StatusCode::OK {
            return Err(failed(71_012, format!("http status {}", response.status())));
        }
        let body = Limited::new(response.into_body(), LONGEST_ANSWER).collect().await;
        body.map(|body| body.to_bytes()).map_err(|error| failed(71_012, error))
    };

    tokio::pin!(exchange);
    tokio::select! {
        answer = &mut exchange => answer,
        // The connection may end as soon as everything has been read; the answer is complete then.
        _ = connection => exchange.await,
    }
}

/// The answer must be signed and hold `success`, encrypted for the same owner.
fn check(seal: &Seal, answer: &[u8]) -> Result<(), Failed> {
    let answer: Value = serde_json::from_slice(answer).map_err(|error| failed(71_010, error))?;
    let text = |name: &str| match &answer[name] {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => String::new(),
    };

    let encrypt = text("encrypt");
    if seal.signature(&text("timeStamp"), &text("nonce"), &encrypt) != text("msg_signature") {
        return Err(failed(900_005, "签名不匹配"));
    }

    match seal.decrypt(&encrypt).as_deref() {
        Some("success") => Ok(()),
        Some(_) => Err(failed(71_009, "返回的内容不是加密的success")),
        None => Err(failed(900_008, "解密失败")),
    }
}
