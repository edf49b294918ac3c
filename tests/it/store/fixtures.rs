//! Records to write.

use chrono::{DateTime, Utc};
use dingmirror::{
    clock::Clock,
    directory::{
        Change, ChangeKind, ChangeSet, Department, DepartmentFacts, DeptId, Membership, Raw, RecordId, RecordState,
        Standing, User, UserFacts, UserId,
    },
    store::{Store, StoreError},
};
use serde_json::json;

use crate::support::database::TestDatabase;

/// An open, migrated store.
pub async fn open(database: &TestDatabase) -> Store {
    let store = Store::connect(database.target(), Clock::system()).await.unwrap();
    store.migrate().await.unwrap();
    store
}

/// Takes migrations back, the one whose name begins so as the last.
pub async fn migrated_before(store: &Store, first: &str) -> Result<(), StoreError> {
    let all = store.migration_status().await?;
    let at = all.iter().position(|(name, _)| name.starts_with(first)).unwrap();
    store.migrate_down(u32::try_from(all.len() - at).unwrap()).await
}

pub fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_700_000_000 + seconds, 123_456_000).unwrap()
}

fn standing() -> Standing {
    Standing {
        state: RecordState::Active,
        cause: None,
        revision: 0,
        first_seen: at(0),
        last_seen: at(1),
    }
}

pub fn department(id: i64, parent: Option<i64>, name: &str) -> Department {
    Department {
        facts: DepartmentFacts {
            parent_id: parent.map(DeptId),
            name: name.to_owned(),
            order: Some(176_294_576_350_761_512),
            hide_dept: Some(false),
            create_dept_group: Some(true),
            manager_userids: vec!["manager4220".into()],
            dept_group_chat_id: Some(String::new()),
            raw: Raw::of(&json!({ "order": 176_294_576_350_761_512_i64, "new_field": { "a": [1, null] } })),
            ..DepartmentFacts::unsaid(DeptId(id))
        },
        standing: standing(),
    }
}

pub fn user(id: &str, departments: &[i64]) -> User {
    User {
        facts: UserFacts {
            unionid: Some("z21HjQliSzpw0WTiEiE".into()),
            name: "张三".into(),
            avatar: Some("".into()),
            hide_mobile: Some(false),
            job_number: Some("00021116".into()),
            email: Some("".into()),
            extension: Some("{\"爱好\":\"旅游\"}".into()),
            hired_date: Some(1_544_976_000_000),
            active: Some(true),
            admin: Some(false),
            memberships: departments
                .iter()
                .map(|id| Membership {
                    dept_id: DeptId(*id),
                    order: Some(176_294_576_350_761_512),
                    leader: None,
                })
                .collect(),
            raw: Raw::of(&json!({ "userid": id, "dept_order": 179_997_318_850_453_160_i64 })),
            ..UserFacts::unsaid(UserId::from(id))
        },
        standing: standing(),
    }
}

/// A batch of new records with its log.
pub fn batch(departments: Vec<Department>, users: Vec<User>) -> ChangeSet {
    let entry = |id: RecordId| Change {
        entity: id.into(),
        kind: ChangeKind::Created,
        fields: Vec::new(),
    };

    let changes = departments
        .iter()
        .map(|d| entry(RecordId::Department(d.facts.dept_id)))
        .chain(users.iter().map(|u| entry(RecordId::User(u.facts.userid.clone()))))
        .collect();

    ChangeSet {
        departments,
        users,
        changes,
        held: Vec::new(),
    }
}
