//! How many items a list gives where nobody says, read from the description of `first`: there it stands anyway, for
//! people. The schema has no default for it: with one, `last` alone couldn't be told from `first` and `last`.

const BEHIND: &str = " if neither ";

/// The number in `How many from the front, 1 to 500; 50 if neither …`.
pub(super) fn of(description: &str) -> Option<usize> {
    let (before, _) = description.split_once(BEHIND)?;
    before.rsplit(' ').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graphql::{
        Mutation, Query, Subscription,
        admission::{
            Types,
            types::{TypeDef, name_of},
        },
    };

    #[test]
    fn the_number_is_read_and_nothing_else() {
        let told = "How many from the front, 1 to 500; 50 if neither `first` nor `last` is given.";
        assert_eq!(of(told), Some(50));
        assert_eq!(of("How many, 1 to 500."), None);
        assert_eq!(of("none if neither is given"), None);
    }

    /// Otherwise a page that nobody asked for is taken for the largest.
    #[test]
    fn every_list_tells_how_many_it_gives_where_nobody_says() {
        let types = Types::of::<Query, Mutation, Subscription>();

        let (mut lists, mut silent) = (0, Vec::new());
        for name in types.names() {
            let fields = types.get(name).and_then(TypeDef::composite).map(|it| &it.fields);
            for (field, def) in fields.into_iter().flatten() {
                if let Some(first) = def.arguments.get("first")
                    && name_of(&def.ty).ends_with("Connection")
                {
                    lists += 1;
                    if first.default.is_none() {
                        silent.push(format!("{name}.{field}"));
                    }
                }
            }
        }
        assert!(lists > 25, "{lists}");
        assert_eq!(silent, Vec::<String>::new());
    }
}
