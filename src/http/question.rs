//! What a request asks, as far as its answer depends on it.

use aws_lc_rs::digest::{Context, SHA256};

use super::accept::MediaType;
use crate::auth::Caller;

/// All that a steady answer depends on beside the snapshot, as SHA-256: the caller's permissions, the media type and
/// the parameters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Question([u8; 32]);

impl Question {
    /// Of a caller who has shown a token. `parameters` as they came: what means the same may be asked in several ways.
    pub(super) fn new(caller: &Caller, media: MediaType, parameters: &[u8]) -> Self {
        let mut hash = Context::new(&SHA256);
        hash.update(media.content_type().as_bytes());
        for permission in &caller.permissions {
            hash.update(b" ");
            hash.update(permission.as_str().as_bytes());
        }
        // Neither of the others has a line break.
        hash.update(b"\n");
        hash.update(parameters);

        let mut question = [0; 32];
        question.copy_from_slice(hash.finish().as_ref());
        Self(question)
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::auth::Permission;

    /// A question of somebody with these permissions.
    pub(in crate::http) fn question(permissions: &[Permission], parameters: &str) -> Question {
        let caller = Caller {
            subject: "somebody".to_owned(),
            permissions: permissions.iter().copied().collect(),
            expires_at: chrono::DateTime::UNIX_EPOCH,
            key: None,
            issuer: None,
            token: None,
            leeway: chrono::TimeDelta::zero(),
        };
        Question::new(&caller, MediaType::Json, parameters.as_bytes())
    }

    #[test]
    fn a_question_is_another_with_other_permissions_and_other_parameters() {
        let [read, contact] = [Permission::DirectoryRead, Permission::DirectoryContact];
        let one = question(&[read], "{}");
        assert_eq!(one, question(&[read], "{}"));
        assert_ne!(one, question(&[read, contact], "{}"));
        assert_ne!(one, question(&[], "{}"));
        assert_ne!(one, question(&[read], "{ }"));
    }
}
