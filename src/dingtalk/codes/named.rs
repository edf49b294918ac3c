//! The codes of the new API, and of whatever answers `{"code", "message"}`: words, whole or by their end.

use super::row::{
    Form::Named,
    Long::{Minute, Second},
    Rest, Row,
};
use crate::dingtalk::error::ErrorKind::*;

const APP_NOT_AUTHORISED: &str = "DingTalk refuses the app's key or secret, or the app isn't authorised: copy both again from the app's \
     page in DingTalk's developer console into the settings, without spaces or quotation marks";

/// Each word once; `*` stands for any beginning or any rest.
pub(in crate::dingtalk) const WORDS: &[Row<&str>] = &[
    Row::new(
        &["authFailed"],
        Named,
        BadCredentials,
        "https://github.com/zfanswer/dify-on-dingtalk/issues/28, https://github.com/MAyang38/dify-on-dingding-go/issues/2, H",
    )
    .says(APP_NOT_AUTHORISED),
    Row::new(
        &["invalidClientIdOrSecret", "invalid.client", "unauthorized.client"],
        Named,
        BadCredentials,
        "G, H / M",
    )
    .says(APP_NOT_AUTHORISED),
    Row::new(
        &["InvalidAuthentication", "AuthenticationFailed.MissingParameter"],
        Named,
        BadToken,
        "G, https://github.com/apache/ozhera/issues/74, H",
    ),
    Row::new(
        &["app.notPublished"],
        Named,
        Refused,
        "known to the project's sheet; no public page found; L",
    )
    .says("the app isn't published: publish a version of it in DingTalk's developer console"),
    Row::new(&["*AccessTokenPermissionDenied"], Named, MissingPermission, "G, H"),
    Row::new(
        &["*IpNotInWhiteList"],
        Named,
        IpNotAllowed,
        "G, https://github.com/aircodelabs/aircode/issues/46, H",
    ),
    Row::new(
        &["*QpsLimitForAppkeyAndApi", "*QpsLimitForApi", "*QpsLimitForSuitekeyAndOrgAndApi"],
        Named,
        Throttled,
        "G T, https://github.com/DingTalk-Real-AI/dingtalk-openclaw-connector/issues/410, H",
    ),
    Row::new(&["*QpmLimitFor*"], Named, Throttled, "G, M").rest(Rest::Api(Minute)),
    Row::new(&["*ApiCountLimitForOrg"], Named, QuotaExhausted, "T, H"),
    Row::new(
        &["qps.exceed.limit", "request.overlimit", "request.too.fast", "system.busy", "systemBusy"],
        Named,
        Throttled,
        "G, M",
    )
    .rest(Rest::Api(Second)),
    Row::new(&["daily.call.limit", "integrated.qps.exceed"], Named, DayLimit, "G, L here"),
    Row::new(
        &["system.error", "serviceBusy", "unknownError"],
        Named,
        Unavailable,
        "G, https://github.com/soimy/openclaw-channel-dingtalk/issues/289 (503 on this call), H",
    ),
    Row::new(
        &["InvalidAction.NotFound"],
        Named,
        WrongUrl,
        "https://github.com/zhayujie/CowAgent/issues/2490, H",
    ),
];
