//! Secrets: by value, by a file that holds them, or made once and kept beside the embedded database.

use std::{
    fs::{self, OpenOptions},
    io::{self, ErrorKind, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::Path,
};

use base64::Engine;
use secrecy::SecretString;

use crate::auth::MIN_SECRET_BYTES;

/// The file in the data directory that holds the tokens' secret, where it was generated.
pub(super) const JWT_FILE: &str = "jwt-secret";

/// The same of the key that seals the app secret.
pub(super) const KEY_FILE: &str = "secret-key";

/// Reads a secret from `value`, or from the file that `file` names. Both at once is a mistake, because one would win
/// unseen.
pub(super) fn by_value_or_file(value: Option<String>, file: Option<String>) -> Result<Option<SecretString>, String> {
    match (value, file) {
        (Some(_), Some(_)) => Err("both the value and its `_FILE` are set: keep one".into()),
        (Some(value), None) => Ok(Some(value.trim().to_owned().into())),
        (None, Some(path)) => fs::read_to_string(&path)
            .map(|text| Some(text.trim().to_owned().into()))
            .map_err(|error| format!("cannot read {path}: {error}")),
        (None, None) => Ok(None),
    }
}

/// Makes the data directory, readable by the owner alone, if it isn't there.
pub(super) fn directory(dir: &Path) -> Result<(), String> {
    let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(dir);
    made.map_err(|error| {
        format!(
            "cannot make the data directory {}: {error}; name one that this user may write to",
            dir.display()
        )
    })
}

/// The secret in `dir/name`; made of 32 random bytes and readable by the owner alone where it does not exist yet.
///
/// A kept one that can't be it is refused and never replaced: what it sealed or signed would be lost, and one of 0
/// bytes (a disk that was full at the first start) would let anybody sign.
pub(super) fn kept_in(dir: &Path, name: &str) -> Result<SecretString, String> {
    directory(dir)?;
    let path = dir.join(name);
    let told = |error: io::Error| format!("cannot use {}: {error}", path.display());

    match fs::symlink_metadata(&path) {
        Ok(found) => read_kept(&path, &found),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let text = random_text()?;
            // Somebody else may have been quicker: theirs counts.
            match write_whole(dir, name, &text) {
                Ok(()) => Ok(text.into()),
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                    read_kept(&path, &fs::symlink_metadata(&path).map_err(told)?)
                }
                Err(error) => Err(told(error)),
            }
        }
        Err(error) => Err(told(error)),
    }
}

fn read_kept(path: &Path, found: &fs::Metadata) -> Result<SecretString, String> {
    let shown = path.display();
    if !found.is_file() {
        return Err(format!(
            "{shown} is not a regular file: put the secret itself there, or name its place by the variable with `_FILE`"
        ));
    }
    if found.permissions().mode() & 0o077 != 0 {
        return Err(format!("{shown} can be read by others: `chmod 600` it"));
    }

    let text = fs::read_to_string(path).map_err(|error| format!("cannot use {shown}: {error}"))?;
    let text = text.trim();
    if text.len() < MIN_SECRET_BYTES {
        return Err(format!(
            "{shown} holds {} bytes, and a secret has at least {MIN_SECRET_BYTES}: bring the former one back from a backup, \
             or remove the file and a new one is made (what the former one signed or sealed is then void)",
            text.len()
        ));
    }
    Ok(text.to_owned().into())
}

fn random_text() -> Result<String, String> {
    let mut bytes = [0_u8; 32];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| "the system gives no random bytes".to_owned())?;
    Ok(base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes))
}

/// Makes `dir/name` with all of `text` or not at all: written beside, synced, and given its name only then. One that
/// exists is left alone.
fn write_whole(dir: &Path, name: &str, text: &str) -> io::Result<()> {
    let beside = dir.join(format!(".{name}.{}", std::process::id()));
    let written = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&beside)
        .and_then(|mut file| file.write_all(text.as_bytes()).and_then(|()| file.sync_all()))
        // Unlike a rename, a link never takes the place of another file.
        .and_then(|()| fs::hard_link(&beside, dir.join(name)));

    // A remainder holds a secret that nobody uses.
    drop(fs::remove_file(&beside));
    written?;
    fs::File::open(dir)?.sync_all()
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    #[test]
    fn a_generated_secret_is_made_once_kept_and_private() {
        let dir = tempfile::tempdir().unwrap();
        let first = kept_in(dir.path(), "secret").unwrap();
        assert_eq!(first.expose_secret().len(), 43);
        assert_eq!(
            kept_in(dir.path(), "secret").unwrap().expose_secret(),
            first.expose_secret()
        );
        let path = dir.path().join("secret");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        assert!(kept_in(dir.path(), "secret").unwrap_err().contains("chmod 600"));
    }

    #[test]
    fn a_kept_secret_that_cannot_be_one_refuses_the_start_and_stays_as_it_is() {
        let dir = tempfile::tempdir().unwrap();
        for (name, text) in [
            ("empty", ""),
            ("blank", "  \n"),
            ("short", "0123456789012345678901234567890\n"),
        ] {
            let path = dir.path().join(name);
            fs::write(&path, text).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
            let told = kept_in(dir.path(), name).unwrap_err();
            assert!(told.contains(name) && told.contains("at least 32"), "{told}");
            assert_eq!(fs::read_to_string(&path).unwrap(), text);
        }

        std::os::unix::fs::symlink("/dev/zero", dir.path().join("link")).unwrap();
        fs::create_dir(dir.path().join("folder")).unwrap();
        for name in ["link", "folder"] {
            let told = kept_in(dir.path(), name).unwrap_err();
            assert!(told.contains("not a regular file"), "{told}");
        }
    }

    #[test]
    fn a_secret_that_could_not_be_written_whole_is_not_there() {
        let dir = tempfile::tempdir().unwrap();
        // The place of the file beside is taken, as a disk without room for it is.
        fs::create_dir(dir.path().join(format!(".secret.{}", std::process::id()))).unwrap();
        assert!(kept_in(dir.path(), "secret").is_err());
        assert!(!dir.path().join("secret").exists());
    }

    #[test]
    fn what_is_there_already_is_never_replaced() {
        let dir = tempfile::tempdir().unwrap();
        write_whole(dir.path(), "secret", "first").unwrap();
        let error = write_whole(dir.path(), "secret", "second").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::AlreadyExists);
        assert_eq!(fs::read_to_string(dir.path().join("secret")).unwrap(), "first");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "nothing beside");
    }

    #[test]
    fn a_secret_comes_by_value_or_by_file_and_never_by_both() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("s");
        fs::write(&path, "from file\n").unwrap();
        let path = path.to_str().unwrap().to_owned();

        assert_eq!(
            by_value_or_file(None, Some(path.clone()))
                .unwrap()
                .unwrap()
                .expose_secret(),
            "from file"
        );
        assert_eq!(
            by_value_or_file(Some("v".into()), None)
                .unwrap()
                .unwrap()
                .expose_secret(),
            "v"
        );

        assert!(by_value_or_file(None, None).unwrap().is_none());
        assert!(by_value_or_file(Some("v".into()), Some(path)).is_err());
        assert!(
            by_value_or_file(None, Some("/does/not/exist".into()))
                .unwrap_err()
                .contains("/does/not/exist")
        );
    }
}
