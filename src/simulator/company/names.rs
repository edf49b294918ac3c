//! The words the invented company is made of. Names of people carry their pinyin, from which addresses are made.
//!
//! rustfmt would put one word on a line; these are tables, kept narrow by hand.

/// Surnames with their pinyin, the commonest first.
#[rustfmt::skip]
pub(crate) const SURNAMES: &[(&str, &str)] = &[
    ("王", "wang"), ("李", "li"), ("张", "zhang"), ("刘", "liu"), ("陈", "chen"), ("杨", "yang"), ("黄", "huang"),
    ("赵", "zhao"), ("吴", "wu"), ("周", "zhou"), ("徐", "xu"), ("孙", "sun"), ("马", "ma"), ("朱", "zhu"),
    ("胡", "hu"), ("郭", "guo"), ("何", "he"), ("林", "lin"), ("高", "gao"), ("罗", "luo"), ("郑", "zheng"),
    ("梁", "liang"), ("谢", "xie"), ("宋", "song"), ("唐", "tang"), ("许", "xu"), ("韩", "han"), ("邓", "deng"),
    ("冯", "feng"), ("曹", "cao"), ("彭", "peng"), ("曾", "zeng"), ("萧", "xiao"), ("田", "tian"), ("董", "dong"),
    ("潘", "pan"), ("袁", "yuan"), ("蔡", "cai"), ("蒋", "jiang"), ("余", "yu"), ("于", "yu"), ("杜", "du"),
    ("叶", "ye"), ("程", "cheng"), ("魏", "wei"), ("苏", "su"), ("吕", "lv"), ("丁", "ding"), ("任", "ren"),
    ("卢", "lu"), ("姚", "yao"), ("沈", "shen"), ("钟", "zhong"), ("姜", "jiang"), ("崔", "cui"), ("谭", "tan"),
    ("陆", "lu"), ("范", "fan"), ("汪", "wang"), ("廖", "liao"), ("欧阳", "ouyang"), ("司马", "sima"),
];

/// Characters of given names with their pinyin.
#[rustfmt::skip]
pub(crate) const GIVEN: &[(&str, &str)] = &[
    ("伟", "wei"), ("芳", "fang"), ("娜", "na"), ("敏", "min"), ("静", "jing"), ("丽", "li"), ("强", "qiang"),
    ("磊", "lei"), ("军", "jun"), ("洋", "yang"), ("勇", "yong"), ("艳", "yan"), ("杰", "jie"), ("娟", "juan"),
    ("涛", "tao"), ("明", "ming"), ("超", "chao"), ("秀", "xiu"), ("霞", "xia"), ("平", "ping"), ("刚", "gang"),
    ("桂", "gui"), ("英", "ying"), ("华", "hua"), ("玉", "yu"), ("兰", "lan"), ("辉", "hui"), ("鹏", "peng"),
    ("宇", "yu"), ("浩", "hao"), ("子", "zi"), ("轩", "xuan"), ("梓", "zi"), ("涵", "han"), ("欣", "xin"),
    ("怡", "yi"), ("思", "si"), ("雨", "yu"), ("晨", "chen"), ("嘉", "jia"), ("俊", "jun"), ("文", "wen"),
    ("博", "bo"), ("志", "zhi"), ("国", "guo"), ("建", "jian"), ("春", "chun"), ("梅", "mei"), ("雪", "xue"),
    ("琳", "lin"), ("婷", "ting"), ("凯", "kai"), ("晓", "xiao"), ("东", "dong"), ("龙", "long"), ("飞", "fei"),
    ("鑫", "xin"), ("倩", "qian"), ("璐", "lu"), ("瑶", "yao"), ("萌", "meng"), ("旭", "xu"), ("锋", "feng"),
    ("翔", "xiang"), ("诗", "shi"), ("佳", "jia"), ("慧", "hui"), ("颖", "ying"), ("毅", "yi"), ("睿", "rui"),
];

/// Departments right below the root.
#[rustfmt::skip]
pub(crate) const DIVISIONS: &[&str] = &[
    "总裁办公室", "研发中心", "产品中心", "销售中心", "市场部", "人力资源部", "财务部", "供应链中心", "客户服务部",
    "信息技术部", "质量管理部", "行政部", "法务部", "战略发展部", "北京分公司", "上海分公司", "深圳分公司",
    "成都分公司", "武汉制造基地", "苏州制造基地", "海外事业部", "智能硬件事业部", "云服务事业部", "审计监察部",
];

/// Departments of the second level.
#[rustfmt::skip]
pub(crate) const SECTIONS: &[&str] = &[
    "前端研发部", "后端研发部", "移动研发部", "测试部", "运维部", "数据平台部", "算法部", "架构部", "安全部",
    "硬件部", "结构设计部", "用户体验部", "产品规划部", "大客户部", "渠道部", "华东大区", "华南大区", "华北大区",
    "西南大区", "品牌部", "数字营销部", "招聘部", "薪酬绩效部", "培训发展部", "会计部", "资金部", "采购部", "仓储部",
    "物流部", "售后部", "呼叫中心", "生产一部", "生产二部", "设备部", "综合管理部",
];

/// Departments of the third level.
#[rustfmt::skip]
pub(crate) const GROUPS: &[&str] = &[
    "平台组", "支付组", "搜索组", "推荐组", "消息组", "账号组", "基础设施组", "工具链组", "自动化组", "性能组",
    "接入组", "项目组", "创新组", "交付组", "策划组", "运营组", "支持组", "维修组", "质检组", "上海办事处",
    "杭州办事处", "南京办事处", "广州办事处", "西安办事处", "客户成功组", "方案组",
];

/// Departments deeper than that.
#[rustfmt::skip]
pub(crate) const TEAMS: &[&str] = &[
    "一组", "二组", "三组", "四组", "五组", "早班", "中班", "晚班", "实习生组", "先锋小队", "攻坚小队", "值班组",
];

/// Titles of people who lead a department, and of people who don't.
#[rustfmt::skip]
pub(crate) const LEADER_TITLES: &[&str] = &["总监", "高级总监", "部门经理", "高级经理", "组长", "主管", "技术总监"];

/// Titles of everybody else.
#[rustfmt::skip]
pub(crate) const TITLES: &[&str] = &[
    "工程师", "高级工程师", "资深工程师", "架构师", "产品经理", "高级产品经理", "测试工程师", "运维工程师",
    "算法工程师", "交互设计师", "视觉设计师", "销售代表", "客户经理", "大客户经理", "市场专员", "招聘专员",
    "人事专员", "会计", "出纳", "法务专员", "采购专员", "仓库管理员", "客服代表", "质检员", "操作工", "技术员",
    "项目经理", "数据分析师", "行政专员", "实习生",
];

/// Where people work.
#[rustfmt::skip]
pub(crate) const PLACES: &[&str] = &["北京", "上海", "深圳", "杭州", "成都", "武汉", "苏州", "上海张江", "远程"];

/// The company roles beside DingTalk's built-in ones: group, name, id.
#[rustfmt::skip]
pub(crate) const ROLES: &[(&str, &str, i64)] = &[
    ("职务", "财务", 4_065_312_401), ("职务", "人事", 4_065_312_402), ("职务", "出纳", 4_065_312_403),
    ("岗位", "安全员", 4_065_312_411), ("岗位", "内训师", 4_065_312_412),
];
