//! The permissions of a field, read from its description: there they stand anyway, for people.
//!
//! Nobody gets anything by them. They only let a refusal come before the arguments are looked at, which a caller
//! without a token could make as large as a request may be.

use crate::auth::Permission;

const BEGINNING: &str = "Needs `";

/// All permissions of ``Needs `a`, `b` and `c`.``; none where the description says anything else.
pub(in crate::graphql) fn of(description: &str) -> Vec<Permission> {
    let words: Vec<_> = description.split_whitespace().collect();
    let description = words.join(" ");
    let Some(at) = description.find(BEGINNING) else {
        return Vec::new();
    };

    let (mut rest, mut needs) = (&description[at + BEGINNING.len()..], Vec::new());
    while let Some((name, behind)) = rest.split_once('`') {
        let Ok(permission) = name.parse() else {
            return Vec::new();
        };
        // One of several is enough: which of them, the resolver knows.
        if behind.starts_with(" or ") || behind.starts_with(", or ") {
            return Vec::new();
        }
        needs.push(permission);

        let next = [", and `", ", `", " and `"]
            .iter()
            .find_map(|between| behind.strip_prefix(between));
        match next {
            Some(next) => rest = next,
            None => break,
        }
    }
    needs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_description_says_is_read_and_nothing_else() {
        use Permission::{DirectoryContact, DirectoryRead, IdentityRead, MessageSend};
        for (description, expected) in [
            ("Sends. Needs `message:send`.", vec![MessageSend]),
            (
                "Needs `identity:read` and\n`directory:read`.",
                vec![IdentityRead, DirectoryRead],
            ),
            (
                "Needs `identity:read`, `directory:read` and `directory:contact`.",
                vec![IdentityRead, DirectoryRead, DirectoryContact],
            ),
            (
                "Needs `message:send`, and for other callers' messages `message:read`, too.",
                vec![MessageSend],
            ),
            ("Needs `message:send` or `message:read`.", vec![]),
            ("Needs the permission that reading its kind needs.", vec![]),
            ("Needs `nothing:known`.", vec![]),
            ("Who the token says you are.", vec![]),
        ] {
            assert_eq!(of(description), expected, "{description}");
        }
    }
}
