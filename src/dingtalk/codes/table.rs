//! The codes of the old API: numbers, in `errcode` or, wrapped, in `sub_code`. The sheet `docs/dingtalk-codes.md` says
//! the same, and a test compares the two.

use super::row::{
    Form::{Plain, Unseen, Wrapped},
    Long::{Minute, Second},
    Rest, Row, on, saying,
};
use crate::{
    catalogue::dingtalk as said,
    dingtalk::error::ErrorKind::{self, *},
    settings::Api,
};

/// Calls about one person.
const PERSON: &[Api] = &[Api::UserGet, Api::UserGetByMobile];
/// Calls that show people.
const PEOPLE: &[Api] = &[Api::UserGet, Api::UserGetByMobile, Api::UserListId, Api::UserList];
/// Calls about one department.
const DEPARTMENT: &[Api] = &[
    Api::DepartmentGet,
    Api::DepartmentListSub,
    Api::UserListId,
    Api::UserList,
];
const TOKEN: &[Api] = &[Api::GetToken];
const SEND: &[Api] = &[Api::AsyncSend];
const FAILED_LIST: &[Api] = &[Api::CallBackFailedResult];

const NAMES_THE_AGENT: &[(&str, ErrorKind)] = &[("agent_id", WrongAgent), ("agentid", WrongAgent)];

/// Every number that is known, each once.
pub(in crate::dingtalk) static NUMBERS: &[Row] = &[
    // 1. The gateway's codes below 100, and its wrapper.
    Row::new(&[-1], Plain, Unavailable, "G A, H"),
    Row::new(&[1], Plain, Unavailable, "https://github.com/hhyo/Archery/issues/836, L")
        .says(&said::DINGTALK_GATEWAY_FAILED),
    Row::new(&[4, 5, 6, 7, 8], Plain, Throttled, "TOP, L"),
    Row::new(&[9], Plain, WrongUrl, "TOP, L").says(
        &said::DINGTALK_METHOD_UNKNOWN),
    Row::new(&[10], Plain, Unavailable, "TOP, L"),
    Row::new(&[11, 12, 13, 42], Plain, MissingPermission, "TOP, L"),
    Row::new(
        &[15],
        Plain,
        Unavailable,
        "R, TOP, https://open.dingtalk.com/document/development/common-questions-about-official-oa-approval; H for the time-out, L for \
         the rest",
    )
    .worded(&[("isv.", BadRequest)]),
    Row::new(&[22], Plain, WrongUrl, "https://oapi.dingtalk.com/topapi/app/remove_auth, H"),
    Row::new(
        &[40],
        Plain,
        BadRequest,
        "https://github.com/mingyoung/dingtalk/issues/79, https://developer.aliyun.com/ask/546335, H",
    )
    .worded(NAMES_THE_AGENT)
    .says(&said::DINGTALK_PARAMETER_LOST),
    Row::new(&[41], Plain, BadRequest, "https://github.com/007gzs/dingtalk-sdk/pull/39, H")
        .worded(NAMES_THE_AGENT)
        .says(&said::DINGTALK_PARAMETER_LOST),
    Row::new(&[43, 47], Plain, BadRequest, "TOP, L")
        .worded(NAMES_THE_AGENT)
        .says(&said::DINGTALK_PARAMETER_LOST),
    Row::new(&[88], Plain, Unavailable, "R, M"),
    Row::new(&[404], Plain, WrongUrl, "G, H"),
    Row::new(&[500], Plain, Unavailable, "A, M"),
    Row::new(&[400_001], Plain, Unavailable, "G, M"),
    // 2. Token and credentials.
    Row::new(&[40_014], Wrapped, BadToken, "G, H"),
    Row::new(&[40_000], Plain, BadRequest, "G, M")
        .worded(&[("access_token", BadToken)])
        .says(&said::DINGTALK_PARAMETER_LOST),
    Row::new(&[40_001], Plain, BadToken, "G Q, M")
        .on(&[on(TOKEN, BadCredentials)])
        .worded(&[("系统繁忙", Unavailable)]),
    Row::new(&[41_001, 42_001], Unseen, BadToken, "G, M"),
    Row::new(&[33_001], Unseen, BadToken, "G, M")
        .says(&said::DINGTALK_TOKEN_OF_ANOTHER_COMPANY),
    Row::new(&[42_009, 48_003, 40_082], Unseen, Refused, "G, L here").says(&said::DINGTALK_SUITES_ONLY),
    Row::new(&[40_096], Plain, BadCredentials, "live, not in G, H"),
    Row::new(
        &[40_089],
        Plain,
        BadCredentials,
        "G, https://github.com/open-dingtalk/corp_demo_php/issues/3, H",
    ),
    Row::new(&[40_013, 41_002, 41_004, 52_010], Unseen, BadCredentials, "G, M").says(&said::DINGTALK_LEGACY_CREDENTIALS),
    // 3. The application: stop and wait for somebody.
    Row::new(&[40_056], Plain, WrongAgent, "G, H"),
    Row::new(
        &[41_020],
        Plain,
        WrongAgent,
        "https://github.com/007gzs/dingtalk-sdk/issues/44 and a captured body in public code; not in G; H",
    ),
    Row::new(&[41_011, 52_019, 70_003, 70_004, 52_021], Unseen, WrongAgent, "G, M"),
    Row::new(&[60_011], Wrapped, MissingPermission, "G, H"),
    Row::new(
        &[43_007],
        Plain,
        MissingPermission,
        "G A, https://developer.aliyun.com/ask/98823, M",
    )
    .says(&said::DINGTALK_AUTHORISATION_MISSING),
    Row::new(&[48_002], Unseen, Refused, "G, M").says(
        &said::DINGTALK_CALL_SWITCHED_OFF),
    Row::new(&[48_004, 40_079, 41_030, 400_020], Unseen, MissingPermission, "G, M").says(&said::DINGTALK_AUTHORISATION_MISSING),
    Row::new(&[50_003], Unseen, Refused, "G, M")
        .says(&said::DINGTALK_APP_STOPPED),
    Row::new(&[50_005, 70_001, 400_042, 400_043], Unseen, Refused, "G, M").says(&said::DINGTALK_COMPANY_DISABLED),
    Row::new(&[60_020], Wrapped, IpNotAllowed, "G, H"),
    Row::new(
        &[90_020],
        Unseen,
        QuotaExhausted,
        "T, http://www.dingtalk.com/qidian/help-detail-1061621972.html, H for the code",
    ),
    Row::new(&[41_044], Plain, Refused, "G, M").says(
        &said::DINGTALK_SENDING_FORBIDDEN),
    Row::new(&[41_028], Plain, BadContent, "G, M").says(&said::DINGTALK_CONTENT_TO_EVERYBODY),
    Row::new(&[41_045], Plain, DayLimit, "G, M"),
    Row::new(&[800_001], Plain, Refused, "G, L").says(&said::DINGTALK_SUITES_ONLY),
    // 4. Throttles.
    Row::new(&[90_018], Wrapped, Throttled, "T (not in G), H"),
    Row::new(
        &[90_002],
        Wrapped,
        Throttled,
        "T, https://github.com/ali-sdk/node-dingtalk/issues/32, H",
    )
    .rest(Rest::Platform),
    Row::new(&[90_019], Wrapped, Throttled, "https://developer.aliyun.com/ask/491711, M"),
    Row::new(
        &[90_005, 90_006, 90_008, 90_010, 90_012, 90_014],
        Unseen,
        Throttled,
        "G, M",
    ),
    Row::new(
        &[90_001, 90_003, 90_004, 90_007, 90_009, 90_011, 90_013],
        Unseen,
        Throttled,
        "G, M",
    )
    .rest(Rest::Host(Second)),
    Row::new(&[90_017], Unseen, Refused, "G, M").says(
        &said::DINGTALK_ADDRESS_SHARED_BY_MANY),
    Row::new(&[45_009], Unseen, Throttled, "G, M").rest(Rest::Api(Minute)),
    Row::new(&[41_046, 41_047, 41_048], Unseen, Throttled, "G, M").rest(Rest::Api(Minute)),
    // 5. Scope and absence.
    Row::new(&[60_121], Plain, BadRequest, "Q A, H").on(&[
        on(PERSON, NotFound),
        saying(SEND, BadRecipient, &said::DINGTALK_RECIPIENT_UNKNOWN),
    ]),
    Row::new(&[33_012, 60_111], Plain, BadRequest, "G A, M").on(&[
        on(PERSON, NotFound),
        saying(SEND, BadRecipient, &said::DINGTALK_RECIPIENT_UNKNOWN),
    ]),
    Row::new(&[60_003], Plain, BadRequest, "G A, H").on(&[saying(
        DEPARTMENT,
        NotFound,
        &said::DINGTALK_NO_SUCH_DEPARTMENT)]),
    Row::new(&[50_002], Plain, BadRequest, "G Q, H").on(&[
        saying(
            PEOPLE,
            OutOfScope,
            &said::DINGTALK_USER_OUT_OF_SCOPE),
        saying(SEND, BadRecipient, &said::DINGTALK_RECIPIENT_UNKNOWN),
    ]),
    Row::new(&[50_004], Plain, BadRequest, "G Q, H").on(&[on(DEPARTMENT, OutOfScope)]),
    Row::new(&[60_019], Plain, BadRequest, "G A, M").says(&said::DINGTALK_DEPARTMENT_PEOPLE_UNREADABLE),
    Row::new(&[40_009], Plain, BadRequest, "Q, H").says(&said::DINGTALK_NO_DEPARTMENT_ID),
    Row::new(&[40_003, 46_004, 60_120], Unseen, BadRequest, "G, M")
        .on(&[saying(SEND, BadRecipient, &said::DINGTALK_RECIPIENT_UNKNOWN)])
        .says(&said::DINGTALK_NO_EMPLOYEE_ID),
    Row::new(&[40_104, 60_103], Plain, BadRequest, "A G, M")
        .on(&[on(&[Api::UserGetByMobile], NotFound)])
        .says(&said::DINGTALK_NO_PHONE_NUMBER),
    Row::new(&[40_035], Plain, BadRequest, "G A, H").on(&[saying(
        TOKEN,
        NoToken,
        &said::DINGTALK_NO_CREDENTIALS_ARRIVED)]),
    Row::new(
        &[
            400_002, 40_036, 40_038, 40_066, 40_068, 40_069, 40_070, 44_002, 47_001, 43_001, 43_002, 43_003, 43_004, 43_005,
            43_006, 43_008, 43_009,
        ],
        Plain,
        BadRequest,
        "G A, H",
    ),
    // 6. Sends: recipients and content.
    Row::new(
        &[40_031],
        Plain,
        BadRecipient,
        "G, M (unknown ids usually come back in `invalid_user_id_list` instead)",
    )
    .says(&said::DINGTALK_RECIPIENT_UNKNOWN),
    Row::new(&[81_001, 81_002], Plain, BadRecipient, "G, L here").says(&said::DINGTALK_RECIPIENT_REFUSES),
    Row::new(&[40_032, 41_029, 41_009], Plain, BadRecipient, "G, M")
        .says(&said::DINGTALK_RECIPIENT_LIST_WRONG),
    Row::new(
        &[
            34_004, 34_008, 34_009, 34_010, 34_011, 34_014, 40_004, 40_005, 40_008, 41_015, 44_003, 44_004,
        ],
        Plain,
        BadContent,
        "G, M",
    )
    .says(&said::DINGTALK_CONTENT_FIELD_WRONG),
    Row::new(
        &[
            34_016, 40_039, 40_067, 41_101, 41_102, 45_001, 45_002, 45_003, 45_004, 45_005, 45_006, 45_007, 45_008,
        ],
        Plain,
        BadContent,
        "G, M",
    )
    .says(&said::DINGTALK_CONTENT_TOO_LONG),
    Row::new(&[40_006, 40_007, 41_006, 46_001, 44_001], Plain, BadContent, "G, M").says(&said::DINGTALK_CONTENT_MEDIA_UNKNOWN),
    Row::new(&[40_033], Plain, BadContent, "G, L")
        .says(&said::DINGTALK_CONTENT_ESCAPED),
    Row::new(&[40_048], Plain, BadContent, "G, M")
        .says(&said::DINGTALK_CONTENT_LINK_HOST),
    Row::new(&[41_049, 60_022], Plain, BadContent, "G, M").says(&said::DINGTALK_CONTENT_FORBIDDEN),
    Row::new(&[34_015], Plain, Unavailable, "G, L here"),
    Row::new(&[41_052], Plain, BadContent, "page of status_bar/update, L")
        .says(&said::DINGTALK_RESULT_UNAVAILABLE),
    Row::new(
        &[400_402],
        Plain,
        BadRequest,
        "https://github.com/cryozerolabs/n8n-nodes-dingtalk/issues/10, L here",
    )
    .says(&said::DINGTALK_PARAMETER_MISSING),
    // The list of failed pushes.
    Row::new(
        &[
            71_006, 71_007, 71_008, 71_009, 71_010, 71_011, 71_012, 71_013, 400_040, 400_041, 400_050, 400_051, 400_052,
            400_053, 400_054, 400_055, 400_056, 400_057,
        ],
        Plain,
        UnknownCode,
        "failed list",
    )
    .on(&[saying(FAILED_LIST, Refused, &said::DINGTALK_CALLBACK_MISSING)]),
    Row::new(
        &[
            900_001, 900_002, 900_003, 900_004, 900_005, 900_006, 900_007, 900_008, 900_009, 900_010,
        ],
        Plain,
        UnknownCode,
        "failed list",
    )
    .on(&[saying(
        FAILED_LIST,
        Refused,
        &said::DINGTALK_CALLBACK_ENCRYPTION)]),
];
