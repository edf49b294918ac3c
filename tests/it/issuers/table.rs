//! Which tokens of other issuers are taken, as whom and for what, and which are refused.

use std::path::Path;

use chrono::Utc;
use serde_json::{Value, json};

use super::{OURS, claims, server, shown, signers::Signer};
use crate::support::{
    database::TestDatabase,
    server::{JWT_SECRET, TestDingTalk},
};

/// Four issuers, one of each kind of key, in a file.
struct Issuers {
    rsa: Signer,
    ec: Signer,
    ed: Signer,
    secret: Signer,
}

impl Issuers {
    fn new() -> Self {
        Self {
            rsa: Signer::rsa(),
            ec: Signer::ec(),
            ed: Signer::ed(),
            secret: Signer::Secret("a secret that a gateway shares with the server".into()),
        }
    }

    fn text(&self, dir: &Path) -> String {
        let file = |name: &str, signer: &Signer| {
            let path = dir.join(name);
            std::fs::write(&path, signer.file()).unwrap();
            path.display().to_string()
        };
        format!(
            r#"
[[issuers]]
issuer = "https://idp.example.com"
audience = "{OURS}"
algorithms = ["RS256"]
public_key_file = "{}"
permissions = ["directory:read"]
permissions_claim = "scope"

[[issuers]]
issuer = "https://gateway.example.com/"
audience = ["{OURS}", "dingmirror"]
public_key_file = "{}"
permissions_claim = "roles"

[[issuers]]
issuer = "ci"
audience = "{OURS}"
public_key_file = "{}"
permissions = ["sync:run"]
leeway = "0s"

[[issuers]]
issuer = "plugin"
audience = "{OURS}"
algorithms = ["HS256"]
secret_file = "{}"
permissions = ["message:send"]
"#,
            file("rsa.pem", &self.rsa),
            file("ec.pem", &self.ec),
            file("ed.pem", &self.ed),
            file("secret", &self.secret),
        )
    }
}

const IDP: &str = "https://idp.example.com";
const GATEWAY: &str = "https://gateway.example.com/";

both_databases!(
    async fn tokens_of_each_issuer_are_taken_as_its_own_callers(database: TestDatabase) {
        let dingtalk = TestDingTalk::start(3, 2).await;
        let issuers = Issuers::new();
        let server = server(database, &dingtalk, |dir| issuers.text(dir)).await;
        let now = Utc::now().timestamp();

        for (signer, issuer, others, subject, permissions) in [
            (
                &issuers.rsa,
                IDP,
                json!({}),
                "anna@https://idp.example.com",
                json!(["DIRECTORY_READ"]),
            ),
            (
                &issuers.rsa,
                IDP,
                json!({ "scope": "openid message:send  message:read" }),
                "anna@https://idp.example.com",
                json!(["DIRECTORY_READ", "MESSAGE_SEND", "MESSAGE_READ"]),
            ),
            (
                &issuers.rsa,
                IDP,
                json!({ "aud": ["other", OURS] }),
                "anna@https://idp.example.com",
                json!(["DIRECTORY_READ"]),
            ),
            (
                &issuers.ec,
                GATEWAY,
                json!({ "roles": ["directory:read", "admin"], "aud": "dingmirror" }),
                "anna@https://gateway.example.com/",
                json!(["DIRECTORY_READ"]),
            ),
            (
                &issuers.ec,
                GATEWAY,
                json!({}),
                "anna@https://gateway.example.com/",
                json!([]),
            ),
            (&issuers.ed, "ci", json!({}), "anna@ci", json!(["SYNC_RUN"])),
            (
                &issuers.secret,
                "plugin",
                json!({}),
                "anna@plugin",
                json!(["MESSAGE_SEND"]),
            ),
            // The clocks differ by less than the issuer's leeway.
            (
                &issuers.rsa,
                IDP,
                json!({ "exp": now - 10 }),
                "anna@https://idp.example.com",
                json!(["DIRECTORY_READ"]),
            ),
            (
                &issuers.rsa,
                IDP,
                json!({ "nbf": now + 10 }),
                "anna@https://idp.example.com",
                json!(["DIRECTORY_READ"]),
            ),
        ] {
            let token = signer.token(
                &json!({ "alg": signer.alg(), "kid": "x" }),
                &claims(issuer, others.clone()),
            );
            let told = shown(&server, &token).await;
            assert_eq!(told, (200, json!(subject), permissions), "{issuer} {others}");
        }

        // The server's own go on.
        let (status, subject, _) = shown(&server, &server.admin_token()).await;
        assert_eq!((status, subject), (200, json!("test")));
        server.stop().await;
    }
);

both_databases!(
    async fn no_other_token_is_taken(database: TestDatabase) {
        let dingtalk = TestDingTalk::start(3, 2).await;
        let issuers = Issuers::new();
        let server = server(database, &dingtalk, |dir| issuers.text(dir)).await;
        let now = Utc::now().timestamp();
        let good = || claims(IDP, json!({}));
        let rs256 = json!({ "alg": "RS256" });
        let own = Signer::Secret(JWT_SECRET.into());
        let public = Signer::Secret(issuers.rsa.file());
        let trimmed = Signer::Secret(issuers.rsa.file().trim().to_owned());
        let (stranger, other_ec) = (Signer::rsa(), Signer::ec());
        let whole = issuers.rsa.token(&rs256, &good());
        let (signed, signature) = whole.rsplit_once('.').unwrap();

        let mut cases = vec![
            // Algorithm confusion: the key fixes the algorithm, whatever the header says.
            (
                "the public key as a secret",
                public.token(&json!({ "alg": "HS256" }), &good()),
            ),
            (
                "the same without its line break",
                trimmed.token(&json!({ "alg": "HS256" }), &good()),
            ),
            (
                "no algorithm",
                format!(
                    "{}.",
                    issuers
                        .rsa
                        .token(&json!({ "alg": "none" }), &good())
                        .rsplit_once('.')
                        .unwrap()
                        .0
                ),
            ),
            (
                "none, and signed",
                issuers.rsa.token(&json!({ "alg": "none" }), &good()),
            ),
            ("None", issuers.rsa.token(&json!({ "alg": "None" }), &good())),
            (
                "RS512 in the header",
                issuers.rsa.token(&json!({ "alg": "RS512" }), &good()),
            ),
            (
                "PS256 in the header",
                issuers.rsa.token(&json!({ "alg": "PS256" }), &good()),
            ),
            (
                "ES256 for an RSA key",
                other_ec.token(&json!({ "alg": "ES256" }), &good()),
            ),
            (
                "the algorithm in small letters",
                issuers.rsa.token(&json!({ "alg": "rs256" }), &good()),
            ),
            ("no `alg`", issuers.rsa.token(&json!({ "typ": "JWT" }), &good())),
            (
                "two algorithms",
                issuers.rsa.token(&json!({ "alg": ["RS256", "HS256"] }), &good()),
            ),
            (
                "the server's own secret",
                own.token(&json!({ "alg": "HS256" }), &good()),
            ),
            ("another key of the same kind", stranger.token(&rs256, &good())),
            (
                "the key of another issuer",
                issuers.ec.token(&json!({ "alg": "ES256" }), &good()),
            ),
            (
                "the secret of another issuer",
                issuers.secret.token(&json!({ "alg": "HS256" }), &good()),
            ),
            // What the header offers to look up is never looked at.
            (
                "a key in the header",
                stranger.token(&json!({ "alg": "RS256", "jwk": { "kty": "RSA" } }), &good()),
            ),
            (
                "a key's address in the header",
                stranger.token(&json!({ "alg": "RS256", "jku": "https://evil.example/jwks" }), &good()),
            ),
            (
                "a path for a `kid`",
                stranger.token(&json!({ "alg": "RS256", "kid": "../../../dev/null" }), &good()),
            ),
            (
                "a critical extension",
                issuers
                    .rsa
                    .token(&json!({ "alg": "RS256", "crit": ["b64"], "b64": false }), &good()),
            ),
            // Signatures.
            ("no signature", format!("{signed}.")),
            ("a stripped signature", signed.to_owned()),
            (
                "half a signature",
                format!("{signed}.{}", &signature[..signature.len() / 2]),
            ),
            ("a longer signature", format!("{whole}AAAA")),
            ("a signature that is no base64url", format!("{signed}.!!!!")),
            ("a payload that was changed", {
                let other = stranger.token(&rs256, &claims(IDP, json!({ "sub": "admin" })));
                let (signed, _) = other.rsplit_once('.').unwrap();
                format!("{signed}.{signature}")
            }),
        ];

        let of_claims = [
            ("another audience", json!({ "aud": "https://other.example.com" })),
            ("no audience", json!({ "aud": null })),
            ("an empty list of audiences", json!({ "aud": [] })),
            ("an audience that begins alike", json!({ "aud": format!("{OURS}/") })),
            ("the audience of another issuer", json!({ "aud": "dingmirror" })),
            ("no end", json!({ "exp": null })),
            ("an end as a text", json!({ "exp": (now + 300).to_string() })),
            ("an end in milliseconds", json!({ "exp": (now + 300) * 1000 })),
            ("over", json!({ "exp": now - 60 })),
            ("not yet", json!({ "nbf": now + 120 })),
            ("of a year ago", json!({ "iat": now - 366 * 86_400 })),
            ("no subject", json!({ "sub": null })),
            ("a blank subject", json!({ "sub": " " })),
            ("a number for a subject", json!({ "sub": 7 })),
            ("permissions of another form", json!({ "scope": 7 })),
            ("two issuers", json!({ "iss": [IDP, "ci"] })),
            ("no issuer", json!({ "iss": null })),
            ("an unknown issuer", json!({ "iss": "https://evil.example.com" })),
            ("an issuer that begins alike", json!({ "iss": format!("{IDP}/") })),
            ("an issuer in capitals", json!({ "iss": IDP.to_uppercase() })),
            (
                "the issuer's own name for ours",
                json!({ "iss": "dingmirror", "aud": "dingmirror" }),
            ),
            ("the name of another issuer", json!({ "iss": GATEWAY })),
        ];
        cases.extend(of_claims.map(|(name, others)| (name, issuers.rsa.token(&rs256, &claims(IDP, others)))));

        // Without leeway a token that is over is over.
        let over = claims("ci", json!({ "exp": now - 2 }));
        cases.push((
            "over, without leeway",
            issuers.ed.token(&json!({ "alg": "EdDSA" }), &over),
        ));
        // With the server's own secret nobody becomes a caller of an issuer, nor with an issuer's key one of ours.
        let ours = json!({ "iss": "dingmirror", "aud": "dingmirror", "sub": "x", "exp": now + 60, "permissions": ["settings:write"] });
        cases.push((
            "a key of an issuer for ours",
            issuers.secret.token(&json!({ "alg": "HS256" }), &ours),
        ));

        assert!(cases.len() >= 40, "{}", cases.len());
        for (name, token) in cases {
            assert_eq!(shown(&server, &token).await, (401, Value::Null, Value::Null), "{name}");
        }
        assert_eq!(shown(&server, &whole).await.0, 200);
        server.stop().await;
    }
);
