//! What a claim may take.

use std::time::Duration;

use crate::message::Pace;

/// What a claim may take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimLimits {
    /// Recipients a call.
    pub batch: u32,
    /// How fast, over all replicas.
    pub pace: Pace,
    /// How long the claim is good for.
    pub ttl: Duration,
    /// The version of the settings that it is sent by: where the database has newer ones, nothing is claimed. `None`:
    /// nobody looks.
    pub settings_version: Option<i64>,
    /// Metered calls a month by which messages of normal priority are sent: what is left then is for those of high
    /// priority. `None`: all.
    pub normal_calls: Option<u64>,
    /// Whoever is due within so long goes along with others of the same content.
    pub coalesce_window: Duration,
    /// The AppKey of the app that sends; what was resolved for another one is
    /// [held](crate::store::Store::release_held). `None`: nobody looks.
    pub app: Option<String>,
}
