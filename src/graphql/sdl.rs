//! The schema as text: what `dingmirror schema` prints and `schema.graphql` holds.

use async_graphql::SDLExportOptions;

use super::schema_builder;

/// Directives that every tool brings along. The library prints them with arguments that it can't describe. `@oneOf`
/// stays: it is younger, and a tool that doesn't know it finds it defined.
const STANDARD: [&str; 3] = ["include", "skip", "specifiedBy"];

/// The schema as text, in a stable order.
pub fn sdl() -> String {
    let options = SDLExportOptions::new()
        .sorted_fields()
        .sorted_arguments()
        .sorted_enum_items()
        .include_specified_by()
        .use_space_ident();

    let printed = schema_builder().finish().sdl_with_options(options);
    STANDARD
        .iter()
        .fold(printed, |sdl, directive| without_definition(&sdl, directive))
}

/// `sdl` without the definition of `directive` and the description above it.
fn without_definition(sdl: &str, directive: &str) -> String {
    const FENCE: &str = "\"\"\"\n";
    let Some((before, rest)) = sdl.split_once(&format!("\ndirective @{directive}(")) else {
        return sdl.to_owned();
    };

    let before = format!("{before}\n");
    let kept = before
        .strip_suffix(FENCE)
        .and_then(|described| described.rsplit_once(FENCE))
        .map_or(before.as_str(), |(kept, _)| kept);
    let rest = rest.split_once('\n').map_or("", |(_, rest)| rest);
    format!("{kept}{rest}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_definition_goes_with_its_description_and_nothing_else_does() {
        let sdl = "\"\"\"\nA type.\n\"\"\"\ntype A\n\n\"\"\"\nSkips.\n\"\"\"\ndirective @skip(if: Boolean!) on FIELD\nschema {}\n";
        assert_eq!(
            without_definition(sdl, "skip"),
            "\"\"\"\nA type.\n\"\"\"\ntype A\n\nschema {}\n"
        );
        assert_eq!(without_definition(sdl, "include"), sdl);

        let bare = "type A\ndirective @skip(if: Boolean!) on FIELD\nschema {}\n";
        assert_eq!(without_definition(bare, "skip"), "type A\nschema {}\n");
    }

    #[test]
    fn the_scalars_say_where_they_are_specified() {
        let sdl = sdl();
        assert!(sdl.contains("scalar BigInt @specifiedBy(url: "));
        assert!(STANDARD.iter().all(|name| !sdl.contains(&format!("directive @{name}"))));
        assert!(sdl.contains("directive @oneOf on INPUT_OBJECT"));
    }
}
