//! Measures a template before the parser: that one, and who walks what it made, goes down one stack frame for each `+`,
//! `.` or `elif`, and a stack that overflows ends the process.

use minijinja::{
    machinery::{Token, tokenize},
    syntax::SyntaxConfig,
};

use crate::catalogue::{Statement, templates as said};

/// Tags (`{{ … }}`, `{% … %}`) of one text.
const MAX_TAGS: usize = 100;
/// Parts of one tag: names, values, marks.
const MAX_PARTS: usize = 100;
/// Brackets open at once in one tag: each is a dozen frames of the parser.
const MAX_OPEN: usize = 20;
/// Parts of all tags of one text: lists that hold the list of the tag before are as deep as all tags are long.
const MAX_ALL: usize = 600;

/// What is too much of `field`'s text, and the remedy. What the lexer can't read is left to the parser, which stops
/// there, too.
pub(super) fn measure(source: &str, field: &str, syntax: &SyntaxConfig) -> Result<(), Statement> {
    let (mut tags, mut parts, mut all, mut open) = (0, 0, 0, 0_usize);
    for token in tokenize(source, false, syntax.clone()) {
        let Ok((token, _)) = token else { break };
        match token {
            Token::ParenOpen | Token::BracketOpen | Token::BraceOpen => open += 1,
            Token::ParenClose | Token::BracketClose | Token::BraceClose => open = open.saturating_sub(1),
            _ => {}
        }
        match token {
            Token::VariableStart | Token::BlockStart => (tags, parts, open) = (tags + 1, 0, 0),
            Token::TemplateData(_) => {}
            _ => (parts, all) = (parts + 1, all + 1),
        }

        if all > MAX_ALL {
            let most = MAX_ALL;
            return Err(said::TEMPLATE_TAGS_TOO_LONG { field, most }.into());
        }
        if open > MAX_OPEN {
            let most = MAX_OPEN;
            return Err(said::TEMPLATE_TOO_NESTED { field, most }.into());
        }
        if tags > MAX_TAGS {
            let most = MAX_TAGS;
            return Err(said::TEMPLATE_TAGS_TOO_MANY { field, most }.into());
        }
        if parts > MAX_PARTS {
            let most = MAX_PARTS;
            return Err(said::TEMPLATE_TAG_TOO_LONG { field, most }.into());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(source: &str) -> bool {
        measure(source, "text", &SyntaxConfig::default()).is_ok()
    }

    #[test]
    fn tags_and_their_parts_are_counted_and_text_is_not() {
        assert!(fits(&"a + b . c | d [1] ".repeat(1_000)));
        assert!(fits(&"{{ a }} b ".repeat(100)) && !fits(&"{{ a }} b ".repeat(101)));
        assert!(fits(&format!("{{{{ 1{} }}}}", "+1".repeat(49))));
        assert!(!fits(&format!("{{{{ 1{} }}}}", "+1".repeat(50))));

        assert!(
            !fits(&format!("{{{{ '}}}}'{} }}}}", "+1".repeat(50))),
            "a string ends no tag"
        );
        assert!(
            !fits(&format!("{{{{ {{1:{{}}}}{} }}}}", "+1".repeat(50))),
            "a map ends no tag"
        );
        assert!(fits(&format!(
            "{{% raw %}}{{{{ 1{} }}}}{{% endraw %}}",
            "+1".repeat(50)
        )));

        let lists = format!("{{{{ {}1{} }}}}", "[".repeat(20), "]".repeat(20));
        assert!(fits(&lists.repeat(14)) && !fits(&lists.repeat(15)));
        assert!(!fits(&format!("{{{{ {}1", "[(".repeat(11))));
        assert!(fits("{{ 'open"));
    }
}
