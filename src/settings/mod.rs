//! The settings form: its values, what it accepts, and how its secret is sealed. No I/O.

mod api;
mod audit;
mod check;
mod defaults;
mod handle;
mod hosts;
mod mode;
mod sealer;
mod selection;
mod spelling;
mod stored;
mod unused;
mod unused_url;
mod urls;
mod values;

pub use api::Api;
pub use handle::SettingsHandle;
pub use hosts::AllowedHosts;
pub use mode::DeliveryMode;
pub use sealer::Sealer;
pub use selection::{MAX_SELECTED_DEPARTMENTS, check_departments};
pub use stored::{OpenedSettings, SettingsAudit, StoredSettings};
pub use unused_url::UnusedUrl;
pub use values::{AppSecret, MatchingMethod, Settings, SettingsPatch};
