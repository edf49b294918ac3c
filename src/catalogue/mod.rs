//! What the server says of a state, in one place: each sentence is a code, its arguments, and an English template.
//!
//! Whoever has something to say names the code and gives the arguments ([`Statement`]); the sentence is made of them
//! when somebody reads it. The same code and arguments go to callers, who say it in their reader's language or branch
//! on it, and into the database.
//!
//! Templates are [ICU messages](https://unicode-org.github.io/icu/userguide/format_parse/messages/), of which `render`
//! knows what is used here: `{name}`, `{name, plural, =0 {…} one {…} other {# …}}`, `{name, select, a {…} other {…}}`,
//! and two forms of its own, `{at, moment}` and `{why, phrase}`. An apostrophe before a brace quotes.
//!
//! A file for each subject has the sentences. A code is never given another meaning, and keeps its arguments: they are
//! a part of the API, and rows of the database are written with them. `docs/statements.md` lists all of it.

mod arguments;
mod entry;
mod statement;
mod stored;

#[macro_use]
mod statements;

pub mod api_keys;
pub mod checks;
pub mod content;
pub mod delivery;
pub mod dingtalk;
pub mod directory;
pub mod errors;
pub mod links;
pub mod matching;
pub mod request;
pub mod resends;
pub mod settings;
pub mod sync;
pub mod templates;
pub mod tokens;

pub use arguments::meaning_of;
pub use entry::Entry;
pub use statement::{Statement, Value};

/// Every code, with the subject that it belongs to, in the order of the documentation.
pub fn subjects() -> [(&'static str, &'static [&'static Entry]); 16] {
    [
        ("Any sentences", entry::ALL),
        ("Who a Confluence user is", matching::ALL),
        ("Links by hand", links::ALL),
        ("Syncs, and what they are worth", sync::ALL),
        ("Removals and single records", directory::ALL),
        ("What DingTalk answers", dingtalk::ALL),
        ("What becomes of a message", delivery::ALL),
        ("What is wrong with a request to send", request::ALL),
        ("Sending a message again", resends::ALL),
        ("What is wrong with a message's content", content::ALL),
        ("Message templates", templates::ALL),
        ("The settings form", settings::ALL),
        ("Checks of the settings and of the installation", checks::ALL),
        ("API keys", api_keys::ALL),
        ("Revoking tokens", tokens::ALL),
        ("Errors of a request", errors::ALL),
    ]
}

/// Every code.
pub fn all() -> impl Iterator<Item = &'static Entry> {
    subjects().into_iter().flat_map(|(_, entries)| entries.iter().copied())
}

#[cfg(test)]
mod tests;
