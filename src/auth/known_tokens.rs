//! What tokens say that were shown before: a signature and a payload take longer to read than an answer to write.
//!
//! A token stands there under its hash alone, and only if its signature was good under the secrets of this process,
//! which don't change while it runs. Times are compared whenever it is shown.

use std::{fmt, sync::Arc};

use aws_lc_rs::digest::{SHA256, digest};
use quick_cache::{Weighter, sync::Cache};

use super::claims::Claims;

/// Bytes: some thousand tokens.
const BYTES: u64 = 1024 * 1024;
/// What one takes beside its subject.
const ONE: usize = 256;

type TokenHash = [u8; 32];

/// The claims by the hash of their token.
pub(super) struct KnownTokens(Cache<TokenHash, Arc<Claims>, ByBytes>);

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

    pub(super) fn get(&self, hash: &TokenHash) -> Option<Arc<Claims>> {
        self.0.get(hash)
    }

    pub(super) fn insert(&self, hash: TokenHash, claims: Arc<Claims>) {
        self.0.insert(hash, claims);
    }
}

#[derive(Clone)]
struct ByBytes;

impl Weighter<TokenHash, Arc<Claims>> for ByBytes {
    fn weight(&self, _: &TokenHash, claims: &Arc<Claims>) -> u64 {
        u64::try_from(ONE + claims.subject.len()).unwrap_or(u64::MAX)
    }
}
