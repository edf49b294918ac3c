//! Whether replicas serve what the database has.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use dingmirror::store::Store;
use serde_json::{Value, json};

use crate::support::process::Process;

const EVERYBODY: &str = "{ mirror { revision } users(first: 500) { totalCount nodes { userId name } } \
                         departments(first: 500) { nodes { deptId name } } }";

/// A revision, and everybody and everything of it.
type State = (String, BTreeSet<(String, String)>, BTreeSet<(String, String)>);

async fn of_database(store: &Store) -> Option<State> {
    let mirror = store.load_directory().await.ok()?;
    let users = mirror.users.iter().filter(|it| it.standing.is_present());
    let users = users.map(|it| (it.facts.userid.to_string(), it.facts.name.to_string()));
    let departments = mirror.departments.iter().filter(|it| it.standing.is_present());
    let departments = departments.map(|it| (it.facts.dept_id.0.to_string(), it.facts.name.clone()));
    Some((mirror.revision.to_string(), users.collect(), departments.collect()))
}

async fn of_replica(replica: &Process) -> Option<State> {
    let answer = replica.ask(EVERYBODY, json!({})).await.ok()?;
    let data = &answer["data"];
    let list = |list: &str, id: &str| -> Option<BTreeSet<(String, String)>> {
        let nodes = data[list]["nodes"].as_array()?;
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        Some(
            nodes
                .iter()
                .map(|node| (text(&node[id]), text(&node["name"])))
                .collect(),
        )
    };
    let revision = data["mirror"]["revision"].as_str()?.to_owned();
    Some((revision, list("users", "userId")?, list("departments", "deptId")?))
}

/// Waits until both replicas serve what the database has; how long that took.
pub(super) async fn until_equal(store: &Store, replicas: &[Process], within: Duration) -> Duration {
    let began = Instant::now();
    loop {
        // What a sync writes meanwhile makes them differ for a moment.
        let mut states = Vec::new();
        for replica in replicas {
            states.push(of_replica(replica).await);
        }
        let database = of_database(store).await;
        if database.is_some() && states.iter().all(|state| *state == database) {
            return began.elapsed();
        }
        assert!(
            began.elapsed() < within,
            "they differ after {within:?}: {:?} {:?}",
            database.map(|it| (it.0, it.1.len(), it.2.len())),
            states
                .iter()
                .map(|it| it.as_ref().map(|it| (it.0.clone(), it.1.len(), it.2.len())))
                .collect::<Vec<_>>()
        );
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
