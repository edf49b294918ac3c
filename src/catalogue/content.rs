//! What is wrong with a message's content.

statements! {
    CONTENT_EMPTY { field } = "{field} must not be empty.";
    CONTENT_SEVERAL_LINES { field } = "{field} must be a single line: remove the line breaks.";
    CONTENT_LENGTH { field, length, most } = "{field} has {length} characters, at most {most} are allowed.";
    CONTENT_CONTROL_CHARACTER { field } = "{field} contains a control character: remove it.";
    MEDIA_ID_MISSING { field } = "{field} must be the media id that DingTalk's upload answered.";
    MEDIA_ID_FORM { field } =
        "{field} must be a media id, which begins with \"@\" or \"$\": upload the file to DingTalk and use the id that it answers.";
    LINK_MISSING { field } = "{field} must be a URL.";
    LINK_FORM { field } =
        "{field} must be a whole URL without spaces that begins with https://, http://, dingtalk:// or eapp://.";
    MESSAGE_TOO_LONG { bytes, most, excess } =
        "The message is {bytes} bytes as DingTalk's JSON, and DingTalk takes at most {most}: shorten it by {excess} bytes (a Chinese \
         character counts 3).";
    MARK_COUNTS { why } = "{why} The time that onDuplicate: MARK appends counts.";
    DURATION_OUT_OF_RANGE { field, most, given } = "{field} must be 1 to {most} seconds, not {given}.";
    BUTTONS_MISSING { field } = "{field} must have at least one button.";
    BUTTONS_TOO_LONG { field, length, most } =
        "{field} are {length} characters as DingTalk's JSON, at most {most} are allowed: use fewer buttons or shorter URLs.";
    CARD_ACTIONS {} = "a card has either `single` or `multi`: give exactly one of them";
    COLOUR_FORM { field } =
        "{field} must be exactly eight hex digits AARRGGBB without \"0x\" or \"#\", such as FFBBBBBB.";
    STATUS_COLOUR_FORM { field } = "{field} must be 0x and eight hex digits AARRGGBB, such as 0xFFF65E5E.";
    STATUS_BAR_RECIPIENTS { field, most, count } =
        "{field} is possible for at most {most} recipients, and there are {count}: leave it out or send to fewer people.";
    FORM_ROW_EMPTY { field } = "{field} must have a key or a value.";
    BODY_EMPTY { field } =
        "{field} must have something to show: a title, a form, a rich number, a content, an image, a file count or an author.";
    FILE_COUNT_NEGATIVE { given } = "oa.body.fileCount must be 0 or more, not {given}.";
}
