//! Files that get their name only when they are whole.

use std::{
    fs::{self, File, OpenOptions},
    io,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

/// A file beside the one that it shall become, readable by its owner alone. It goes when it is dropped, whatever came
/// of it.
pub(super) struct Beside(PathBuf);

impl Beside {
    /// Makes an empty one for `target`, which must not exist. The text says what is in the way.
    pub(super) fn make(target: &Path) -> Result<Self, String> {
        if fs::symlink_metadata(target).is_ok() {
            let target = target.display();
            return Err(format!("{target} exists already, choose another name"));
        }
        let name = target.file_name().unwrap_or_default().to_string_lossy();
        let path = parent(target).join(format!(".{name}.{}", std::process::id()));
        let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path);
        made.map_err(|error| format!("cannot write {}: {error}", path.display()))?;
        Ok(Self(path))
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    /// Makes it durable, and gives it its name. How many bytes it has.
    pub(super) fn keep(&self, target: &Path) -> Result<u64, String> {
        let kept = || {
            let file = File::open(&self.0)?;
            file.sync_all()?;
            // Unlike a rename, a link never takes the place of another file.
            fs::hard_link(&self.0, target)?;
            File::open(parent(target))?.sync_all()?;
            Ok(file.metadata()?.len())
        };
        kept().map_err(|error: io::Error| format!("cannot make {}: {error}", target.display()))
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        // Also what a failed one left: it has no name that anybody would restore.
        drop(fs::remove_file(&self.0));
    }
}

fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}
