//! Departments and users as one snapshot shows them: what the API's objects are made of. Their fields are in
//! `department.rs` and `user.rs`.

use std::{ops::Deref, sync::Arc};

use async_graphql::ID;
use chrono::{DateTime, Utc};

use crate::{
    directory::{self, DeptId, Snapshot},
    graphql::{
        relay::ids::{NodeKind, global_id, global_id_as_of},
        services::Services,
    },
};

/// A snapshot in the hands of one request. Its clones are counted beside it: all requests share the snapshot's own
/// counter, which the cores would hand to and fro for each object of each answer.
#[derive(Clone)]
#[allow(clippy::redundant_allocation, reason = "the second counter is what it is for")]
pub(crate) struct SnapshotView(Arc<Arc<Snapshot>>);

impl From<&Arc<Snapshot>> for SnapshotView {
    fn from(snapshot: &Arc<Snapshot>) -> Self {
        Self(Arc::new(snapshot.clone()))
    }
}

impl From<&SnapshotView> for SnapshotView {
    fn from(snapshot: &SnapshotView) -> Self {
        snapshot.clone()
    }
}

impl Deref for SnapshotView {
    type Target = Arc<Snapshot>;

    fn deref(&self) -> &Arc<Snapshot> {
        &self.0
    }
}

/// A department as one snapshot shows it: everything reached from it is of the same revision.
#[derive(Clone)]
pub struct Department {
    pub(crate) snapshot: SnapshotView,
    pub(crate) record: Arc<directory::Department>,
}

impl Department {
    /// The department `id`, gone ones included.
    pub(crate) fn find(snapshot: impl Into<SnapshotView>, id: DeptId) -> Option<Self> {
        let snapshot = snapshot.into();
        let record = snapshot.department(id)?.clone();
        Some(Self { snapshot, record })
    }

    pub(crate) fn key(&self) -> DeptId {
        self.record.facts.dept_id
    }

    pub(crate) fn global_id(&self) -> ID {
        id_of(&self.snapshot, NodeKind::Department, self.key())
    }

    /// When DingTalk last said what the mirror has of it. Of the past: when it had changed last by then.
    pub(crate) fn verified_at(&self, services: &Services) -> DateTime<Utc> {
        match self.snapshot.as_of() {
            None => services.sync.verification().of_department(&self.record),
            Some(_) => self.record.standing.last_seen,
        }
    }
}

/// A user as one snapshot shows them.
#[derive(Clone)]
pub struct User {
    pub(crate) snapshot: SnapshotView,
    pub(crate) record: Arc<directory::User>,
}

impl User {
    /// The user `id`, gone ones included.
    pub(crate) fn find(snapshot: impl Into<SnapshotView>, id: &str) -> Option<Self> {
        let snapshot = snapshot.into();
        let record = snapshot.user(id)?.clone();
        Some(Self { snapshot, record })
    }

    pub(crate) fn global_id(&self) -> ID {
        id_of(&self.snapshot, NodeKind::User, &self.record.facts.userid)
    }

    /// When DingTalk last said what the mirror has of them. Of the past: when they had changed last by then.
    pub(crate) fn verified_at(&self, services: &Services) -> DateTime<Utc> {
        match self.snapshot.as_of() {
            None => services.sync.verification().of_user(&self.record),
            Some(_) => self.record.standing.last_seen,
        }
    }
}

/// What was is told beside what is, and differs.
fn id_of(snapshot: &Snapshot, kind: NodeKind, key: impl std::fmt::Display) -> ID {
    match snapshot.as_of() {
        None => global_id(kind, key),
        Some(at) => global_id_as_of(kind, key, at),
    }
}
