//! Keys that an issuer publishes: which of them are taken, and which tokens.

use std::time::Instant;

use chrono::Utc;
use serde_json::{Value, json};

use super::{
    OURS, claims,
    key_server::{KeyServer, set},
    server, shown,
    signers::Signer,
};
use crate::support::{
    database::TestDatabase,
    server::{JWT_SECRET, TestDingTalk, TestServer},
};

const IDP: &str = "https://idp.example.com/tenant-a";
const OTHER: &str = "https://idp.example.com/tenant-b";

/// The keys of an issuer, most of which can't be used.
struct Keys {
    rsa: Signer,
    ec: Signer,
    ed: Signer,
    /// Published, and for something else.
    useless: Signer,
    secret: Signer,
    /// Of another issuer.
    other: Signer,
}

impl Keys {
    fn new() -> Self {
        Self {
            rsa: Signer::rsa(),
            ec: Signer::ec(),
            ed: Signer::ed(),
            useless: Signer::rsa(),
            secret: Signer::Secret("a secret that somebody published by mistake".into()),
            other: Signer::rsa(),
        }
    }

    fn published(&self) -> Vec<Value> {
        let none = || json!({});
        vec![
            self.rsa.jwk("rsa", none()),
            self.ec.jwk("ec", json!({ "alg": "ES256", "x5c": ["x"] })),
            self.ed.jwk("ed", json!({ "use": null, "key_ops": ["verify"] })),
            self.secret.jwk("secret", none()),
            self.useless.jwk("enc", json!({ "use": "enc" })),
            self.useless.jwk("ops", json!({ "key_ops": ["encrypt"] })),
            self.useless.jwk("alg", json!({ "alg": "RS512" })),
            self.useless.jwk("hs", json!({ "alg": "HS256" })),
            self.useless.jwk("private", json!({ "d": "AQAB" })),
            self.useless.jwk("exponent", json!({ "e": "AQ" })),
            self.useless.jwk("doubled", none()),
            self.ec.jwk("doubled", none()),
            json!("nonsense"),
        ]
    }
}

async fn with(database: &TestDatabase, dingtalk: &TestDingTalk, one: &KeyServer, other: &KeyServer) -> TestServer {
    let text = format!(
        r#"
[[issuers]]
issuer = "{IDP}"
audience = "{OURS}"
jwks_url = "{}"
permissions = ["directory:read"]
required_claims = ["iat", "jti"]
max_lifetime = "10m"

[[issuers]]
issuer = "{OTHER}"
audience = "{OURS}"
algorithms = ["RS256"]
jwks_url = "{}"
permissions = ["directory:read"]
"#,
        one.url, other.url
    );
    server(database, dingtalk, |_| text).await
}

fn of(others: Value) -> Value {
    let mut claims = claims(IDP, json!({ "jti": "1" }));
    for (name, value) in others.as_object().unwrap() {
        claims[name] = value.clone();
    }
    claims.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    claims
}

both_databases!(
    async fn tokens_by_published_keys_are_taken_and_no_others(database: TestDatabase) {
        let keys = Keys::new();
        let dingtalk = TestDingTalk::start(3, 2).await;
        let one = KeyServer::start(set(&keys.published())).await;
        let other = KeyServer::start(set(&[keys.other.jwk("rsa", json!({})), keys.ec.jwk("ec", json!({}))])).await;
        let server = with(database, &dingtalk, &one, &other).await;
        let (now, began) = (Utc::now().timestamp(), Instant::now());

        for (signer, kid, issuer) in [
            (&keys.rsa, "rsa", IDP),
            (&keys.ec, "ec", IDP),
            (&keys.ed, "ed", IDP),
            (&keys.other, "rsa", OTHER),
        ] {
            let header = json!({ "alg": signer.alg(), "kid": kid, "typ": "JWT" });
            let told = shown(&server, &signer.token(&header, &of(json!({ "iss": issuer })))).await;
            let subject = json!(format!("anna@{issuer}"));
            assert_eq!(told, (200, subject, json!(["DIRECTORY_READ"])), "{issuer} {kid}");
        }
        // Of one key alone nobody has to say which.
        let only = keys.other.token(&json!({ "alg": "RS256" }), &claims(OTHER, json!({})));
        assert_eq!(shown(&server, &only).await.0, 200);

        let headers = [
            ("an unknown key", json!({ "kid": "unknown" })),
            ("no key named", json!({})),
            ("null for a key", json!({ "kid": null })),
            ("a number for a key", json!({ "kid": 7 })),
            ("a list of keys", json!({ "kid": ["rsa"] })),
            ("an empty name", json!({ "kid": "" })),
            ("a name in capitals", json!({ "kid": "RSA" })),
            ("a name with a space", json!({ "kid": "rsa " })),
            ("a path", json!({ "kid": "../../../../dev/null" })),
            ("a URL", json!({ "kid": "https://evil.example/key" })),
            ("SQL", json!({ "kid": "rsa' OR '1'='1" })),
            ("a command", json!({ "kid": "rsa|sleep 10" })),
            ("a NUL", json!({ "kid": "rsa\u{0}" })),
            ("a very long name", json!({ "kid": "k".repeat(20_000) })),
            ("the key of another kind", json!({ "kid": "ec" })),
            ("the key that is for encryption", json!({ "kid": "enc" })),
            (
                "a key that comes along",
                json!({ "kid": "new", "jwk": keys.rsa.jwk("new", json!({})) }),
            ),
            ("a key elsewhere", json!({ "kid": "new", "jku": other.url })),
            ("a certificate elsewhere", json!({ "kid": "new", "x5u": other.url })),
            ("none", json!({ "kid": "rsa", "alg": "none" })),
            ("nOnE", json!({ "kid": "rsa", "alg": "nOnE" })),
            ("another hash", json!({ "kid": "rsa", "alg": "RS512" })),
            ("another padding", json!({ "kid": "rsa", "alg": "PS256" })),
            ("small letters", json!({ "kid": "rsa", "alg": "rs256" })),
            ("HS256 with an RSA signature", json!({ "kid": "rsa", "alg": "HS256" })),
            ("a critical extension", json!({ "kid": "rsa", "crit": ["exp"] })),
        ];
        let mut cases: Vec<(&str, String)> = headers
            .into_iter()
            .map(|(name, mut header)| {
                if header.get("alg").is_none() {
                    header["alg"] = "RS256".into();
                }
                (name, keys.rsa.token(&header, &of(json!({}))))
            })
            .collect();

        // Another key than the one that is named, and keys that are no keys.
        let rs256 = |kid: &str| json!({ "alg": "RS256", "kid": kid });
        let hs256 = |kid: &str| json!({ "alg": "HS256", "kid": kid });
        let by = |secret: String| Signer::Secret(secret);
        let jwk = keys.rsa.jwk("rsa", json!({}));
        cases.extend([
            ("a stranger's key", keys.useless.token(&rs256("rsa"), &of(json!({})))),
            (
                "the key of the other issuer",
                keys.other.token(&rs256("rsa"), &of(json!({}))),
            ),
            ("the curve's key as RSA", keys.ec.token(&rs256("rsa"), &of(json!({})))),
            (
                "the curve's key in its name",
                keys.ec.token(&json!({ "alg": "ES256", "kid": "rsa" }), &of(json!({}))),
            ),
            (
                "the modulus as a secret",
                by(jwk["n"].as_str().unwrap().into()).token(&hs256("rsa"), &of(json!({}))),
            ),
            (
                "the JWK as a secret",
                by(jwk.to_string()).token(&hs256("rsa"), &of(json!({}))),
            ),
            (
                "the PEM as a secret",
                by(keys.rsa.file()).token(&hs256("rsa"), &of(json!({}))),
            ),
            (
                "the server's secret",
                by(JWT_SECRET.into()).token(&hs256("rsa"), &of(json!({}))),
            ),
            (
                "the published secret",
                keys.secret.token(&hs256("secret"), &of(json!({}))),
            ),
            (
                "the other of two with one name",
                keys.ec
                    .token(&json!({ "alg": "ES256", "kid": "doubled" }), &of(json!({}))),
            ),
        ]);
        for kid in ["enc", "ops", "alg", "hs", "private", "exponent", "doubled"] {
            cases.push((kid, keys.useless.token(&rs256(kid), &of(json!({})))));
        }
        let ed = keys
            .ed
            .token(&json!({ "alg": "EdDSA", "kid": "ec" }), &claims(OTHER, json!({})));
        cases.push(("an algorithm that the operator doesn't name", ed));
        let ec = keys
            .ec
            .token(&json!({ "alg": "ES256", "kid": "ec" }), &claims(OTHER, json!({})));
        cases.push(("a key whose algorithm the operator doesn't name", ec));

        // Claims.
        for (name, others) in [
            ("over", json!({ "exp": now - 60, "iat": now - 120 })),
            ("not yet", json!({ "nbf": now + 120 })),
            ("no end", json!({ "exp": null })),
            ("longer than its issuer's may live", json!({ "exp": now + 700 })),
            ("in milliseconds", json!({ "exp": (now + 300) * 1000 })),
            ("no time of issue", json!({ "iat": null })),
            ("no id", json!({ "jti": null })),
            ("another audience", json!({ "aud": "https://other.example.com" })),
            ("no audience", json!({ "aud": null })),
            ("no subject", json!({ "sub": null })),
            ("another tenant", json!({ "iss": OTHER })),
            ("a tenant that nobody knows", json!({ "iss": format!("{IDP}/") })),
            ("two tenants", json!({ "iss": [IDP, OTHER] })),
            ("one of ours", json!({ "iss": "dingmirror", "aud": "dingmirror" })),
        ] {
            cases.push((name, keys.rsa.token(&rs256("rsa"), &of(others))));
        }

        // Signatures.
        let whole = keys.rsa.token(&rs256("rsa"), &of(json!({})));
        let (signed, signature) = whole.rsplit_once('.').unwrap();
        let admin = keys.useless.token(&rs256("rsa"), &of(json!({ "sub": "admin" })));
        let (changed, _) = admin.rsplit_once('.').unwrap();
        cases.extend([
            ("stripped of its signature", signed.to_owned()),
            ("an empty signature", format!("{signed}.")),
            ("a part more", format!("{whole}.{signature}")),
            ("a part in front", format!("e30.{whole}")),
            ("two signatures", format!("{whole}{signature}")),
            ("a signature that is padded", format!("{whole}==")),
            ("half a signature", format!("{signed}.{}", &signature[..100])),
            ("another payload", format!("{changed}.{signature}")),
        ]);

        assert!(cases.len() >= 60, "{}", cases.len());
        for (name, token) in cases {
            assert_eq!(shown(&server, &token).await, (401, Value::Null, Value::Null), "{name}");
        }
        assert_eq!(shown(&server, &whole).await.0, 200);

        // What a token's header says was looked up nowhere, and the keys were fetched a few times at most.
        let most = 2 + usize::try_from(began.elapsed().as_secs()).unwrap() / 5;
        assert!(
            one.times() <= most && other.times() <= most,
            "{} {}",
            one.times(),
            other.times()
        );
        let heads = one.heads().join("").to_lowercase();
        assert!(heads.starts_with("get /.well-known/jwks.json http/1.1"), "{heads}");
        assert!(!heads.contains("authorization") && !heads.contains("cookie"), "{heads}");
        server.stop().await;
    }
);
