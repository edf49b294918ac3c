//! The settings form.

statements! {
    FIELD_BLANK { field, name } =
        "{field} is blank: copy the {name} from DingTalk's developer console, or write null to clear it";
    FIELD_TOO_LONG { field, name, most } = "{field} has more than {most} characters: copy the {name} alone";
    FIELD_SEVERAL_WORDS { field, name } =
        "{field} must not contain spaces or line breaks: copy the {name} alone";
    AGENT_ID_FORM {} =
        "agentId is the app's AgentId, a number such as 836390886 (the AppKey goes into appKey)";
    MODE_CONTRADICTS_ENABLED {} =
        "deliveryMode and enabled contradict each other: OFF is enabled: false, every other mode is enabled: true";
    TESTER_WITH_COMMA {} = "redirectTo is one DingTalk userId, without commas";
    TESTER_MISSING {} =
        "redirectTo is needed for deliveryMode REDIRECT: name the tester's DingTalk userId";
    TESTER_UNKNOWN { user } =
        "redirectTo: the mirror has nobody with the DingTalk userId `{user}`, so every message would go to nobody: check it (leading \
         zeros count), or start a sync first if the person is new";

    URL_BLANK { field, suggestion } = "{field} is blank: write {suggestion}, or null for the default";
    URL_TOO_LONG { field, most } = "{field} has more than {most} characters";
    URL_FORM { field, suggestion } = "{field} is not a URL: it should look like {suggestion}";
    URL_IN_THE_CLEAR { field } =
        "{field} must begin with https://: http:// would send the secret in the clear";
    HOST_NOT_ALLOWED { field, hosts } =
        "the host of {field} is not allowed: the operator allows {hosts} (DINGMIRROR_ALLOWED_HOSTS)";
    URL_WITH_CREDENTIALS { field } =
        "{field} must not have a user name or password: the server adds what the call needs";
    URL_WITH_QUERY { field } =
        "{field} must not have a query (?…): the server adds what the call needs";
    URL_WITH_FRAGMENT { field } =
        "{field} must not have a fragment (#…): the server adds what the call needs";
    URL_OF_ANOTHER_CALL { field, other, path } =
        "this is the URL of {other}: the path of {field} ends with {path}";
    URL_MISSPELLED { field, suggestion } = "{field} is misspelled: write {suggestion}";
    URL_PATH_WRONG { field, path, suggestion } =
        "the path of {field} must end with {path}, as in {suggestion}";
    URL_NOT_SET { field } = "{field} is not set: fill it in in the settings";
    URL_KEPT_HOST_NOT_ALLOWED { field, host } =
        "{field} is kept and not called: the operator does not allow its host. Have {host} added to DINGMIRROR_ALLOWED_HOSTS, or write \
         another URL";
    URL_KEPT_NO_URL { field } = "{field} is kept and not called: it is no URL: write another one";
    AGENT_ID_NOT_SET {} = "agentId is not set: fill in the app's AgentId in the settings";
    SECRET_UNREADABLE {} =
        "appSecret is stored and can't be opened: it was sealed with another DINGMIRROR_SECRET_KEY. Have the server started with that \
         key; only where it is lost, set appSecret again";
    SETTINGS_INCOMPLETE { fields, details } = "fill in the settings first: {details}";

    DEPARTMENT_SELECTED_TWICE { field, department, other } =
        "{field} names department {department}, which {other} names, too: leave it out of one of them";
    SELECTION_LEAVES_NOTHING { field, other } =
        "{field} names department 1, the company itself, and nothing would be left: leave it out, or name in {other} what is to be \
         mirrored";
    SELECTION_TOO_LONG { field, count, most } =
        "{field} names {count} departments, at most {most} can be: name a department above them";
    SELECTION_NO_DEPARTMENT { field, department } =
        "{field} names {department}, which is no department of the company: write its deptId, 1 or more";

    SETTINGS_VERSION { actual, sent } =
        "the settings are at version {actual}, and you sent {sent}: read them again and repeat your change";
    SETTINGS_VERSION_HIDDEN { sent } =
        "the settings are at another version than {sent}: read them again, which needs `settings:read`, and repeat your change";
    METHOD_NOT_REHEARSED { count, stale } =
        "{stale, select, true {rehearsalToken was made for other settings, or before others came to be among them. } other {}}By this \
         matching method {count} known Confluence identities would be other people than they are. Ask `rehearseMatching` who, and hand \
         its token over as rehearsalToken";
}
