//! The layers of the configuration: flags before environment before file. A setting's default comes last.

use super::{
    file,
    mistakes::Mistakes,
    table::{CONFIG, ConfigLayer, Layers},
};

impl<'e> Layers<'e> {
    /// `flags` carry the variables that stand in for them; `env` gives the others. Reads the file that they name, as
    /// far as it is right.
    pub(super) fn of(flags: ConfigLayer, env: &'e dyn Fn(&str) -> Option<String>) -> Self {
        let mut mistakes = Mistakes::default();
        let path = flags.config.as_deref().filter(|path| !path.trim().is_empty());
        let file = path.map(file::read).unwrap_or_default();
        for mistake in file.mistakes {
            mistakes.add(CONFIG.variable, mistake);
        }

        Self {
            flags,
            file: file.settings,
            issuers: file.issuers,
            env,
            mistakes,
        }
    }
}
