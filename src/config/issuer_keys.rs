//! Where an issuer's keys come from: one of `jwks_url`, `public_key_file` and `secret_file`.

use std::fs;

use url::Url;

use super::issuer_reader::Reader;
use crate::{
    auth::{IssuerKey, IssuerKeys, PublishedKeys, SigningAlgorithm},
    dingtalk::is_loopback,
};

/// Where Atlassian publishes the keys of Forge.
const FORGE_KEYS: &str = "https://forge.cdn.prod.atlassian-dev.net/.well-known/jwks.json";

/// The keys; `None` where something is wrong with them.
pub(super) fn resolve(reader: &mut Reader<'_>, is_forge: bool) -> Option<IssuerKeys> {
    let url = reader.text("jwks_url");
    let (public, secret) = (reader.text("public_key_file"), reader.text("secret_file"));
    match (url, public, secret) {
        // A key of its own instead is a key that somebody else signs with, say in a test.
        (None, Some(path), None) if is_forge => {
            let keys = held(reader, "public_key_file", &path)?;
            if !matches!(&keys, IssuerKeys::Held(key) if key.algorithm() == SigningAlgorithm::Rs256) {
                reader.wrong(
                    "public_key_file",
                    "Forge signs with RS256: name an RSA key, or leave it out",
                );
            }
            Some(keys)
        }
        (url, None, None) if is_forge => {
            let url = published_at(reader, url.as_deref().unwrap_or(FORGE_KEYS))?;
            check(reader, SigningAlgorithm::Rs256);
            Some(IssuerKeys::Published(PublishedKeys::new(
                url,
                vec![SigningAlgorithm::Rs256],
            )))
        }
        _ if is_forge => {
            reader.wrong("jwks_url", "Forge's keys are published: leave the files out");
            None
        }
        (Some(url), None, None) => {
            let algorithms = published_algorithms(reader);
            let url = published_at(reader, &url)?;
            Some(IssuerKeys::Published(PublishedKeys::new(url, algorithms)))
        }
        (None, Some(path), None) => held(reader, "public_key_file", &path),
        (None, None, Some(path)) => held(reader, "secret_file", &path),
        _ => {
            reader.wrong(
                "jwks_url",
                "give exactly one of `jwks_url`, `public_key_file` and `secret_file`: a URL, or the path of a file",
            );
            None
        }
    }
}

/// The key of a file.
fn held(reader: &mut Reader<'_>, field: &str, path: &str) -> Option<IssuerKeys> {
    let read = fs::read_to_string(path).map_err(|error| error.to_string());
    let made = read.and_then(|text| {
        let made = match field {
            "secret_file" => IssuerKey::of_secret(&text.trim().to_owned().into()),
            _ => IssuerKey::of_pem(&text),
        };
        made.map_err(|fault| fault.to_string())
    });

    let key = made
        .map_err(|why| reader.wrong(field, &format!("cannot use {path}: {why}")))
        .ok()?;
    check(reader, key.algorithm());
    Some(IssuerKeys::Held(Box::new(key)))
}

/// An address that nobody on the way can answer for. It is the operator's own word, so that its host needs no place on
/// the list of hosts that the settings' URLs may name.
fn published_at(reader: &mut Reader<'_>, text: &str) -> Option<Url> {
    let url = text.parse::<Url>().ok().filter(|url| {
        let is_safe = url.scheme() == "https" || url.scheme() == "http" && is_loopback(url);
        let has_name = !url.username().is_empty() || url.password().is_some();
        is_safe && !has_name && url.fragment().is_none()
    });
    if url.is_none() {
        reader.wrong(
            "jwks_url",
            "write an `https://` URL without a user and without a `#` (`http://` to this very machine alone): whoever could \
             answer in its place would sign tokens",
        );
    }
    url
}

/// Where algorithms are named, the key's has to be among them: it is the only one that is taken.
fn check(reader: &mut Reader<'_>, of_key: SigningAlgorithm) {
    let Some(named) = algorithms(reader) else { return };
    if !named.contains(&of_key) {
        reader.wrong("algorithms", &format!("its key is for {of_key}, which isn't named"));
    }
}

/// Those of the published keys that are taken: all of them, where none is named.
fn published_algorithms(reader: &mut Reader<'_>) -> Vec<SigningAlgorithm> {
    let Some(named) = algorithms(reader) else {
        return SigningAlgorithm::PUBLIC.to_vec();
    };
    if named.contains(&SigningAlgorithm::Hs256) {
        reader.wrong(
            "algorithms",
            "HS256 has a secret, which can't be published: name RS256, ES256 or EdDSA",
        );
    }
    named
}

fn algorithms(reader: &mut Reader<'_>) -> Option<Vec<SigningAlgorithm>> {
    let named = reader.texts("algorithms", "[\"RS256\"]")?;
    let mut known = Vec::new();
    for name in named {
        match name.parse::<SigningAlgorithm>() {
            Ok(algorithm) => known.push(algorithm),
            Err(unknown) => reader.wrong("algorithms", &unknown.to_string()),
        }
    }
    Some(known)
}
