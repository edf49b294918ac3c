//! SQLite's files: whether those that are written to are still those that the next start will open.

use std::{
    fs, io,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

/// Device and number of a file: another one of the same name has another.
type Identity = (u64, u64);

/// A database file shorter than its own header was cut off.
const HEADER: u64 = 100;

/// The database and its log, as they were opened.
#[derive(Debug)]
pub(super) struct DataFiles {
    database: (PathBuf, Identity),
    /// The write-ahead log holds what was committed lately. Known once it is there.
    log: (PathBuf, Mutex<Option<Identity>>),
}

impl DataFiles {
    /// The files of the database at `path`, which is open.
    pub(super) fn of(path: &Path) -> io::Result<Self> {
        let mut log = path.as_os_str().to_owned();
        log.push("-wal");
        Ok(Self {
            database: (path.to_owned(), identity(path)?.0),
            log: (log.into(), Mutex::default()),
        })
    }

    /// What is wrong with them, in a sentence with the remedy: what is written to a file without a name is gone at the
    /// next start.
    pub(super) fn missing(&self) -> Option<String> {
        let (path, known) = &self.database;
        if let Some(what) = differs(path, *known, HEADER) {
            return Some(told(path, what));
        }

        let (path, known) = &self.log;
        let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
        match *known {
            Some(known) => differs(path, known, 0).map(|what| told(path, what)),
            None => {
                *known = identity(path).ok().map(|(identity, _)| identity);
                None
            }
        }
    }
}

fn identity(path: &Path) -> io::Result<(Identity, u64)> {
    let found = fs::metadata(path)?;
    Ok(((found.dev(), found.ino()), found.len()))
}

fn differs(path: &Path, known: Identity, shortest: u64) -> Option<&'static str> {
    match identity(path) {
        Ok((found, _)) if found != known => Some("was replaced by another file"),
        Ok((_, length)) if length < shortest => Some("was cut off"),
        Ok(_) => None,
        Err(error) if error.kind() == io::ErrorKind::NotFound => Some("is gone"),
        Err(_) => Some("cannot be looked at any more"),
    }
}

fn told(path: &Path, what: &str) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    format!(
        "the data file {name} {what} while it was in use: nothing is written; put it back, or stop, restore a backup and start"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_vanish_are_replaced_or_cut_off_are_told_and_come_back() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x.db");
        let (log, aside) = (dir.path().join("x.db-wal"), dir.path().join("aside"));
        fs::write(&path, [1; 4096]).unwrap();
        let files = DataFiles::of(&path).unwrap();
        assert_eq!(files.missing(), None, "no log yet");
        fs::write(&log, [1; 32]).unwrap();
        assert_eq!(files.missing(), None);

        for file in [&path, &log] {
            fs::rename(file, &aside).unwrap();
            let name = file.file_name().unwrap().to_str().unwrap();
            let gone = files.missing().unwrap();
            assert!(gone.contains(&format!("{name} is gone")), "{gone}");
            fs::write(file, [2; 4096]).unwrap();
            assert!(files.missing().unwrap().contains("replaced"));
            fs::rename(&aside, file).unwrap();
            assert_eq!(files.missing(), None, "back again");
        }

        fs::write(&path, "").unwrap();
        assert!(files.missing().unwrap().contains("cut off"));
    }
}
