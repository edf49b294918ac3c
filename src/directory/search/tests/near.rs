//! What is forgiven.

use super::*;

#[test]
fn one_typo_is_forgiven_where_nothing_else_is_found() {
    let company = people(&["王小伟", "张微", "司马相如", "李雷"]);
    for (typed, expected) in [
        ("wangxiaowie", vec!["王小伟"]),
        ("wagnxiao", vec!["王小伟"]),
        ("wangiaowei", vec!["王小伟"]),
        ("王晓伟", vec!["王小伟"]),
        ("张薇", vec!["张微"]),
        ("司马向如", vec!["司马相如"]),
        ("司马香茹", vec!["司马相如"]),
        ("司马香茄", vec![]),
        ("wnagxaio", vec![]),
        ("wnag", vec![]),
        ("lilei", vec!["李雷"]),
    ] {
        assert_eq!(found(&company, typed), expected, "{typed}");
    }

    let both = people(&["王伟", "汪微微"]);
    assert_eq!(found(&both, "wangwe"), ["王伟", "汪微微"]);
    assert_eq!(
        found(&people(&["王薇", "王伟"]), "王伟"),
        ["王伟"],
        "who is found hides who is near"
    );
}
