//! One code of the catalogue.

/// One code of the catalogue: its name, the English sentence, and what the sentence is made with.
#[derive(Debug, PartialEq, Eq)]
pub struct Entry {
    /// The name that callers branch on. It keeps its meaning for good.
    pub code: &'static str,
    /// The English sentence, an ICU message.
    pub template: &'static str,
    /// The names of its arguments, in the order in which a statement has their values.
    pub arguments: &'static [&'static str],
}

impl Entry {
    /// Arguments that the sentence does without: they are for whoever branches on the code.
    pub fn silent_arguments(&self) -> Vec<&'static str> {
        let is_said = |name: &str| {
            let forms = [format!("{{{name}}}"), format!("{{{name},")];
            forms.iter().any(|form| self.template.contains(form))
        };
        self.arguments.iter().copied().filter(|name| !is_said(name)).collect()
    }
}

/// A sentence that only its text is known of: an earlier version stored it, or a newer one.
pub(super) static OTHER: Entry = Entry {
    code: "OTHER",
    template: "{text}",
    arguments: &["text"],
};

/// Two sentences, one behind the other.
pub(super) static SEVERAL: Entry = Entry {
    code: "SEVERAL",
    template: "{first} {rest}",
    arguments: &["first", "rest"],
};

/// Every code of this file.
pub(super) static ALL: &[&Entry] = &[&OTHER, &SEVERAL];
