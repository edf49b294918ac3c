//! `dingmirror demo`, as its user meets it: it syncs everything, and the commands that it prints answer, pasted at
//! once.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    sync::mpsc,
    time::Duration,
};

use serde_json::Value;

use crate::support::database::TestDatabase;

struct Demo(Child);

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

both_databases!(
    async fn the_demo_syncs_the_whole_company_and_its_printed_commands_answer(database: TestDatabase) {
        let dir = tempfile::tempdir().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_dingmirror"));
        command
            .args([
                "demo",
                "--users",
                "120",
                "--departments",
                "20",
                "--listen",
                "127.0.0.1:0",
                "--simulator-listen",
                "127.0.0.1:0",
            ])
            .env("DINGMIRROR_DATA_DIR", dir.path())
            .stdout(Stdio::piped());
        if let Some(url) = database.url() {
            command.env("DATABASE_URL", url);
        } else {
            command.env_remove("DATABASE_URL");
        }

        let mut demo = Demo(command.spawn().unwrap());
        let lines = read_tour(&mut demo);
        let printed = lines.join("\n");
        assert!(
            printed.contains("sync COMPLETE: 20 departments, 120 people"),
            "{printed}"
        );

        let token = lines
            .iter()
            .find_map(|line| line.strip_prefix("export TOKEN="))
            .expect("a token");
        let curl = |line: &String| -> Value {
            let output = Command::new("sh")
                .args(["-c", line])
                .env("TOKEN", token)
                .env("no_proxy", "*")
                .output()
                .unwrap();
            serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{line} answers {output:?}"))
        };

        let is_command = |line: &&String| line.starts_with("curl ") || line.starts_with("for ");
        let commands: Vec<&String> = lines.iter().filter(is_command).collect();
        for page in ["/console/", "/graphiql"] {
            let signed_in = format!("{page}#token={token}");
            assert!(lines.iter().any(|line| line.ends_with(&signed_in)), "{printed}");
        }

        let answers: Vec<Value> = commands.iter().map(|line| curl(line)).collect();
        assert_eq!(answers.len(), 5, "{printed}");
        assert!(
            answers.iter().all(|answer| answer.get("errors").is_none()),
            "{answers:#?}"
        );
        assert_eq!(answers[0]["data"]["mirror"]["userCount"], 120);
        assert_eq!(answers[0]["data"]["department"]["totalMemberCount"], 120);
        assert_eq!(answers[1]["data"]["resolve"][0]["status"], "MATCHED");
        assert_eq!(
            answers[2]["data"]["sendMessage"]["userErrors"]
                .as_array()
                .unwrap()
                .len(),
            0
        );

        // The event arrives by stream, soon after the hire; the command waits for it.
        assert_eq!(answers[4]["data"]["user"]["state"], "ACTIVE", "{answers:#?}");

        // The simulator's own account: the same people, and the message arrived.
        let control = lines
            .iter()
            .find_map(|line| line.strip_prefix("simulator "))
            .expect("an address")
            .trim();
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let directory: Value = http
            .get(format!("{control}/directory"))
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap();
        assert_eq!(
            (&directory["counts"]["users"], &directory["counts"]["departments"]),
            (&121.into(), &20.into())
        );

        for attempt in 0.. {
            let messages: Value = http
                .get(format!("{control}/messages"))
                .send()
                .await
                .unwrap()
                .json()
                .await
                .unwrap();
            if messages.to_string().contains("**Roadmap** has changed") {
                break;
            }
            assert!(attempt < 100, "the message never arrived: {messages}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
);

/// The demo's lines up to the last one of its tour.
fn read_tour(demo: &mut Demo) -> Vec<String> {
    let stdout = demo.0.stdout.take().unwrap();
    let (sender, lines) = mpsc::channel();
    std::thread::spawn(move || {
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                break;
            }
        }
    });

    let mut read: Vec<String> = Vec::new();
    loop {
        let line = lines
            .recv_timeout(Duration::from_secs(120))
            .unwrap_or_else(|error| panic!("the demo stopped talking ({error}) after:\n{}", read.join("\n")));
        let done = line.contains("Ctrl-C ends the demo");
        read.push(line);
        if done {
            return read;
        }
    }
}
