//! Who is found by what, and in which order.

use super::*;
use crate::directory::search::SearchField;

#[test]
fn a_name_is_found_by_characters_pinyin_initials_and_mixtures() {
    let company = people(&[
        "王伟雨",
        "王伟",
        "汪薇",
        "李娜",
        "欧阳锋",
        "吕布",
        "迪丽热巴·迪力木拉提",
        "Anna Smith",
    ]);
    for (typed, expected) in [
        ("王伟", vec!["王伟", "王伟雨"]),
        ("王 伟", vec!["王伟", "王伟雨"]),
        ("王偉", vec!["王伟", "王伟雨"]),
        ("wangwei", vec!["汪薇", "王伟", "王伟雨"]),
        ("ＷＡＮＧＷＥＩ", vec!["汪薇", "王伟", "王伟雨"]),
        ("wang wei", vec!["汪薇", "王伟", "王伟雨"]),
        ("wangw", vec!["汪薇", "王伟", "王伟雨"]),
        ("ww", vec!["汪薇", "王伟", "王伟雨"]),
        ("wwy", vec!["王伟雨"]),
        ("王w", vec!["王伟", "王伟雨"]),
        ("王wei", vec!["王伟", "王伟雨"]),
        ("w伟", vec!["王伟", "王伟雨"]),
        ("wang伟", vec!["王伟", "王伟雨"]),
        ("伟", vec!["王伟", "王伟雨"]),
        ("wei", vec!["汪薇", "王伟", "王伟雨"]),
        ("wei wang", vec!["汪薇", "王伟", "王伟雨"]),
        ("伟 王", vec!["王伟", "王伟雨"]),
        ("oy", vec!["欧阳锋"]),
        ("ouyangfeng", vec!["欧阳锋"]),
        ("oyf", vec!["欧阳锋"]),
        ("lvbu", vec!["吕布"]),
        ("lübu", vec!["吕布"]),
        ("dilireba", vec!["迪丽热巴·迪力木拉提"]),
        ("迪丽热巴迪力", vec!["迪丽热巴·迪力木拉提"]),
        ("anna", vec!["Anna Smith"]),
        ("smith", vec!["Anna Smith"]),
        ("smith an", vec!["Anna Smith"]),
        ("mit", vec!["Anna Smith"]),
        ("asm", vec!["Anna Smith"]),
        ("ei", vec![]),
    ] {
        assert_eq!(found(&company, typed), expected, "{typed}");
    }
}

#[test]
fn a_rare_reading_finds_nobody() {
    let company = people(&["王超超", "张石", "沈朱", "刘任"]);
    for typed in ["tt", "tiaotiao", "wangtiao", "dan", "chenzhu", "zhangdan"] {
        assert_eq!(found(&company, typed), Vec::<String>::new(), "{typed}");
    }
    assert_eq!(found(&company, "cc"), ["王超超"]);
}

#[test]
fn exact_comes_before_beginnings_before_parts_and_names_before_numbers() {
    let with = |id: &str, name: &str, change: fn(&mut crate::directory::UserFacts)| {
        let mut made = user(id, &[1]);
        made.facts.name = name.into();
        change(&mut made.facts);
        Record::User(Arc::new(made))
    };
    let company = [
        with("1", "甲", |facts| facts.title = Some("xwang".into())),
        with("2", "乙", |facts| facts.email = Some("x.wang@example.com".into())),
        with("3", "丙", |facts| facts.job_number = Some("xwang".into())),
        with("4", "丁", |facts| facts.title = Some("wangx".into())),
        with("5", "戊", |facts| facts.org_email = Some("wang@example.com".into())),
        with("6", "己", |facts| facts.job_number = Some("wang7".into())),
        with("7", "庚王", |_| {}),
        with("8", "王庚", |_| {}),
        with("9", "辛", |facts| facts.job_number = Some("WANG".into())),
        with("10", "王", |_| {}),
        unit(7, "王府"),
        unit(8, "大王府"),
    ];
    assert_eq!(
        found(&company, "wang"),
        [
            "王",
            "辛",
            "王府",
            "王庚",
            "己",
            "戊",
            "丁",
            "庚王",
            "大王府",
            "丙",
            "乙",
            "甲"
        ]
    );
}

#[test]
fn addresses_and_numbers_are_found_by_those_who_may_see_them() {
    let mut made = user("zs", &[1]);
    made.facts.name = "张三".into();
    made.facts.email = Some("San.Zhang@Example.com".into());
    made.facts.mobile = Some("+86-138 0013 8000".into());
    let company = [Record::User(Arc::new(made))];
    let index = index(&company);

    for typed in ["san.zhang@example.com", "zhang@ex", "8613800138000", "138-0013", "8000"] {
        let query = Query::new(typed).unwrap();
        let told = |contact| index.search(&query, Asked { contact, ..EVERYTHING }, Vec::new()).len();
        assert_eq!((told(true), told(false)), (1, 0), "{typed}");
        assert_eq!(index.matching(&query, false, &[]).users().len(), 0, "{typed}");
        assert_eq!(index.matching(&query, true, &[]).users().len(), 1, "{typed}");
    }
    assert_eq!(
        found(&company, "00"),
        Vec::<String>::new(),
        "two digits are in everybody's number"
    );
}

#[test]
fn what_matched_is_told_in_utf_16() {
    let part = |from, to| Matched {
        field: SearchField::Name,
        from,
        to,
    };
    for (name, typed, expected) in [
        ("王伟雨", "wangw", vec![part(0, 2)]),
        ("王伟雨", "w雨", vec![part(1, 3)]),
        ("王伟雨", "yu", vec![part(2, 3)]),
        ("王伟雨", "雨 王", vec![part(0, 1), part(2, 3)]),
        ("𠮷田 王伟", "ww", vec![part(4, 6)]),
        ("Anna Smith", "as", vec![part(0, 1), part(5, 6)]),
        ("Anna Smith", "nnas", vec![part(1, 6)]),
        ("王伟", "nobody", vec![]),
    ] {
        assert_eq!(highlighted(&person("1", name), typed), expected, "{name} {typed}");
    }

    let mut made = user("zs", &[1]);
    made.facts.mobile = Some("+86-138 0013 8000".into());
    let part = highlighted(&Record::User(Arc::new(made)), "13800138");
    assert_eq!((part[0].field, part[0].from, part[0].to), (SearchField::Mobile, 4, 14));
}

#[test]
fn departments_and_people_are_ranked_together_or_asked_for_alone() {
    let mut company = people(&["王伟", "华东"]);
    company.extend([unit(2, "华东大区"), unit(3, "上海华东区"), unit(4, "重庆分公司")]);
    assert_eq!(found(&company, "huadong"), ["华东", "华东大区", "上海华东区"]);
    assert_eq!(found(&company, "hd"), ["华东", "华东大区", "上海华东区"]);
    assert_eq!(found(&company, "chongqing"), ["重庆分公司"]);

    let index = index(&company);
    let query = Query::new("hd").unwrap();
    let named = |asked| index.search(&query, asked, Vec::new()).len();
    assert_eq!(
        named(Asked {
            users: false,
            ..EVERYTHING
        }),
        2
    );
    assert_eq!(
        named(Asked {
            departments: false,
            ..EVERYTHING
        }),
        1
    );
    assert_eq!(named(Asked { most: 2, ..EVERYTHING }), 2);
}

#[test]
fn an_id_is_found_as_a_whole() {
    let company = people(&["王伟", "李娜"]);
    let index = index(&company);
    let search = |typed: &str, by_id: Vec<Record>| {
        let query = Query::new(typed).unwrap();
        let hits = index.search(&query, EVERYTHING, by_id);
        hits.iter().map(|hit| hit.record.name().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(search("u001", vec![company[1].clone()]), ["李娜"]);
    assert_eq!(search("u00", Vec::new()), Vec::<String>::new());
    assert_eq!(search("王伟", vec![company[0].clone()]), ["王伟"]);
}
