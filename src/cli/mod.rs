//! The command line. Only here are signals, exit codes and the process's logging touched.

mod audit;
mod author;
mod backup;
mod beside;
mod completions;
mod demo;
mod doctor;
mod evidence;
mod export;
mod healthcheck;
mod import;
mod key;
mod migrate;
mod moved;
mod output;
mod progress;
mod runtime;
mod schema;
mod serve;
mod simulate;
mod sync;
mod token;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::{
    config::{ConfigLayer, secrets_help},
    telemetry,
};

/// A persistent mirror of your company's DingTalk (钉钉) departments and users, served as a GraphQL API.
///
/// Start with `dingmirror demo`: it runs against an invented company and needs nothing. For your own company run
/// `dingmirror serve`, get a token with `dingmirror token --all` (as the same user, with the same --data-dir), and fill
/// in agentId, appKey and appSecret in the console at http://127.0.0.1:8080/console/settings.
#[derive(Debug, Parser)]
#[command(name = "dingmirror", version, max_term_width = 100, after_long_help = secrets_help())]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,

    #[command(flatten)]
    config: ConfigLayer,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the API and keep the mirror in step (the default)
    Serve,
    /// Try everything: an invented company, a first sync, addresses, a token and commands to paste
    Demo(demo::Args),
    /// Run a DingTalk that speaks the real wire protocol, with an invented company behind it
    Simulate(simulate::Args),
    /// Create or change the database's tables; `serve` does this by itself
    Migrate(migrate::Args),
    /// Copy the database to a file while it is in use, and check the copy
    Backup(backup::Args),
    /// Write settings, links, templates and messages to a file, as lines of JSON
    Export(export::Args),
    /// Bring in what `export` wrote, or move everything from another database, say from SQLite to Postgres
    Import(import::Args),
    /// Print the GraphQL schema
    Schema(schema::Args),
    /// Issue a bearer token for the API, or revoke tokens
    Token(token::Args),
    /// Make, list and revoke API keys: what a plugin shows in the place of a token
    Key(key::Args),
    /// Print the audit log as JSON, an entry a line, oldest first
    Audit(audit::Args),
    /// Run one sync in the foreground, with a progress bar; or show what it would change
    Sync(sync::Args),
    /// Check configuration, database and keys, and each URL and permission at DingTalk; nobody is sent anything
    Doctor(doctor::Args),
    /// Ask the running server whether it is ready; the exit status says so
    Healthcheck(healthcheck::Args),
    /// Print a shell's completion script
    Completions(completions::Args),
}

/// Runs the command that the arguments name.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let done = match cli.command.unwrap_or(Command::Serve) {
        Command::Serve => serve::run(cli.config),
        Command::Demo(args) => demo::run(cli.config, args),
        Command::Simulate(args) => simulate::run(cli.config, args),
        Command::Migrate(args) => migrate::run(cli.config, args),
        Command::Backup(args) => backup::run(cli.config, args),
        Command::Export(args) => export::run(cli.config, args),
        Command::Import(args) => import::run(cli.config, args),
        Command::Schema(args) => schema::run(args),
        Command::Token(args) => token::run(cli.config, args),
        Command::Key(args) => key::run(cli.config, args),
        Command::Audit(args) => audit::run(cli.config, args),
        Command::Sync(args) => sync::run(cli.config, args),
        Command::Doctor(args) => doctor::run(cli.config, args),
        Command::Healthcheck(args) => healthcheck::run(cli.config, args),
        Command::Completions(args) => completions::run::<Cli>(args),
    };

    let code = match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            telemetry::say(format!("error: {error:#}"));
            ExitCode::FAILURE
        }
    };

    telemetry::finish();
    code
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn no_command_means_serve_and_flags_may_stand_behind_a_command() {
        assert!(Cli::try_parse_from(["dingmirror"]).unwrap().command.is_none());
        let cli = Cli::try_parse_from(["dingmirror", "serve", "--listen", "0.0.0.0:1"]).unwrap();
        assert_eq!(cli.config.listen.as_deref(), Some("0.0.0.0:1"));
    }
}
