//! Fills a mirror for the benches of a server: one full sync of a simulated DingTalk that runs already, as fast as the
//! two can. The server itself keeps to DingTalk's own pace, by which a million people take hours. What it leaves
//! behind is a mirror with settings that are switched off.
//!
//! `cargo bench --bench measure -- fill http://127.0.0.1:8090 FOLDER [DATABASE_URL]`, with the server's
//! `DINGMIRROR_SECRET_KEY`

use std::time::Duration;

use dingmirror::{
    app::App,
    clock::Clock,
    directory::{RunMode, RunState, RunTrigger, Verdict},
    graphql::Services,
};
use tokio_util::sync::CancellationToken;

use crate::support;

const BETWEEN_LOOKS: Duration = Duration::from_millis(50);

/// Runs it with the arguments behind its name.
pub fn run(args: &[String]) {
    let [dingtalk, folder, database @ ..] = args else {
        panic!("give the simulator's address, the data folder and, for Postgres, the database's URL");
    };

    let config = support::config_of_server(dingtalk, folder, database.first().map(String::as_str));
    let runtime = support::runtime();
    runtime.block_on(async {
        let app = App::build(config, Clock::system()).await.unwrap();
        let services = app.services().clone();
        let over = CancellationToken::new();

        let work = async {
            support::fill_in(&services, dingtalk, true).await;
            sync(&services).await;
            support::fill_in(&services, dingtalk, false).await;
            over.cancel();
        };
        let (ran, ()) = tokio::join!(app.run_engines(over.clone()), work);
        ran.unwrap();
    });
}

async fn sync(services: &Services) {
    let asked_by = Some("bench".into());
    let started = services.sync.start(RunTrigger::Request, RunMode::Full, asked_by).await;
    let id = started.unwrap().run.id;

    loop {
        tokio::time::sleep(BETWEEN_LOOKS).await;
        let run = services.store.run(id).await.unwrap().unwrap();
        if run.state != RunState::Running {
            assert_eq!((run.state, run.verdict), (RunState::Finished, Some(Verdict::Complete)));
            return;
        }
    }
}
