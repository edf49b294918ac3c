//! `dingmirror simulate`.

use super::{output, runtime};
use crate::{
    clock::Clock,
    config::ConfigLayer,
    simulator::{Simulator, SimulatorConfig},
};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// How many people the company has
    #[arg(long, default_value_t = 2_000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    users: u32,

    /// How many departments, the company itself included
    #[arg(long, default_value_t = 120, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    departments: u32,

    /// The same seed makes the same company
    #[arg(long, default_value_t = 1)]
    seed: u64,

    /// Calls a second that each API takes before it throttles: 20, 40 or 60 by DingTalk's edition; 0 never throttles
    #[arg(long, default_value_t = 20)]
    rate_limit: u32,
}

pub(super) fn run(config: ConfigLayer, args: Args) -> anyhow::Result<()> {
    crate::telemetry::init(config.log.as_deref().unwrap_or("info"), crate::config::LogFormat::Human);
    let listen = config.listen.unwrap_or_else(|| "127.0.0.1:8090".into());

    runtime::block_on(|shutdown| async move {
        let listener = runtime::bind(&listen, "--listen").await?;
        let config = simulator_config(args.users, args.departments, args.seed, args.rate_limit);
        let (app_key, app_secret, agent_id) = (config.app_key.clone(), config.app_secret.clone(), config.agent_id);
        let simulator = Simulator::start(config, listener, shutdown).await;
        let base = simulator.base_url();

        output::line(format_args!("DingTalk simulator  {base}"))?;
        output::line(format_args!("control API         {base}control"))?;
        output::line(format_args!("agentId             {agent_id}"))?;
        output::line(format_args!("appKey              {app_key}"))?;
        output::line(format_args!("appSecret           {app_secret}"))?;

        simulator.stopped().await;
        Ok(())
    })
}

/// The simulator of `simulate` and `demo`.
pub(super) fn simulator_config(users: u32, departments: u32, seed: u64, rate_limit: u32) -> SimulatorConfig {
    SimulatorConfig {
        users: users as usize,
        departments: departments as usize,
        seed,
        rate_limit_per_second: (rate_limit > 0).then_some(rate_limit),
        clock: Clock::system(),
        ..SimulatorConfig::default()
    }
}
