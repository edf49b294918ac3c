//! What stands in `errors[]`, where more is known than a code.

statements! {
    NOT_SIGNED_IN {} =
        "send `Authorization: Bearer <token>`, over a WebSocket as `authorization` in the payload of `connection_init`; \
         `dingmirror token` issues one";
    PERMISSION_LACKING { permission } = "the token lacks the permission `{permission}`";
    MOBILE_ASKED_TOO_OFTEN { seconds } =
        "you have asked for too many mobile numbers within a minute: ask again in {seconds} s";
    DATABASE_TROUBLE_PASSING { fault } = "{fault}; try again in a moment";
    DATABASE_TROUBLE { fault } =
        "{fault}; the server's operator has to put that right, its log tells what";
}
