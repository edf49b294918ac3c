//! Surnames that are read otherwise than their characters are elsewhere.

/// A surname with how it is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Surname {
    /// A reading for each character.
    pub(super) readings: &'static [&'static str],
    /// How its one character is commonly read otherwise: by families of that reading, or by whoever doesn't know the
    /// surname.
    pub(super) also: Option<&'static str>,
}

/// A surname, its readings, and the other common one.
type Row = (&'static str, &'static [&'static str], Option<&'static str>);

/// Surnames of several readings. Readings as the surname tables of overtrue/pinyin and pinyin-pro (both MIT) have them,
/// and 现代汉语词典 where these differ or are silent.
#[rustfmt::skip]
const SURNAMES: &[Row] = &[
    // Two characters.
    ("万俟", &["mo", "qi"], None), ("尉迟", &["yu", "chi"], None), ("单于", &["chan", "yu"], None),
    ("澹台", &["tan", "tai"], None), ("长孙", &["zhang", "sun"], None), ("乐正", &["yue", "zheng"], None),
    ("令狐", &["ling", "hu"], None), ("子车", &["zi", "ju"], None), ("句龙", &["gou", "long"], None),
    ("仲长", &["zhong", "chang"], None), ("相里", &["xiang", "li"], None), ("宰父", &["zai", "fu"], None),
    ("太叔", &["tai", "shu"], None), ("鲜于", &["xian", "yu"], None), ("淳于", &["chun", "yu"], None),
    ("亓官", &["qi", "guan"], None), ("公冶", &["gong", "ye"], None), ("贺兰", &["he", "lan"], None),
    ("贺若", &["he", "ruo"], None), ("拓跋", &["tuo", "ba"], None), ("夏侯", &["xia", "hou"], None),
    ("濮阳", &["pu", "yang"], None), ("呼延", &["hu", "yan"], None), ("百里", &["bai", "li"], None),
    ("谷梁", &["gu", "liang"], None), ("漆雕", &["qi", "diao"], None), ("壤驷", &["rang", "si"], None),
    ("公良", &["gong", "liang"], None), ("夹谷", &["jia", "gu"], None), ("完颜", &["wan", "yan"], None),
    // One character.
    ("单", &["shan"], Some("dan")), ("曾", &["zeng"], Some("ceng")), ("仇", &["qiu"], Some("chou")),
    ("解", &["xie"], Some("jie")), ("查", &["zha"], Some("cha")), ("任", &["ren"], None), ("华", &["hua"], None),
    ("盖", &["ge"], Some("gai")), ("区", &["ou"], Some("qu")), ("翟", &["zhai"], None), ("朴", &["piao"], Some("pu")),
    ("乐", &["yue"], Some("le")), ("覃", &["qin"], Some("tan")), ("缪", &["miao"], None), ("薄", &["bo"], Some("bao")),
    ("折", &["she"], Some("zhe")), ("召", &["shao"], Some("zhao")), ("员", &["yun"], Some("yuan")),
    ("贠", &["yun"], None), ("句", &["gou"], Some("ju")), ("种", &["chong"], Some("zhong")),
    ("重", &["chong"], Some("zhong")), ("秘", &["bi"], Some("mi")), ("繁", &["po"], Some("fan")),
    ("都", &["du"], Some("dou")), ("藏", &["zang"], Some("cang")), ("扎", &["za"], Some("zha")),
    ("粘", &["nian"], Some("zhan")), ("能", &["nai"], Some("neng")), ("幺", &["yao"], None), ("么", &["yao"], None),
    ("六", &["lu"], Some("liu")), ("不", &["fou"], Some("bu")), ("乜", &["nie"], None), ("佴", &["nai"], None),
    ("卜", &["bu"], None), ("隗", &["wei"], Some("kui")), ("阚", &["kan"], None), ("郗", &["xi"], Some("chi")),
    ("郄", &["qie"], Some("xi")), ("祭", &["zhai"], Some("ji")), ("莘", &["shen"], Some("xin")), ("车", &["che"], None),
    ("洗", &["xian"], Some("xi")), ("冼", &["xian"], None), ("黑", &["he"], Some("hei")), ("过", &["guo"], None),
    ("那", &["na"], None), ("石", &["shi"], None), ("宿", &["su"], None), ("相", &["xiang"], None),
    ("贲", &["ben"], None), ("眭", &["sui"], None), ("逄", &["pang"], None), ("郇", &["xun"], None),
    ("宓", &["mi"], None), ("谷", &["gu"], None), ("贾", &["jia"], None), ("费", &["fei"], None),
    ("冯", &["feng"], None), ("晁", &["chao"], None), ("盍", &["he"], None), ("俞", &["yu"], None),
    ("尉", &["wei"], None), ("蔚", &["yu"], Some("wei")), ("臧", &["zang"], None), ("占", &["zhan"], None),
    ("盛", &["sheng"], None), ("监", &["jian"], None), ("奇", &["qi"], None), ("尹", &["yin"], None),
    ("殷", &["yin"], None), ("沈", &["shen"], None), ("朱", &["zhu"], None), ("会", &["gui"], Some("hui")),
    ("祝", &["zhu"], None), ("强", &["qiang"], None), ("柏", &["bai"], Some("bo")), ("宁", &["ning"], None),
    ("哈", &["ha"], None), ("哥", &["ge"], None), ("干", &["gan"], None), ("长", &["chang"], Some("zhang")),
    ("行", &["xing"], Some("hang")), ("朝", &["chao"], Some("zhao")), ("校", &["xiao"], None),
    ("降", &["xiang"], Some("jiang")), ("甄", &["zhen"], None), ("褚", &["chu"], None), ("令", &["ling"], None),
    ("谌", &["chen"], Some("shen")), ("於", &["yu"], None), ("于", &["yu"], None), ("台", &["tai"], None),
    ("万", &["wan"], None), ("艾", &["ai"], None), ("叶", &["ye"], None), ("牟", &["mu"], Some("mou")),
    ("葛", &["ge"], None), ("底", &["di"], None), ("乘", &["cheng"], None), ("率", &["shuai"], None),
    ("仝", &["tong"], None), ("瞿", &["qu"], None), ("戏", &["xi"], None),
    ("便", &["pian"], Some("bian")), ("葚", &["shen"], None), ("妫", &["gui"], None), ("缴", &["jiao"], None),
    ("洋", &["yang"], None), ("尾", &["wei"], None), ("镐", &["gao"], None), ("适", &["kuo"], Some("shi")),
    ("红", &["hong"], None), ("番", &["fan"], None), ("鲜", &["xian"], None), ("呙", &["guo"], None),
    ("郝", &["hao"], None), ("曲", &["qu"], None), ("纪", &["ji"], None), ("应", &["ying"], None),
];

/// The surname that a name begins with, where the table has it. `name` is folded.
pub(super) fn of(name: &str) -> Option<Surname> {
    let rows = SURNAMES.iter().filter(|(surname, ..)| {
        let rest = name.strip_prefix(surname);
        // Who is called 单于 has one character of either: nobody is called by the surname alone.
        rest.is_some_and(|rest| surname.chars().count() == 1 || !rest.is_empty())
    });

    let (_, readings, also) = rows.max_by_key(|(surname, ..)| surname.len())?;
    Some(Surname { readings, also: *also })
}
