//! API keys.

statements! {
    API_KEY_NAME_MISSING {} = "name is blank: say whom the key is for";
    API_KEY_NAME_TOO_LONG { length, most } = "name has {length} characters, at most {most} are allowed: shorten it";
    API_KEY_NAME_CONTROL {} = "name has a line break or another control character: leave it out";
    API_KEY_OPENS_NOTHING {} = "a key without a permission opens nothing: name at least one";
    API_KEY_OVER { at } = "the key would be over before it is made: it is {at, moment} now, say a later time";
    API_KEY_TOO_LONG { until } =
        "the key would live too long: until {until, moment} at most; the operator sets the limit with DINGMIRROR_TOKEN_MAX_LIFETIME";
    API_KEY_BEYOND_GIVER { permission } =
        "you don't have `{permission}` yourself, so you can't give it: leave it out, or have somebody make the key who has it";
    API_KEY_MAKES_NO_KEY {} =
        "with an API key no other is made: show a token, or use `dingmirror key create`";
    API_KEYS_TOO_MANY { most } =
        "there are {most} keys in use, as many as there may be: revoke one that nobody uses";
    API_KEY_UNKNOWN {} = "there is no such API key: `apiKeys` lists them";
}
