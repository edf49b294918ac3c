//! `dingmirror healthcheck`.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};

use anyhow::{Context, anyhow, bail};
use bytes::Bytes;
use http::{Request, StatusCode, header};
use http_body_util::{BodyExt, Empty, Limited};
use hyper_util::rt::TokioIo;
use serde::Serialize;
use serde_json::Value;
use tokio::net::TcpStream;

use super::{output, runtime};
use crate::config::{ConfigLayer, Listening};

/// The server gives up its own look at the database after three seconds, and says so.
const PATIENCE: Duration = Duration::from_secs(5);

/// No answer of `/readyz` comes near.
const LARGEST_ANSWER: usize = 64 * 1024;

const HELP: &str = "\
Asks /readyz of the server that listens at the configured address (--listen, DINGMIRROR_LISTEN, the file), on this machine. The
exit status is 0 where it is ready and 1 otherwise, within five seconds. Fit for a container's health check: it needs no token,
no other program and no other setting, and writes nothing.";

#[derive(Debug, clap::Args)]
#[command(after_long_help = HELP)]
pub(super) struct Args {
    /// Print the answer as JSON
    #[arg(long)]
    json: bool,
}

/// How the server stands.
#[derive(Debug, Serialize)]
struct Health {
    status: &'static str,
    address: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(skip_serializing_if = "Value::is_null")]
    detail: Value,
}

const READY: &str = "ready";
const NOT_READY: &str = "not ready";
const NO_ANSWER: &str = "no answer";

/// Prints how the server stands. It fails where that isn't ready.
pub(super) fn run(config: ConfigLayer, args: Args) -> anyhow::Result<()> {
    let address = reachable(&Listening::load(config)?.address)?;
    runtime::block_on(|_| async move {
        let asked = tokio::time::timeout(PATIENCE, ask(&address)).await;
        let answered = asked.unwrap_or_else(|_| Err(anyhow!("nothing came within {} s", PATIENCE.as_secs())));
        conclude(&args, health(address, answered))
    })
}

/// Where this machine reaches a server that listens there: one that listens at all addresses by the loopback one.
fn reachable(listen: &str) -> anyhow::Result<String> {
    if listen.ends_with(":0") {
        bail!("the server's port is chosen by the system: name the one that it got with --listen");
    }
    let Ok(mut address) = listen.parse::<SocketAddr>() else {
        return Ok(listen.to_owned());
    };
    match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => address.set_ip(Ipv4Addr::LOCALHOST.into()),
        IpAddr::V6(ip) if ip.is_unspecified() => address.set_ip(Ipv6Addr::LOCALHOST.into()),
        _ => {}
    }
    Ok(address.to_string())
}

/// The status and body of `/readyz`.
async fn ask(address: &str) -> anyhow::Result<(StatusCode, Bytes)> {
    let stream = TcpStream::connect(address).await.context("cannot connect")?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    // Its error is the request's, too.
    tokio::spawn(async move { drop(connection.await) });

    let request = Request::get("/readyz")
        .header(header::HOST, address)
        .header(header::CONNECTION, "close")
        .body(Empty::<Bytes>::new())?;
    let (head, body) = sender.send_request(request).await?.into_parts();
    let body = Limited::new(body, LARGEST_ANSWER).collect().await;
    Ok((head.status, body.map_err(|error| anyhow!(error))?.to_bytes()))
}

/// What an answer, or none, says. What doesn't speak as this server does is none.
fn health(address: String, answered: anyhow::Result<(StatusCode, Bytes)>) -> Health {
    let no_answer = |address: String, reason: String| Health {
        status: NO_ANSWER,
        address,
        reason: Some(reason),
        detail: Value::Null,
    };

    let (code, body) = match answered {
        Ok(answer) => answer,
        Err(error) => return no_answer(address, format!("{error:#}")),
    };
    let mut told: Value = serde_json::from_slice(&body).unwrap_or_default();
    let status = match (code, told["status"].as_str()) {
        (StatusCode::OK, Some(READY)) => READY,
        (StatusCode::SERVICE_UNAVAILABLE, Some(NOT_READY)) => NOT_READY,
        _ => {
            return no_answer(
                address,
                format!("HTTP {code}, which is no answer of dingmirror's /readyz"),
            );
        }
    };
    Health {
        status,
        address,
        reason: told["reason"].as_str().map(str::to_owned),
        detail: told["detail"].take(),
    }
}

fn conclude(args: &Args, health: Health) -> anyhow::Result<()> {
    if args.json {
        output::line(serde_json::to_string(&health)?)?;
    } else if health.status == READY {
        output::line(format_args!("ready: {}", health.address))?;
        if !health.detail.is_null() {
            output::line(format_args!("       {}", health.detail))?;
        }
    }

    let Health { status, address, .. } = health;
    match health.reason {
        _ if status == READY => Ok(()),
        Some(reason) => bail!("{status}: {address}: {reason}"),
        None => bail!("{status}: {address}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_at_all_addresses_is_asked_at_the_loopback_one() {
        for (listen, asked) in [
            ("0.0.0.0:8080", "127.0.0.1:8080"),
            ("[::]:80", "[::1]:80"),
            ("192.0.2.1:8080", "192.0.2.1:8080"),
            ("localhost:8080", "localhost:8080"),
        ] {
            assert_eq!(reachable(listen).unwrap(), asked);
        }
        assert!(reachable("127.0.0.1:0").is_err());
    }

    #[test]
    fn only_dingmirrors_own_answers_count() {
        let status = |code, body: &'static str| health("x".into(), Ok((code, body.into()))).status;
        assert_eq!(status(StatusCode::OK, r#"{"status":"ready"}"#), READY);
        assert_eq!(
            status(
                StatusCode::SERVICE_UNAVAILABLE,
                r#"{"status":"not ready","reason":"no disk"}"#
            ),
            NOT_READY
        );
        for (code, body) in [
            (StatusCode::OK, "<html>"),
            (StatusCode::OK, r#"{"status":"live"}"#),
            (StatusCode::SERVICE_UNAVAILABLE, r#"{"status":"ready"}"#),
            (StatusCode::NOT_FOUND, ""),
        ] {
            assert_eq!(status(code, body), NO_ANSWER, "{code} {body}");
        }
    }
}
