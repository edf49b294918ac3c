//! `dingmirror completions`.

use clap::CommandFactory;
use clap_complete::Shell;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The shell
    shell: Shell,
}

pub(super) fn run<C: CommandFactory>(args: Args) -> anyhow::Result<()> {
    clap_complete::generate(args.shell, &mut C::command(), "dingmirror", &mut std::io::stdout());
    Ok(())
}
