//! What the commands share: the runtime, the signals, the listener.

use std::future::Future;

use anyhow::Context;
use tokio::{net::TcpListener, signal::unix};
use tokio_util::sync::CancellationToken;

use crate::{
    config::{Config, ConfigArgs},
    telemetry,
};

/// Reads the configuration and starts the log.
pub(super) fn configure(args: ConfigArgs) -> anyhow::Result<Config> {
    let config = Config::load(args)?;
    telemetry::init(&config.log, config.log_format);
    Ok(config)
}

/// Runs `work` on a runtime with a token that the first SIGTERM or SIGINT cancels; the second ends the process at once.
pub(super) fn block_on<F>(work: impl FnOnce(CancellationToken) -> F) -> anyhow::Result<()>
where
    F: Future<Output = anyhow::Result<()>>,
{
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("no runtime")?;
    let done = runtime.block_on(async {
        let shutdown = CancellationToken::new();
        let mut terminate = unix::signal(unix::SignalKind::terminate()).context("cannot hear SIGTERM")?;
        let mut interrupt = unix::signal(unix::SignalKind::interrupt()).context("cannot hear SIGINT")?;
        let token = shutdown.clone();
        tokio::spawn(async move {
            for softly in [true, false] {
                tokio::select! { _ = terminate.recv() => {}, _ = interrupt.recv() => {} }
                if softly {
                    tracing::info!("shutting down: a second signal ends at once");
                    token.cancel();
                } else {
                    std::process::exit(130);
                }
            }
        });
        work(shutdown).await
    });
    // A blocking call that hangs (a name look-up, say) must not keep the process.
    runtime.shutdown_timeout(std::time::Duration::from_secs(1));
    done
}

/// Binds `address`.
pub(super) async fn bind(address: &str, name: &str) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address)
        .await
        .with_context(|| format!("cannot listen on {address}: free the port or choose another with {name}"))
}
