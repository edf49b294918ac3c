//! The table: what is asked, and what comes of it.

use super::{super::*, company::*};
use crate::settings::MatchingMethod::{self, EmailToEmail, UsernameToJobNumber};

/// Method, identity, status, user, rule, normalised key, a part of the reason.
type Case = (
    MatchingMethod,
    &'static str,
    ResolutionStatus,
    Option<&'static str>,
    Option<Rule>,
    Option<&'static str>,
    &'static str,
);

const MAIL: MatchingMethod = EmailToEmail;
const NUMBER: MatchingMethod = UsernameToJobNumber;
const EMAIL: Option<Rule> = Some(Rule::Email);
const ORG: Option<Rule> = Some(Rule::OrgEmail);
const JOB: Option<Rule> = Some(Rule::JobNumber);
const LINK: Option<Rule> = Some(Rule::Link);

#[rustfmt::skip]
fn cases() -> Vec<Case> {
    use ResolutionStatus::{Ambiguous, Held, Inactive, Matched, Unmatched};

    vec![
        // By email: one person, however it is written.
        (MAIL, "email=anna@example.com", Matched, Some("anna"), EMAIL, Some("anna@example.com"), "anna has email \"anna@example.com\"."),
        (MAIL, "email=__ANNA@EXAMPLE.COM_", Matched, Some("anna"), EMAIL, Some("anna@example.com"), "has email"),
        (MAIL, "email=ａｎｎａ＠ｅｘａｍｐｌｅ．ｃｏｍ", Matched, Some("anna"), EMAIL, Some("anna@example.com"), "has email"),
        (MAIL, "email=wide@example.com", Matched, Some("wide"), EMAIL, Some("wide@example.com"), "has email"),
        (MAIL, "email=张三@例子.公司", Matched, Some("chinese"), EMAIL, Some("张三@例子.公司"), "has email"),
        (MAIL, "email=plus+wiki@example.com", Matched, Some("plus"), EMAIL, Some("plus+wiki@example.com"), "has email"),
        (MAIL, "email=several@example.com", Matched, Some("several"), EMAIL, Some("several@example.com"), "has email"),
        (MAIL, "email=unsaid@example.com", Matched, Some("unsaid"), EMAIL, Some("unsaid@example.com"), "has email"),
        (MAIL, "email=anna@example.com username=1007 name=Ben", Matched, Some("anna"), EMAIL, Some("anna@example.com"), "has email"),
        // The company's address, and which of the two it was.
        (MAIL, "email=Ben@corp.example", Matched, Some("ben"), ORG, Some("ben@corp.example"), "ben has org_email \"ben@corp.example\"."),
        (MAIL, "email=both@example.com", Matched, Some("both"), EMAIL, Some("both@example.com"), "has email"),
        // Several people: nobody is chosen.
        (MAIL, "email=TWIN@EXAMPLE.COM username=nobody", Matched, Some("ben"), LINK, Some("twin@example.com"), "Linked by hand"),
        (MAIL, "email=mix@example.com", Ambiguous, None, EMAIL, Some("mix@example.com"), "Two DingTalk users have email or org_email \"mix@example.com\""),
        (MAIL, "email=heldtwin@example.com", Ambiguous, None, EMAIL, Some("heldtwin@example.com"), "Two DingTalk users have email \"heldtwin@example.com\""),
        (MAIL, "email=old@example.com", Ambiguous, None, EMAIL, Some("old@example.com"), "Two former DingTalk users have email or org_email"),
        // Somebody who can't be reached.
        (MAIL, "email=left@example.com", Inactive, Some("left"), EMAIL, Some("left@example.com"), "they have left the company"),
        (MAIL, "email=hidden@example.com", Inactive, Some("hidden"), EMAIL, Some("hidden@example.com"), "contact scope"),
        (MAIL, "email=closed@example.com", Inactive, Some("closed"), EMAIL, Some("closed@example.com"), "their department was removed"),
        (MAIL, "email=asleep@example.com", Inactive, Some("asleep"), EMAIL, Some("asleep@example.com"), "never logged in"),
        (MAIL, "email=held@example.com", Held, Some("held"), EMAIL, Some("held@example.com"), "waits for approval"),
        (NUMBER, "username=6000", Held, Some("held"), JOB, Some("6000"), "waits for approval"),
        // A key that was somebody else's before.
        (MAIL, "email=REUSED@example.com userKey=k", Inactive, Some("left"), LINK, Some("reused@example.com"), "The matching method would say heir"),
        (NUMBER, "username=5000", Matched, Some("heir"), JOB, Some("5000"), "One former user had it, too."),
        // Somebody with the same key is out of sight, and may be in the company still.
        (MAIL, "email=both.sides@example.com", Ambiguous, None, EMAIL, Some("both.sides@example.com"), "Two DingTalk users have email \"both.sides@example.com\", so nobody is chosen. One of them is outside this app's contact scope"),
        (NUMBER, "username=7000", Ambiguous, None, JOB, Some("7000"), "may be in the company still: link whoever is meant by hand."),
        // Nobody has the key.
        (MAIL, "email=nobody@example.com", Unmatched, None, None, Some("nobody@example.com"), "No DingTalk user has email or org_email \"nobody@example.com\"."),
        (MAIL, "email=plus@example.com", Unmatched, None, None, Some("plus@example.com"), "No DingTalk user has email or org_email \"plus@example.com\"."),
        (MAIL, "email=anna", Unmatched, None, None, Some("anna"), "not an email address"),
        (MAIL, "email=nobody@example.com", Unmatched, None, None, Some("nobody@example.com"), "Of 1 of the "),
        (MAIL, "email=nobody@example.com", Unmatched, None, None, Some("nobody@example.com"), "grant it the permission 邮箱等个人信息"),
        (MAIL, "email=unseen@example.com username=4242", Unmatched, None, None, Some("unseen@example.com"), "their DingTalk email is not visible to this app: grant it the permission 邮箱等个人信息"),
        (NUMBER, "username=nobody", Unmatched, None, None, Some("nobody"), "No DingTalk user has job number \"nobody\"."),
        // What the method needs is missing.
        (MAIL, "", Unmatched, None, None, None, "email is missing"),
        (MAIL, "email=_\u{3000}_", Unmatched, None, None, None, "email is blank"),
        (MAIL, "username=1007", Unmatched, None, None, None, "email is missing"),
        (MAIL, "userKey=unlinked", Unmatched, None, None, None, "It is not linked by hand, either"),
        (MAIL, "name=Anna", Unmatched, None, None, None, "email is missing"),
        (NUMBER, "email=anna@example.com", Unmatched, None, None, None, "username is missing"),
        (NUMBER, "username=", Unmatched, None, None, None, "username is blank"),
        // Look-alikes are refused, and said.
        (MAIL, "email=ann\u{430}@example.com", Unmatched, None, None, Some("ann\u{430}@example.com"), "DingTalk user anna has email \"anna@example.com\", which looks alike, but the one asked has \"\u{430}\" (U+0430)"),
        (MAIL, "email=anna\u{200b}@example.com", Unmatched, None, None, Some("anna\u{200b}@example.com"), "an invisible U+200B"),
        (MAIL, "email=𝐚nna@example.com", Unmatched, None, None, Some("𝐚nna@example.com"), "look-alikes are refused"),
        (MAIL, "email=mar\u{212a}@example.com", Unmatched, None, None, Some("mar\u{212a}@example.com"), "DingTalk user mark has email \"mark@example.com\", which looks alike, but the one asked has \"\u{212a}\" (U+212A)"),
        (NUMBER, "username=7\u{37e}8", Unmatched, None, None, Some("7\u{37e}8"), "DingTalk user marks has job number \"7;8\", which looks alike, but the one asked has \"\u{37e}\" (U+037E)"),
        (NUMBER, "username=7\u{1fef}8", Unmatched, None, None, Some("7\u{1fef}8"), "DingTalk user ticks has job number \"7`8\", which looks alike, but the one asked has \"\u{1fef}\" (U+1FEF)"),
        (MAIL, "email=g\u{3bf}ne@example.com", Unmatched, None, None, Some("g\u{3bf}ne@example.com"), "DingTalk user disguised has one that looks alike, but is written with other characters"),
        (MAIL, "email=gu\u{455}t@example.com", Unmatched, None, None, Some("gu\u{455}t@example.com"), "No DingTalk user has email or org_email \"gu\u{455}t@example.com\". Of 1 of the"),
        (NUMBER, "username=k9", Unmatched, None, None, Some("k9"), "DingTalk user kelvin has one that looks alike"),
        (MAIL, "email=boss@example.com", Unmatched, None, None, Some("boss@example.com"), "DingTalk user fake has one that looks alike"),
        (MAIL, "email=b\u{43e}ss@example.com", Matched, Some("fake"), EMAIL, Some("b\u{43e}ss@example.com"), "fake has email"),
        (NUMBER, "username=①007", Unmatched, None, None, Some("①007"), "DingTalk user seven1 has job number \"1007\", which looks alike"),
        (NUMBER, "username=1", Unmatched, None, None, Some("1"), "DingTalk user circled has one that looks alike"),
        // Turkish i: the dotted capital and the dotless small one are other letters.
        (MAIL, "email=IVAN@example.com", Matched, Some("ivan"), EMAIL, Some("ivan@example.com"), "has email"),
        (MAIL, "email=İVAN@example.com", Unmatched, None, None, Some("i\u{307}van@example.com"), "which looks alike"),
        (MAIL, "email=\u{131}van@example.com", Unmatched, None, None, Some("\u{131}van@example.com"), "(U+0131)"),
        // Job numbers.
        (NUMBER, "username=00123", Matched, Some("zeros"), JOB, Some("00123"), "zeros has job_number \"00123\"."),
        (NUMBER, "username=_００１２３_", Matched, Some("zeros"), JOB, Some("00123"), "has job_number"),
        (NUMBER, "username=123", Unmatched, None, None, Some("123"), "\"00123\" exists, \"123\" was asked: leading zeros are significant"),
        (NUMBER, "username=0000123", Unmatched, None, None, Some("0000123"), "\"00123\" exists"),
        (NUMBER, "username=808", Unmatched, None, None, Some("808"), "No DingTalk user has job number \"808\"."),
        (NUMBER, "username=000", Unmatched, None, None, Some("000"), "No DingTalk user has job number \"000\"."),
        (NUMBER, "username=a-77", Matched, Some("letters"), JOB, Some("a-77"), "has job_number"),
        (NUMBER, "username=991", Matched, Some("wide"), JOB, Some("991"), "has job_number"),
        (NUMBER, "username=01007", Matched, Some("seven3"), JOB, Some("01007"), "has job_number"),
        (NUMBER, "username=1007", Ambiguous, None, JOB, Some("1007"), "Two DingTalk users have job_number \"1007\""),
        (NUMBER, "username=3", Ambiguous, None, JOB, Some("3"), "Three DingTalk users"),
        // Links by hand come first, by any of their keys; the surest key that both have decides.
        (MAIL, "username=wiki.anna", Matched, Some("anna"), LINK, Some("wiki.anna"), "Linked by hand by \"alice\" on 1970-01-01, by username, to DingTalk user anna."),
        (MAIL, "userKey=_key-anna_ username=renamed", Matched, Some("anna"), LINK, Some("key-anna"), "by userKey"),
        (MAIL, "userKey=KEY-ANNA", Unmatched, None, None, None, "email is missing"),
        (MAIL, "userKey=another username=wiki.anna email=ben@corp.example", Matched, Some("ben"), ORG, Some("ben@corp.example"), "is of another userKey, so it does not apply"),
        (NUMBER, "accountId=557058:ben username=1007", Matched, Some("ben"), LINK, Some("557058:ben"), "by accountId"),
        (NUMBER, "email=twin@example.com", Matched, Some("ben"), LINK, Some("twin@example.com"), "by email"),
        (MAIL, "username=leaver", Inactive, Some("left"), LINK, Some("leaver"), "they have left the company: the link is not followed. Remove the link, or link anew."),
        (NUMBER, "username=moved", Inactive, Some("left"), LINK, Some("moved"), "the link is not followed"),
        (MAIL, "username=held.by.hand", Held, Some("held"), LINK, Some("held.by.hand"), "waits for approval"),
        (MAIL, "username=asleep.by.hand", Inactive, Some("asleep"), LINK, Some("asleep.by.hand"), "never logged in"),
        (MAIL, "username=ghost", Unmatched, None, LINK, Some("ghost"), "whom the mirror does not have"),
        (MAIL, "username=contested email=contested@example.com", Ambiguous, None, LINK, Some("contested"), "remove all links but one"),
        (MAIL, "username=contested", Matched, Some("twin1"), LINK, Some("contested"), "Linked by hand"),
        (MAIL, "username=agreed email=agreed@example.com", Matched, Some("twin1"), LINK, Some("agreed"), "Linked by hand"),
    ]
}

#[test]
fn every_case_has_its_status_its_rule_and_its_reason() {
    let (mirror, links, cases) = (mirror(), links(), cases());
    assert!(cases.len() >= 60, "{} cases", cases.len());

    for (method, asked, status, user, rule, key, reason) in cases {
        let got = resolve(&mirror, &links, method, &named(asked));
        let said = (
            got.status,
            got.user.as_ref().map(|id| id.as_str()),
            got.rule,
            got.key.as_deref(),
        );

        assert_eq!(said, (status, user, rule, key), "{method:?} {asked}: {}", got.reason);
        assert!(got.reason.contains(reason), "{method:?} {asked}: {}", got.reason);
    }
}

#[test]
fn without_links_two_people_with_one_key_are_two_people() {
    let got = resolve(&mirror(), &Links::default(), MAIL, &named("email=twin@example.com"));
    assert_eq!(
        (got.status, got.rule, got.user),
        (ResolutionStatus::Ambiguous, EMAIL, None)
    );
    assert_eq!(got.candidates, ["twin1", "twin2"].map(Into::into));
}
