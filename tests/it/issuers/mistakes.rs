//! What may be wrong with an issuer of the configuration file.

use super::{load, signers::Signer};

#[test]
fn what_is_wrong_with_an_issuer_is_told_at_the_start() {
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = dir.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let good = write("good.pem", &Signer::ed().file());
    let private = write(
        "private.pem",
        "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIA==\n-----END PRIVATE KEY-----\n",
    );
    let short = write("short", "hunter2-hunter2\n");
    let nothing = write("nothing.pem", "hello\n");
    let broken = write(
        "broken.pem",
        "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
    );
    let key = format!("public_key_file = '{good}'");
    let rest = format!("audience = 'x'\npermissions = ['sync:run']\n{key}");

    for (text, told) in [
        (rest.clone(), "issuer: say the `iss`"),
        (format!("issuer = 'dingmirror'\n{rest}"), "the server's own tokens"),
        (format!("issuer = 7\n{rest}"), "issuer: write a text"),
        (
            format!("issuer = 'a'\npermissions = ['sync:run']\n{key}"),
            "audience: say the `aud`",
        ),
        (
            format!("issuer = 'a'\naudience = ['x', ' ']\npermissions = ['sync:run']\n{key}"),
            "audience: say the `aud`",
        ),
        (format!("issuer = 'a'\naudience = 'x'\n{key}"), "would open nothing"),
        (
            format!("issuer = 'a'\naudience = 'x'\npermissions = ['sync:all']\n{key}"),
            "`sync:all` is no permission",
        ),
        (
            "issuer = 'a'\naudience = 'x'\npermissions = ['sync:run']".to_owned(),
            "exactly one of",
        ),
        (
            format!("issuer = 'a'\n{rest}\nsecret_file = '{short}'"),
            "exactly one of",
        ),
        (
            format!("issuer = 'a'\n{rest}\nalgorithms = ['RS256']"),
            "its key is for EdDSA",
        ),
        (
            format!("issuer = 'a'\n{rest}\nalgorithms = ['none']"),
            "`none` is no algorithm",
        ),
        (
            format!("issuer = 'a'\n{rest}\nalgorithms = 'EdDSA'"),
            "algorithms: write a list",
        ),
        (format!("issuer = 'a'\n{rest}\nleeway = '1h'"), "leeway: at most 5m"),
        (
            format!("issuer = 'a'\n{rest}\naudiance = 'y'"),
            "audiance: there is no such key: did you mean `audience`?",
        ),
        (
            format!("issuer = 'a'\naudience = 'x'\npermissions = ['sync:run']\npublic_key_file = '{private}'"),
            "holds a private key",
        ),
        (
            format!("issuer = 'a'\naudience = 'x'\npermissions = ['sync:run']\npublic_key_file = '{nothing}'"),
            "no public key in PEM",
        ),
        (
            format!("issuer = 'a'\naudience = 'x'\npermissions = ['sync:run']\npublic_key_file = '{broken}'"),
            "none of RSA",
        ),
        (
            "issuer = 'a'\naudience = 'x'\npermissions = ['sync:run']\npublic_key_file = '/does/not/exist'".to_owned(),
            "/does/not/exist",
        ),
        (
            format!("issuer = 'a'\naudience = 'x'\npermissions = ['sync:run']\nsecret_file = '{short}'"),
            "holds a secret of 15 bytes",
        ),
        (
            format!("issuer = 'a'\n{rest}\n[[issuers]]\nissuer = 'a'\n{rest}"),
            "number 2: issuer: another one has this name",
        ),
    ] {
        let errors = load(dir.path(), &format!("[[issuers]]\n{text}\n")).err();
        let errors = errors.unwrap_or_else(|| panic!("nothing is wrong with {text}"));
        assert!(errors.contains(told), "{text}: {errors}");
        assert!(!errors.contains("hunter2"), "{errors}");
    }

    // Keys that are published, and Forge.
    let plain = "issuer = 'a'\naudience = 'x'\npermissions = ['sync:run']\n";
    let app = "kind = 'forge'\naudience = 'ari:cloud:ecosystem::app/1'\n";
    let forge = &format!("{app}permissions = ['sync:run']\n");
    for (text, told) in [
        (
            format!("{plain}{key}\njwks_url = 'https://a.example/keys'"),
            "jwks_url: give exactly one of",
        ),
        (
            format!("{plain}jwks_url = 'http://a.example/keys'"),
            "jwks_url: write an `https://` URL",
        ),
        (
            format!("{plain}jwks_url = 'http://localhost.example/keys'"),
            "jwks_url: write an `https://` URL",
        ),
        (
            format!("{plain}jwks_url = 'https://me:hunter2@a.example/keys'"),
            "jwks_url: write an `https://` URL",
        ),
        (
            format!("{plain}jwks_url = 'https://a.example/keys#hunter2'"),
            "jwks_url: write an `https://` URL",
        ),
        (
            format!("{plain}jwks_url = 'file:///etc/hunter2'"),
            "jwks_url: write an `https://` URL",
        ),
        (
            format!("{plain}jwks_url = 'a.example'"),
            "jwks_url: write an `https://` URL",
        ),
        (
            format!("{plain}jwks_url = 'https://a.example/keys'\nalgorithms = ['RS256', 'HS256']"),
            "can't be published",
        ),
        (
            format!("{plain}jwks_url = 'https://a.example/keys'\nalgorithms = []"),
            "algorithms: write a list",
        ),
        (
            format!("{plain}{key}\nrequired_claims = 'iat'"),
            "required_claims: write a list",
        ),
        (format!("{plain}{key}\nmax_lifetime = '0'"), "max_lifetime: with 0"),
        (format!("{plain}{key}\nmax_lifetime = 'long'"), "max_lifetime: "),
        (format!("{plain}{key}\ncloud_ids = ['1']"), "cloud_ids: only Forge's"),
        (format!("{plain}{key}\nkind = 'Forge'"), "kind: there is `forge`"),
        (format!("{forge}issuer = 'a'"), "leave it out"),
        (format!("{forge}{key}"), "Forge signs with RS256"),
        (format!("{forge}secret_file = '{short}'"), "leave the files out"),
        (
            format!("{forge}permissions_claim = 'scope'"),
            "have no claim of permissions",
        ),
        (format!("{forge}algorithms = ['ES256']"), "its key is for RS256"),
        (format!("{forge}cloud_ids = []"), "cloud_ids: write a list"),
        (app.to_owned(), "would open nothing"),
        (
            "kind = 'forge'\naudience = '1'\npermissions = ['sync:run']".into(),
            "`ari:cloud:ecosystem::app/…`",
        ),
        (format!("{forge}[[issuers]]\n{forge}"), "another one has this name"),
    ] {
        let errors = load(dir.path(), &format!("[[issuers]]\n{text}\n")).err();
        let errors = errors.unwrap_or_else(|| panic!("nothing is wrong with {text}"));
        assert!(errors.contains(told), "{text}: {errors}");
        assert!(!errors.contains("hunter2"), "{errors}");
    }
    for right in [
        forge.clone(),
        format!("{forge}issuer = 'forge/invocation-token'\nalgorithms = ['RS256']\ncloud_ids = ['1']"),
        format!("{forge}jwks_url = 'http://127.0.0.1:9/keys'"),
        format!("{plain}jwks_url = 'https://a.example/keys?tenant=1'\nmax_lifetime = '10m'\nrequired_claims = ['iat']"),
    ] {
        assert!(load(dir.path(), &format!("[[issuers]]\n{right}\n")).is_ok(), "{right}");
    }

    let errors = load(dir.path(), "issuers = 'x'\n").unwrap_err();
    assert!(
        errors.contains("line 1: issuers: write each of them as a table `[[issuers]]`"),
        "{errors}"
    );
    assert!(load(dir.path(), &format!("[[issuers]]\nissuer = 'a'\n{rest}\n")).is_ok());
}
