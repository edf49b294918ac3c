//! How characters are read: toneless pinyin, the reading of surnames first.

use pinyin::{Pinyin, ToPinyin, ToPinyinMulti};

use super::{simplified::simplified, surname, text::folded};

/// How often more than one reading is tried in one name.
const MOST_READINGS: usize = 3;

/// Common characters that are read in two ways in names, or in another one than the commonest of the dictionary: the
/// first is tried first.
#[rustfmt::skip]
const GIVEN: &[(char, &[&str])] = &[
    ('乐', &["le", "yue"]), ('行', &["xing", "hang"]), ('重', &["zhong", "chong"]), ('长', &["chang", "zhang"]),
    ('晟', &["sheng", "cheng"]), ('盛', &["sheng", "cheng"]), ('茜', &["qian", "xi"]), ('柏', &["bai", "bo"]),
    ('朝', &["chao", "zhao"]), ('单', &["dan", "shan"]), ('解', &["jie", "xie"]), ('曾', &["zeng", "ceng"]),
    ('会', &["hui", "kuai"]), ('校', &["xiao", "jiao"]), ('降', &["jiang", "xiang"]), ('都', &["du", "dou"]),
    ('厦', &["sha", "xia"]), ('率', &["shuai", "lv"]), ('翟', &["zhai"]), ('郇', &["xun"]), ('筠', &["yun", "jun"]),
    ('颉', &["jie", "xie"]), ('镐', &["hao", "gao"]), ('藏', &["cang", "zang"]), ('莘', &["xin", "shen"]),
    ('拓', &["tuo", "ta"]), ('栖', &["qi", "xi"]), ('泊', &["bo", "po"]), ('查', &["cha", "zha"]),
    ('区', &["qu", "ou"]), ('车', &["che"]), ('薄', &["bo", "bao"]), ('秘', &["mi", "bi"]), ('调', &["diao", "tiao"]),
    ('传', &["chuan", "zhuan"]), ('仇', &["chou", "qiu"]), ('朴', &["pu", "piao"]), ('仔', &["zai", "zi"]),
    ('炅', &["jiong", "gui"]), ('娜', &["na"]), ('莎', &["sha"]), ('露', &["lu"]), ('卡', &["ka"]),
];

/// One reading of each character; `None` of what isn't read. The first is the one by which the name is found first.
pub(super) fn readings(written: &[char], is_person: bool) -> Vec<Vec<Option<&'static str>>> {
    let common: Vec<_> = written.iter().map(|c| common_reading(*c)).collect();
    let folded: String = written.iter().map(|c| simplified(*c)).collect();
    let mut first = common.clone();

    // The other readings, each with its place.
    let mut others: Vec<(usize, &'static str)> = Vec::new();
    let mut given_from = 0;
    if let Some(surname) = surname::of(&folded).filter(|_| is_person) {
        given_from = surname.readings.len();
        for (slot, reading) in first.iter_mut().zip(surname.readings) {
            *slot = Some(reading);
        }
        others.extend(surname.also.map(|reading| (0, reading)));
    }

    for (at, c) in written.iter().enumerate().skip(given_from) {
        let Some(given) = given(*c) else { continue };
        others.extend(given[1..].iter().map(|reading| (at, *reading)));
    }

    let variants = others.into_iter().take(MOST_READINGS).map(|(at, reading)| {
        let mut variant = first.clone();
        variant[at] = Some(reading);
        variant
    });
    let variants: Vec<_> = variants.collect();
    std::iter::once(first).chain(variants).collect()
}

fn given(c: char) -> Option<&'static [&'static str]> {
    let c = simplified(c);
    GIVEN
        .iter()
        .find(|(known, _)| *known == c)
        .map(|(_, readings)| *readings)
}

/// The commonest reading of a character; `None` of what isn't read.
pub(super) fn common_reading(c: char) -> Option<&'static str> {
    if c.is_ascii() {
        return None;
    }
    if let Some(readings) = given(c) {
        return Some(readings[0]);
    }
    c.to_pinyin().map(Pinyin::plain).filter(|it| !it.is_empty())
}

/// Whether the characters of `name` can be read as `typed` by any readings that the dictionary has, or so from their
/// beginning.
pub(super) fn may_be_read(name: &str, typed: &[u8]) -> bool {
    let mut rest = name.chars();
    let Some(first) = rest.next() else {
        return typed.is_empty();
    };
    if typed.is_empty() {
        return true;
    }

    let goes_on = |sound: &[u8]| {
        let rest_of_typed = typed.strip_prefix(sound);
        sound.starts_with(typed) || rest_of_typed.is_some_and(|typed| may_be_read(rest.as_str(), typed))
    };
    let mut readings = first.to_pinyin_multi().into_iter().flatten().map(Pinyin::plain);
    goes_on(first.encode_utf8(&mut [0; 4]).as_bytes())
        || readings.any(|reading| !reading.is_empty() && goes_on(folded(reading).as_bytes()))
}
