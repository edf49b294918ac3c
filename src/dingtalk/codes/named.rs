//! The codes of the new API, and of whatever answers `{"code", "message"}`: words, whole or by their end.

use super::row::{
    Form::Named,
    Long::{Minute, Second},
    Rest, Row,
};
use crate::{catalogue::dingtalk as said, dingtalk::error::ErrorKind::*};

/// Each word once; `*` stands for any beginning or any rest.
pub(in crate::dingtalk) static WORDS: &[Row<&str>] = &[
    Row::new(
        &["authFailed"],
        Named,
        BadCredentials,
        "https://github.com/zfanswer/dify-on-dingtalk/issues/28, https://github.com/MAyang38/dify-on-dingding-go/issues/2, H",
    )
    .says(&said::DINGTALK_BAD_CREDENTIALS_OR_APP),
    Row::new(
        &["invalidClientIdOrSecret", "invalid.client", "unauthorized.client"],
        Named,
        BadCredentials,
        "G, H / M",
    )
    .says(&said::DINGTALK_BAD_CREDENTIALS_OR_APP),
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
    .says(&said::DINGTALK_APP_UNPUBLISHED),
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
