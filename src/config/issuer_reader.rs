//! One of `[[issuers]]`, field by field.

use std::{collections::BTreeSet, time::Duration};

use chrono::TimeDelta;
use toml::{Table, Value};

use super::duration::parse_duration;
use crate::auth::{self, APP_ARI, FORGE_ISSUER, Granted, Issuer, IssuerKeys, IssuerKind, Permission};

/// What an issuer may have.
const FIELDS: [&str; 13] = [
    "issuer",
    "kind",
    "audience",
    "algorithms",
    "jwks_url",
    "public_key_file",
    "secret_file",
    "permissions",
    "permissions_claim",
    "required_claims",
    "leeway",
    "max_lifetime",
    "cloud_ids",
];

/// The claims that Forge's tokens always have beside those of every token.
const OF_FORGE: [&str; 2] = ["iat", "nbf"];

/// Alike enough to be meant.
const ALIKE: f64 = 0.75;

/// The clocks of an issuer and of this server may differ by this much where nobody says otherwise.
const LEEWAY: Duration = Duration::from_secs(30);

/// Nor by more than this: a token that has ended would work on for as long.
const LONGEST_LEEWAY: Duration = Duration::from_mins(5);

/// Reads one table, and collects what is wrong with it.
pub(super) struct Reader<'t> {
    table: &'t Table,
    /// What is wrong, by the field.
    pub(super) mistakes: Vec<String>,
}

impl<'t> Reader<'t> {
    pub(super) fn new(table: &'t Table) -> Self {
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

    pub(super) fn wrong(&mut self, field: &str, message: &str) {
        self.mistakes.push(format!("{field}: {message}"));
    }

    /// `None` where something is wrong. `keys` reads where its keys come from, and hears whether it is Forge.
    pub(super) fn issuer(&mut self, keys: impl FnOnce(&mut Self, bool) -> Option<IssuerKeys>) -> Option<Issuer> {
        let is_forge = self.is_forge();
        let name = if is_forge { self.name_of_forge() } else { self.name() };
        let audiences = self.audiences();
        if is_forge {
            self.check_apps(&audiences);
        }
        let kind = self.kind(is_forge);
        let keys = keys(self, is_forge);
        let granted = self.granted(is_forge);
        let required = self.required(is_forge);
        Some(Issuer {
            name: name?,
            audiences,
            kind,
            keys: keys?,
            granted,
            required,
            max_lifetime: self.max_lifetime(),
            leeway: self.leeway(),
        })
    }

    fn is_forge(&mut self) -> bool {
        match self.text("kind").as_deref() {
            None => false,
            Some("forge") => true,
            Some(_) => {
                self.wrong("kind", "there is `forge`; leave it out for every other issuer");
                false
            }
        }
    }

    fn name(&mut self) -> Option<String> {
        let name = self.text("issuer");
        match name.as_deref() {
            None => self.wrong("issuer", "say the `iss` of its tokens, a text"),
            Some(auth::ISSUER) => self.wrong(
                "issuer",
                "this is the name of the server's own tokens: an issuer has its own, mostly its URL",
            ),
            Some(_) => {}
        }
        name
    }

    /// It is always the same.
    fn name_of_forge(&mut self) -> Option<String> {
        if self.text("issuer").is_some_and(|name| name != FORGE_ISSUER) {
            self.wrong("issuer", "Forge's is `forge/invocation-token`: leave it out");
        }
        Some(FORGE_ISSUER.to_owned())
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

    /// Forge's audiences are apps.
    fn check_apps(&mut self, audiences: &[String]) {
        let is_app = |it: &String| it.strip_prefix(APP_ARI).is_some_and(|id| !id.trim().is_empty());
        if !audiences.iter().all(is_app) {
            let told = format!("name each app by the `app.id` of its manifest.yml, `{APP_ARI}…`");
            self.wrong("audience", &told);
        }
    }

    fn kind(&mut self, is_forge: bool) -> IssuerKind {
        let cloud_ids = self.texts("cloud_ids", "[\"866c3a03-ec62-4717-91c4-1ad078bfcc60\"]");
        match (is_forge, cloud_ids) {
            (true, cloud_ids) => IssuerKind::Forge {
                cloud_ids: cloud_ids.unwrap_or_default(),
            },
            (false, Some(_)) => {
                self.wrong(
                    "cloud_ids",
                    "only Forge's tokens name a site: write `kind = \"forge\"`, or leave it out",
                );
                IssuerKind::Plain
            }
            (false, None) => IssuerKind::Plain,
        }
    }

    fn granted(&mut self, is_forge: bool) -> Granted {
        let by_claim = self.text("permissions_claim");
        if is_forge && by_claim.is_some() {
            self.wrong(
                "permissions_claim",
                "Forge's tokens have no claim of permissions: name them in `permissions`",
            );
        }
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

    /// `exp` is always required: whatever a token opens ends with it.
    fn required(&mut self, is_forge: bool) -> BTreeSet<String> {
        let named = self.texts("required_claims", "[\"iat\", \"nbf\"]");
        let of_kind = if is_forge { &OF_FORGE[..] } else { &[] };
        let named = named.unwrap_or_else(|| of_kind.iter().map(|name| (*name).to_owned()).collect());
        named.into_iter().collect()
    }

    fn max_lifetime(&mut self) -> Option<Duration> {
        let text = self.text("max_lifetime")?;
        let given = parse_duration(&text).and_then(|given| {
            let is_some = !given.is_zero();
            is_some
                .then_some(given)
                .ok_or_else(|| "with 0 no token would be taken".to_owned())
        });
        given.map_err(|message| self.wrong("max_lifetime", &message)).ok()
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

    /// A list of texts, none of which is blank, where there is one. Anything else in its place is wrong.
    pub(super) fn texts(&mut self, field: &str, example: &str) -> Option<Vec<String>> {
        let found = match self.table.get(field)? {
            Value::Array(members) => texts(members),
            _ => None,
        };
        let whole = found.filter(|found| !found.is_empty() && found.iter().all(|it| !it.trim().is_empty()));
        if whole.is_none() {
            self.wrong(field, &format!("write a list of texts, say {example}"));
        }
        whole
    }

    /// A text that isn't blank, where there is one. Anything else in its place is wrong.
    pub(super) fn text(&mut self, field: &str) -> Option<String> {
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
