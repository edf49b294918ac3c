//! The server's own executor beside resolvers that async-graphql's macros derive, in one process, on the same data and
//! through the same edge: from the bytes of a request to the bytes of its answer, without sockets. Each runs in turn.
//!
//! `make bench` gives it what it needs: the exported company, the queries, the rounds, and the database of a mirror on
//! Postgres that nobody changes meanwhile. Prints microseconds an answer as JSON.

use std::{
    fs,
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{Router, body::Body};
use dingmirror::{
    app::App,
    auth::{Permission, TokenIssuer, TokenVerifier},
    clock::Clock,
    graphql::{
        self,
        admission::{Limits, apply_limits},
    },
    http::{self, ExecutableSchema, HttpConfig, Readiness},
};
use http_body_util::BodyExt;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use crate::{company::Company, derived, support};

/// How long one runs before it is the other's turn.
const TURN: Duration = Duration::from_millis(200);

/// One query, and what it must come to.
#[derive(Deserialize)]
struct Task {
    name: String,
    query: String,
    variables: Value,
    answer: Value,
}

/// Microseconds an answer, at the median of the rounds.
#[derive(Serialize)]
struct Compared {
    name: String,
    ours: f64,
    derived: f64,
}

/// Runs it with the arguments behind its name.
pub fn run(args: &[String]) {
    let [folder, tasks, rounds, database] = args else {
        panic!("give the company's folder, the file of the queries, the rounds and the database's URL");
    };
    let tasks: Vec<Task> = serde_json::from_str(&fs::read_to_string(tasks).unwrap()).unwrap();
    let rounds = rounds.parse().unwrap();

    let runtime = support::runtime();
    let compared = runtime.block_on(async {
        let folder_of_nothing = std::env::temp_dir();
        let config = support::config_of_server(
            "http://127.0.0.1:1",
            &folder_of_nothing.to_string_lossy(),
            Some(database.as_str()),
        );
        let app = App::build(config, Clock::system()).await.unwrap();
        let ours = edge(graphql::schema(app.services().clone()));

        let derived = derived::builder(Company::load(folder.as_ref()).unwrap());
        let derived = edge(apply_limits(derived, &Limits::default()).finish());

        let mut compared = Vec::new();
        for task in &tasks {
            compared.push(compare(task, &ours, &derived, rounds).await);
        }
        compared
    });
    println!("{}", serde_json::to_string(&compared).unwrap());
}

fn edge(schema: impl Into<ExecutableSchema>) -> Router {
    http::router(
        HttpConfig::default(),
        schema,
        TokenVerifier::new(&support::SECRET.into(), Clock::system()),
        Arc::new(|| Box::pin(async { Readiness::default() })),
        Clock::system(),
        CancellationToken::new(),
    )
}

async fn compare(task: &Task, ours: &Router, derived: &Router, rounds: usize) -> Compared {
    let token = TokenIssuer::new(&support::SECRET.into(), Clock::system());
    let token = token.issue("bench", &Permission::ALL, Duration::from_secs(3_600));
    let body = json!({ "query": task.query, "variables": task.variables }).to_string();
    let ask = async |router: &Router| {
        let request = axum::http::Request::post("/graphql")
            .header("host", "127.0.0.1")
            .header("content-type", "application/json")
            .header("authorization", format!("Bearer {token}"))
            .body(Body::from(body.clone()))
            .unwrap();
        let answer = router.clone().oneshot(request).await.unwrap();
        answer.into_body().collect().await.unwrap().to_bytes()
    };

    for router in [ours, derived] {
        let answer = ask(router).await;
        let read: Value = serde_json::from_slice(&answer).unwrap();
        assert!(read == task.answer, "{}: {:.1000}", task.name, read.to_string());
    }

    let (mut ours_took, mut derived_took) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        for (router, times) in [(ours, &mut ours_took), (derived, &mut derived_took)] {
            let (began, mut runs) = (Instant::now(), 0);
            while began.elapsed() < TURN {
                ask(router).await;
                runs += 1;
            }
            times.push(began.elapsed().as_secs_f64() * 1e6 / f64::from(runs));
        }
    }
    Compared {
        name: task.name.clone(),
        ours: median(ours_took),
        derived: median(derived_took),
    }
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}
