//! `dingmirror serve`.

use anyhow::Context;

use super::runtime;
use crate::{app::App, clock::Clock, config::ConfigLayer};

pub(super) fn run(args: ConfigLayer) -> anyhow::Result<()> {
    let config = runtime::configure(args)?;
    runtime::block_on(|shutdown| async move {
        // Whoever asks meanwhile is refused, and not left waiting.
        if !runtime::await_database(&config, &shutdown).await? {
            return Ok(());
        }

        let listener = runtime::bind(&config.listen, "DINGMIRROR_LISTEN").await?;
        let address = listener.local_addr().context("the listener has no address")?;
        let data_dir = config.data_dir.clone();
        let app = App::build(config, Clock::system()).await?;

        let settings = app.services().settings.current();
        let missing = settings.explained(&settings.missing());
        if !missing.is_empty() {
            tracing::warn!(
                missing = missing.join(", "),
                "nothing is synced until the settings are filled in"
            );
        }

        tracing::info!(data_dir = %data_dir.display(), console = %format!("http://{address}/console/"), graphiql = %format!("http://{address}/graphiql"), graphql = %format!("http://{address}/graphql"), "listening");
        Ok(app.run(listener, shutdown).await?)
    })
}
