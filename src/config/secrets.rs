//! Secrets: by value, by a file that holds them, or made once and kept beside the embedded database.

use std::{
    fs::{self, OpenOptions},
    io::{ErrorKind, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::Path,
};

use base64::Engine;
use secrecy::SecretString;

/// Reads a secret from `value`, or from the file that `file` names. Both at once is a mistake, because one would win unseen.
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

/// The secret in `dir/name`; made of 32 random bytes and readable by the owner alone where it does not exist yet.
pub(super) fn kept_in(dir: &Path, name: &str) -> Result<SecretString, String> {
    let path = dir.join(name);
    let told = |error: std::io::Error| format!("cannot use {}: {error}", path.display());
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(dir)
        .map_err(told)?;
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path) {
        Ok(mut file) => {
            let mut bytes = [0_u8; 32];
            aws_lc_rs::rand::fill(&mut bytes).map_err(|_| "the system gives no random bytes".to_owned())?;
            let text = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes);
            file.write_all(text.as_bytes())
                .and_then(|()| file.sync_all())
                .map_err(told)?;
            Ok(text.into())
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            let mode = fs::metadata(&path).map_err(told)?.permissions().mode() & 0o077;
            if mode != 0 {
                return Err(format!("{} can be read by others: `chmod 600` it", path.display()));
            }
            let text = fs::read_to_string(&path).map_err(told)?;
            Ok(text.trim().to_owned().into())
        }
        Err(error) => Err(told(error)),
    }
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
