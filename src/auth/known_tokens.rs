//! What tokens say that were shown before: a signature and a payload take longer to read than an answer to write.
//!
//! A token stands there under its hash alone, and only if its signature was good: under the secrets of this process,
//! which don't change while it runs, or under keys that its issuer publishes and has not changed since. Times are
//! compared whenever it is shown.

use std::{fmt, sync::Arc};

use aws_lc_rs::digest::{SHA256, digest};
use quick_cache::{Weighter, sync::Cache};

use super::{claims::Claims, issuer::PublishedKeys};

/// Bytes: some thousand tokens.
const BYTES: u64 = 1024 * 1024;
/// What one takes beside its subject and its id.
const ONE: usize = 256;

type TokenHash = [u8; 32];

/// What a token says whose signature was good.
#[derive(Debug)]
pub(super) struct KnownToken {
    pub(super) claims: Claims,
    /// Where its issuer publishes its keys: these, and which generation of them its signature was good under.
    pub(super) seen: Option<(PublishedKeys, u64)>,
}

impl KnownToken {
    /// One that was signed with this server's own secret.
    pub(super) fn of_own(claims: Claims) -> Self {
        Self { claims, seen: None }
    }

    /// Whether its signature is as good as it was.
    pub(super) fn holds(&self) -> bool {
        let seen = self.seen.as_ref();
        seen.is_none_or(|(keys, generation)| keys.current().generation == *generation)
    }
}

/// Tokens by their hashes.
pub(super) struct KnownTokens(Cache<TokenHash, Arc<KnownToken>, ByBytes>);

impl fmt::Debug for KnownTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KnownTokens({})", self.0.len())
    }
}

impl Default for KnownTokens {
    fn default() -> Self {
        Self(Cache::with_weighter(4_096, BYTES, ByBytes))
    }
}

impl KnownTokens {
    /// The hash of a token, all of it.
    pub(super) fn hash(token: &str) -> TokenHash {
        let mut hash = TokenHash::default();
        hash.copy_from_slice(digest(&SHA256, token.as_bytes()).as_ref());
        hash
    }

    pub(super) fn get(&self, hash: &TokenHash) -> Option<Arc<KnownToken>> {
        self.0.get(hash)
    }

    pub(super) fn insert(&self, hash: TokenHash, token: Arc<KnownToken>) {
        self.0.insert(hash, token);
    }
}

#[derive(Clone)]
struct ByBytes;

impl Weighter<TokenHash, Arc<KnownToken>> for ByBytes {
    fn weight(&self, _: &TokenHash, token: &Arc<KnownToken>) -> u64 {
        let claims = &token.claims;
        let id = claims.mark.id.as_ref().map_or(0, |id| id.issuer.len() + id.id.len());
        u64::try_from(ONE + claims.subject.len() + id).unwrap_or(u64::MAX)
    }
}
