//! A simulator on a port of its own, and a caller that knows nothing of the product's client.

use dingmirror::simulator::{Control, Simulator, SimulatorConfig};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// A running simulator and a client with a token.
pub struct Platform {
    pub base: String,
    pub http: reqwest::Client,
    pub token: String,
    pub control: Control,
    shutdown: CancellationToken,
}

impl Drop for Platform {
    fn drop(&mut self) {
        self.shutdown.cancel();
    }
}

/// A small company without a rate limit.
pub fn small() -> SimulatorConfig {
    SimulatorConfig {
        users: 300,
        departments: 30,
        rate_limit_per_second: None,
        ..SimulatorConfig::default()
    }
}

/// Starts a simulator and signs in.
pub async fn start(config: SimulatorConfig) -> Platform {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let shutdown = CancellationToken::new();
    let simulator = Simulator::start(config, listener, shutdown.clone()).await;
    let base = simulator.base_url().as_str().trim_end_matches('/').to_owned();
    let control = simulator.control();
    let http = reqwest::Client::builder().no_proxy().build().unwrap();

    let mut platform = Platform {
        base,
        http,
        token: String::new(),
        control,
        shutdown,
    };
    platform.sign_in().await;
    platform
}

impl Platform {
    /// Gets a token.
    pub async fn sign_in(&mut self) {
        let config = SimulatorConfig::default();
        let path = format!("/gettoken?appkey={}&appsecret={}", config.app_key, config.app_secret);
        let body = self.get(&path).await;
        assert_eq!(body["errcode"], 0, "{body}");
        assert_eq!(body["expires_in"], 7200);
        self.token = body["access_token"].as_str().unwrap().to_owned();
    }

    /// A GET of a path, as JSON; the status must be 200.
    pub async fn get(&self, path: &str) -> Value {
        let response = self.http.get(format!("{}{path}", self.base)).send().await.unwrap();
        assert_eq!(response.status(), 200);
        response.json().await.unwrap()
    }

    /// A call with the token in the query and a JSON body; the status must be 200.
    pub async fn call(&self, api: &str, body: Value) -> Value {
        let url = format!("{}{api}?access_token={}", self.base, self.token);
        let response = self.http.post(url).json(&body).send().await.unwrap();
        assert_eq!(response.status(), 200);
        response.json().await.unwrap()
    }

    /// A notification to these people.
    pub async fn send(&self, userids: &[&str], text: &str) -> Value {
        let msg = json!({"msgtype": "text", "text": {"content": text}});
        let body = json!({"agent_id": 836_390_886, "userid_list": userids.join(","), "msg": msg});
        self.call("/topapi/message/corpconversation/asyncsend_v2", body).await
    }
}
