//! Links as a CSV file: for a spreadsheet, and back.

use super::{ConfluenceIdentity, IdentityLink, LinkRequest};
use crate::{
    catalogue::{Statement, links as said},
    problem::{Problem, ProblemCode},
};

/// Lines at most; a request takes a megabyte anyway.
const MOST_LINES: usize = 20_000;

/// The columns that are read.
const COLUMNS: [&str; 7] = [
    "accountId",
    "userKey",
    "username",
    "email",
    "displayName",
    "userId",
    "reason",
];
/// Columns that an export has on top; an import passes them over.
const TOLD: [&str; 2] = ["linkedBy", "linkedAt"];

/// One line of a file: its number, counted from 1 with the header, and whom it links or what is wrong with it.
pub type CsvLine = (u64, Result<LinkRequest, Problem>);

/// Where the columns that are read stand.
struct Columns {
    at: [Option<usize>; COLUMNS.len()],
    /// Columns that have a name.
    named: usize,
}

/// The lines of a file, or why it is none. `replace`: as in [`LinkRequest`].
pub fn read_links(text: &str, replace: bool) -> Result<Vec<CsvLine>, Problem> {
    if text.contains('\u{fffd}') {
        return Err(problem(said::CSV_NOT_UTF8 {}));
    }

    // Spreadsheets put a byte order mark before UTF-8.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut counter = LineCounter { text, at: 0, line: 1 };
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let unreadable = |error: csv::Error| {
        problem(said::CSV_UNREADABLE {
            detail: error.to_string(),
        })
    };
    let columns = Columns::of(reader.headers().map_err(unreadable)?)?;

    let mut lines = Vec::new();
    for record in reader.records() {
        if lines.len() == MOST_LINES {
            return Err(problem(said::CSV_TOO_LONG { most: MOST_LINES }));
        }
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                let line = counter.line_of(error.position());
                lines.push((line, Err(problem(said::CSV_LINE_UNREADABLE {}))));
                continue;
            }
        };

        let line = counter.line_of(record.position());
        // Spreadsheets leave rows of empty cells at the end.
        if record.iter().all(str::is_empty) {
            continue;
        }
        lines.push((line, columns.request(&record, replace)));
    }

    Ok(lines)
}

impl Columns {
    /// Those that the first line names, or what is wrong with it.
    fn of(header: &csv::StringRecord) -> Result<Self, Problem> {
        // Spreadsheets leave empty cells at the end.
        let named = header.iter().enumerate().filter(|(_, name)| !name.is_empty());
        let named = named.last().map_or(0, |(last, _)| last + 1);
        let header: Vec<&str> = header.iter().take(named).collect();

        let known = |name: &str| COLUMNS.iter().chain(&TOLD).any(|it| it.eq_ignore_ascii_case(name));
        if let Some(unknown) = header.iter().find(|name| !known(name)) {
            return Err(problem(said::CSV_COLUMN_UNKNOWN {
                column: *unknown,
                columns: COLUMNS.join(", "),
            }));
        }
        if let Some(twice) = COLUMNS
            .iter()
            .find(|name| header.iter().filter(|it| it.eq_ignore_ascii_case(name)).count() > 1)
        {
            return Err(problem(said::CSV_COLUMN_TWICE { column: *twice }));
        }

        let at = COLUMNS.map(|name| header.iter().position(|it| it.eq_ignore_ascii_case(name)));
        if at[5].is_none() || at[..4].iter().all(Option::is_none) {
            return Err(problem(said::CSV_COLUMNS_MISSING {}));
        }
        Ok(Self { at, named })
    }

    /// Whom a line links, or what is wrong with it.
    fn request(&self, record: &csv::StringRecord, replace: bool) -> Result<LinkRequest, Problem> {
        let is_blank_behind = record.iter().skip(self.named).all(str::is_empty);
        if record.len() < self.named || !is_blank_behind {
            return Err(problem(said::CSV_LINE_COLUMNS {
                count: record.len(),
                expected: self.named,
            }));
        }

        let value = |index: usize| {
            self.at[index]
                .and_then(|at| record.get(at))
                .map(disarmed)
                .filter(|it| !it.is_empty())
        };
        Ok(LinkRequest {
            identity: ConfluenceIdentity {
                account_id: value(0),
                user_key: value(1),
                username: value(2),
                email: value(3),
                display_name: value(4),
            },
            userid: value(5).unwrap_or_default(),
            reason: value(6),
            replace,
        })
    }
}

fn problem(message: impl Into<Statement>) -> Problem {
    Problem::new(ProblemCode::Invalid, &["csv"], message)
}

/// Which line a record begins on. The library's own count stops before the line breaks that it passes over next.
struct LineCounter<'a> {
    text: &'a str,
    at: usize,
    line: u64,
}

impl LineCounter<'_> {
    fn line_of(&mut self, position: Option<&csv::Position>) -> u64 {
        let bytes = self.text.as_bytes();
        let start = position
            .and_then(|it| usize::try_from(it.byte()).ok())
            .unwrap_or(self.at);
        let breaks = bytes
            .iter()
            .skip(start)
            .take_while(|byte| matches!(byte, b'\r' | b'\n'));
        let start = (start + breaks.count()).min(bytes.len());

        // Old spreadsheets for the Mac end lines with a carriage return alone.
        let ends = |at: &usize| match bytes.get(*at) {
            Some(b'\n') => true,
            Some(b'\r') => bytes.get(at + 1) != Some(&b'\n'),
            _ => false,
        };
        self.line += (self.at..start).filter(ends).count() as u64;
        self.at = self.at.max(start);
        self.line
    }
}

/// The links as a file that [`read_links`] reads.
pub fn write_links<'a>(links: impl Iterator<Item = &'a IdentityLink>) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let mut write = |fields: &[String]| writer.write_record(fields).expect("memory takes everything");
    write(&COLUMNS.iter().chain(&TOLD).map(ToString::to_string).collect::<Vec<_>>());

    for link in links {
        let text = |value: &Option<String>| armed(value.as_deref().unwrap_or_default());
        let identity = &link.identity;
        write(&[
            text(&identity.account_id),
            text(&identity.user_key),
            text(&identity.username),
            text(&identity.email),
            text(&identity.display_name),
            armed(link.userid.as_str()),
            text(&link.reason),
            armed(&link.by),
            link.at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
        ]);
    }

    let bytes = writer.into_inner().expect("memory takes everything");
    String::from_utf8(bytes).expect("text was written")
}

/// Digits that a spreadsheet keeps of a number.
const EXACT_DIGITS: usize = 15;

/// What a spreadsheet would run as a formula. It takes full-width signs for plain ones.
fn is_formula(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠'])
}

/// What a spreadsheet would write back as another number: `00123` as 123, a `userid` of 18 digits as 1.15E+16, `12e3`
/// as 12000.
fn is_spoiled_number(text: &str) -> bool {
    let digits = |text: &str| {
        let is_digit = |it: char| it.is_ascii_digit() || ('０'..='９').contains(&it);
        (!text.is_empty() && text.chars().all(is_digit)).then(|| text.chars().count())
    };

    if let Some(count) = digits(text) {
        return count > EXACT_DIGITS || (count > 1 && text.starts_with(['0', '０']));
    }
    text.split_once(['e', 'E', 'ｅ', 'Ｅ']).is_some_and(|(number, power)| {
        let power = power.strip_prefix(['+', '-', '＋', '－']).unwrap_or(power);
        digits(number).is_some() && digits(power).is_some()
    })
}

fn is_changed_by_spreadsheets(text: &str) -> bool {
    is_formula(text) || is_spoiled_number(text)
}

/// A spreadsheet shows a value behind an apostrophe as it is: it runs none as a formula, and counts with none.
fn armed(text: &str) -> String {
    if is_changed_by_spreadsheets(text.trim_start_matches('\'')) {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

fn disarmed(text: &str) -> String {
    let bare = text
        .strip_prefix('\'')
        .filter(|_| is_changed_by_spreadsheets(text.trim_start_matches('\'')));
    bare.unwrap_or(text).to_owned()
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_file_is_read_line_by_line_and_each_line_has_its_own_mistake() {
        let text = "\u{feff}username,userId,reason\r\nanna,u1,\"a, b\"\r\n\r\nben\r\n\"broken,u2,x";
        let lines = read_links(text, false).unwrap();
        assert_eq!(lines[0].0, 2);
        let first = lines[0].1.as_ref().unwrap();
        assert_eq!((first.userid.as_str(), first.reason.as_deref()), ("u1", Some("a, b")));
        assert_eq!(lines[1].0, 4);
        assert!(lines[1].1.as_ref().unwrap_err().message.contains("1 columns"));
        assert_eq!(lines.len(), 3);
        assert!(lines[2].1.is_err());
    }

    #[test]
    fn each_way_to_end_a_line_is_counted() {
        for end in ["\n", "\r\n", "\r"] {
            let text = ["username,userId", "anna,u1", "\"b\r\nen\",u2", "", "carl,u3"].join(end);
            let numbers: Vec<u64> = read_links(&text, false).unwrap().iter().map(|line| line.0).collect();
            assert_eq!(numbers, [2, 3, 6], "{text:?}");
        }
    }

    #[test]
    fn columns_that_stand_twice_and_undecoded_text_are_refused_and_empty_cells_at_the_end_are_not() {
        let twice = read_links("username,userId,USERID\nanna,u1,u2", false).unwrap_err();
        assert!(twice.message.contains("twice"), "{twice:?}");
        let undecoded = read_links("username,userId\n\u{fffd}\u{fffd},u1", false).unwrap_err();
        assert!(undecoded.message.contains("UTF-8"), "{undecoded:?}");
        let lines = read_links("username,userId,,\nanna,u1,,\nben,u2\ncarl,u3,,x", false).unwrap();
        let is_good: Vec<bool> = lines.iter().map(|(_, line)| line.is_ok()).collect();
        assert_eq!(is_good, [true, true, false], "{lines:?}");
    }

    #[test]
    fn a_file_without_the_right_columns_is_refused_with_what_is_needed() {
        for text in ["", "name,userId\nx,y", "displayName,userId\nx,y", "username\nx"] {
            assert!(read_links(text, false).is_err(), "{text}");
        }
    }

    #[test]
    fn what_a_spreadsheet_would_change_stands_behind_an_apostrophe_and_nothing_else() {
        for spoiled in [
            "00123",
            "0000",
            "011505184066774889",
            "1150518406677488",
            "1e5",
            "12E3",
            "1E+16",
            "1e-7",
            "００１２３",
            "１ｅ５",
            "=1",
            "+1",
            "-1",
            "@a",
            "＝1",
            "＋1",
            "－1",
            "＠a",
            "'00123",
            "''=1",
        ] {
            assert_eq!(armed(spoiled), format!("'{spoiled}"));
            assert_eq!(disarmed(&armed(spoiled)), spoiled);
        }

        for same in [
            "",
            "0",
            "123",
            "115051840667748",
            "manager7",
            "e5",
            "1e",
            "1e5x",
            "0x12",
            "a00123",
            "12ef",
            "'",
            "'anna",
            "张三",
        ] {
            assert_eq!((armed(same), disarmed(same)), (same.to_owned(), same.to_owned()));
        }
    }

    #[test]
    fn a_value_is_read_with_the_apostrophe_that_the_spreadsheet_kept_and_without_the_one_that_it_took() {
        let lines = read_links(
            "username,userId\n'00123,'011505184066774889\n00123,011505184066774889\n",
            false,
        )
        .unwrap();

        for (_, request) in lines {
            let request = request.unwrap();
            assert_eq!(
                (request.identity.username.as_deref(), request.userid.as_str()),
                (Some("00123"), "011505184066774889")
            );
        }
    }

    /// Names, numbers and formulas, some behind apostrophes.
    const ANY_KEY: &str =
        "[=+@'a-z張,\"-]{1,8}|'{0,2}[0-9]{1,20}|'{0,2}[0-9]{1,3}[eE][+-]?[0-9]{1,3}|'{0,2}[＝＋－＠０-９ｅa]{1,4}";

    proptest! {
        #[test]
        fn what_was_exported_is_read_back(username in ANY_KEY, userid in ANY_KEY, reason in prop::option::of("[=a-z\"',;-]{1,9}")) {
            let link = IdentityLink {
                id: Uuid::nil(),
                identity: ConfluenceIdentity { username: Some(username.clone()), ..Default::default() },
                userid: userid.clone().into(),
                reason: reason.clone(),
                at: DateTime::UNIX_EPOCH,
                by: "=alice".into(),
            };

            let text = write_links([&link].into_iter());
            prop_assert!(!text.contains(",=alice"));
            if username.starts_with('0') && username.len() > 1 && username.bytes().all(|it| it.is_ascii_digit()) {
                prop_assert!(text.contains(&format!("'{username}")), "{}", text);
            }

            let lines = read_links(&text, false).unwrap();
            let request = lines[0].1.as_ref().unwrap();
            prop_assert_eq!(request.identity.username.as_ref(), Some(&username));
            prop_assert_eq!(&request.userid, &userid);
            prop_assert_eq!(&request.reason, &reason);
        }
    }
}
