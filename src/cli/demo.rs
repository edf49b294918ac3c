//! `dingmirror demo`: everything on one command, with an invented company.

use std::{path::PathBuf, sync::Arc, time::Duration};

use anyhow::{Context, anyhow, bail};
use secrecy::SecretString;
use tokio_util::sync::CancellationToken;
use url::Url;

use super::{output, progress, runtime, simulate::simulator_config};
use crate::{
    admin::UpdateError,
    app::App,
    auth::{Permission, TokenIssuer},
    clock::Clock,
    config::{Config, ConfigLayer},
    directory::{RunMode, RunState, RunTrigger, SyncRun},
    graphql::Services,
    message::FollowUpPolicy,
    settings::{AllowedHosts, Api, SettingsPatch},
    simulator::{Simulator, SimulatorConfig},
};

/// The calls a second of DingTalk's exclusive edition (专属钉钉), so that the first sync takes seconds and not minutes.
const RATE: u32 = 60;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// How many people the invented company has
    #[arg(long, default_value_t = 2_000, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    users: u32,

    /// How many departments
    #[arg(long, default_value_t = 120, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    departments: u32,

    /// The same seed makes the same company
    #[arg(long, default_value_t = 1)]
    seed: u64,

    /// Address of the DingTalk simulator
    #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:8090")]
    simulator_listen: String,

    /// End after the first sync instead of waiting for Ctrl-C
    #[arg(long)]
    once: bool,
}

pub(super) fn run(mut config: ConfigLayer, args: Args) -> anyhow::Result<()> {
    // The demo leaves nothing behind unless a directory was named, and doesn't pour logs over its own output.
    let temporary = match &config.data_dir {
        Some(_) => None,
        None => {
            let dir = std::env::temp_dir().join(format!("dingmirror-demo-{}", std::process::id()));
            config.data_dir = Some(dir.to_string_lossy().into_owned());
            Some(TemporaryDir(dir))
        }
    };

    config.log.get_or_insert_with(|| "warn".into());
    config.calls_per_second.get_or_insert_with(|| RATE.to_string());
    let config = runtime::configure(config)?;

    let done = runtime::block_on(|shutdown| demo(config, args, shutdown));
    drop(temporary);
    done
}

async fn demo(mut config: Config, args: Args, shutdown: CancellationToken) -> anyhow::Result<()> {
    let listener = runtime::bind(&config.listen, "--listen").await?;
    let address = listener.local_addr().context("the listener has no address")?;
    let simulator_listener = runtime::bind(&args.simulator_listen, "--simulator-listen").await?;
    let simulated = simulator_config(args.users, args.departments, args.seed, RATE);
    let credentials = simulated.clone();
    let simulator = Simulator::start(simulated, simulator_listener, shutdown.clone()).await;
    let dingtalk = simulator.base_url();

    let host = dingtalk.authority().to_owned();
    config.allowed_hosts = AllowedHosts::parse(&host).map_err(|error| anyhow!(error))?;
    // Events over the simulator's stream, so that an edit there is seen here at once.
    config.intake.stream = true;
    // A demonstration shows what becomes of messages, and costs nobody's calls.
    config.delivery.follow_up = FollowUpPolicy::Live;
    let issuer = TokenIssuer::new(&config.jwt_secrets[0], Clock::system());
    let app = App::build(config, Clock::system()).await?;
    let services = app.services().clone();
    output::line(format_args!("database   {}", services.store.describe()))?;
    output::line(format_args!(
        "DingTalk   {dingtalk} (simulated: {} people, {} departments)",
        args.users, args.departments
    ))?;

    let server = tokio::spawn(app.run(listener, shutdown.clone()));
    fill_in_settings(&services, &credentials, &dingtalk).await?;
    let shown = tokio::select! {
        shown = first_sync(&services) => shown?,
        () = shutdown.cancelled() => None,
    };

    if let Some(run) = shown {
        if run.state != RunState::Finished {
            shutdown.cancel();
            let _ended = server.await;
            bail!("the first sync did not finish");
        }
        let token = issuer.issue("demo", &Permission::ALL, Duration::from_secs(86_400));
        print_tour(&services, &format!("http://{address}"), &dingtalk, &token)?;
    }

    if args.once {
        shutdown.cancel();
    }
    server.await.context("the server panicked")??;
    simulator.stopped().await;
    Ok(())
}

/// Syncs. A machine that is busy with something else may take longer over a step than the sync's lease lasts: the next
/// run goes on where that one stopped.
async fn first_sync(services: &Services) -> anyhow::Result<Option<Arc<SyncRun>>> {
    for last in [false, false, true] {
        let started = services
            .sync
            .start(RunTrigger::Request, RunMode::Full, Some("demo".into()))
            .await?;
        let Some(run) = progress::show(started.run.id, services.sync.progress()).await else {
            return Ok(None);
        };

        output::line(progress::summary(&run))?;
        if last || run.state != RunState::Interrupted {
            return Ok(Some(run));
        }
        output::line("the sync was interrupted: it goes on where it stopped")?;
    }
    Ok(None)
}

async fn fill_in_settings(services: &Services, simulated: &SimulatorConfig, dingtalk: &Url) -> anyhow::Result<()> {
    let urls = Api::ALL.map(|api| {
        (
            api,
            Some(format!("{}{}", dingtalk.as_str().trim_end_matches('/'), api.path())),
        )
    });
    let patch = SettingsPatch {
        agent_id: Some(Some(simulated.agent_id.to_string())),
        app_key: Some(Some(simulated.app_key.clone())),
        app_secret: Some(Some(SecretString::from(simulated.app_secret.clone()))),
        urls: urls.into_iter().collect(),
        enabled: Some(true),
        ..SettingsPatch::default()
    };

    let version = services.settings.current().version;
    match services.admin.update(version, patch, "demo").await {
        Ok(_) => Ok(()),
        Err(UpdateError::Invalid(errors)) => {
            let errors: Vec<_> = errors
                .into_iter()
                .map(|e| format!("{}: {}", e.field(), e.message))
                .collect();
            bail!("the simulator's settings were refused: {}", errors.join("; "))
        }
        Err(UpdateError::VersionConflict { .. }) => bail!("somebody else changed the settings: start the demo again"),
        Err(error @ UpdateError::NotRehearsed { .. }) => Err(error.into()),
        Err(UpdateError::Store(error)) => Err(error.into()),
    }
}

fn print_tour(services: &Services, base: &str, dingtalk: &Url, token: &str) -> anyhow::Result<()> {
    let snapshot = services.snapshots.current();
    let somebody = snapshot.users().find(|user| {
        let key = user.facts.email.as_deref().unwrap_or_default();
        user.standing.is_present()
            && user.facts.active == Some(true)
            && !key.trim().is_empty()
            && snapshot.users_by_email(key).len() == 1
    });

    let email = somebody
        .and_then(|user| user.facts.email.clone())
        .unwrap_or_else(|| "nobody@example.com".into());
    let curl = |query: &str| {
        let body = serde_json::json!({ "query": query }).to_string();
        format!(
            "curl -s {base}/graphql -H \"Authorization: Bearer $TOKEN\" -H 'Content-Type: application/json' -d '{body}'"
        )
    };

    output::line("")?;
    output::line(format_args!("console      {base}/console/#token={token}"))?;
    output::line(format_args!("GraphiQL     {base}/graphiql#token={token}"))?;
    output::line(format_args!("GraphQL      {base}/graphql"))?;
    output::line(format_args!("schema       {base}/schema.graphql"))?;
    output::line(format_args!("simulator    {dingtalk}control"))?;
    output::line("")?;
    output::line(format_args!("export TOKEN={token}"))?;

    output::line("")?;
    output::line("# the top of the company, with people counted once")?;
    output::line(curl(
        "{ mirror { revision verdict departmentCount userCount } department(deptId: \"1\") { name totalMemberCount children(first: 5) { nodes { name totalMemberCount } } } }",
    ))?;

    output::line("")?;
    output::line("# which DingTalk user is this Confluence user, and why")?;
    output::line(curl(&format!(
        "{{ resolve(identities: [{{ email: \"{email}\" }}]) {{ status reason user {{ userId name jobNumber }} }} }}"
    )))?;

    output::line("")?;
    output::line(format_args!(
        "# send that person a work notification; see what DingTalk received at {dingtalk}control/messages"
    ))?;
    output::line(curl(&format!(
        "mutation {{ sendMessage(input: {{ recipients: {{ identities: [{{ email: \"{email}\" }}] }}, content: {{ markdown: {{ title: \"Page updated\", text: \"**Roadmap** has changed\" }} }}, idempotencyKey: \"demo-1\" }}) {{ message {{ id state recipients {{ nodes {{ state reason }} }} }} userErrors {{ field message }} }} }}"
    )))?;

    output::line("")?;
    output::line("# somebody is hired at DingTalk: the event arrives by stream, and a moment later the mirror knows")?;
    output::line(format_args!(
        "curl -s {dingtalk}control/edits -d '{{\"edit\": \"hire\", \"userid\": \"newcomer\", \"departments\": [1]}}'"
    ))?;
    // Pasted at once with the line before it, it comes sooner than the event.
    output::line(format_args!(
        "for try in 1 2 3 4 5 6 7 8 9 10; do {} | grep '\"userId\":\"newcomer\"' && break; sleep 1; done",
        curl("{ user(userId: \"newcomer\") { userId name state lastVerifiedAt } }")
    ))?;

    output::line("")?;
    output::line("Ctrl-C ends the demo.")
}

/// Removed when the demo ends.
struct TemporaryDir(PathBuf);

impl Drop for TemporaryDir {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.0) {
            tracing::debug!(%error, "the demo's directory could not be removed");
        }
    }
}
