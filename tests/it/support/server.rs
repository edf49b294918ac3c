//! A real server on a free port, against a real database and the simulator.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use dingmirror::{
    app::App,
    auth::{Permission, TokenIssuer},
    clock::Clock,
    config::{Config, Database, LogFormat},
    delivery::DeliveryConfig,
    directory::{RunState, SyncRun},
    graphql::Services,
    lifecycle::Crashed,
    message::{FollowUpPolicy, Pace},
    settings::{AllowedHosts, Api, SettingsPatch},
    simulator::{Simulator, SimulatorConfig},
    store::Target,
};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_util::sync::CancellationToken;

/// Secret of every test server's tokens.
pub const JWT_SECRET: &str = "a secret of the tests that is long enough";

/// A simulator on a port of its own.
pub struct TestDingTalk {
    pub base: String,
    pub config: SimulatorConfig,
    pub shutdown: CancellationToken,
    pub http: reqwest::Client,
}

impl TestDingTalk {
    /// A small company without throttling.
    pub async fn start(users: usize, departments: usize) -> Self {
        let config = SimulatorConfig {
            users,
            departments,
            rate_limit_per_second: None,
            ..SimulatorConfig::default()
        };
        Self::start_with(config).await
    }

    pub async fn start_with(config: SimulatorConfig) -> Self {
        let shutdown = CancellationToken::new();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let simulator = Simulator::start(config.clone(), listener, shutdown.clone()).await;
        let base = simulator.base_url().as_str().trim_end_matches('/').to_owned();
        Self {
            base,
            config,
            shutdown,
            http: client(),
        }
    }

    /// `GET /control/{path}`.
    pub async fn control(&self, path: &str) -> Value {
        self.http
            .get(format!("{}/control/{path}", self.base))
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap()
    }

    /// A control request with a body.
    pub async fn tell(&self, method: reqwest::Method, path: &str, body: Value) -> Value {
        let response = self
            .http
            .request(method, format!("{}/control/{path}", self.base))
            .json(&body)
            .send()
            .await
            .unwrap();

        let status = response.status();
        let answer: Value = response.json().await.unwrap_or(Value::Null);
        assert!(status.is_success(), "the simulator refused {path}: {status} {answer}");
        answer
    }

    /// The form's fields as an `UpdateSettingsInput` needs them, without `expectedVersion`.
    pub fn settings(&self) -> SettingsPatch {
        SettingsPatch {
            agent_id: Some(Some(self.config.agent_id.to_string())),
            app_key: Some(Some(self.config.app_key.clone())),
            app_secret: Some(Some(self.config.app_secret.clone().into())),
            urls: Api::ALL
                .into_iter()
                .map(|api| (api, Some(format!("{}{}", self.base, api.path()))))
                .collect(),
            enabled: Some(true),
            ..SettingsPatch::default()
        }
    }
}

impl Drop for TestDingTalk {
    fn drop(&mut self) {
        self.shutdown.cancel();
    }
}

/// A server. `stop` it: a crashed engine fails the test.
pub struct TestServer {
    pub base: String,
    pub services: Services,
    pub http: reqwest::Client,
    shutdown: CancellationToken,
    task: JoinHandle<Result<(), Crashed>>,
}

impl TestServer {
    /// A server that has no settings yet; it may call `dingtalk`.
    pub async fn start(target: Target, dingtalk: &TestDingTalk) -> Self {
        Self::start_with(config(target, dingtalk)).await
    }

    /// A server with this configuration.
    pub async fn start_with(config: Config) -> Self {
        Self::start_at(config, Clock::system()).await
    }

    /// The same on a machine with this clock.
    pub async fn start_at(config: Config, clock: Clock) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let app = App::build(config, clock).await.unwrap();
        let services = app.services().clone();
        let shutdown = CancellationToken::new();
        let task = tokio::spawn(app.run(listener, shutdown.clone()));
        Self {
            base,
            services,
            http: client(),
            shutdown,
            task,
        }
    }

    /// A server whose settings are filled in and whose first sync is done.
    pub async fn synced(target: Target, dingtalk: &TestDingTalk) -> Self {
        let server = Self::start(target, dingtalk).await;
        server.configure(dingtalk.settings()).await;
        let run = server.sync().await;
        assert_eq!(run.state, RunState::Finished, "{run:?}");
        server
    }

    pub async fn configure(&self, patch: SettingsPatch) {
        let version = self.services.settings.current().version;
        assert!(
            self.services.admin.update(version, patch, "test").await.is_ok(),
            "the settings were refused"
        );
    }

    /// Runs a full sync to its end.
    pub async fn sync(&self) -> SyncRun {
        let token = self.token(&[Permission::SyncRun, Permission::DirectoryRead]);
        let started = self
            .graphql(
                &token,
                "mutation { startSync(input: {}) { run { id } userErrors { message } } }",
                json!({}),
            )
            .await;
        let id = started["data"]["startSync"]["run"]["id"]
            .as_str()
            .unwrap_or_else(|| panic!("not started: {started}"));

        let mut progress = self.services.sync.progress();
        let is_it = |run: &SyncRun| URL_SAFE_NO_PAD.encode(format!("SyncRun:{}", run.id)) == id;
        let ended = progress.wait_for(|run| {
            run.as_ref()
                .is_some_and(|run| run.state != RunState::Running && is_it(run))
        });
        let ended = tokio::time::timeout(Duration::from_secs(120), ended)
            .await
            .expect("the sync takes too long");
        ended.unwrap().as_deref().cloned().unwrap()
    }

    pub fn token(&self, permissions: &[Permission]) -> String {
        self.token_of("test", permissions)
    }

    /// A token of this caller.
    pub fn token_of(&self, subject: &str, permissions: &[Permission]) -> String {
        TokenIssuer::new(&JWT_SECRET.into(), self.services.clock.clone()).issue(
            subject,
            permissions,
            // Clocks are set by hours while it is on its way.
            Duration::from_hours(24),
        )
    }

    pub fn admin_token(&self) -> String {
        self.token(&Permission::ALL)
    }

    /// The answer's body, errors included.
    pub async fn graphql(&self, token: &str, query: &str, variables: Value) -> Value {
        let response = self
            .http
            .post(format!("{}/graphql", self.base))
            .bearer_auth(token)
            .json(&json!({ "query": query, "variables": variables }))
            .send()
            .await
            .unwrap();
        response.json().await.unwrap()
    }

    /// `data` of an answer that must have no errors.
    pub async fn data(&self, query: &str, variables: Value) -> Value {
        let mut answer = self.graphql(&self.admin_token(), query, variables).await;
        assert!(answer.get("errors").is_none(), "{answer:#}");
        answer["data"].take()
    }

    /// Ends it as SIGTERM would; panics if an engine crashed.
    pub async fn stop(self) {
        self.shutdown.cancel();
        self.task.await.unwrap().unwrap();
    }
}

/// The configuration of a test server.
pub fn config(target: Target, dingtalk: &TestDingTalk) -> Config {
    let (database, data_dir) = match target {
        Target::Sqlite { data_dir } => (Database::Embedded, data_dir),
        Target::Postgres { url, .. } => (
            Database::Postgres(url.expose_secret().to_owned().into()),
            std::env::temp_dir(),
        ),
    };

    Config {
        database,
        database_max_connections: 8,
        wait_for_database: Duration::ZERO,
        data_dir,
        listen: "127.0.0.1:0".into(),
        connections: 1_024,
        connections_per_address: 512,
        refusals_per_minute: 300,
        allowed_hosts: AllowedHosts::parse(dingtalk.base.trim_start_matches("http://")).unwrap(),
        allowed_origins: Vec::new(),
        frame_ancestors: Vec::new(),
        trusted_proxies: dingmirror::auth::TrustedProxies::default(),
        kept_answers: 32,
        persisted_queries: true,
        trusted_documents: None,
        sync_interval: None,
        intake: dingmirror::intake::IntakeConfig::default(),
        sync_lease: Duration::from_secs(15),
        verify_per_hour: 5_000,
        removal_limits: dingmirror::directory::RemovalLimits::default(),
        sync_on_start: true,
        retention: dingmirror::directory::Retention::default(),
        remember_identities: Some(Duration::from_secs(90 * 86_400)),
        calls_per_second: 10_000,
        delivery: DeliveryConfig {
            pace: Pace {
                recipients_a_minute: 1_000_000,
                calls_a_second: 10_000,
            },
            follow_up: FollowUpPolicy::Live,
            ..DeliveryConfig::default()
        },
        shutdown_grace: Duration::from_secs(10),
        log: "warn".into(),
        log_format: LogFormat::Human,
        issuers: std::sync::Arc::default(),
        token_max_lifetime: dingmirror::auth::MAX_LIFETIME,
        jwt_secrets: vec![JWT_SECRET.into()],
        secret_key: "a key of the tests that is long enough too".into(),
    }
}

fn client() -> reqwest::Client {
    reqwest::Client::builder()
        .no_proxy()
        .timeout(Duration::from_secs(60))
        .build()
        .unwrap()
}
