use std::sync::Arc;

use async_graphql::{Request, Variables};
use serde_json::json;

use super::{
    super::{
        Code, Document,
        admit::{admit_text, valid},
    },
    *,
};
use crate::graphql::{Mutation, Query, Subscription, relay::ids};

fn refusal(document: &str) -> Option<Refusal> {
    let types = Types::of::<Query, Mutation, Subscription>();
    admit_text(Request::new(document), &types, &Limits::default(), true).err()
}

#[test]
fn an_org_chart_of_three_levels_with_default_pages_passes_however_large_the_company_is() {
    let people = "members { nodes { leader user { name title } } }";
    let chart = format!(
        "{{ department(deptId: 1) {{ children {{ nodes {{ name {people} children {{ nodes {{ name {people}
            children {{ nodes {{ name {people} }} }} }} }} }} }} }} }}"
    );
    assert_eq!(refusal(&chart), None);
}

#[test]
fn rows_of_the_database_are_counted_by_their_pages_and_the_costliest_field_is_named() {
    let told = refusal(
        "{ department(deptId: 1) { name } all: messages(first: 500) { nodes { recipients(first: 500) { nodes { state } } } } }",
    )
    .expect("too many");
    assert_eq!((told.limit, told.code), (Some("complexity"), Code::LimitExceeded));
    let detail = |name: &str| {
        told.details
            .iter()
            .find(|(own, _)| *own == name)
            .map(|(_, value)| value.clone())
    };
    assert_eq!(
        detail("costliestField"),
        Some("all.nodes.recipients.nodes".into()),
        "{told}"
    );
    assert_eq!(detail("allowed"), Some(100_000.into()));
    assert!(detail("cost").and_then(|cost| cost.as_u64()) > Some(500_000), "{told}");

    assert_eq!(
        refusal("{ messages { nodes { recipients { nodes { state } } } } }"),
        None
    );
}

/// What a document costs in a company.
fn cost(document: &str, sizes: Sizes) -> usize {
    let types = Types::of::<Query, Mutation, Subscription>();
    let document = async_graphql::parser::parse_query(document).expect("a document");
    let (_, operation) = document.operations.iter().next().expect("an operation");
    let root = types.root(operation.node.ty).expect("a root");
    let walk = Walk {
        types: &types,
        sizes,
        tells: false,
    };
    walk.set(&operation.node.selection_set.node, root, 1, true)
        .cost(&Limits::default())
}

fn is_admitted(document: &str, sizes: Sizes) -> bool {
    cost(document, sizes) <= Limits::default().complexity
}

fn aliases(count: usize, field: &str) -> String {
    (0..count).map(|n| format!("a{n}: {field} ")).collect()
}

/// Of a hundred thousand people in departments of seven levels.
const LARGE: Sizes = Sizes {
    departments: 5_000,
    people: 100_000,
    memberships: 110_000,
    reached: 700_000,
};

#[test]
fn what_is_there_bounds_a_list_whose_parents_are_distinct() {
    let document = "{ departments(first: 500) { nodes { members(first: 500) { nodes { user { memberships(first: 500) { nodes { leader } } } } } } } }";
    let few = Sizes {
        departments: 3,
        people: 10,
        memberships: 12,
        reached: 20,
    };
    // 3 departments, 12 memberships with a person each, and of each of those a page of memberships.
    assert_eq!(cost(document, few), 1 + 3 + 3 + 12 + 12 + 12 + 12 * 500 + 12 * 500);
    assert_eq!(cost(document, Sizes::UNKNOWN), Limits::default().response_nodes);

    // The same person stands there once for each department above, and things by their ids as often as they are given.
    let below = "members(includeSubtree: true, first: 500) { nodes { user { name } } }";
    let subtrees = format!("{{ departments(first: 500) {{ nodes {{ {below} }} }} }}");
    assert_eq!(cost(&subtrees, few), 1 + 3 + 3 + 20 + 20 + 20);
    let changes = |ids: &str| {
        let field = "members(first: 500) { nodes { user { changes(first: 1) { pageInfo { endCursor } } } } }";
        cost(
            &format!("{{ nodes(ids: [{ids}]) {{ ... on Department {{ {field} }} }} }}"),
            few,
        )
    };
    assert!(changes(&"\"x\",".repeat(10)) > 10 * 500 * 50);
}

#[test]
fn filtered_lists_of_departments_cost_a_walk_each_and_together_no_more_than_is_there() {
    let filter = "filter: $f, first: 1";
    for list in [
        format!("members(includeSubtree: true, {filter}) {{ totalCount }}"),
        format!("members({filter}) {{ totalCount }}"),
        "members(orderBy: { field: NAME }, first: 1) { totalCount }".to_owned(),
    ] {
        let asked = |count| format!("{{ department(deptId: 1) {{ {} }} }}", aliases(count, &list));
        assert!(!is_admitted(&asked(99), LARGE), "{list}");
        assert!(is_admitted(&asked(20), LARGE), "{list}");
    }

    for legitimate in [
        "{ departments(first: 500) { nodes { members(includeSubtree: true, filter: { leader: true }, first: 5) { nodes { user { name } } } } } }",
        "{ departments(first: 500) { nodes { members(filter: { leader: true }) { totalCount } } } }",
        "{ departments(first: 500) { nodes { children(filter: { search: \"x\" }, first: 5) { totalCount } } } }",
        "{ users(first: 500) { nodes { directReports(orderBy: { field: NAME }, first: 5) { totalCount } } } }",
    ] {
        assert!(
            is_admitted(legitimate, LARGE),
            "{legitimate}: {}",
            cost(legitimate, LARGE)
        );
    }
    // The same department again and again is no bound.
    let below = "department { members(includeSubtree: true, filter: { leader: true }, first: 5) { totalCount } }";
    let again = format!("{{ department(deptId: 1) {{ members(first: 500) {{ nodes {{ {below} }} }} }} }}");
    assert!(!is_admitted(&again, LARGE));
}

#[test]
fn what_the_database_is_asked_costs_for_each_use() {
    let changes = "users(first: 500) { nodes { changes(first: 1) { __typename } } }";
    assert!(is_admitted(&format!("{{ {changes} }}"), LARGE));
    assert!(!is_admitted(&format!("{{ {} }}", aliases(4, changes)), LARGE));

    let search = "search(query: \"x\") { nodes { departmentPath } }";
    assert!(cost(&format!("{{ {} }}", aliases(100, search)), LARGE) > 50_000);

    for field in [
        "mirror { revision }",
        "messages(first: 1) { totalCount }",
        "message(id: \"x\") { state }",
    ] {
        assert!(cost(&format!("{{ {field} }}"), LARGE) > 50, "{field}");
    }
}

#[test]
fn ids_of_the_past_cost_as_much_as_a_moment_does() {
    let past = |micros: i64| {
        let at = chrono::DateTime::from_timestamp_micros(micros).expect("a moment");
        ids::global_id_as_of(ids::NodeKind::User, "x", at).0
    };
    let nodes = |ids: Vec<String>| format!("{{ nodes(ids: {ids:?}) {{ id }} }}");
    assert!(
        is_admitted(&nodes((0..500).map(|_| past(7)).collect()), LARGE),
        "of one moment"
    );
    assert!(!is_admitted(&nodes((0..500).map(past).collect()), LARGE));
    let now = (0..500).map(|n| ids::global_id(ids::NodeKind::User, n).0).collect();
    assert!(cost(&nodes(now), LARGE) < 2_000);
    for field in [
        "node(id: $id) { id }",
        "user(id: $id) { name }",
        "department(id: $id) { name }",
    ] {
        assert!(
            (WALK..2 * WALK).contains(&cost(&format!("{{ {field} }}"), LARGE)),
            "{field}"
        );
    }
}

#[test]
fn a_list_in_a_variable_counts_as_the_longest_that_may_come() {
    let document =
        |ids: &str| format!("{{ users(userIds: {ids}) {{ nodes {{ changes(first: 1) {{ __typename }} }} }} }}");
    assert!(cost(&document("$ids"), LARGE) > 500 * 50);
    assert!(cost(&document("[\"a\", \"b\"]"), LARGE) < 200);
    assert!(cost("{ resolve(identities: $i) { status reason } }", LARGE) > 2_000);
}

#[test]
fn a_document_that_comes_again_is_judged_by_the_values_of_its_variables() {
    let types = Types::of::<Query, Mutation, Subscription>();
    let limits = Limits::default();
    let kept = |text: &str| Arc::new(Document::new(text, valid(text, &types, &limits).expect(text))).keep();
    let past = |micros: i64| {
        let at = chrono::DateTime::from_timestamp_micros(micros).expect("a moment");
        ids::global_id_as_of(ids::NodeKind::User, "x", at).0
    };
    let user = ids::global_id(ids::NodeKind::User, "x").0;
    let people = |count: i64| (0..count).map(|n| n.to_string()).collect::<Vec<_>>();

    let given =
        kept("query($ids: [String!]) { users(userIds: $ids) { nodes { changes(first: 100) { nodes { at } } } } }");
    let nodes = kept("query($ids: [ID!]!) { nodes(ids: $ids) { id } }");
    let one = kept("query($ids: ID!) { user(id: $ids) { name } }");
    let members = kept("query($ids: UserFilter) { department(deptId: 1) { members(filter: $ids) { totalCount } } }");
    for _ in 0..3 {
        // Whether it is admitted, and then whether it is heavy, and steady.
        for (document, variable, expected) in [
            (&given, json!(people(2)), Some((false, false))),
            (&given, json!(people(500)), None),
            (&nodes, json!(vec![user.clone(); 500]), Some((true, false))),
            (&nodes, json!([user]), Some((false, false))),
            (&nodes, json!([user, past(1)]), Some((true, false))),
            (&nodes, json!((0..500).map(past).collect::<Vec<_>>()), None),
            (&one, json!(user), Some((false, true))),
            (&one, json!(past(1)), Some((true, false))),
            (&members, json!(null), Some((false, true))),
            (&members, json!({ "leader": true }), Some((true, true))),
        ] {
            let request = Request::new("").variables(Variables::from_json(json!({ "ids": variable })));
            let admitted = document.admit(request, &types, &limits, true, || Sizes::UNKNOWN);
            let admitted = admitted.ok().map(|it| (it.is_heavy, it.is_steady));
            assert_eq!(admitted, expected, "{} {variable}", document.text());
        }
    }
}
