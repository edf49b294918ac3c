//! Three nodes of Postgres under Patroni, etcd that they vote by, and HAProxy that leads to whoever is the primary.

use std::{
    fmt::Write as _,
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use serde_json::Value;
use sqlx::{Connection, Executor, PgConnection};
use tempfile::TempDir;

use crate::support::cluster::{free_port, is_root, own, programs};

/// Nodes of the cluster.
const NODES: usize = 3;
/// A node that was killed has to follow again by then: it may have to copy everything anew.
const PATIENCE: Duration = Duration::from_secs(180);

/// What is acknowledged before a standby has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Replication {
    /// Nothing.
    Synchronous,
    /// What the primary wrote last.
    Asynchronous,
}

/// A child with the group of its descendants, killed when it is dropped.
struct Service(Child);

impl Service {
    fn start(mut command: Command, log: &Path) -> Self {
        use std::os::unix::process::CommandExt;
        let file = File::options().append(true).create(true).open(log).unwrap();
        command
            .stdin(Stdio::null())
            .stdout(file.try_clone().unwrap())
            .stderr(file)
            .process_group(0);
        Self(command.spawn().unwrap())
    }

    /// SIGKILL, to it and all that it started.
    fn kill(&mut self) {
        let group = format!("-{}", self.0.id());
        drop(Command::new("kill").args(["-KILL", "--", &group]).output());
        drop(self.0.wait());
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.kill();
    }
}

struct Node {
    name: String,
    dir: PathBuf,
    port: u16,
    rest: u16,
    patroni: Option<Service>,
}

/// All of it on this machine.
pub(super) struct Stack {
    nodes: Vec<Node>,
    /// Where the primary is reached, whoever it is.
    pub port: u16,
    /// Ends before the nodes do.
    _haproxy: Service,
    http: reqwest::Client,
    _etcd: Service,
    dir: TempDir,
}

impl Stack {
    /// Starts everything, and waits until two standbys follow a primary.
    pub async fn start(replication: Replication) -> Self {
        let dir = tempfile::tempdir().unwrap();
        own(dir.path());
        let etcd = free_port();
        let keeper = start_etcd(dir.path(), etcd);

        let mut nodes: Vec<Node> = (0..NODES)
            .map(|n| {
                let name = format!("node{n}");
                let dir = dir.path().join(&name);
                fs::create_dir(&dir).unwrap();
                own(&dir);
                let (port, rest) = (free_port(), free_port());
                Node {
                    name,
                    dir,
                    port,
                    rest,
                    patroni: None,
                }
            })
            .collect();
        for node in &nodes {
            fs::write(node.dir.join("patroni.yml"), patroni_config(node, etcd, replication)).unwrap();
        }
        let port = free_port();
        fs::write(dir.path().join("haproxy.cfg"), haproxy_config(port, &nodes)).unwrap();
        let mut haproxy = Command::new("/usr/sbin/haproxy");
        haproxy.arg("-db").arg("-f").arg(dir.path().join("haproxy.cfg"));
        let haproxy = Service::start(haproxy, &dir.path().join("haproxy.log"));

        let http = reqwest::Client::builder()
            .no_proxy()
            .timeout(Duration::from_secs(2))
            .build()
            .unwrap();
        for node in &mut nodes {
            node.start();
        }
        let stack = Self {
            nodes,
            port,
            _haproxy: haproxy,
            http,
            _etcd: keeper,
            dir,
        };
        stack.until_whole(replication).await;
        stack
    }

    /// `DATABASE_URL`, by way of HAProxy.
    pub fn url(&self) -> String {
        crate::support::cluster::Cluster::url(self.port)
    }

    /// What Patroni says of each node.
    async fn members(&self) -> Vec<Value> {
        for node in &self.nodes {
            let url = format!("http://127.0.0.1:{}/cluster", node.rest);
            if let Ok(answer) = self.http.get(url).send().await
                && let Ok(mut body) = answer.json::<Value>().await
                && let Some(members) = body["members"].as_array_mut()
            {
                return std::mem::take(members);
            }
        }
        Vec::new()
    }

    /// The index of the primary.
    async fn primary(&self) -> Option<usize> {
        for (at, node) in self.nodes.iter().enumerate() {
            let url = format!("http://127.0.0.1:{}/primary", node.rest);
            if node.patroni.is_some()
                && let Ok(answer) = self.http.get(url).send().await
                && answer.status().is_success()
            {
                return Some(at);
            }
        }
        None
    }

    /// Waits until there is a primary that is followed by everybody else.
    pub async fn until_whole(&self, replication: Replication) {
        let standby = match replication {
            Replication::Synchronous => "sync_standby",
            Replication::Asynchronous => "replica",
        };
        let began = Instant::now();
        loop {
            let members = self.members().await;
            let is = |role: &str| members.iter().filter(|it| it["role"] == role).count();
            let follow = members.iter().filter(|it| it["role"] != "leader").all(|it| {
                (it["state"] == "running" || it["state"] == "streaming")
                    && it["lag"].as_u64().is_some_and(|lag| lag < 1_000_000)
            });
            if members.len() == NODES && is("leader") == 1 && is(standby) >= 1 && follow {
                return;
            }
            assert!(
                began.elapsed() < PATIENCE,
                "the cluster is not whole: {members:?}\n{}",
                self.logs()
            );
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    /// Kills the primary, its keeper included, as when its machine loses power. How long until another one was there.
    pub async fn kill_primary(&mut self) -> Duration {
        let at = self.primary().await.expect("there is a primary");
        self.nodes[at].kill();
        self.until_another(at).await
    }

    async fn until_another(&self, at: usize) -> Duration {
        let began = Instant::now();
        loop {
            if self.primary().await.is_some_and(|now| now != at) {
                return began.elapsed();
            }
            assert!(began.elapsed() < PATIENCE, "nobody is promoted\n{}", self.logs());
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Starts the nodes that were killed; they follow the new primary.
    pub fn start_the_killed(&mut self) {
        for node in self.nodes.iter_mut().filter(|node| node.patroni.is_none()) {
            node.start();
        }
    }

    /// Has the processes that receive the primary's log stand still, or go on.
    pub async fn pause_standbys(&self, paused: bool) {
        let signal = if paused { "-STOP" } else { "-CONT" };
        for pid in self.nodes.iter().flat_map(Node::walreceivers) {
            drop(Command::new("kill").args([signal, &pid.to_string()]).output());
        }
    }

    /// Writes more into the primary's log than the network holds for a standby that doesn't read.
    pub async fn burn_log(&self) {
        let mut beside = PgConnection::connect(&self.url()).await.unwrap();
        for _ in 0..100 {
            let burn = "SELECT pg_logical_emit_message(true, 'x', repeat('x', 500000))";
            beside.execute(burn).await.unwrap();
        }
    }

    /// [`Self::kill_primary`], while the standbys stand still until it is dead.
    pub async fn kill_primary_and_resume(&mut self) -> Duration {
        let at = self.primary().await.expect("there is a primary");
        self.nodes[at].kill();
        self.pause_standbys(false).await;
        self.until_another(at).await
    }

    /// The ends of all logs, for a test that fails.
    fn logs(&self) -> String {
        let mut all = String::new();
        let mut add = |path: PathBuf| {
            let text = fs::read_to_string(&path).unwrap_or_default();
            let lines: Vec<&str> = text.lines().rev().take(25).collect();
            let _ = writeln!(all, "--- {}", path.display());
            for line in lines.iter().rev() {
                let _ = writeln!(all, "{line}");
            }
        };
        for node in &self.nodes {
            add(node.dir.join("patroni.log"));
        }
        add(self.dir.path().join("etcd.log"));
        add(self.dir.path().join("haproxy.log"));
        all
    }
}

impl Node {
    fn start(&mut self) {
        let mut command = Command::new("/usr/bin/patroni");
        if is_root() {
            command = Command::new("setpriv");
            command.args([
                "--reuid=postgres",
                "--regid=postgres",
                "--init-groups",
                "/usr/bin/patroni",
            ]);
        }
        command.arg(self.dir.join("patroni.yml")).current_dir(&self.dir);
        self.patroni = Some(Service::start(command, &self.dir.join("patroni.log")));
    }

    /// Patroni first: it would start Postgres again. Postgres has a group of its own.
    fn kill(&mut self) {
        if let Some(mut patroni) = self.patroni.take() {
            patroni.kill();
        }
        let pid = fs::read_to_string(self.dir.join("data/postmaster.pid")).unwrap_or_default();
        if let Some(pid) = pid.lines().next() {
            for child in children(pid) {
                drop(Command::new("kill").args(["-KILL", &child]).output());
            }
            drop(Command::new("kill").args(["-KILL", pid]).output());
        }
    }

    /// The processes that receive the primary's log.
    fn walreceivers(&self) -> Vec<u32> {
        let pid = fs::read_to_string(self.dir.join("data/postmaster.pid")).unwrap_or_default();
        let Some(pid) = pid.lines().next() else {
            return Vec::new();
        };
        let is_receiver = |child: &String| {
            fs::read_to_string(format!("/proc/{child}/cmdline")).is_ok_and(|line| line.contains("walreceiver"))
        };
        children(pid)
            .into_iter()
            .filter(is_receiver)
            .filter_map(|child| child.parse().ok())
            .collect()
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.kill();
    }
}

/// The processes that a process started.
fn children(pid: &str) -> Vec<String> {
    let listed = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap_or_default();
    listed.split_whitespace().map(str::to_owned).collect()
}

fn start_etcd(dir: &Path, port: u16) -> Service {
    let peer = free_port();
    let (client, peer) = (format!("http://127.0.0.1:{port}"), format!("http://127.0.0.1:{peer}"));
    let mut command = Command::new("/usr/bin/etcd");
    command
        .arg("--data-dir")
        .arg(dir.join("etcd"))
        .args(["--listen-client-urls", &client, "--advertise-client-urls", &client])
        .args(["--listen-peer-urls", &peer, "--initial-advertise-peer-urls", &peer])
        .args(["--initial-cluster", &format!("default={peer}")]);
    Service::start(command, &dir.join("etcd.log"))
}

fn patroni_config(node: &Node, etcd: u16, replication: Replication) -> String {
    let Node {
        name, dir, port, rest, ..
    } = node;
    let (dir, bin) = (dir.display(), programs());
    let bin = bin.display();
    let synchronous = replication == Replication::Synchronous;
    format!(
        "scope: dingmirror
name: {name}
restapi:
  listen: 127.0.0.1:{rest}
  connect_address: 127.0.0.1:{rest}
etcd3:
  hosts: 127.0.0.1:{etcd}
bootstrap:
  dcs:
    ttl: 8
    loop_wait: 1
    retry_timeout: 3
    maximum_lag_on_failover: 1073741824
    primary_start_timeout: 0
    synchronous_mode: {synchronous}
    synchronous_mode_strict: {synchronous}
    postgresql:
      use_pg_rewind: true
      use_slots: true
      parameters:
        max_connections: 60
        wal_log_hints: 'on'
        max_wal_senders: 10
        fsync: 'off'
        wal_keep_size: 128MB
  initdb:
    - encoding: UTF8
    - locale: C
    - data-checksums
    - no-sync
  pg_hba:
    - host all all 127.0.0.1/32 trust
    - local all all trust
    - host replication all 127.0.0.1/32 trust
postgresql:
  listen: 127.0.0.1:{port}
  connect_address: 127.0.0.1:{port}
  data_dir: {dir}/data
  bin_dir: {bin}
  pgpass: {dir}/pgpass
  authentication:
    replication:
      username: replicator
      password: replicator
    superuser:
      username: postgres
      password: postgres
  parameters:
    unix_socket_directories: {dir}
  create_replica_methods:
    - basebackup
  basebackup:
    checkpoint: fast
    no-sync:
"
    )
}

fn haproxy_config(port: u16, nodes: &[Node]) -> String {
    let mut config = format!(
        "global
  maxconn 500
defaults
  mode tcp
  timeout connect 2s
  timeout client 1h
  timeout server 1h
  timeout check 1s
listen primary
  bind 127.0.0.1:{port}
  option httpchk OPTIONS /primary
  http-check expect status 200
  default-server inter 300ms fall 1 rise 1 on-marked-down shutdown-sessions
"
    );
    for Node { name, port, rest, .. } in nodes {
        let _ = writeln!(config, "  server {name} 127.0.0.1:{port} check port {rest}");
    }
    config
}
