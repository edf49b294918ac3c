//! Everything the simulated platform knows.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::SimulatorConfig;
use super::company::{Company, Newcomer, generate};
use super::events::Events;
use super::faults::Faults;
use super::leavers::Leavers;
use super::limits::Limits;
use super::notifications::Notifications;
use super::permissions::Permissions;
use super::random::Random;
use super::scope::Scope;
use super::tokens::Tokens;
use super::wire::RequestIds;

/// The whole state. It lives behind one mutex that is never held across an await.
pub(crate) struct World {
    pub(crate) config: Arc<SimulatorConfig>,
    /// Shared, so that a long look at it needs no lock; changed through [`World::company_mut`].
    pub(crate) company: Arc<Company>,
    pub(crate) newcomer: Newcomer,
    pub(crate) random: Random,
    pub(crate) scope: Scope,
    pub(crate) permissions: Permissions,
    pub(crate) tokens: Tokens,
    pub(crate) limits: Limits,
    pub(crate) faults: Faults,
    pub(crate) notifications: Notifications,
    pub(crate) events: Events,
    pub(crate) leavers: Leavers,
    pub(crate) request_ids: RequestIds,
}

impl World {
    /// A fresh platform with the company of this configuration.
    pub(crate) fn new(config: Arc<SimulatorConfig>) -> Self {
        let (company, newcomer, random) = generate(&config);

        Self {
            company: Arc::new(company),
            newcomer,
            random,
            scope: Scope::default(),
            permissions: Permissions::default(),
            tokens: Tokens::default(),
            limits: Limits::new(config.rate_limit_per_second),
            faults: Faults::default(),
            notifications: Notifications::new(config.deliver_after, config.receivers_per_minute),
            events: Events::default(),
            leavers: Leavers::default(),
            request_ids: RequestIds::new(config.seed),
            config,
        }
    }

    /// The simulated time.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.config.clock.now()
    }

    /// The company, to be changed; whoever looks at it keeps seeing it as it was.
    pub(crate) fn company_mut(&mut self) -> &mut Company {
        Arc::make_mut(&mut self.company)
    }

    /// A token for the right credentials; every request is recorded.
    pub(crate) fn token(&mut self, key: &str, secret: &str, path: &str) -> Option<String> {
        let now = self.now();
        let right = key == self.config.app_key && secret == self.config.app_secret;
        self.tokens.record(now, path, key, right);
        right.then(|| self.tokens.issue(now, &self.permissions))
    }
}
