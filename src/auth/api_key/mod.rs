//! API keys: what a plugin shows in the place of a token. Named, scoped to permissions, expiring, revocable.
//!
//! A key is an id that is no secret and a secret of 256 random bits. The database has the id and the secret's hash
//! alone; the keys that may be used are in memory, so that no request waits for the database.

mod handle;
mod keys;
mod new;
mod record;
mod refusal;
mod secret;

pub use handle::ApiKeysHandle;
pub use keys::{ApiKeys, KeyUse, MAX_API_KEYS};
pub use new::NewApiKey;
pub use record::{ApiKey, ApiKeyState};
pub use refusal::{KEY_REFUSED, KeyError};
pub use secret::{ApiKeySecret, KEY_PREFIX, SecretHash};
