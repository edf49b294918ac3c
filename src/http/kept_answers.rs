//! Whole answers that are kept for as long as they are true.
//!
//! An answer to a query that follows from the snapshot, the caller's permissions and the parameters alone
//! (`Operation::steady`) is the same for everybody with these permissions who asks the same, until the directory
//! changes. Such a question is answered again without being read: neither parsed, admitted nor run.
//!
//! * They are bounded in bytes. What is asked often stays when many come that are asked once (Clock-PRO).
//! * An answer of another revision is none; the new one takes its place.
//! * Callers without a token get and leave nothing here.

use std::sync::Arc;

use axum::body::Bytes;
use quick_cache::{Weighter, sync::Cache};

use super::{graphql::Operation, question::Question, response::OperationName};
use crate::directory::{Epoch, Revision, Snapshot};

/// Bytes of an answer that is copied, so that it takes no more than it has.
const SMALL: usize = 4 * 1024;
/// No answer takes more than this part of the place.
const PART: usize = 8;
/// What an entry takes beside its bytes, about.
const ENTRY: usize = 256;

/// The answers of a server.
pub(super) struct KeptAnswers {
    all: Cache<Question, Arc<KeptAnswer>, Bytewise>,
    most: usize,
}

/// Of which state of the directory an answer is.
struct Stamp(Epoch, Revision);

/// An answer.
pub(super) struct KeptAnswer {
    stamp: Stamp,
    /// The body of the response.
    pub(super) body: Bytes,
    /// The operation's name.
    pub(super) operation: Option<OperationName>,
}

#[derive(Clone)]
struct Bytewise;

impl Weighter<Question, Arc<KeptAnswer>> for Bytewise {
    fn weight(&self, _: &Question, answer: &Arc<KeptAnswer>) -> u64 {
        (answer.body.len() + ENTRY) as u64
    }
}

impl KeptAnswers {
    /// So many bytes of them. Without any, nothing is kept.
    pub(super) fn new(bytes: usize) -> Option<Self> {
        (bytes > 0).then(|| Self {
            all: Cache::with_weighter(bytes / SMALL, bytes as u64, Bytewise),
            most: bytes / PART,
        })
    }

    /// The answer that was given to this question out of this snapshot.
    pub(super) fn find(&self, question: &Question, snapshot: &Snapshot) -> Option<Arc<KeptAnswer>> {
        self.all.get(question).filter(|answer| answer.stamp.is_of(snapshot))
    }

    fn keep(&self, question: Question, stamp: Stamp, body: Bytes, operation: Option<OperationName>) {
        if body.len() > self.most {
            return;
        }
        let body = match body.len() {
            ..SMALL => Bytes::copy_from_slice(&body),
            _ => body,
        };
        let answer = KeptAnswer { stamp, body, operation };
        self.all.insert(question, Arc::new(answer));
    }
}

/// An answer in the making that may be kept.
pub(super) struct Keeping {
    question: Question,
    stamp: Stamp,
    operation: Option<OperationName>,
}

impl Keeping {
    /// `None` where the answer depends on more than the question and the snapshot.
    pub(super) fn new(question: Question, operation: &Operation) -> Option<Self> {
        operation.steady()?;
        Some(Self {
            question,
            stamp: Stamp::of(operation.snapshot()?),
            operation: operation.name().map(|name| OperationName(name.to_owned())),
        })
    }

    /// Keeps the answer.
    pub(super) fn keep(self, kept: &KeptAnswers, body: &Bytes) {
        kept.keep(self.question, self.stamp, body.clone(), self.operation);
    }
}

impl Stamp {
    fn of(snapshot: &Snapshot) -> Self {
        Self(snapshot.epoch().clone(), snapshot.revision())
    }

    fn is_of(&self, snapshot: &Snapshot) -> bool {
        self.1 == snapshot.revision() && self.0 == *snapshot.epoch()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{auth::Permission, http::question::tests::question};

    fn stamp(revision: Revision) -> Stamp {
        Stamp(Snapshot::empty().epoch().clone(), revision)
    }

    #[test]
    fn an_answer_is_there_as_long_as_it_is_true() {
        let kept = KeptAnswers::new(1024 * 1024).expect("a place");
        let one = question(&[Permission::DirectoryRead], "{}");
        let (now, before) = (Snapshot::empty(), stamp(Snapshot::empty().revision() - 1));
        kept.keep(one, before, Bytes::from_static(b"one"), None);
        assert!(kept.find(&one, &now).is_none());

        kept.keep(one, stamp(now.revision()), Bytes::from_static(b"two"), None);
        assert_eq!(kept.find(&one, &now).expect("the new one").body, "two");
        assert_eq!(kept.all.len(), 1, "it has the place of the former one");
    }

    #[test]
    fn what_is_kept_is_bounded_in_bytes() {
        let kept = KeptAnswers::new(1024 * 1024).expect("a place");
        for number in 0..1_000 {
            let body = Bytes::from(vec![b'x'; 100 * 1024]);
            kept.keep(question(&[], &number.to_string()), stamp(1), body, None);
            assert!(kept.all.weight() <= 1024 * 1024);
        }

        let (large, now) = (question(&[], "large"), Snapshot::empty());
        kept.keep(large, stamp(now.revision()), Bytes::from(vec![b'x'; 1024 * 1024]), None);
        assert!(kept.find(&large, &now).is_none(), "it would be alone");
        assert!(KeptAnswers::new(0).is_none());
    }
}
