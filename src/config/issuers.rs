//! `[[issuers]]` of the file: whose tokens are taken beside the server's own.
//!
//! A list of tables, which no flag and no variable could say.

use super::{
    issuer_keys,
    issuer_reader::Reader,
    table::{CONFIG, Layers},
};
use crate::auth::{Issuer, Issuers};

/// The issuers of the file, with their keys. What is wrong is told with the issuer's name or place.
pub(super) fn resolve(layers: &mut Layers<'_>) -> Issuers {
    let mut right: Vec<Issuer> = Vec::new();
    for (at, table) in std::mem::take(&mut layers.issuers).iter().enumerate() {
        let mut reader = Reader::new(table);
        let issuer = reader.issuer(issuer_keys::resolve);

        let is_known = |name: &str| right.iter().any(|it| it.name == name);
        match issuer {
            Some(issuer) if is_known(&issuer.name) => {
                reader.wrong(
                    "issuer",
                    "another one has this name: give it several audiences in one place",
                );
            }
            Some(issuer) if reader.mistakes.is_empty() => right.push(issuer),
            _ => {}
        }
        for mistake in reader.mistakes {
            let place = at + 1;
            layers
                .mistakes
                .add(CONFIG.variable, format!("[[issuers]] number {place}: {mistake}"));
        }
    }
    Issuers::new(right)
}
