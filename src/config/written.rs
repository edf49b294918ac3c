//! What was written for one setting, and how it becomes a value.

use std::path::Path;

use secrecy::{ExposeSecret, SecretString};

use super::{mistakes::Mistakes, secrets, setting::Setting};
use crate::auth::MIN_SECRET_BYTES;

/// What the layers say of a setting.
pub(super) struct Written<'l> {
    pub(super) setting: &'static Setting,
    /// By its flag or its variable.
    pub(super) given: Option<String>,
    /// In the file.
    pub(super) file: Option<String>,
    pub(super) env: &'l dyn Fn(&str) -> Option<String>,
    pub(super) mistakes: &'l mut Mistakes,
}

impl Written<'_> {
    /// As it was written.
    pub(super) fn text(self) -> Option<String> {
        self.given.or(self.file)
    }

    /// What `read` makes of the text; the default where there is none, or a wrong one.
    pub(super) fn value<T>(self, read: impl Fn(&str) -> Result<T, String>) -> T {
        let (name, default) = (self.setting.variable, self.setting.default.unwrap_or_default());
        let written = self.given.or(self.file);
        let value = written.and_then(|text| self.mistakes.take(name, read(&text)));
        value.unwrap_or_else(|| read(default).expect("a default of the table is a right value"))
    }

    /// What `read` makes of the text, if there is one.
    pub(super) fn optional<T>(self, read: impl Fn(&str) -> Result<T, String>) -> Option<T> {
        let text = self.given.or(self.file)?;
        self.mistakes.take(self.setting.variable, read(&text))
    }

    /// What `read` makes of each member of a list. Every wrong one is told.
    pub(super) fn each<T>(self, read: impl Fn(&str) -> Result<T, String>) -> Vec<T> {
        let list = self.given.or(self.file).unwrap_or_default();
        list.split(',')
            .map(str::trim)
            .filter(|text| !text.is_empty())
            .filter_map(|text| self.mistakes.take(self.setting.variable, read(text)))
            .collect()
    }

    /// A secret by value, by the file that its second variable names, by what systemd hands over, or from the
    /// configuration file.
    pub(super) fn secret(&mut self) -> Option<SecretString> {
        let path = (self.env)(&self.setting.file_variable());
        let path = path.or_else(|| self.given.is_none().then(|| self.credential()).flatten());
        let (given, file) = (self.given.take(), self.file.take());
        let value = if path.is_some() { given } else { given.or(file) };
        self.mistakes
            .take(self.setting.variable, secrets::by_value_or_file(value, path))
            .flatten()
    }

    /// The file with this secret that systemd made readable for the process (`LoadCredential=`), where it did: by the
    /// flag's name behind ours, `dingmirror_database-url`.
    fn credential(&self) -> Option<String> {
        let directory = (self.env)("CREDENTIALS_DIRECTORY")?;
        let path = Path::new(&directory).join(format!("dingmirror_{}", self.setting.flag()));
        path.is_file().then(|| path.to_string_lossy().into_owned())
    }

    /// A secret that other rooms keep.
    pub(super) fn secret_text(mut self) -> Option<String> {
        self.secret().map(|secret| secret.expose_secret().to_owned())
    }

    /// A secret that signs or seals. One that is too short is told, and never shown.
    pub(super) fn strong_secret(mut self) -> Option<SecretString> {
        let secret = self.secret()?;
        if secret.expose_secret().len() < MIN_SECRET_BYTES {
            self.mistakes.add(
                self.setting.variable,
                format!("it needs at least {MIN_SECRET_BYTES} bytes: `openssl rand -base64 32` makes one"),
            );
        }
        // A short one was given all the same: none is made in its place.
        Some(secret)
    }
}
