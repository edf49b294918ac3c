//! `dingmirror doctor`.

mod standing;

use anyhow::{Context, bail};
use serde_json::{Map, Value, json};

use self::standing::{disk, of_what_stands_in_it};
use super::{output, runtime};
use crate::{
    app,
    catalogue::{checks as said, settings::SECRET_UNREADABLE},
    checkup::{Check, CheckName, CheckState, Finding},
    clock::Clock,
    config::{Config, ConfigLayer},
    directory::{Snapshot, SnapshotHandle},
    settings::{Sealer, Settings, SettingsHandle, SettingsPatch},
    store::{Store, StoreError},
    telemetry,
};

/// The clocks of two machines may be so many seconds apart: leases and claims are longer.
const CLOCKS_DIFFER: i64 = 2;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Print the checks as JSON
    #[arg(long)]
    json: bool,
}

/// Prints the checks. It fails where one of them did.
pub(super) fn run(config: ConfigLayer, args: Args) -> anyhow::Result<()> {
    let config = match Config::load(config) {
        Ok(config) => config,
        Err(wrong) => {
            let detail = wrong.to_string();
            let wrong = Finding::failed(said::CONFIGURATION_WRONG { detail });
            return conclude(&args, &[("CONFIGURATION", wrong)]);
        }
    };
    telemetry::init(&config.log, config.log_format);

    runtime::block_on(|shutdown| async move {
        let place = config.data_dir.display().to_string();
        let mut found = vec![("CONFIGURATION", Finding::passed(said::CONFIGURATION_READ { place }))];
        found.extend(disk(&config).map(|finding| ("DISK", finding)));
        let clock = Clock::system();

        // What is still missing after that is told by the check.
        drop(runtime::await_database(&config, &shutdown).await);
        let settings = of_database(&config, &clock, &mut found).await;
        match settings {
            Some(settings) => found.extend(of_dingtalk(&config, settings, clock).await?),
            None => found.extend(CheckName::all().map(|name| {
                let untested = Finding::skipped(said::UNTESTED_FOR_THE_DATABASE {});
                (name.word(), untested)
            })),
        }
        conclude(&args, &found)
    })
}

/// A check by name.
type Named = (&'static str, Finding);

/// Looks at the database; the settings in it.
async fn of_database(config: &Config, clock: &Clock, found: &mut Vec<Named>) -> Option<Settings> {
    let store = match Store::connect(app::target(config), clock.clone()).await {
        Ok(store) => store,
        Err(error) => {
            found.push(("DATABASE", unreached(error)));
            return None;
        }
    };
    let place = store.describe().to_owned();
    found.push(("DATABASE", Finding::passed(said::DATABASE_REACHED { place })));

    let settings = of_tables(config, &store, clock, found).await;
    store.close().await;
    settings
}

/// One that another process has is no fault.
fn unreached(error: StoreError) -> Finding {
    match error {
        StoreError::InUse(_) => Finding::limited(said::DATABASE_IN_USE {}).remedied(said::ASK_THE_SERVER {}),
        other => Finding::failed(said::DATABASE_UNREACHED {
            detail: other.to_string(),
        }),
    }
}

async fn of_tables(config: &Config, store: &Store, clock: &Clock, found: &mut Vec<Named>) -> Option<Settings> {
    let count = match store.migration_status().await {
        Ok(steps) => steps.iter().filter(|(_, is_applied)| !is_applied).count(),
        Err(error) => {
            let detail = error.to_string();
            found.push((
                "DATABASE_VERSION",
                Finding::failed(said::DATABASE_TABLES_UNREADABLE { detail }),
            ));
            return None;
        }
    };
    if count > 0 {
        // What is in tables that aren't whole is not looked at.
        found.push(("DATABASE_VERSION", Finding::limited(said::DATABASE_BEHIND { count })));
        return None;
    }
    found.push(("DATABASE_VERSION", Finding::passed(said::DATABASE_UP_TO_DATE {})));

    let writes = match store.prove_write().await {
        Ok(()) => Finding::passed(said::DATABASE_WRITABLE {}),
        Err(detail) => Finding::failed(said::DATABASE_NOT_WRITABLE { detail }),
    };
    found.push(("DATABASE_WRITES", writes));

    if let Ok(Some(ahead)) = store.ahead_of_machine().await {
        let seconds = ahead.num_seconds().abs();
        let agreement = if seconds <= CLOCKS_DIFFER {
            Finding::passed(said::CLOCK_AGREES { seconds })
        } else {
            Finding::limited(said::CLOCK_DIFFERS { seconds }).remedied(said::SET_THE_CLOCK {})
        };
        found.push(("CLOCK", agreement));
    }

    let stored = match store.load_settings().await {
        Ok(stored) => stored,
        Err(error) => {
            let detail = error.to_string();
            found.push(("SECRET", Finding::failed(said::DATABASE_TABLES_UNREADABLE { detail })));
            return None;
        }
    };
    let opened = stored.open(&Sealer::new(&config.secret_key), &config.allowed_hosts);
    let secret = match (&opened.settings.app_secret, opened.secret_unreadable) {
        (_, true) => Finding::failed(SECRET_UNREADABLE {}),
        (Some(_), _) => Finding::passed(said::SECRET_OPENED {}),
        (None, _) => Finding::skipped(said::SECRET_NOT_THERE {}),
    };
    found.push(("SECRET", secret));
    of_what_stands_in_it(config, store, clock.now(), found).await;
    Some(opened.settings)
}

/// The checks that `testSettings` makes.
async fn of_dingtalk(config: &Config, settings: Settings, clock: Clock) -> anyhow::Result<Vec<Named>> {
    let client = app::client(config, clock.clone()).context("DingTalk can't be called")?;
    let handle = SettingsHandle::new(settings);
    let snapshots = SnapshotHandle::new(Snapshot::empty());
    let checkup = app::checkup(config, client, handle, snapshots, clock);

    let report = checkup.run(&SettingsPatch::default()).await?;
    let named = report.checks.into_iter().map(|check| {
        let field = check.field().map(str::to_owned);
        let Check { name, finding } = check;
        (name.word(), Finding { field, ..finding })
    });
    Ok(named.collect())
}

/// Prints what was found. An error where a check failed.
fn conclude(args: &Args, found: &[Named]) -> anyhow::Result<()> {
    let worst = found.iter().map(|(_, finding)| finding.state).max();
    if args.json {
        let checks: Vec<Value> = found.iter().map(|(name, finding)| in_json(name, finding)).collect();
        output::line(json!({ "state": worst, "checks": checks }))?;
    } else {
        for (name, finding) in found {
            print(name, finding)?;
        }
    }

    let failed = found.iter().filter(|(_, it)| it.state == CheckState::Failed).count();
    match failed {
        0 => Ok(()),
        1 => bail!("one check failed"),
        count => bail!("{count} checks failed"),
    }
}

fn in_json(name: &str, finding: &Finding) -> Value {
    let mut object = Map::from_iter([("check".to_owned(), json!(name))]);
    if let Ok(Value::Object(rest)) = serde_json::to_value(finding) {
        object.extend(rest);
    }
    Value::Object(object)
}

fn print(name: &str, finding: &Finding) -> anyhow::Result<()> {
    let mark = match finding.state {
        CheckState::Passed => "ok     ",
        CheckState::Limited => "limited",
        CheckState::Failed => "FAILED ",
        CheckState::Skipped => "-      ",
    };
    output::line(format_args!("{mark} {name}: {}", finding.found))?;
    if let Some(remedy) = &finding.remedy {
        output::line(format_args!("        {}", remedy))?;
    }
    if let Some(right) = &finding.suggestion {
        output::line(format_args!("        {right}"))?;
    }
    Ok(())
}
