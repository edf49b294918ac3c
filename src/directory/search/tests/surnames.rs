//! Surnames of several readings: each is found first by how it is read as a surname, and never by a rare reading.

use super::*;

/// The surname, its reading, and readings that the dictionary has of its characters and nobody means.
#[rustfmt::skip]
const SURNAMES: &[(&str, &str, &[&str])] = &[
    ("万俟", "moqi", &["wanqi", "wansi", "mosi"]), ("尉迟", "yuchi", &["weichi", "yunchi"]),
    ("单于", "chanyu", &["danyu", "danwei", "danxu", "chanwei", "chanxu", "shanyu"]),
    ("澹台", "tantai", &["dantai", "danyi", "dansi", "tanyi", "tansi", "shantai"]), ("长孙", "zhangsun", &["changsun"]),
    ("乐正", "yuezheng", &["lezheng"]), ("令狐", "linghu", &["lianhu"]), ("子车", "ziju", &["ziche"]),
    ("句龙", "goulong", &["julong", "qulong"]), ("仲长", "zhongchang", &["zhongzhang"]), ("太叔", "taishu", &[]),
    ("鲜于", "xianyu", &["xianwei", "xianxu"]),
    ("淳于", "chunyu", &["chunwei", "chunxu", "zhunyu", "zhunwei", "zhunxu"]), ("贺若", "heruo", &["here"]),
    ("拓跋", "tuoba", &["tuobei", "taba", "tabei", "zhiba", "zhibei"]), ("夏侯", "xiahou", &["jiahou"]),
    ("呼延", "huyan", &["xiaoyan", "xuyan", "heyan", "xiayan"]), ("百里", "baili", &["boli", "moli"]),
    ("谷梁", "guliang", &["luliang", "yuliang"]), ("漆雕", "qidiao", &["qiediao"]),
    ("夹谷", "jiagu", &["jialu", "jiayu", "gagu", "galu", "gayu"]), ("完颜", "wanyan", &["kuanyan"]),
    ("单", "shan", &["chan"]), ("曾", "zeng", &[]), ("仇", "qiu", &["ju"]), ("解", "xie", &[]), ("查", "zha", &["chai"]),
    ("任", "ren", &["lin"]), ("盖", "ge", &[]), ("区", "ou", &[]), ("翟", "zhai", &["di"]), ("朴", "piao", &["po"]),
    ("乐", "yue", &[]), ("覃", "qin", &["yan"]), ("缪", "miao", &["mou", "miu"]), ("薄", "bo", &["bu"]),
    ("折", "she", &["ti"]), ("召", "shao", &[]), ("员", "yun", &[]), ("句", "gou", &["qu"]), ("种", "chong", &[]),
    ("重", "chong", &["tong"]), ("秘", "bi", &["bie"]), ("繁", "po", &["pan"]), ("都", "du", &[]), ("藏", "zang", &[]),
    ("扎", "za", &[]), ("粘", "nian", &[]), ("能", "nai", &["tai", "xiong"]), ("幺", "yao", &["mi"]),
    ("么", "yao", &["me", "mo", "ma"]), ("六", "lu", &[]), ("不", "fou", &["fu"]), ("乜", "nie", &["mie"]),
    ("佴", "nai", &["er"]), ("卜", "bu", &["bo", "pu"]), ("隗", "wei", &["gui"]), ("阚", "kan", &["han"]),
    ("郗", "xi", &[]), ("郄", "qie", &[]), ("祭", "zhai", &[]), ("莘", "shen", &[]), ("车", "che", &["ju"]),
    ("洗", "xian", &[]), ("冼", "xian", &["sheng"]), ("那", "na", &["nuo", "nei", "ne", "nai"]), ("石", "shi", &["dan"]),
    ("宿", "su", &["xiu", "qi"]), ("贲", "ben", &["bi"]), ("眭", "sui", &["hui", "xie", "wei"]),
    ("逄", "pang", &["feng"]), ("郇", "xun", &["huan"]), ("宓", "mi", &["fu"]), ("谷", "gu", &["lu", "yu"]),
    ("贾", "jia", &["gu"]), ("冯", "feng", &["ping"]), ("晁", "chao", &["zhao"]), ("盍", "he", &["ke"]),
    ("俞", "yu", &["shu"]), ("尉", "wei", &["yu", "yun"]), ("蔚", "yu", &[]), ("臧", "zang", &["cang"]),
    ("占", "zhan", &["tie"]), ("盛", "sheng", &["cheng"]), ("奇", "qi", &["ji", "ai", "yi"]), ("尹", "yin", &["yun"]),
    ("殷", "yin", &["yan"]), ("沈", "shen", &["chen", "tan"]), ("朱", "zhu", &["shu"]), ("会", "gui", &["kuai"]),
    ("祝", "zhu", &["zhou", "chu"]), ("强", "qiang", &["jiang"]), ("柏", "bai", &[]), ("宁", "ning", &["zhu"]),
    ("哈", "ha", &["he", "ta", "sha"]), ("干", "gan", &["an"]), ("长", "chang", &[]), ("行", "xing", &["heng"]),
    ("朝", "chao", &["zhu"]), ("校", "xiao", &["jiao", "qiao"]), ("降", "xiang", &[]), ("甄", "zhen", &["juan"]),
    ("褚", "chu", &["zhe", "zhu"]), ("令", "ling", &["lian"]), ("于", "yu", &["wei", "xu"]),
    ("台", "tai", &["yi", "si"]), ("万", "wan", &["mo"]), ("艾", "ai", &["yi"]), ("叶", "ye", &["xie"]),
    ("牟", "mu", &["mao"]), ("底", "di", &["de"]), ("乘", "cheng", &["sheng"]), ("率", "shuai", &["lv", "lve"]),
    ("瞿", "qu", &["ju", "ji"]), ("戏", "xi", &["hu"]), ("便", "pian", &[]), ("葚", "shen", &["ren"]),
    ("缴", "jiao", &["zhuo"]), ("洋", "yang", &["xiang"]), ("尾", "wei", &["yi"]), ("镐", "gao", &["hao"]),
    ("适", "kuo", &[]), ("红", "hong", &["gong"]), ("番", "fan", &["pan", "bo", "po", "pi"]), ("郝", "hao", &["shi"]),
];

/// A given name that no surname's reading is in.
const GIVEN: &str = "鹏飞";

fn company() -> Vec<Record> {
    let mut names: Vec<String> = SURNAMES
        .iter()
        .map(|(surname, ..)| format!("{surname}{GIVEN}"))
        .collect();
    // Decoys: the surname's characters inside of names, and common names around them.
    names.extend(SURNAMES.iter().map(|(surname, ..)| format!("赵{surname}{GIVEN}")));
    names.extend(["张鹏飞", "李鹏飞", "王飞鹏"].map(String::from));
    names
        .iter()
        .enumerate()
        .map(|(id, name)| person(&format!("u{id:03}"), name))
        .collect()
}

#[test]
fn a_hundred_surnames_are_found_first_by_the_surnames_reading_and_never_by_a_rare_one() {
    let company = company();
    let index = index(&company);
    let names = |typed: &str| {
        let hits = index.search(&Query::new(typed).unwrap(), EVERYTHING, Vec::new());
        hits.iter().map(|hit| hit.record.name().to_owned()).collect::<Vec<_>>()
    };

    let (mut first, mut rare_hits) = (0, Vec::new());
    for (surname, reading, rare) in SURNAMES {
        let name = format!("{surname}{GIVEN}");
        let hits = names(&format!("{reading}pengfei"));
        // Others may have the same reading, and stand beside.
        let beside = hits.iter().take_while(|hit| **hit != name);
        let is_first = hits.contains(&name)
            && beside
                .clone()
                .all(|hit| SURNAMES.iter().any(|it| it.1 == *reading && hit.starts_with(it.0)));
        assert!(is_first, "{name} by {reading}: {hits:?}");
        first += 1;

        for rare in *rare {
            let typed = format!("{rare}pengfei");
            if names(&typed).contains(&name) {
                rare_hits.push((name.clone(), typed));
            }
        }
    }

    assert!(first >= 100, "{first}");
    assert_eq!(rare_hits, []);
}
