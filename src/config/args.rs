//! The flags that every command takes, with the environment variables that stand in for them: rows of the table.

use clap::{Arg, ArgMatches, Args, Command, FromArgMatches};

use super::{
    setting::{Kind, Setting},
    table::{CONFIG, ConfigLayer, ROWS, TABLE},
};

/// What stands around the names of the secrets.
const SECRETS: [&str; 2] = [
    "Secrets, from the environment or the TOML file only; each can also be given as a file, by its name with _FILE \
     behind it:",
    "Without them they are made once and kept in the data directory, readable by its owner alone.\n\
     Several replicas on one Postgres must be given the same ones.",
];

/// What the help says of those that are no flags, because every user of a machine can read a process's arguments.
pub fn secrets_help() -> String {
    let secrets = ROWS.iter().filter(|setting| !setting.is_flag);
    let mut lines: Vec<_> = secrets.map(|secret| (secret.variable, secret.help())).collect();
    let database = &TABLE.database_url;
    let kept_out = format!(
        "may hold a password: {} keeps it out of the environment",
        database.file_variable()
    );
    lines.push((database.variable, kept_out));

    let lines: Vec<_> = lines
        .iter()
        .map(|(variable, help)| format!("  {variable:<30}  {help}\n"))
        .collect();
    format!("{}\n{}{}", SECRETS[0], lines.concat(), SECRETS[1])
}

fn flags() -> impl Iterator<Item = &'static Setting> {
    std::iter::once(&CONFIG)
        .chain(ROWS.iter().copied())
        .filter(|setting| setting.is_flag)
}

fn arg(setting: &'static Setting) -> Arg {
    Arg::new(setting.key)
        .long(setting.flag())
        .value_name(setting.kind.placeholder())
        .env(setting.variable)
        .hide_env_values(matches!(setting.kind, Kind::Secret(_)))
        .hide(setting.is_hidden)
        .help(setting.help())
        .global(true)
}

impl Args for ConfigLayer {
    fn augment_args(command: Command) -> Command {
        command.next_help_heading("Configuration").args(flags().map(arg))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for ConfigLayer {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut layer = Self::default();
        layer.update_from_arg_matches(matches)?;
        Ok(layer)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        for setting in flags() {
            if let Some(text) = matches.get_one::<String>(setting.key) {
                self.set(setting.key, text.clone());
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_flag_but_the_files_own_is_a_setting_of_the_file() {
        let command = ConfigLayer::augment_args(clap::Command::new("x"));
        let mut names: Vec<_> = command.get_arguments().map(|arg| arg.get_id().as_str()).collect();
        names.retain(|name| *name != "config");
        names.extend(["jwt_secret", "jwt_secret_previous", "secret_key"]);
        names.sort_unstable();

        let mut keys: Vec<_> = ROWS.iter().map(|setting| setting.key).collect();
        keys.sort_unstable();
        assert_eq!(names, keys);
    }
}
