//! placeholder
#![allow(missing_docs)]
use crate::clock::Clock;
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use url::Url;
#[derive(Clone)]
pub struct SimulatorConfig {
    pub users: usize,
    pub departments: usize,
    pub seed: u64,
    pub app_key: String,
    pub app_secret: String,
    pub agent_id: i64,
    pub corp_id: String,
    pub company_name: String,
    pub rate_limit_per_second: Option<u32>,
    pub latency: Duration,
    pub clock: Clock,
}
impl Default for SimulatorConfig {
    fn default() -> Self {
        panic!()
    }
}
pub struct Simulator;
impl Simulator {
    pub async fn start(
        _config: SimulatorConfig,
        _listener: tokio::net::TcpListener,
        _shutdown: CancellationToken,
    ) -> Simulator {
        panic!()
    }
    pub fn base_url(&self) -> Url {
        panic!()
    }
    pub async fn stopped(self) {}
}
