//! What a code means for the caller of a call (`dingtalk-api`, table of codes).

use super::error::ErrorKind;
use crate::settings::Api;

/// The kind of failure that effective code `code` stands for in an answer to `api`.
pub(super) fn classify(api: Api, code: &str) -> ErrorKind {
    use ErrorKind::*;
    let Ok(number) = code.parse::<i64>() else {
        return BadRequest;
    };
    match number {
        // 88 alone: the sub_code was empty, the authorisation service did not answer in time. 15: a backend did not.
        -1 | 15 | 88 | 500 | 400_001 => Unavailable,
        22 | 404 => WrongUrl,
        40_089 | 40_096 => BadCredentials,
        // There is no token yet to be wrong: it can only be the secret.
        33_001 | 40_000 | 40_001 | 40_014 | 41_001 | 42_001 if api == Api::GetToken => BadCredentials,
        33_001 | 40_000 | 40_001 | 40_014 | 41_001 | 42_001 => BadToken,
        60_011 => MissingPermission,
        // 60019: the people of this department could not be read.
        50_002 | 50_004 | 60_019 => OutOfScope,
        33_012 | 60_003 | 60_111 | 60_121 => NotFound,
        // 41046 to 41048: more recipients a minute than allowed; nothing was sent.
        90_001..=90_014 | 90_017..=90_019 | 41_046..=41_048 => Throttled,
        // 41045: messages to everybody, a day.
        90_020 | 41_045 => QuotaExhausted,
        60_020 => IpNotAllowed,
        43_007 | 50_003 | 50_005 | 52_010 | 70_001 | 41_028 | 41_044 => Refused,
        _ => BadRequest,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_of_the_fact_sheet_has_its_kind() {
        use ErrorKind::*;
        let table: &[(&[i64], ErrorKind)] = &[
            (&[-1, 15, 88, 400_001, 500], Unavailable),
            (&[22, 404], WrongUrl),
            (&[40_000, 40_001, 40_014, 41_001, 42_001, 33_001], BadToken),
            (&[40_089, 40_096], BadCredentials),
            (
                &[
                    40_035, 40_036, 40_038, 43_001, 43_002, 43_004, 43_005, 43_009, 44_002, 47_001,
                ],
                BadRequest,
            ),
            (&[40_056, 41_011, 52_019, 70_003, 70_004], BadRequest),
            (&[40_068, 40_069, 40_070, 40_078, 40_104, 400_002], BadRequest),
            (
                &[
                    34_004, 34_008, 34_009, 34_010, 34_011, 34_014, 34_016, 40_006, 40_007, 40_031,
                ],
                BadRequest,
            ),
            (&[41_029, 41_049, 41_052, 45_002], BadRequest),
            (&[33_012, 60_003, 60_111, 60_121], NotFound),
            (&[50_002, 50_004, 60_019], OutOfScope),
            (&[43_007, 50_003, 50_005, 52_010, 70_001, 41_028, 41_044], Refused),
            (&[60_011], MissingPermission),
            (&[60_020], IpNotAllowed),
            (
                &[
                    90_001, 90_002, 90_003, 90_014, 90_017, 90_018, 90_019, 41_046, 41_047, 41_048,
                ],
                Throttled,
            ),
            (&[90_020, 41_045], QuotaExhausted),
            (&[900_001, 900_010, 71_006, 71_013, 400_050, 400_054], BadRequest),
        ];
        for (codes, kind) in table {
            for code in *codes {
                assert_eq!(classify(Api::UserGet, &code.to_string()), *kind, "{code}");
            }
        }
        assert_eq!(
            classify(Api::GetToken, "40001"),
            BadCredentials,
            "gettoken has no token to be wrong"
        );
        assert_eq!(classify(Api::UserGet, "InvalidParameter"), BadRequest);
    }
}
