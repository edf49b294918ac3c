//! Why a key is refused: in words for the log, and in one sentence for whoever sent it.

use uuid::Uuid;

/// What is said of every key that is refused: whoever tries keys learns nothing of those that there are.
pub const KEY_REFUSED: &str = "the API key is not taken: it is unknown, has expired or was revoked; have an administrator make a new one, \
     with `dingmirror key create` or the mutation `createApiKey`";

/// Why a key was refused, for the log: it names the key by its id and never shows more of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// It isn't written as a key is.
    #[error("an API key of another form than `dm_…`")]
    Form,
    /// There is none, or it was revoked, or it had expired when the keys were read.
    #[error("no API key {} is in force", .0.simple())]
    Unknown(Uuid),
    /// Another secret than that of the id.
    #[error("the secret is not that of the API key {}", .0.simple())]
    Secret(Uuid),
    /// Its time is over.
    #[error("the API key {} has expired", .0.simple())]
    Expired(Uuid),
}
