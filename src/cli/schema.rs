//! `dingmirror schema`.

use std::path::PathBuf;

use anyhow::Context;

use super::output;
use crate::graphql;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Write to this file instead of standard output
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

pub(super) fn run(args: Args) -> anyhow::Result<()> {
    let sdl = graphql::sdl();
    match args.output {
        Some(path) => std::fs::write(&path, sdl).with_context(|| format!("cannot write {}", path.display())),
        None => output::text(&sdl),
    }
}
