//! Departments and users as one snapshot shows them: what the API's objects are made of. Their fields are in
//! `department.rs` and `user.rs`.

use std::sync::Arc;

use crate::directory::{self, DeptId, Snapshot};

/// A department as one snapshot shows it: everything reached from it is of the same revision.
#[derive(Clone)]
pub struct Department {
    pub(crate) snapshot: Arc<Snapshot>,
    pub(crate) record: Arc<directory::Department>,
}

impl Department {
    /// The department `id`, gone ones included.
    pub(crate) fn find(snapshot: &Arc<Snapshot>, id: DeptId) -> Option<Self> {
        let record = snapshot.department(id)?.clone();
        Some(Self {
            snapshot: snapshot.clone(),
            record,
        })
    }

    pub(crate) fn key(&self) -> DeptId {
        self.record.facts.dept_id
    }
}

/// A user as one snapshot shows them.
#[derive(Clone)]
pub struct User {
    pub(crate) snapshot: Arc<Snapshot>,
    pub(crate) record: Arc<directory::User>,
}

impl User {
    /// The user `id`, gone ones included.
    pub(crate) fn find(snapshot: &Arc<Snapshot>, id: &str) -> Option<Self> {
        let record = snapshot.user(id)?.clone();
        Some(Self {
            snapshot: snapshot.clone(),
            record,
        })
    }
}
