//! A row of the table: what the command line, the environment and the file call a setting, and how it is written.

/// What is written for a setting. The text stands in its place in `--help`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A number with its unit.
    Time,
    /// A whole number.
    Number(&'static str),
    /// Any text.
    Text(&'static str),
    /// Texts separated by commas, or a list of the file's own.
    List(&'static str),
    /// A text that is shown nowhere.
    Secret(&'static str),
}

impl Kind {
    /// What stands in its place in `--help`.
    pub(super) fn placeholder(self) -> &'static str {
        match self {
            Self::Time => "TIME",
            Self::Number(name) | Self::Text(name) | Self::List(name) | Self::Secret(name) => name,
        }
    }
}

/// One setting.
#[derive(Debug)]
pub(super) struct Setting {
    /// Its key in the file. The flag is the same with `-` for `_`.
    pub(super) key: &'static str,
    /// The environment variable. Mistakes are told by this name.
    pub(super) variable: &'static str,
    /// What it is for, without the default.
    pub(super) help: &'static str,
    /// How it is written.
    pub(super) kind: Kind,
    /// What is read where nobody wrote anything.
    pub(super) default: Option<&'static str>,
    /// How the help tells of the default, where the text itself doesn't say enough.
    pub(super) default_told: Option<&'static str>,
    /// What stands behind the `=` in an example of the file, where the default is no good one.
    pub(super) example: Option<&'static str>,
    /// False of secrets: every user of a machine can read a process's arguments.
    pub(super) is_flag: bool,
    /// Left out of the help: for tests and emergencies.
    pub(super) is_hidden: bool,
}

impl Setting {
    /// What a row doesn't say.
    pub(super) const BASE: Self = Self {
        key: "",
        variable: "",
        help: "",
        kind: Kind::Time,
        default: None,
        default_told: None,
        example: None,
        is_flag: true,
        is_hidden: false,
    };

    /// The long flag, without its dashes.
    pub(super) fn flag(&self) -> String {
        self.key.replace('_', "-")
    }

    /// The text of `--help`.
    pub(super) fn help(&self) -> String {
        let help = self.help.trim();
        match self.default_told.or(self.default) {
            Some(default) => format!("{help} [default: {default}]"),
            None => help.to_owned(),
        }
    }

    /// The variable that names a file with the value.
    pub(super) fn file_variable(&self) -> String {
        format!("{}_FILE", self.variable)
    }

    /// A value of the right form, as it stands behind the `=` in the file.
    pub(super) fn example(&self) -> String {
        match (self.example, self.default, self.kind) {
            (Some(example), _, _) => example.to_owned(),
            (None, Some(default), Kind::Number(_)) => default.to_owned(),
            (None, Some(default), _) => format!("\"{default}\""),
            (None, None, _) => "\"…\"".to_owned(),
        }
    }
}
