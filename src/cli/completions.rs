//! `dingmirror completions`.

use clap::CommandFactory;
use clap_complete::Shell;

use super::output;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The shell
    shell: Shell,
}

pub(super) fn run<C: CommandFactory>(args: Args) -> anyhow::Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut C::command(), "dingmirror", &mut script);
    output::text(&String::from_utf8_lossy(&script))
}
