//! PostgreSQL servers of a test's own, which it may stop, break and promote; and a stable address before them.

use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicU16, Ordering},
    },
    time::Duration,
};

use sqlx::{Connection, Executor, PgConnection};
use tempfile::TempDir;
use tokio::{io::copy_bidirectional, net::TcpListener, net::TcpStream, sync::watch};

/// A server on a free port. Stopped and removed when it is dropped.
pub struct Cluster {
    bin: PathBuf,
    dir: TempDir,
    pub port: u16,
}

/// Debian keeps the server's programs out of PATH, one folder a version: the newest wins.
fn programs() -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql").expect("PostgreSQL's server is installed");
    let newest = versions.map(|entry| entry.unwrap().path().join("bin"));
    let newest = newest.filter(|bin| bin.join("initdb").exists());
    newest.max().expect("PostgreSQL's server is installed")
}

fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

impl Cluster {
    /// An empty one that streams to whoever asks.
    pub fn start() -> Self {
        let cluster = Self::in_new_dir();
        let data = cluster.data();
        cluster.run(
            "initdb",
            &[
                "--pgdata",
                &data,
                "--username=postgres",
                "--auth=trust",
                "--encoding=UTF8",
                "--locale=C",
                "--no-sync",
            ],
        );
        cluster.up();
        cluster
    }

    /// A copy of `primary` that follows it, asynchronously.
    pub fn standby_of(primary: &Self) -> Self {
        let cluster = Self::in_new_dir();
        let (data, port) = (cluster.data(), primary.port.to_string());
        cluster.run(
            "pg_basebackup",
            &[
                "--pgdata",
                &data,
                "--write-recovery-conf",
                "--wal-method=stream",
                "--checkpoint=fast",
                "--no-sync",
                "--host=127.0.0.1",
                "--port",
                &port,
                "--username=postgres",
            ],
        );
        cluster.up();
        cluster
    }

    fn in_new_dir() -> Self {
        let dir = tempfile::tempdir().unwrap();
        if is_root() {
            let owner = Command::new("chown").arg("postgres").arg(dir.path()).status().unwrap();
            assert!(owner.success());
        }
        Self {
            bin: programs(),
            dir,
            port: free_port(),
        }
    }

    fn data(&self) -> String {
        self.dir.path().join("data").to_string_lossy().into_owned()
    }

    /// Runs one of PostgreSQL's programs; the server refuses to run as root.
    fn run(&self, program: &str, arguments: &[&str]) {
        let program = self.bin.join(program);
        let mut command = if is_root() {
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        let output = command.args(arguments).current_dir(self.dir.path()).output().unwrap();
        assert!(
            output.status.success(),
            "{arguments:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    }

    /// Starts the server.
    pub fn up(&self) {
        let (data, log) = (self.data(), self.dir.path().join("log").to_string_lossy().into_owned());
        let options = format!(
            "-c listen_addresses=127.0.0.1 -c port={} -c unix_socket_directories={} -c fsync=off -c max_connections=60",
            self.port,
            Path::new(self.dir.path()).display()
        );
        self.run(
            "pg_ctl",
            &[
                "start",
                "--pgdata",
                &data,
                "--log",
                &log,
                "--wait",
                "--silent",
                "--options",
                &options,
            ],
        );
    }

    /// Ends it: `fast` as an operator would, `immediate` as a crash does.
    pub fn down(&self, mode: &str) {
        self.run(
            "pg_ctl",
            &["stop", "--pgdata", &self.data(), "--mode", mode, "--silent"],
        );
    }

    /// Makes a standby the primary.
    pub fn promote(&self) {
        self.run("pg_ctl", &["promote", "--pgdata", &self.data(), "--wait", "--silent"]);
    }

    /// `DATABASE_URL` of its database `postgres`, by `port`.
    pub fn url(port: u16) -> String {
        format!("postgres://postgres@127.0.0.1:{port}/postgres")
    }

    /// A connection beside the program's.
    pub async fn beside(&self) -> PgConnection {
        PgConnection::connect(&Self::url(self.port)).await.unwrap()
    }

    /// Runs a statement.
    pub async fn sql(&self, sql: &str) {
        let mut connection = self.beside().await;
        connection.execute(sqlx::AssertSqlSafe(sql.to_owned())).await.unwrap();
        connection.close().await.unwrap();
    }

    /// Waits until `standby` has everything that stands here now.
    pub async fn replayed_by(&self, standby: &Self) {
        let (mut here, mut there) = (self.beside().await, standby.beside().await);
        let written: String = sqlx::query_scalar("SELECT pg_current_wal_lsn()::text")
            .fetch_one(&mut here)
            .await
            .unwrap();
        for _ in 0..600 {
            let has: bool = sqlx::query_scalar("SELECT coalesce(pg_last_wal_replay_lsn() >= $1::pg_lsn, false)")
                .bind(&written)
                .fetch_one(&mut there)
                .await
                .unwrap();
            if has {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("the standby does not follow");
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let program = self.bin.join("pg_ctl");
        let mut command = if is_root() {
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        // It may be down already.
        drop(
            command
                .args(["stop", "--pgdata", &self.data(), "--mode=immediate", "--silent"])
                .output(),
        );
    }
}

fn is_root() -> bool {
    Command::new("id")
        .arg("-u")
        .output()
        .unwrap()
        .stdout
        .starts_with(b"0\n")
}

/// An address that stays while the server behind it changes, as a load balancer or a DNS name is.
pub struct Address {
    pub port: u16,
    target: Arc<AtomicU16>,
    turn: watch::Sender<u64>,
}

impl Address {
    /// In front of the server at `target`.
    pub async fn before(target: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (target, turn) = (Arc::new(AtomicU16::new(target)), watch::Sender::new(0));
        let (to, turns) = (target.clone(), turn.subscribe());
        tokio::spawn(async move {
            while let Ok((mut client, _)) = listener.accept().await {
                let (to, mut turns) = (to.load(Ordering::Acquire), turns.clone());
                turns.mark_unchanged();
                tokio::spawn(async move {
                    let Ok(mut server) = TcpStream::connect(("127.0.0.1", to)).await else {
                        return;
                    };
                    tokio::select! {
                        _ = copy_bidirectional(&mut client, &mut server) => {}
                        _ = turns.changed() => {}
                    }
                });
            }
        });
        Self { port, target, turn }
    }

    /// Leads to another server from now on; connections to the former one are cut.
    pub fn lead_to(&self, target: u16) {
        self.target.store(target, Ordering::Release);
        self.turn.send_modify(|turn| *turn += 1);
    }
}
