//! Links by hand, and files of them.

statements! {
    LINK_LEADS_ELSEWHERE { user, by, wanted } =
        "This Confluence user is linked to {user} by {by}: set replace to lead the link to {wanted} instead.";
    LINK_NOT_FOUND {} = "There is no such link: it may have been removed.";
    LINK_OF_OTHERS {} =
        "A link that others made or changed has a key of this Confluence user. Only who may read links may change it, which takes \
         identity:read and directory:read.";
    LINKS_CONTEST { count } =
        "{count} links have keys of this Confluence user: remove all but one of them first.";
    LINK_OF_ANOTHER { user, field } =
        "A link to {user} has one of these keys, but another {field}: remove that link first, or leave the shared key out.";
    IDENTITY_WITHOUT_KEY {} =
        "Name the Confluence user by accountId, userKey, username or email; displayName is no key.";
    TEXT_LONGER { field, most } = "{field} has more than {most} characters.";
    TEXT_CONTROL_CHARACTER { field } =
        "{field} contains a control character, such as a line break: remove it.";
    LINKED_USER_BLANK {} = "userId is blank: write the DingTalk user's userid.";
    LINKED_USER_GONE { user, rehired } =
        "The DingTalk user {user} is no longer in the company.{rehired, select, absent {} other { They were hired again as DingTalk \
         user {rehired}, who has the same unionId: link {rehired}.}}";
    LINKED_USER_UNKNOWN { user } =
        "The mirror has no user {user}: check the userid (leading zeros count), or sync first.";

    CSV_LINE_OVERRULED { line, field } =
        "Line {line} has the same Confluence user, but another {field}: keep the line that is right.";
    CSV_NOT_UTF8 {} =
        "the file holds characters that could not be decoded (\u{fffd}): it is not UTF-8, say because a spreadsheet saved it as GBK. \
         Save it as \"CSV UTF-8\", and read it as UTF-8";
    CSV_UNREADABLE { detail } = "{detail}";
    CSV_TOO_LONG { most } = "the file has more than {most} lines: split it";
    CSV_LINE_UNREADABLE {} = "this line can't be read: is a quotation mark missing?";
    CSV_COLUMN_UNKNOWN { column, columns } =
        "the first line has the column \"{column}\": it must name columns out of {columns}";
    CSV_COLUMN_TWICE { column } =
        "the first line has the column \"{column}\" twice, and only one of them can be meant: take the other one out";
    CSV_COLUMNS_MISSING {} =
        "the first line must name the columns: userId, and one or more of accountId, userKey, username, email";
    CSV_LINE_COLUMNS { count, expected } = "this line has {count} columns, the first line {expected}";
}
