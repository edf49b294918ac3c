//! What a simulator is started with.

use std::time::Duration;

use crate::clock::Clock;

/// Everything a simulator needs to know before it starts. All values have a default; see [`SimulatorConfig::default`].
#[derive(Clone)]
pub struct SimulatorConfig {
    /// How many people the company employs. 0 to 200,000.
    pub users: usize,
    /// How many departments the company has, the root included. At least 1; home-school departments come on top.
    pub departments: usize,
    /// The same seed, users and departments give the same company on every machine.
    pub seed: u64,
    /// The app key (Client ID) the one registered app signs in with.
    pub app_key: String,
    /// The app secret that belongs to it. Case-sensitive, as in reality.
    pub app_secret: String,
    /// The AgentId that notifications must name.
    pub agent_id: i64,
    /// The CorpId of the company, `ding…`.
    pub corp_id: String,
    /// The company's name, which is also the name of department 1.
    pub company_name: String,
    /// Calls per second for one app and one API, above which 88/90018 is answered. `None` switches the limit off.
    pub rate_limit_per_second: Option<u32>,
    /// Notifications to so many receivers in a minute; what exceeds it is dropped in silence (143103).
    pub receivers_per_minute: u32,
    /// How long every answer is held back.
    pub latency: Duration,
    /// How long a notification takes from acceptance to delivery; progress passes through 0, 1 and 2 meanwhile.
    pub deliver_after: Duration,
    /// The time: token expiry, rate windows and the Beijing calendar day all follow it.
    pub clock: Clock,
}

impl Default for SimulatorConfig {
    fn default() -> Self {
        Self {
            users: 2_000,
            departments: 120,
            seed: 1,
            app_key: "dingsimulator0000001".to_owned(),
            app_secret: "simulator-secret-0123456789abcdefghijklmnopqrstuvwxyz".to_owned(),
            agent_id: 836_390_886,
            corp_id: "dingsimulatorcorp0000000000000001".to_owned(),
            company_name: "星曜智造科技有限公司".to_owned(),
            rate_limit_per_second: Some(20),
            receivers_per_minute: 5_000,
            latency: Duration::ZERO,
            deliver_after: Duration::from_millis(200),
            clock: Clock::system(),
        }
    }
}

impl std::fmt::Debug for SimulatorConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SimulatorConfig")
            .field("users", &self.users)
            .field("departments", &self.departments)
            .field("seed", &self.seed)
            .field("app_key", &self.app_key)
            .field("agent_id", &self.agent_id)
            .field("company_name", &self.company_name)
            .field("rate_limit_per_second", &self.rate_limit_per_second)
            .finish_non_exhaustive()
    }
}
