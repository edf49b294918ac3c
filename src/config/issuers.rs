//! `[[issuers]]` of the file: whose tokens are taken beside the server's own.
//!
//! A list of tables, which no flag and no variable could say.

use std::{collections::BTreeSet, fs, time::Duration};

use chrono::TimeDelta;
use toml::{Table, Value};

use super::{
    duration::parse_duration,
    table::{CONFIG, Layers},
};
use crate::auth::{self, Granted, Issuer, IssuerKey, Issuers, Permission, SigningAlgorithm};

/// What an issuer may have.
const FIELDS: [&str; 8] = [
    "issuer",
    "audience",
    "algorithms",
    "public_key_file",
    "secret_file",
    "permissions",
    "permissions_claim",
    "leeway",
];

/// Alike enough to be meant.
const ALIKE: f64 = 0.75;

/// The clocks of an issuer and of this server may differ by this much where nobody says otherwise.
const LEEWAY: Duration = Duration::from_secs(30);

/// Nor by more than this: a token that has ended would work on for as long.
const LONGEST_LEEWAY: Duration = Duration::from_mins(5);

/// The issuers of the file, with their keys. What is wrong is told with the issuer's name or place.
pub(super) fn resolve(layers: &mut Layers<'_>) -> Issuers {
    let mut right: Vec<Issuer> = Vec::new();
    for (at, table) in std::mem::take(&mut layers.issuers).iter().enumerate() {
        let mut reader = Reader::new(table);
        let issuer = reader.issuer();

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

/// Reads one table, and collects what is wrong with it.
struct Reader<'t> {
    table: &'t Table,
    mistakes: Vec<String>,
}

impl<'t> Reader<'t> {
    fn new(table: &'t Table) -> Self {
        let mut reader = Self {
            table,
            mistakes: Vec::new(),
        };
        for name in table.keys().filter(|name| !FIELDS.contains(&name.as_str())) {
            let alike = |field: &&str| strsim::jaro_winkler(name, field);
            let nearest = FIELDS.iter().copied().max_by(|a, b| alike(a).total_cmp(&alike(b)));
            let meant = nearest.filter(|field| strsim::jaro_winkler(name, field) >= ALIKE);
            let told = match meant {
                Some(field) => format!("there is no such key: did you mean `{field}`?"),
                None => format!("there is no such key: there are {}", FIELDS.join(", ")),
            };
            reader.wrong(name, &told);
        }
        reader
    }

    fn wrong(&mut self, field: &str, message: &str) {
        self.mistakes.push(format!("{field}: {message}"));
    }

    /// `None` where something is wrong.
    fn issuer(&mut self) -> Option<Issuer> {
        let name = self.text("issuer");
        if name.as_deref() == Some(auth::ISSUER) {
            self.wrong(
                "issuer",
                "this is the name of the server's own tokens: an issuer has its own, mostly its URL",
            );
        }
        if name.is_none() {
            self.wrong("issuer", "say the `iss` of its tokens, a text");
        }

        let audiences = self.audiences();
        let key = self.key();
        if let Some(key) = &key {
            self.algorithms(key.algorithm());
        }
        let granted = self.granted();
        let leeway = self.leeway();
        Some(Issuer {
            name: name?,
            audiences,
            key: key?,
            granted,
            leeway,
        })
    }

    /// One audience, or a list.
    fn audiences(&mut self) -> Vec<String> {
        let found = match self.table.get("audience") {
            Some(Value::String(one)) => vec![one.clone()],
            Some(Value::Array(several)) => texts(several).unwrap_or_default(),
            _ => Vec::new(),
        };
        if found.is_empty() || found.iter().any(|it| it.trim().is_empty()) {
            self.wrong(
                "audience",
                "say the `aud` that its tokens have for this server, a text or a list: without it tokens for others would be taken",
            );
        }
        found
    }

    /// The key of the one file that is named.
    fn key(&mut self) -> Option<IssuerKey> {
        let (public, secret) = (self.text("public_key_file"), self.text("secret_file"));
        let (field, path) = match (public, secret) {
            (Some(path), None) => ("public_key_file", path),
            (None, Some(path)) => ("secret_file", path),
            _ => {
                self.wrong(
                    "public_key_file",
                    "give exactly one of `public_key_file` and `secret_file`, the path of a file",
                );
                return None;
            }
        };

        let read = fs::read_to_string(&path).map_err(|error| error.to_string());
        let made = read.and_then(|text| {
            let made = match field {
                "secret_file" => IssuerKey::of_secret(&text.trim().to_owned().into()),
                _ => IssuerKey::of_pem(&text),
            };
            made.map_err(|fault| fault.to_string())
        });
        made.map_err(|why| self.wrong(field, &format!("cannot use {path}: {why}")))
            .ok()
    }

    /// Where algorithms are named, the key's has to be among them: it is the only one that is taken.
    fn algorithms(&mut self, of_key: SigningAlgorithm) {
        let named = match self.table.get("algorithms") {
            None => return,
            Some(Value::Array(named)) => texts(named),
            Some(_) => None,
        };
        let Some(named) = named else {
            self.wrong("algorithms", "write a list of texts, say [\"RS256\"]");
            return;
        };

        for unknown in named.iter().filter_map(|it| it.parse::<SigningAlgorithm>().err()) {
            self.wrong("algorithms", &unknown.to_string());
        }
        if !named.iter().any(|it| it == of_key.as_str()) {
            self.wrong("algorithms", &format!("its key is for {of_key}, which isn't named"));
        }
    }

    fn granted(&mut self) -> Granted {
        let by_claim = self.text("permissions_claim");
        let named = match self.table.get("permissions") {
            None => Some(Vec::new()),
            Some(Value::Array(named)) => texts(named),
            Some(_) => None,
        };
        let Some(named) = named else {
            self.wrong("permissions", "write a list of texts, say [\"directory:read\"]");
            return Granted::default();
        };

        let mut always = BTreeSet::new();
        for text in &named {
            match text.parse::<Permission>() {
                Ok(permission) => drop(always.insert(permission)),
                Err(unknown) => self.wrong("permissions", &unknown.to_string()),
            }
        }
        if named.is_empty() && by_claim.is_none() {
            self.wrong(
                "permissions",
                "its tokens would open nothing: name the permissions of all of them, or in `permissions_claim` the claim that \
                 names a token's own",
            );
        }
        Granted { always, by_claim }
    }

    fn leeway(&mut self) -> TimeDelta {
        let text = self.text("leeway");
        let given = text.map_or(Ok(LEEWAY), |text| parse_duration(&text)).and_then(|given| {
            let is_short = given <= LONGEST_LEEWAY;
            is_short
                .then_some(given)
                .ok_or_else(|| "at most 5m: a token that has ended works on for as long".to_owned())
        });
        let given = given.unwrap_or_else(|message| {
            self.wrong("leeway", &message);
            LEEWAY
        });
        TimeDelta::from_std(given).unwrap_or_default()
    }

    /// A text that isn't blank, where there is one. Anything else in its place is wrong.
    fn text(&mut self, field: &str) -> Option<String> {
        match self.table.get(field)? {
            Value::String(text) if !text.trim().is_empty() => Some(text.clone()),
            _ => {
                self.wrong(field, "write a text that isn't blank");
                None
            }
        }
    }
}

/// The members of a list of texts.
fn texts(members: &[Value]) -> Option<Vec<String>> {
    members.iter().map(|it| it.as_str().map(str::to_owned)).collect()
}
