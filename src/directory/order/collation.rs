//! Chinese collation: by pinyin, as CLDR has it.

use std::sync::LazyLock;

use icu_collator::{CollatorBorrowed, options::CollatorOptions};
use icu_locale_core::locale;

/// The data is compiled in; without it texts would be ordered by their code points.
static PINYIN: LazyLock<Option<CollatorBorrowed<'static>>> =
    LazyLock::new(|| CollatorBorrowed::try_new(locale!("zh-u-co-pinyin").into(), CollatorOptions::default()).ok());

/// Writes what a text is ordered by: bytes, none of them zero, that compare as the texts do.
pub(super) fn write(text: &str, bytes: &mut Vec<u8>) {
    match &*PINYIN {
        Some(collator) => {
            let Ok(()) = collator.write_sort_key_to(text, bytes);
        }
        None => bytes.extend(text.bytes().filter(|byte| *byte != 0)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> Vec<u8> {
        let mut bytes = Vec::new();
        write(text, &mut bytes);
        bytes
    }

    #[test]
    fn names_stand_in_the_order_of_their_pinyin_and_before_latin_ones() {
        let mut names = ["Zoe", "张三", "李四", "anna", "王伟", "阿明", "王超"];
        names.sort_by_key(|name| key(name));
        assert_eq!(names, ["阿明", "李四", "王超", "王伟", "张三", "anna", "Zoe"]);
    }

    #[test]
    fn no_key_has_a_zero_byte() {
        for text in ["", "\0", "a\0b", "王伟", "e\u{301}", "\u{10ffff}", "①"] {
            assert!(!key(text).contains(&0), "{text:?}");
        }
    }
}
