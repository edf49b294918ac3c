//! What the commands share: the runtime, the signals, the listener.

use std::future::Future;

use anyhow::{Context, ensure};
use tokio::{net::TcpListener, signal::unix};
use tokio_util::sync::CancellationToken;

use crate::{
    app,
    config::{Config, ConfigLayer},
    store, telemetry,
};

/// Reads the configuration and starts the log.
pub(super) fn configure(args: ConfigLayer) -> anyhow::Result<Config> {
    let config = Config::load(args)?;
    telemetry::init(&config.log, config.log_format);
    Ok(config)
}

/// Threads for what blocks, beside two for each core.
const SPARE_THREADS: usize = 24;

/// Runs `work` on a runtime with a token that the first SIGTERM, SIGINT or SIGHUP cancels; the second ends the process
/// at once.
///
/// SIGHUP comes where a terminal is closed or a session ends: by default it kills, and a send under way would be lost
/// sight of. It asks for no reload, because everything that may change while the server runs is in the database. Under
/// `nohup`, which has it ignored, it stays ignored.
pub(super) fn block_on<F>(work: impl FnOnce(CancellationToken) -> F) -> anyhow::Result<()>
where
    F: Future<Output = anyhow::Result<()>>,
{
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        // Each of those that compute beside the workers, a core's worth at most, lets another thread take its worker's
        // place. Where they begin thousands of times a second the runtime would start hundreds of threads, and each
        // keeps megabytes.
        .max_blocking_threads(SPARE_THREADS + 2 * cores)
        .build()
        .context("no runtime")?;

    let done = runtime.block_on(async {
        let shutdown = CancellationToken::new();
        let mut terminate = unix::signal(unix::SignalKind::terminate()).context("cannot hear SIGTERM")?;
        let mut interrupt = unix::signal(unix::SignalKind::interrupt()).context("cannot hear SIGINT")?;
        let mut hang_up = if ignores_hang_up() {
            None
        } else {
            Some(unix::signal(unix::SignalKind::hangup()).context("cannot hear SIGHUP")?)
        };

        let token = shutdown.clone();
        tokio::spawn(async move {
            for softly in [true, false] {
                let signal = tokio::select! {
                    _ = terminate.recv() => "SIGTERM",
                    _ = interrupt.recv() => "SIGINT",
                    Some(_) = async { hang_up.as_mut()?.recv().await }, if hang_up.is_some() => "SIGHUP",
                };
                if softly {
                    tracing::info!(signal, "shutting down: a second signal ends at once");
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

/// Whether whoever started this process had SIGHUP ignored. Where the system doesn't say, nobody had.
fn ignores_hang_up() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    // Bit 0 is signal 1, which is SIGHUP everywhere.
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        .is_some_and(|mask| mask & 1 == 1)
}

/// Waits for the database for as long as the configuration says. False where a signal ended that.
pub(super) async fn await_database(config: &Config, shutdown: &CancellationToken) -> anyhow::Result<bool> {
    let target = app::target(config);
    tokio::select! {
        waited = store::wait_for(&target, config.wait_for_database) => {
            waited?;
            Ok(true)
        }
        () = shutdown.cancelled() => Ok(false),
    }
}

/// The same for a command that then has done nothing of what it was asked for.
pub(super) async fn need_database(config: &Config, shutdown: &CancellationToken) -> anyhow::Result<()> {
    let is_there = await_database(config, shutdown).await?;
    ensure!(is_there, "ended by a signal while waiting for the database");
    Ok(())
}

/// Binds `address`.
pub(super) async fn bind(address: &str, name: &str) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address)
        .await
        .with_context(|| format!("cannot listen on {address}: free the port or choose another with {name}"))
}
