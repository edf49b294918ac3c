//! Nearly the right path: which one was meant?

/// Misspellings that circulate in forms and blog posts, and what is meant.
const CIRCULATING: [(&str, &str); 5] = [
    ("departement", "department"),
    ("corpcorversation", "corpconversation"),
    ("corpconversion", "corpconversation"),
    ("asynsend_v2", "asyncsend_v2"),
    ("asycsend_v2", "asyncsend_v2"),
];

/// `path` with its end put right, where that is nearly `expected`.
pub(super) fn corrected(path: &str, expected: &str) -> Option<String> {
    let path = path.trim_end_matches('/');
    let replaced = CIRCULATING
        .iter()
        .fold(path.to_owned(), |path, (wrong, right)| path.replace(wrong, right));
    if replaced.ends_with(expected) {
        return Some(replaced);
    }

    // A gateway's prefix may stand before it: compare as many segments as are expected, give or take one.
    let segments: Vec<&str> = replaced.split('/').filter(|segment| !segment.is_empty()).collect();
    let wanted = expected.split('/').filter(|segment| !segment.is_empty()).count();
    let candidates = [wanted, wanted + 1, wanted.saturating_sub(1)]
        .into_iter()
        .filter(|taken| *taken <= segments.len());
    let tolerated = (expected.len() / 5).clamp(1, 3);

    candidates
        .filter_map(|taken| {
            let (prefix, tail) = segments.split_at(segments.len() - taken);
            let distance = distance(&format!("/{}", tail.join("/")).to_lowercase(), expected);
            (distance <= tolerated).then_some((distance, prefix.to_vec()))
        })
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, prefix)| prefix.iter().map(|segment| format!("/{segment}")).collect::<String>() + expected)
}

/// Whether a host is nearly another: a slip of the fingers, not another company's.
pub(super) fn is_near(host: &str, other: &str) -> bool {
    (1..=2).contains(&distance(&host.to_lowercase(), other))
}

/// Levenshtein's distance.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();

    for (i, from) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, to) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(from != *to);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn near_misses_are_put_right_and_far_ones_left_alone() {
        let send = "/topapi/message/corpconversation/asyncsend_v2";
        let sub = "/topapi/v2/department/listsub";

        for (path, expected, right) in [
            ("/topapi/v2/departement/listsub", sub, Some(sub.to_owned())),
            (
                "/topapi/message/corpcorversation/asynsend_v2",
                send,
                Some(send.to_owned()),
            ),
            (
                "/gw/dt/topapi/message/corpcorversation/asynsend_v2",
                send,
                Some(format!("/gw/dt{send}")),
            ),
            ("/topapi/v2/department/listSub", sub, Some(sub.to_owned())),
            ("/topapi/v2/department/listsub/", sub, Some(sub.to_owned())),
            ("/topapi/v2department/listsub", sub, Some(sub.to_owned())),
            ("/topapi/v2//department/listsub", sub, Some(sub.to_owned())),
            ("/getoken", "/gettoken", Some("/gettoken".to_owned())),
            ("/", "/gettoken", None),
            ("/v1.0/oauth2/accessToken", "/gettoken", None),
            ("/topapi/role/list", "/topapi/v2/user/get", None),
        ] {
            assert_eq!(corrected(path, expected), right, "{path}");
        }
    }

    proptest! {
        #[test]
        fn a_path_with_one_wrong_letter_is_recognised_behind_any_prefix(at in 1_usize..29, letter in "[a-z]", prefix in "(/[a-z]{1,5}){0,2}") {
            let expected = "/topapi/v2/department/listsub";
            let mut wrong = expected.to_owned();
            wrong.replace_range(at..=at, &letter);
            let path = format!("{prefix}{wrong}");
            prop_assert!(corrected(&path, expected).is_some_and(|right| right.ends_with(expected)));
        }
    }
}
