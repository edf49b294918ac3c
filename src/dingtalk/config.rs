//! How patient and how fast the client is.

use std::time::Duration;

use crate::{backoff::Backoff, settings::AllowedHosts};

/// What an operator may set.
#[derive(Debug, Clone)]
pub struct ClientConfig {
    /// Nothing else is called, whatever a URL or an answer says.
    pub allowed_hosts: AllowedHosts,
    /// For the TCP and TLS handshakes.
    pub connect_timeout: Duration,
    /// For a whole attempt, body included. DingTalk's own gateway gives up after 3 s.
    pub timeout: Duration,
    /// Of each API, at most; 20 is what DingTalk's standard edition allows an app.
    pub calls_per_second: u32,
    /// Attempts of one call in all, the first included, where the failure allows another.
    pub max_attempts: u32,
}

impl Default for ClientConfig {
    fn default() -> Self {
        Self {
            allowed_hosts: AllowedHosts::dingtalk(),
            connect_timeout: Duration::from_secs(5),
            timeout: Duration::from_secs(15),
            calls_per_second: 20,
            max_attempts: 4,
        }
    }
}

/// The waits that DingTalk's documentation asks for; tests shorten them.
#[derive(Debug, Clone)]
pub struct Waits {
    /// After a throttled call: DingTalk's window is one second.
    pub throttle_floor: Duration,
    /// Added to the floor, growing with each throttled attempt.
    pub throttle: Backoff,
    /// How long a reading call goes on after it was first throttled: throttling slows down, it should not fail.
    pub throttled_for: Duration,
    /// Throttled attempts of one message's or token's call before it gives up: a message's claim ends, all wait for a
    /// token.
    pub throttled_attempts: u32,
    /// After "busy", a time-out or a connection that wasn't made.
    pub busy: Backoff,
    /// How long nothing is asked of a host that answered with its ban page.
    pub ban: Duration,
    /// How long a refused token request is not repeated.
    pub token_failure: Duration,
    /// A token younger than this isn't thrown away for another: it would be the same one.
    pub token_renewal: Duration,
}

impl Default for Waits {
    fn default() -> Self {
        Self {
            throttle_floor: Duration::from_secs(1),
            throttle: Backoff::new(Duration::from_millis(250), Duration::from_secs(10)),
            throttled_for: Duration::from_secs(600),
            throttled_attempts: 12,
            busy: Backoff::new(Duration::from_millis(400), Duration::from_secs(8)),
            ban: Duration::from_secs(300),
            token_failure: Duration::from_secs(5),
            token_renewal: Duration::from_secs(1),
        }
    }
}
