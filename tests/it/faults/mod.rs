//! The storage fault table of SQLite, through the real program: what was acknowledged is there afterwards, `/readyz` tells the
//! truth, and work goes on by itself where that can be.

mod process;
mod read_only;

use std::{fs, io::Write, path::Path, process::Command};

use process::{Acknowledged, Process};

/// Writes that the program is asked for while a fault lasts, at most, until one fails.
const UNTIL_ONE_FAILS: usize = 400;

/// Those after it: the first one failed on the disk, these on what it left.
const AFTERWARDS: usize = 14;

/// Asks for writes until the fault is met, and then for more. Nothing else may be told than success or failure.
async fn write_into_the_fault(process: &Process, acknowledged: &mut Acknowledged) {
    let mut asked = 0;
    while process.write(acknowledged).await {
        asked += 1;
        assert!(asked < UNTIL_ONE_FAILS, "the fault is not met");
    }
    for _ in 0..AFTERWARDS {
        process.write(acknowledged).await;
    }
}

/// Fault over: ready by itself, takes every write, and a kill and a new start lose nothing.
async fn works_again_and_kept(mut process: Process, acknowledged: &mut Acknowledged, row: &str) {
    process.until_ready().await;
    for _ in 0..AFTERWARDS {
        assert!(process.write(acknowledged).await, "{row}: it does not work again");
    }

    let data_dir = process.data_dir().to_owned();
    process.kill();
    let process = Process::start(&data_dir).await;
    process.has(acknowledged).await;
    println!(
        "{row}: {} acknowledged, all there; ready again by itself",
        acknowledged.count()
    );
}

#[tokio::test]
async fn an_input_output_error_loses_nothing_that_was_acknowledged() {
    let dir = tempfile::tempdir().unwrap();
    let process = Process::start(dir.path()).await;
    let mut acknowledged = Acknowledged::default();
    assert!(process.write(&mut acknowledged).await);

    // No file may grow past the log's present length: the kernel refuses the write (EFBIG), and SQLite calls that IOERR.
    let log = fs::metadata(dir.path().join("dingmirror.db-wal")).unwrap().len();
    process.limit_files(&log.to_string());
    write_into_the_fault(&process, &mut acknowledged).await;
    let why = process.until_not_ready().await;
    assert!(why.contains("takes no writes"), "{why}");

    process.limit_files("unlimited");
    works_again_and_kept(process, &mut acknowledged, "I/O error").await;
}

#[tokio::test]
async fn a_full_disk_loses_nothing_that_was_acknowledged() {
    let Some(disk) = Disk::mount() else {
        // A mount needs rights that not everybody has; the row above meets the same way of the same code.
        println!("disk full: not run, no file system can be mounted here");
        return;
    };
    let process = Process::start(disk.path()).await;
    let mut acknowledged = Acknowledged::default();
    assert!(process.write(&mut acknowledged).await);

    disk.fill();
    write_into_the_fault(&process, &mut acknowledged).await;
    let why = process.until_not_ready().await;
    assert!(why.contains("takes no writes"), "{why}");

    disk.make_room();
    works_again_and_kept(process, &mut acknowledged, "disk full").await;
}

#[tokio::test]
async fn killed_on_a_full_disk_nothing_acknowledged_is_lost() {
    let dir = tempfile::tempdir().unwrap();
    let mut process = Process::start(dir.path()).await;
    let mut acknowledged = Acknowledged::default();
    assert!(process.write(&mut acknowledged).await);

    let log = fs::metadata(dir.path().join("dingmirror.db-wal")).unwrap().len();
    process.limit_files(&log.to_string());
    write_into_the_fault(&process, &mut acknowledged).await;
    process.kill();

    let process = Process::start(dir.path()).await;
    process.has(&acknowledged).await;
    works_again_and_kept(process, &mut acknowledged, "killed during the error").await;
}

#[tokio::test]
async fn files_that_vanish_stop_the_writes_until_they_are_back() {
    for name in ["dingmirror.db", "dingmirror.db-wal"] {
        let dir = tempfile::tempdir().unwrap();
        let (file, aside) = (dir.path().join(name), dir.path().join("aside"));
        let process = Process::start(dir.path()).await;
        let mut acknowledged = Acknowledged::default();
        assert!(process.write(&mut acknowledged).await);
        process.until_ready().await;

        fs::rename(&file, &aside).unwrap();
        let why = process.until_not_ready().await;
        assert!(why.contains(&format!("{name} is gone")), "{why}");
        for _ in 0..3 {
            assert!(
                !process.write(&mut acknowledged).await,
                "written to a file without a name"
            );
        }

        fs::rename(&aside, &file).unwrap();
        works_again_and_kept(process, &mut acknowledged, &format!("{name} vanished")).await;
    }
}

#[tokio::test]
async fn after_a_clean_end_the_database_file_alone_has_everything() {
    let (dir, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let process = Process::start(dir.path()).await;
    let mut acknowledged = Acknowledged::default();
    for _ in 0..6 {
        assert!(process.write(&mut acknowledged).await);
    }
    process.terminate().await;

    let name = "dingmirror.db";
    fs::copy(dir.path().join(name), elsewhere.path().join(name)).unwrap();
    let process = Process::start(elsewhere.path()).await;
    process.has(&acknowledged).await;
    println!("ended by SIGTERM: {} acknowledged, all in {name}", acknowledged.count());
}

#[tokio::test]
async fn a_backup_beside_the_running_server_is_restored_with_all_of_its_moment() {
    let (dir, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let process = Process::start(dir.path()).await;
    let mut acknowledged = Acknowledged::default();
    for _ in 0..6 {
        assert!(process.write(&mut acknowledged).await);
    }

    let restored = elsewhere.path().join("dingmirror.db");
    assert!(backup(dir.path(), &restored), "the backup failed");
    assert!(!backup(dir.path(), &restored), "it wrote over a file");
    assert!(process.write(&mut Acknowledged::default()).await, "the server goes on");

    let process = Process::start(elsewhere.path()).await;
    process.has(&acknowledged).await;
    println!(
        "restored from a backup: {} acknowledged, all there",
        acknowledged.count()
    );
}

fn backup(data_dir: &Path, file: &Path) -> bool {
    Command::new(env!("CARGO_BIN_EXE_dingmirror"))
        .arg("backup")
        .arg(file)
        .envs(process::environment(data_dir))
        .env_remove("DATABASE_URL")
        .status()
        .unwrap()
        .success()
}

/// A small file system of its own, gone when it is dropped.
struct Disk(tempfile::TempDir);

impl Disk {
    fn mount() -> Option<Self> {
        let dir = tempfile::tempdir().unwrap();
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", "size=8m", "tmpfs"]).arg(dir.path());
        let mounted = mount.output().is_ok_and(|output| output.status.success());
        mounted.then_some(Self(dir))
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn fill(&self) {
        let mut file = fs::File::create(self.path().join("filler")).unwrap();
        for size in [65_536, 4_096] {
            while file.write_all(&vec![0; size]).is_ok() {}
        }
    }

    fn make_room(&self) {
        fs::remove_file(self.path().join("filler")).unwrap();
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Lazily: a process of a failed test may still have files open.
        let _ = Command::new("umount").arg("-l").arg(self.path()).status();
    }
}
