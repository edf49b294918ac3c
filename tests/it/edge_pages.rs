//! Pages, files, the schema's text, health and figures.

use dingmirror::http::HttpConfig;
use serde_json::json;

use crate::edge_support::{TestServer, answer, code};

#[tokio::test]
async fn graphiql_is_a_page_under_a_strict_policy_built_or_not() {
    let server = TestServer::start().await;
    let response = server.client.get(server.url("/graphiql")).send().await.unwrap();
    assert!([200, 404].contains(&response.status().as_u16()));
    let policy = response.headers()["content-security-policy"]
        .to_str()
        .unwrap()
        .to_owned();
    assert!(
        policy.contains("default-src 'none'") && policy.contains("script-src 'self';"),
        "{policy}"
    );
    assert!(
        response.headers()["content-type"]
            .to_str()
            .unwrap()
            .starts_with("text/html")
    );

    let built = response.status() == 200;
    let tag = response.headers().get("etag").cloned();
    let page = response.text().await.unwrap();
    // Without a built console the page says how to build it, and has nothing else to look at.
    if !built {
        assert!(page.contains("make console"), "{page}");
        return;
    }

    let again = server
        .client
        .get(server.url("/graphiql"))
        .header("if-none-match", tag.unwrap())
        .send()
        .await
        .unwrap();
    assert_eq!(again.status(), 304);

    let mut encodings = Vec::new();
    for path in page.split('"').filter(|part| part.starts_with("/console/assets/")) {
        let request = server.client.get(server.url(path)).header("accept-encoding", "br");
        let asset = request.send().await.unwrap();
        assert_eq!(asset.status(), 200, "{path}");
        let headers = asset.headers();
        assert!(
            headers["cache-control"].to_str().unwrap().contains("immutable"),
            "{path}"
        );
        encodings.push(headers.get("content-encoding").cloned());
    }
    // One script at least is longer than a packet.
    assert!(encodings.contains(&Some("br".parse().unwrap())), "{encodings:?}");
}

#[tokio::test]
async fn the_console_is_one_page_at_all_its_addresses_and_runs_nothing_inline() {
    let server = TestServer::start().await;
    let mut pages = Vec::new();
    for path in [
        "/console",
        "/console/",
        "/console/overview",
        "/console/departments/1?q=wang",
    ] {
        let response = server.client.get(server.url(path)).send().await.unwrap();
        let policy = response.headers()["content-security-policy"]
            .to_str()
            .unwrap()
            .to_owned();
        assert!(
            !policy.contains("unsafe") && policy.contains("frame-ancestors 'none'"),
            "{policy}"
        );
        pages.push((response.status().as_u16(), response.text().await.unwrap()));
    }

    assert!(pages.iter().all(|page| *page == pages[0]), "{pages:#?}");
    let (status, page) = &pages[0];
    match status {
        200 => {
            assert!(page.contains("<div id=\"root\">"), "{page}");
            assert!(!page.contains("<style"), "{page}");
        }
        _ => assert!(page.contains("make console"), "{page}"),
    }

    for path in ["/console/assets/none.js", "/console/none.ico"] {
        let (status, body) = answer(server.client.get(server.url(path))).await;
        assert_eq!((status, code(&body)), (404, "NOT_FOUND"), "{path}");
    }
}

#[tokio::test]
async fn the_console_is_shown_in_frames_of_the_origins_that_are_named() {
    let server = TestServer::with(HttpConfig {
        frame_ancestors: vec!["https://wiki.example.com".to_owned()],
        ..HttpConfig::default()
    })
    .await;
    for (path, ancestors) in [
        ("/console/sync", "frame-ancestors 'self' https://wiki.example.com"),
        ("/graphiql", "frame-ancestors 'none'"),
    ] {
        let response = server.client.get(server.url(path)).send().await.unwrap();
        let policy = response.headers()["content-security-policy"].to_str().unwrap();
        assert!(policy.ends_with(ancestors), "{policy}");
    }
}

#[tokio::test]
async fn the_root_leads_to_the_console_and_the_schema_is_text() {
    let server = TestServer::start().await;
    let root = server.client.get(server.url("/")).send().await.unwrap();
    assert_eq!(
        (root.status().as_u16(), root.headers()["location"].to_str().unwrap()),
        (303, "/console/")
    );

    let schema = server.client.get(server.url("/schema.graphql")).send().await.unwrap();
    assert_eq!(schema.status(), 200);
    assert!(schema.text().await.unwrap().contains("type Query"));
    let (status, _) = answer(server.client.get(server.url("/console/../Cargo.toml"))).await;
    assert_eq!(status, 404);
}

#[tokio::test]
async fn what_is_long_is_compressed_and_what_fits_in_a_packet_is_not() {
    let server = TestServer::start().await;
    for (path, encoding) in [("/schema.graphql", Some("br")), ("/livez", None)] {
        let request = server.client.get(server.url(path)).header("accept-encoding", "br");
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 200);
        let told = response.headers().get("content-encoding");
        assert_eq!(told.map(|it| it.to_str().unwrap()), encoding, "{path}");
    }
}

/// What never changes is compressed once for each coding.
#[tokio::test(flavor = "multi_thread")]
async fn the_schema_is_the_same_in_every_coding_however_many_ask() {
    let server = TestServer::start().await;
    let plain = server.client.get(server.url("/schema.graphql")).send().await.unwrap();
    let plain = plain.bytes().await.unwrap();

    for coding in ["gzip", "br"] {
        let ask = || async {
            let request = server.client.get(server.url("/schema.graphql"));
            let response = request.header("accept-encoding", coding).send().await.unwrap();
            response.bytes().await.unwrap()
        };
        let answers = futures_util::future::join_all((0..10).map(|_| ask())).await;
        assert!(answers.iter().all(|answer| *answer == answers[0]), "{coding}");
        match coding {
            // The client has taken it apart already.
            "gzip" => assert!(answers[0] == plain, "it is another text"),
            _ => assert!(
                (1_000..plain.len() / 2).contains(&answers[0].len()),
                "{}",
                answers[0].len()
            ),
        }
    }

    let head = server
        .client
        .head(server.url("/schema.graphql"))
        .header("accept-encoding", "br");
    let head = head.send().await.unwrap();
    assert_eq!((head.status().as_u16(), head.bytes().await.unwrap().len()), (200, 0));
}

#[tokio::test]
async fn health_tells_live_ready_and_why_not() {
    let server = TestServer::start().await;
    assert_eq!(
        answer(server.client.get(server.url("/livez"))).await,
        (200, json!({"status": "live"}))
    );
    assert_eq!(
        answer(server.client.get(server.url("/readyz"))).await,
        (200, json!({"status": "ready"}))
    );

    server.shutdown.cancel();
    let (status, body) = answer(server.client.get(server.url("/readyz"))).await;
    assert_eq!((status, &body["reason"]), (503, &json!("the server is shutting down")));
}

#[tokio::test]
async fn figures_count_requests_and_refusals_by_what_the_server_knows() {
    let server = TestServer::start().await;
    server.still_answers().await;
    server.query(&format!("{{ a{} }}", "{a".repeat(100))).await;
    server.query(&"{hello".repeat(40)).await;
    server
        .client
        .get(server.url("/any/path?token=secret"))
        .send()
        .await
        .unwrap();
    let mut socket = server.ready_socket().await;
    socket.subscribe("1", "subscription { forever }").await;
    socket.hear().await;

    let response = server.client.get(server.url("/metrics")).send().await.unwrap();
    assert!(
        response.headers()["content-type"]
            .to_str()
            .unwrap()
            .contains("openmetrics-text")
    );
    let text = response.text().await.unwrap();
    for line in [
        r#"dingmirror_http_requests_total{route="/graphql",method="POST",status="200"} 1"#,
        r#"dingmirror_http_requests_total{route="other",method="GET",status="404"} 1"#,
        r#"dingmirror_graphql_refusals_total{code="LIMIT_EXCEEDED",limit="nesting"} 2"#,
        "dingmirror_websocket_connections 1",
        "# EOF",
    ] {
        assert!(text.contains(line), "{line} is not in\n{text}");
    }
    assert!(!text.contains("secret"));
}
