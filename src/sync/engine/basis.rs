//! What a run under way was begun with, beside the settings in force by now.

use tokio_util::sync::CancellationToken;

use super::selection;
use crate::{
    dingtalk::Connection,
    directory::DepartmentSelection,
    settings::SettingsHandle,
    sync::{report::CALLS, run::RunContext},
};

/// Who is asked for what, as the run does.
pub(super) struct Basis {
    connection: Connection,
    selection: DepartmentSelection,
    settings: SettingsHandle,
}

impl Basis {
    pub(super) fn new(context: &RunContext, settings: SettingsHandle) -> Self {
        Self {
            connection: context.connection.clone(),
            selection: context.selection.clone(),
            settings,
        }
    }

    /// Whether a run that began now would ask somebody else, or for something else. Settings that can't be read by are
    /// none: the run goes on.
    pub(super) fn is_outdated(&self) -> bool {
        let settings = self.settings.current();
        let Ok(connection) = Connection::from_settings(&settings) else {
            return false;
        };
        !self.connection.calls_alike(&connection, &CALLS) || selection(&settings) != self.selection
    }

    /// Cancels the run as soon as that is so, and never ends: how the run ends is its own.
    pub(super) async fn until_outdated(&self, run: &CancellationToken) {
        let mut settings = self.settings.subscribe();
        while !self.is_outdated() {
            if settings.changed().await.is_err() {
                return std::future::pending().await;
            }
        }

        tracing::info!("the settings that a sync reads by were changed: it begins anew");
        run.cancel();
        std::future::pending().await
    }
}
