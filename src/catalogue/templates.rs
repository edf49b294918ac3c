//! Message templates.

/// Where in a template.
macro_rules! at {
    ($what:expr) => {
        concat!("{field}{line, select, absent {} other {, line {line}}}: ", $what, ".")
    };
}

statements! {
    TEMPLATE_UNKNOWN { name } =
        "there is no message template `{name}`: `messageTemplates` lists their names";
    TEMPLATE_NOT_FILLED { name, why } = "the template `{name}` can't be filled in: {why}";
    TEMPLATE_NAME_FORM { most } =
        "name must have 1 to {most} characters of A-Z, a-z, 0-9, \".\", \"_\" and \"-\".";
    TEMPLATE_CONTENT_TOO_LONG { bytes, most } =
        "content is {bytes} bytes as JSON, at most {most} are allowed: shorten it.";
    TEMPLATES_TOO_MANY { most } =
        "there are {most} message templates, as many as there may be: delete one that nobody uses";
    TEMPLATE_VERSION { name, actual, sent } =
        "the template `{name}` is at version {actual}, and you sent {sent, select, absent {none} other {{sent}}}: read it again and \
         repeat your change";
    TEMPLATE_VERSION_HIDDEN { name, sent } =
        "the template `{name}` is at another version than you sent ({sent, select, absent {none} other {{sent}}}): read it again, which \
         needs `message:send`, and repeat your change";
    TEMPLATE_IN_TEMPLATE {} = "a stored template can only be sent: give the content itself here";
    TEMPLATE_OR_CONTENT {} = "give exactly one of `name` and `content`";
    VARIABLES_FORM {} = "variables must be an object: the value of each by its name";

    TEMPLATE_OUTPUT_TOO_LONG { field, most } =
        "{field}: the text becomes longer than {most} bytes: give shorter lists and texts.";
    TEMPLATE_TEXTS_TOO_MANY { count, most } =
        "The message has {count} texts, at most {most} can be a template's: use fewer rows.";
    TEMPLATE_STEPS_USED_UP {} =
        "The templates of this request take too many steps together: send several requests, or give shorter lists and texts.";
    TEMPLATE_TEXT_TOO_LONG { field, length, most } =
        "{field} has {length} characters as a template, at most {most} are allowed.";
    TEMPLATE_TAGS_TOO_LONG { field, most } =
        "{field} has tags of more than {most} names, values and marks together: make it simpler.";
    TEMPLATE_TOO_NESTED { field, most } =
        "{field} has more than {most} brackets open at once: split the tag with '{% set … %}'.";
    TEMPLATE_TAGS_TOO_MANY { field, most } = "{field} has more than {most} tags: use fewer.";
    TEMPLATE_TAG_TOO_LONG { field, most } =
        "{field} has a tag of more than {most} names, values and marks: split it with '{% set … %}'.";

    TEMPLATE_VARIABLE_MISSING { field, line, detail } = at!(
        "{detail}: give it among the variables, or write `| default(\"…\")` behind it in the template"
    );
    TEMPLATE_VALUE_UNDEFINED { field, line, expression } = at!(
        "{expression, select, absent {a value} other {{expression}}} is undefined: give it a value, or write `| default(\"…\")` behind \
         it in the template"
    );
    TEMPLATE_TAKES_TOO_LONG { field, line } =
        at!("the template takes too many steps: give it shorter lists and texts");
    TEMPLATE_FAILED { field, line, detail } = at!("{detail}");
}
