//! Variables of the environment that nearly have a setting's name: nobody would hear of them otherwise.

use super::{
    error::ConfigError,
    table::{CONFIG, ROWS, nearest},
};

/// Nearer than what an orchestrator sets of its own (`DINGMIRROR_PORT`, `DINGMIRROR_SERVICE_HOST`) is to any setting.
const ALIKE: f64 = 0.9;

/// What is wrong with these names; names of other programs are none of ours.
pub(super) fn stray(names: impl IntoIterator<Item = String>) -> Vec<ConfigError> {
    let is_known = |name: &str| {
        let name = name.strip_suffix("_FILE").unwrap_or(name);
        name == CONFIG.variable || ROWS.iter().any(|setting| setting.variable == name)
    };

    let mut stray: Vec<_> = names
        .into_iter()
        .filter(|name| name.starts_with("DINGMIRROR_") && !is_known(name))
        .collect();
    stray.sort();

    let told = stray.into_iter().filter_map(|name| {
        let short = name.trim_start_matches("DINGMIRROR_").to_lowercase();
        let meant = nearest(&short, ALIKE)?.variable;
        Some(ConfigError {
            name: "environment",
            message: format!("there is no variable {name}: did you mean {meant}?"),
        })
    });
    told.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(names: &[&str]) -> Vec<String> {
        let names = names.iter().map(|name| (*name).to_owned());
        stray(names).into_iter().map(|error| error.message).collect()
    }

    #[test]
    fn a_misspelt_variable_is_told_and_those_of_others_are_not() {
        assert_eq!(
            told(&[
                "DINGMIRROR_LISEN",
                "DINGMIRROR_DATABASE_URL",
                "DINGMIRROR_CALLS_PER_SECOND"
            ]),
            [
                "there is no variable DINGMIRROR_DATABASE_URL: did you mean DATABASE_URL?",
                "there is no variable DINGMIRROR_LISEN: did you mean DINGMIRROR_LISTEN?",
            ]
        );

        let others = [
            "DINGMIRROR_PORT",
            "DINGMIRROR_PORT_8080_TCP",
            "DINGMIRROR_PORT_8080_TCP_ADDR",
            "DINGMIRROR_SERVICE_HOST",
            "DINGMIRROR_SERVICE_PORT",
            "DINGMIRROR_VERSION",
            "DINGMIRROR_IMAGE",
            "DINGMIRROR_TOKEN",
            "DINGMIRROR_URL",
            "LISTEN",
        ];
        assert_eq!(told(&others), Vec::<String>::new());
    }

    #[test]
    fn every_variable_of_ours_is_known() {
        let ours = [
            "DINGMIRROR_JWT_SECRET_FILE",
            "DINGMIRROR_JWT_SECRET_PREVIOUS_FILE",
            "DINGMIRROR_CONFIG",
        ];
        for name in ROWS.iter().map(|setting| setting.variable).chain(ours) {
            assert_eq!(told(&[name]), Vec::<String>::new(), "{name}");
        }
    }
}
