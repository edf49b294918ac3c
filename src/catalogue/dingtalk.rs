//! What DingTalk answers, and what to do: the settings field, the permission or the address by name.

/// Behind every one of these: DingTalk's code and its own words, where it gave any.
macro_rules! told {
    ($what:expr) => {
        concat!(
            $what,
            "{code, select, absent {} other { (code {code})}}.{answer, select, absent {} other { The answer: “{answer}”.}}"
        )
    };
}

/// Entries that all have the call's field and path, DingTalk's code and its words.
macro_rules! answers {
    ($($code:ident $({ $($more:ident),* })? = $what:expr;)*) => {
        statements! {
            $($code { field, path, code, answer $($(, $more)*)? } = told!($what);)*
        }
    };
}

answers! {
    DINGTALK_BAD_CREDENTIALS =
        "DingTalk refuses appKey or appSecret: copy both again from the app's page in DingTalk's developer console into the settings \
         (the secret is case-sensitive)";
    DINGTALK_BAD_CREDENTIALS_OR_APP =
        "DingTalk refuses the app's key or secret, or the app isn't authorised: copy both again from the app's page in DingTalk's \
         developer console into the settings, without spaces or quotation marks";
    DINGTALK_LEGACY_CREDENTIALS =
        "DingTalk reads the credentials as a company's legacy pair and refuses it: copy appKey and appSecret again from the app's page \
         in DingTalk's developer console";
    DINGTALK_BAD_TOKEN =
        "DingTalk refuses the access token even after a renewal: check that getTokenUrl and the other URLs belong to the same DingTalk, \
         and that appKey and appSecret are of the right app";
    DINGTALK_TOKEN_OF_ANOTHER_COMPANY =
        "DingTalk refuses the access token as another company's: check that appKey and the URLs are of one company";
    DINGTALK_NO_TOKEN = "DingTalk gives no access token, so nothing was asked or sent; its answer tells why";
    DINGTALK_NO_CREDENTIALS_ARRIVED =
        "DingTalk finds no appKey or appSecret in the token request: check getTokenUrl, and that no proxy drops the query of a URL";
    DINGTALK_WRONG_AGENT =
        "DingTalk doesn't accept agentId for this app: copy the AgentId of the same app whose appKey is in the settings";
    DINGTALK_PERMISSION_MISSING { permission } =
        "the app lacks the permission {permission}: grant it in DingTalk's developer console; it is in force with the next access \
         token, which may take up to 2 hours";
    DINGTALK_AUTHORISATION_MISSING =
        "the app lacks an authorisation: check its permissions and its contact scope in DingTalk's developer console, and publish a \
         version of it";
    DINGTALK_DEPARTMENT_OUT_OF_SCOPE =
        "the department is outside the app's contact scope: widen the scope (权限范围) in DingTalk's developer console";
    DINGTALK_USER_OUT_OF_SCOPE =
        "the user is outside the app's contact scope: widen the scope (权限范围) in DingTalk's developer console";
    DINGTALK_NO_SUCH_EMPLOYEE = "DingTalk knows no such current employee";
    DINGTALK_NO_SUCH_DEPARTMENT = "DingTalk knows no such department";
    DINGTALK_THROTTLED =
        "DingTalk throttles this call, still after waiting: another program may be using the same app; try again later";
    DINGTALK_DAY_LIMIT = "DingTalk takes no more of these today: wait for the next day in Beijing";
    DINGTALK_QUOTA_EXHAUSTED =
        "the company's quota of DingTalk calls is used up: wait for the next period or buy more in DingTalk's developer console";
    DINGTALK_ADDRESS_NOT_ALLOWED { address } =
        "DingTalk doesn't accept calls from this server's address{address, select, absent {} other { {address}}}: add it to the app's \
         IP white list (服务器出口IP) in DingTalk's developer console";
    DINGTALK_ADDRESS_SHARED_BY_MANY =
        "DingTalk has too many companies calling from this server's address: give it an address of its own, or ask DingTalk";
    DINGTALK_BANNED =
        "DingTalk's firewall bans this server's address for about five minutes, because some program behind it calls too often; or a \
         proxy answers in DingTalk's place";
    DINGTALK_URL_UNKNOWN = "DingTalk knows no such call: the URL in {field} has a typo; its path should end with {path}";
    DINGTALK_METHOD_UNKNOWN =
        "DingTalk doesn't take this method at the URL in {field}: check the URL, and any proxy that turns a POST into a GET";
    DINGTALK_HTTP_FOR_HTTPS =
        "the URL in {field} begins with http:// and leads to a port that speaks https: write https://";
    DINGTALK_SOMEBODY_ELSE_ANSWERS =
        "not DingTalk but a web server or proxy in between answers the call to {path}: check that the URL in {field} leads to DingTalk, \
         and the proxy's own log";
    DINGTALK_FIREWALL_STOPS_REQUEST =
        "a firewall or proxy in front of {path} answers this one request with a page of its own, and lets others through: its log \
         tells what it objects to";
    DINGTALK_BAD_REQUEST = "DingTalk doesn't accept the parameters of this call";
    DINGTALK_PARAMETER_LOST =
        "a parameter of the request did not arrive at DingTalk, or not as it was sent: if one message or record meets this, something \
         in it is wrong; if every call does, check that no proxy drops or changes the bodies of requests";
    DINGTALK_PARAMETER_MISSING =
        "DingTalk misses a parameter of the request, or finds it of the wrong form; its answer names the field";
    DINGTALK_NO_DEPARTMENT_ID = "DingTalk doesn't take this for a department's id";
    DINGTALK_NO_EMPLOYEE_ID = "DingTalk doesn't take this for a current employee's id, which proves nothing";
    DINGTALK_NO_PHONE_NUMBER = "DingTalk doesn't take this for a phone number of the company";
    DINGTALK_DEPARTMENT_PEOPLE_UNREADABLE = "DingTalk could not read the people of this department";
    DINGTALK_BAD_CONTENT = "DingTalk doesn't accept the content of the message";
    DINGTALK_CONTENT_FIELD_WRONG = "DingTalk can't read the message: a field of it is empty or of the wrong form";
    DINGTALK_CONTENT_TOO_LONG =
        "a part of the message is too long for DingTalk: shorten the text, the title, the link or the list";
    DINGTALK_CONTENT_MEDIA_UNKNOWN =
        "DingTalk doesn't know the media id, or can't use the file: upload it again with the same app";
    DINGTALK_CONTENT_ESCAPED =
        "DingTalk doesn't take characters in the form \\uXXXX: send them as they are, in UTF-8";
    DINGTALK_CONTENT_LINK_HOST =
        "DingTalk doesn't accept the host of a link in the message: link to a host that it accepts";
    DINGTALK_CONTENT_FORBIDDEN = "DingTalk forbids this content: change the text";
    DINGTALK_CONTENT_TO_EVERYBODY = "DingTalk forbids a message to everybody";
    DINGTALK_RESULT_UNAVAILABLE =
        "DingTalk gives no result for this message: it had too many recipients, or isn't finished";
    DINGTALK_BAD_RECIPIENT = "DingTalk doesn't accept a recipient";
    DINGTALK_RECIPIENT_UNKNOWN =
        "DingTalk doesn't have this recipient in its directory, or the app may not see them";
    DINGTALK_RECIPIENT_REFUSES = "this person refuses the app's messages";
    DINGTALK_RECIPIENT_LIST_WRONG =
        "DingTalk doesn't take the list of recipients: it is empty, too long or of the wrong form";
    DINGTALK_REFUSED =
        "DingTalk refuses this to the app: check the app's permissions and its state in DingTalk's developer console";
    DINGTALK_CALL_SWITCHED_OFF =
        "DingTalk has this call switched off for the app: check the app's permissions and its state in DingTalk's developer console";
    DINGTALK_SENDING_FORBIDDEN =
        "DingTalk forbids the app to send: check its permissions and its state in DingTalk's developer console";
    DINGTALK_APP_STOPPED = "the app is stopped: start it again in DingTalk's developer console";
    DINGTALK_APP_UNPUBLISHED =
        "the app isn't published: publish a version of it in DingTalk's developer console";
    DINGTALK_COMPANY_DISABLED =
        "DingTalk says that the company or its use of the app is disabled: check that appKey is of the right company, and ask DingTalk";
    DINGTALK_SUITES_ONLY =
        "DingTalk asks for what only a service provider's app has: use the appKey of an internal app of the company";
    DINGTALK_CALLBACK_MISSING =
        "DingTalk has no callback of this app to tell failed pushes of: register it again, or clear the URL of that call in the \
         settings";
    DINGTALK_CALLBACK_ENCRYPTION =
        "DingTalk refuses the encryption of the callback: its token, AES key and owner must be those that it was registered with";
    DINGTALK_CODE_UNKNOWN =
        "DingTalk refuses this with a code that nobody here knows; its answer is all that is known";
    DINGTALK_UNAVAILABLE = "DingTalk gives no answer just now; try again later";
    DINGTALK_GATEWAY_FAILED = "DingTalk's gateway failed; if it stays, check that agentId is filled in";
    DINGTALK_NO_CONNECTION = "no connection to the host of {field}: check the URL, the network and the proxy";
    DINGTALK_OUTCOME_UNKNOWN =
        "the request left, but no answer tells what became of it: it may have had its effect";
    DINGTALK_ANSWER_ODD =
        "the answer isn't what DingTalk documents for {path}: check that the URL in {field} leads to DingTalk, not to a proxy's page";
    DINGTALK_CANCELLED = "it was not to be sent any more before its turn came";
}
