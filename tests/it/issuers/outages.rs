//! Issuers whose keys change, can't be had, or come with malice.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use serde_json::json;

use super::{
    OURS, claims,
    key_server::{Answer, KeyServer, set},
    server, shown,
    signers::Signer,
};
use crate::support::{
    database::TestDatabase,
    server::{TestDingTalk, TestServer},
};

/// A token with an unknown key has the keys fetched at most so often.
const BETWEEN: Duration = Duration::from_secs(5);

/// An issuer with a server of its own.
struct Issuer {
    name: String,
    keys: KeyServer,
    first: Signer,
    second: Signer,
}

impl Issuer {
    async fn start(name: &str, answer: Option<Answer>) -> Self {
        let (first, second) = (Signer::ed(), Signer::ed());
        let good = set(&[first.jwk("first", json!({}))]);
        Self {
            name: name.to_owned(),
            keys: KeyServer::start(answer.unwrap_or(good)).await,
            first,
            second,
        }
    }

    fn text(&self) -> String {
        let Self { name, keys, .. } = self;
        format!(
            "[[issuers]]\nissuer = '{name}'\naudience = '{OURS}'\njwks_url = '{}'\npermissions = ['directory:read']\n",
            keys.url
        )
    }

    /// A token that was never shown before.
    fn token(&self, signer: &Signer, kid: &str, number: usize) -> String {
        let header = json!({ "alg": "EdDSA", "kid": kid });
        signer.token(&header, &claims(&self.name, json!({ "number": number })))
    }

    async fn takes_first(&self, server: &TestServer, number: usize) -> u16 {
        shown(server, &self.token(&self.first, "first", number)).await.0
    }

    /// Until the second key is taken.
    async fn until_second(&self, server: &TestServer) {
        let began = Instant::now();
        while shown(server, &self.token(&self.second, "second", 0)).await.0 != 200 {
            assert!(
                began.elapsed() < Duration::from_secs(20),
                "{} never takes its new key",
                self.name
            );
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }
}

async fn with(database: &TestDatabase, dingtalk: &TestDingTalk, issuers: &[Issuer]) -> TestServer {
    let text: String = issuers.iter().map(Issuer::text).collect();
    server(database, dingtalk, |_| text).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_key_is_taken_at_once_and_the_former_ends_with_the_set() {
    let database = TestDatabase::sqlite().await;
    let dingtalk = TestDingTalk::start(3, 2).await;
    let issuers = [Issuer::start("idp", None).await];
    let server = with(&database, &dingtalk, &issuers).await;
    let [issuer] = &issuers;

    let known = issuer.token(&issuer.first, "first", 1);
    for _ in 0..2 {
        assert_eq!(shown(&server, &known).await.0, 200);
    }

    // Both for a while, as issuers do it; then the new one alone.
    let (first, second) = (
        issuer.first.jwk("first", json!({})),
        issuer.second.jwk("second", json!({})),
    );
    issuer.keys.answers(set(&[first, second.clone()]));
    tokio::time::sleep(BETWEEN).await;
    let began = Instant::now();
    let new = issuer.token(&issuer.second, "second", 1);
    assert_eq!(
        shown(&server, &new).await.0,
        200,
        "the first token with the new key waits for it"
    );
    assert!(began.elapsed() < Duration::from_secs(3));
    assert_eq!(shown(&server, &known).await.0, 200);

    issuer.keys.answers(set(&[second]));
    tokio::time::sleep(BETWEEN).await;
    assert_eq!(shown(&server, &issuer.token(&issuer.first, "third", 1)).await.0, 401);
    assert_eq!(shown(&server, &known).await.0, 401, "a token that was taken before");
    assert_eq!(shown(&server, &new).await.0, 200);

    // An issuer that publishes no key wants none taken.
    issuer.keys.answers(set(&[]));
    tokio::time::sleep(BETWEEN).await;
    assert_eq!(shown(&server, &issuer.token(&issuer.first, "third", 2)).await.0, 401);
    assert_eq!(shown(&server, &new).await.0, 401);
    server.stop().await;
    database.remove().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_stay_while_their_url_is_down_huge_slow_or_nonsense() {
    let database = TestDatabase::sqlite().await;
    let dingtalk = TestDingTalk::start(3, 2).await;
    let evil = Signer::ed();
    let elsewhere = KeyServer::start(set(&[evil.jwk("evil", json!({}))])).await;
    let large = format!("{{\"keys\":[],\"more\":\"{}\"}}", "x".repeat(300 * 1024));
    let whole = format!("{{\"keys\":[{}]}}", vec!["{}"; 101].join(","));
    let redirect = format!(
        "HTTP/1.1 302 Found\r\nlocation: {}\r\ncontent-length: 0\r\n\r\n",
        elsewhere.url
    );
    let answers = [
        ("down", Answer::HangsUp),
        ("silent", Answer::Silent),
        (
            "slow",
            Answer::Slow(Duration::from_secs(20), "{\"keys\":[]}".repeat(20)),
        ),
        ("large", Answer::Body(large)),
        ("endless", Answer::Endless),
        ("many keys", Answer::Body(whole)),
        ("a page", Answer::Body("<html>Sign in</html>".into())),
        ("another form", Answer::Body("{\"keys\":{}}".into())),
        ("a redirect", Answer::Raw(redirect)),
        (
            "a fault",
            Answer::Raw("HTTP/1.1 500 No\r\ncontent-length: 11\r\n\r\n{\"keys\":[]}".into()),
        ),
        ("no HTTP", Answer::Raw("SSH-2.0-OpenSSH_9.6\r\n".into())),
    ];
    let issuers = join_all(answers.iter().map(|(name, _)| Issuer::start(name, None))).await;
    let server = with(&database, &dingtalk, &issuers).await;
    for issuer in &issuers {
        assert_eq!(issuer.takes_first(&server, 1).await, 200, "{}", issuer.name);
    }

    for (issuer, (_, answer)) in issuers.iter().zip(answers) {
        issuer.keys.answers(answer);
    }
    tokio::time::sleep(BETWEEN).await;
    let (at, evil) = (&server, &evil);
    join_all(issuers.iter().map(|issuer| async move {
        let times = issuer.keys.times();
        // Many at once, which would like to have a key that isn't known.
        let unknown = (0..20).map(|number| async move {
            let token = issuer.token(evil, "evil", number);
            shown(at, &token).await.0
        });
        let others = async {
            issuer.keys.asked(times + 1).await;
            let began = Instant::now();
            assert_eq!(shown(at, &at.admin_token()).await.0, 200, "{}", issuer.name);
            assert_eq!(issuer.takes_first(at, 2).await, 200, "{}", issuer.name);
            assert!(
                began.elapsed() < Duration::from_millis(2_500),
                "{} keeps others waiting",
                issuer.name
            );
        };
        let began = Instant::now();
        let (told, ()) = tokio::join!(join_all(unknown), others);
        assert!(told.iter().all(|status| *status == 401), "{}: {told:?}", issuer.name);
        assert!(began.elapsed() < Duration::from_secs(8), "{}", issuer.name);
        assert_eq!(
            issuer.keys.times(),
            times + 1,
            "{} is asked once for all of them",
            issuer.name
        );
    }))
    .await;
    assert_eq!(elsewhere.times(), 0, "nobody goes where a redirect leads");

    // They are as they were, with another key.
    for issuer in &issuers {
        issuer.keys.answers(set(&[issuer.second.jwk("second", json!({}))]));
    }
    join_all(issuers.iter().map(|issuer| issuer.until_second(at))).await;
    for issuer in &issuers {
        assert_eq!(issuer.takes_first(at, 3).await, 401, "{}", issuer.name);
    }
    server.stop().await;
    database.remove().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_issuer_that_is_down_at_the_start_keeps_nobody_but_its_own_tokens_waiting() {
    let database = TestDatabase::sqlite().await;
    let dingtalk = TestDingTalk::start(3, 2).await;
    let issuers = [
        Issuer::start("down", Some(Answer::HangsUp)).await,
        Issuer::start("silent", Some(Answer::Silent)).await,
    ];
    let server = with(&database, &dingtalk, &issuers).await;

    let began = Instant::now();
    assert_eq!(shown(&server, &server.admin_token()).await.0, 200);
    assert!(began.elapsed() < Duration::from_secs(1));
    for issuer in &issuers {
        assert_eq!(issuer.takes_first(&server, 1).await, 401, "{}", issuer.name);
        issuer.keys.answers(set(&[issuer.second.jwk("second", json!({}))]));
    }
    join_all(issuers.iter().map(|issuer| issuer.until_second(&server))).await;
    server.stop().await;
    database.remove().await;
}
