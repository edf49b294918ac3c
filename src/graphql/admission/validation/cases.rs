//! Documents that fit a schema, and documents that don't. The ideas come from graphql-js's tests of its rules.

use async_graphql::parser::parse_query;

use super::super::{Limits, Types};

pub(in crate::graphql::admission) const SDL: &str = r#"
interface Being { name(surname: Boolean): String }
interface Pet implements Being { name(surname: Boolean): String owner: Human }
type Dog implements Being & Pet {
  name(surname: Boolean): String
  owner: Human
  nickname: String
  barks: Boolean
  barkVolume: Int
  knows(command: Command): Boolean
  isAt(x: Int = 0, y: Int): Boolean
  friend: Dog
}
type Cat implements Being & Pet {
  name(surname: Boolean): String
  owner: Human
  nickname: String
  meows: Boolean
  meowVolume: Int
  knows(command: Int): String
  friend: Cat
}
type Human implements Being { name(surname: Boolean): String pets: [Pet] relatives: [Human]! iq: Int }
union CatOrDog = Cat | Dog
union Someone = Human | Cat
type Big { a: String! b: String deep: Big list: [Big] scalar: Int }
type IntBox { scalar: Int! }
type TextBox { scalar: String! }
union Box = IntBox | TextBox | Big
enum Command { SIT HEEL DOWN }
scalar Anything
input Place { x: Int! y: Int = 1 z: [Int!] inside: Place command: Command anything: Anything }
input OneKey @oneOf { a: Int b: String }
type Query {
  dog: Dog
  human(id: ID): Human
  pet: Pet
  being: Being
  catOrDog: CatOrDog
  someone: Someone
  box: Box
  big: Big
  arguments(
    int: Int, intRequired: Int! = 3, float: Float, text: String, truth: Boolean, id: ID, ids: [ID!], command: Command
    place: Place, places: [Place!], oneKey: OneKey, anything: Anything, textRequired: String! = "x", matrix: [[Int]]
  ): String
  needs(a: Int!, b: [Int!]!): String
}
type Mutation { add(by: Int!): Int big: Big }
type Subscription { ticks(count: Int): Int beings: Being }
"#;

fn refused(document: &str) -> Option<String> {
    let parsed = parse_query(document).unwrap_or_else(|error| panic!("{document}: {error}"));
    let limits = Limits::default();
    super::check(&parsed, &Types::of_sdl(SDL), limits.errors)
        .err()
        .map(|refusal| refusal.message)
}

fn all_pass(documents: &[&str]) {
    for document in documents {
        assert_eq!(refused(document), None, "{document}");
    }
}

/// Each is refused with a message that has the word.
fn all_fail(documents: &[(&str, &str)]) {
    for (document, word) in documents {
        let message = refused(document).unwrap_or_else(|| panic!("passed: {document}"));
        assert!(message.contains(word), "{document}: {message}");
    }
}

#[test]
fn fields_that_are_one_and_the_same_are_merged() {
    all_pass(&[
        "{ dog { name name } }",
        "{ dog { name ...F } } fragment F on Dog { name }",
        "{ dog { it: name it: name } }",
        "{ dog { knows(command: SIT) knows(command: SIT) } }",
        "query($c: Command) { dog { knows(command: $c) knows(command: $c) } }",
        "{ dog { isAt(x: 1, y: 2) isAt(y: 2, x: 1) } }",
        "{ dog { name name @include(if: true) name @skip(if: false) } }",
        "{ dog { name a: name } }",
        "{ arguments(place: {x: 1, y: 2}) arguments(place: {y: 2, x: 1}) }",
        "{ dog { ...F ...F } dog { ...F } } fragment F on Dog { friend { name } }",
        "{ big { deep { a } deep { b } } }",
        "{ big { ...A } } fragment A on Big { deep { ...B } } fragment B on Big { deep { a } }",
        // Never in one object of the answer, and of one shape.
        "{ pet { ... on Dog { v: barkVolume } ... on Cat { v: meowVolume } } }",
        "{ pet { ... on Dog { name(surname: true) } ... on Cat { name } } }",
        "{ catOrDog { ... on Dog { n: name } ... on Cat { n: nickname } } }",
        "{ catOrDog { ... on Dog { friend { n: name } } ... on Cat { friend { n: nickname } } } }",
        "{ box { ... on TextBox { t: __typename } ... on IntBox { t: __typename } } }",
        "{ box { ... on Big { deep { a } } ... on Big { deep { b } } } }",
    ]);
}

#[test]
fn fields_that_differ_conflict() {
    all_fail(&[
        ("{ dog { it: name it: nickname } }", "`it`"),
        ("{ dog { name: nickname name } }", "`name`"),
        (
            "{ dog { knows(command: SIT) knows(command: HEEL) } }",
            "different arguments",
        ),
        ("{ dog { knows(command: SIT) knows } }", "different arguments"),
        (
            "{ arguments(text: \"SIT\") arguments(command: SIT) }",
            "different arguments",
        ),
        (
            "query($a: Command, $b: Command) { dog { knows(command: $a) knows(command: $b) } }",
            "arguments",
        ),
        (
            "query($a: Command) { dog { knows(command: $a) knows(command: SIT) } }",
            "arguments",
        ),
        ("{ arguments(anything: A) arguments(anything: \"A\") }", "arguments"),
        ("{ arguments(ids: [1, 2]) arguments(ids: [2, 1]) }", "arguments"),
        ("{ arguments(int: 1) arguments(int: null) }", "arguments"),
        // A skipped field conflicts all the same.
        ("{ dog { it: name it: nickname @skip(if: true) } }", "`it`"),
        (
            "{ ...A ...B } fragment A on Query { x: dog { name } } fragment B on Query { x: pet { name } }",
            "`x`",
        ),
        (
            "{ dog { ...A } dog { ...B } } fragment A on Dog { x: name } fragment B on Dog { x: nickname }",
            "`x`",
        ),
        ("{ big { deep { x: a } } big { deep { x: b } } }", "`x`"),
        (
            "{ big { deep { deep { x: a } } } big { deep { deep { x: b } } } }",
            "`x`",
        ),
        (
            "{ big { ...A deep { x: b } } } fragment A on Big { ...B } fragment B on Big { deep { x: a } }",
            "`x`",
        ),
        // An interface may be the same object as the other type.
        ("{ pet { x: name ... on Dog { x: nickname } } }", "`x`"),
        (
            "{ being { ... on Pet { x: name } ... on Human { x: name(surname: true) } } }",
            "`x`",
        ),
        // Never in one object, but the shapes differ.
        (
            "{ box { ... on IntBox { scalar } ... on TextBox { scalar } } }",
            "different types",
        ),
        (
            "{ box { ... on IntBox { scalar } ... on Big { scalar } } }",
            "different types",
        ),
        (
            "{ catOrDog { ... on Dog { knows } ... on Cat { knows } } }",
            "different types",
        ),
        (
            "{ catOrDog { ... on Dog { x: friend { name } } ... on Cat { x: name } } }",
            "different types",
        ),
        (
            "{ box { ... on Big { x: deep { a } } ... on Big { x: list { a } } } }",
            "different fields",
        ),
        (
            "{ catOrDog { ... on Dog { friend { x: barks } } ... on Cat { friend { x: meowVolume } } } }",
            "different types",
        ),
        (
            "{ someone { ... on Human { x: pets { name } } ... on Cat { x: owner { name } } } }",
            "different types",
        ),
    ]);
}

#[test]
fn variables_stand_where_their_type_may() {
    all_pass(&[
        "query($a: Int) { arguments(int: $a) }",
        "query($a: Int!) { arguments(int: $a) }",
        "query($a: Int = 1) { arguments(intRequired: $a) }",
        // The place has a default of its own.
        "query($a: Int) { arguments(intRequired: $a) }",
        "query($a: Int!) { needs(a: $a, b: [$a, 2]) }",
        "query($a: Int = 1) { needs(a: 1, b: [$a]) }",
        "query($a: [Int!]!) { needs(a: 1, b: $a) }",
        "query($a: Place) { arguments(place: $a) }",
        "query($a: Int = 2) { arguments(place: {x: $a}) }",
        "query($a: Int) { arguments(place: {x: 1, y: $a}) }",
        "query($a: [[Int]]) { arguments(matrix: $a) }",
        "query($a: Boolean!) { dog @include(if: $a) { name } }",
        "query($a: Boolean = true) { dog { ... @skip(if: $a) { name } } }",
        "query($a: Int!) { arguments(oneKey: {a: $a}) }",
        "query($a: String) { arguments(anything: {deep: [$a]}) }",
        "query A($a: Int) { ...F } query B($a: Int) { ...F } fragment F on Query { arguments(int: $a) }",
    ]);

    all_fail(&[
        ("query($a: Int) { arguments(text: $a) }", "`String` is wanted"),
        ("query($a: Int) { arguments(float: $a) }", "`Float` is wanted"),
        ("query($a: Int) { needs(a: $a, b: []) }", "`Int!` is wanted"),
        ("query($a: Int = null) { needs(a: $a, b: []) }", "`Int!` is wanted"),
        ("query($a: [Int]!) { needs(a: 1, b: $a) }", "`[Int!]!` is wanted"),
        ("query($a: Int!) { needs(a: 1, b: $a) }", "`[Int!]!` is wanted"),
        ("query($a: Int) { arguments(place: {x: $a}) }", "`Int!` is wanted"),
        (
            "query($a: String!) { dog @skip(if: $a) { name } }",
            "`Boolean!` is wanted",
        ),
        (
            "query($a: Boolean) { dog @skip(if: $a) { name } }",
            "`Boolean!` is wanted",
        ),
        ("query($a: Int) { arguments(oneKey: {a: $a}) }", "must not be nullable"),
        ("{ arguments(int: $a) }", "no variable `$a`"),
        (
            "query A($a: Int) { ...F } query B { ...F } fragment F on Query { arguments(int: $a) }",
            "no variable",
        ),
        ("query($a: Int, $b: Int) { arguments(int: $a) }", "`$b` is not used"),
        ("query($a: Int, $a: Int) { arguments(int: $a) }", "twice"),
        ("query($a: Dog) { arguments(anything: $a) }", "for answers only"),
        ("query($a: Intt) { arguments(int: $a) }", "did you mean `Int`"),
        ("query($a: Int = \"x\") { arguments(int: $a) }", "default"),
        ("query($a: Int! = null) { arguments(int: $a) }", "default"),
        ("query($a: Place = {y: 1}) { arguments(place: $a) }", "`x`"),
        ("query($a: Command = RUN) { arguments(command: $a) }", "SIT"),
    ]);
}

#[test]
fn directives_stand_where_they_belong() {
    all_pass(&[
        "{ dog @skip(if: false) @include(if: true) { name } }",
        "{ ... @include(if: true) { dog { name } } ...F @skip(if: true) } fragment F on Query { dog { name } }",
    ]);

    all_fail(&[
        ("{ dog @unknown { name } }", "@unknown"),
        ("{ dog { name @deprecated } }", "@deprecated"),
        ("query @skip(if: true) { dog { name } }", "does not belong here"),
        (
            "query($a: Int @include(if: true)) { arguments(int: $a) }",
            "does not belong here",
        ),
        (
            "{ ...F } fragment F on Query @skip(if: true) { dog { name } }",
            "does not belong here",
        ),
        ("{ dog @skip(if: true) @skip(if: true) { name } }", "twice"),
        ("{ dog @skip { name } }", "needs its argument `if`"),
        ("{ dog @skip(if: null) { name } }", "null"),
        ("{ dog @skip(if: \"true\") { name } }", "Boolean"),
        ("{ dog @skip(if: true, unless: true) { name } }", "`unless`"),
        ("{ dog @skip(if: true, if: true) { name } }", "twice"),
    ]);
}

#[test]
fn what_is_skipped_has_to_fit_as_well() {
    all_fail(&[
        ("{ dog { name ... @skip(if: true) { nowhere } } }", "no field `nowhere`"),
        ("{ dog { name nowhere @include(if: false) } }", "no field `nowhere`"),
        (
            "{ dog { name ...F @include(if: false) } } fragment F on Dog { meows }",
            "no field `meows`",
        ),
        ("{ dog @skip(if: true) }", "needs a selection"),
    ]);
}

#[test]
fn fields_fragments_and_arguments_are_known() {
    all_pass(&[
        "{ __typename __schema { types { name } } __type(name: \"Dog\") { fields(includeDeprecated: true) { name } } }",
        "{ pet { __typename name ... on Dog { barks } ... on Being { name } } }",
        "{ catOrDog { __typename ... on Being { name } } }",
        "{ needs(a: 1, b: 2) arguments }",
        "{ arguments(id: 3, ids: 4, float: 1, place: {x: 1, inside: {x: 2, z: 3}}, oneKey: {a: 1}, anything: [{a: B}]) }",
        "subscription { ticks ticks }",
        "subscription { ...F ticks(count: 1) } fragment F on Subscription { ticks(count: 1) }",
    ]);

    all_fail(&[
        ("{ dogg { name } }", "did you mean `dog`"),
        ("{ catOrDog { name } }", "no field `name`"),
        ("{ pet { barks } }", "no field `barks`"),
        ("{ dog { name { first } } }", "no fields to select"),
        ("{ dog }", "needs a selection"),
        ("{ ...F }", "no fragment `F`"),
        ("{ dog { name } } fragment F on Dog { name }", "is not used"),
        ("{ dog { ...F } } fragment F on Nothing { name }", "no type `Nothing`"),
        ("{ dog { ... on Command { name } } }", "not on `Command`"),
        ("{ dog { ... on Cat { name } } }", "never one of `Cat`"),
        ("{ dog { ...F } } fragment F on Human { name }", "never one of `Human`"),
        ("{ someone { ... on Dog { name } } }", "never one of `Dog`"),
        ("{ arguments(nothing: 1) }", "no argument `nothing`"),
        ("{ arguments(int: 1, int: 1) }", "twice"),
        ("{ needs(a: 1) }", "needs its argument `b`"),
        ("{ needs(a: null, b: []) }", "null"),
        ("{ needs(a: 1, b: [1, null]) }", "`b[1]`"),
        ("{ arguments(int: 1.0) }", "Int"),
        ("{ arguments(int: 2147483648) }", "32 bits"),
        ("{ arguments(text: 1) }", "String"),
        ("{ arguments(truth: 1) }", "Boolean"),
        ("{ arguments(id: true) }", "ID"),
        ("{ arguments(command: \"SIT\") }", "DOWN, HEEL, SIT"),
        ("{ arguments(command: RUN) }", "Command"),
        ("{ arguments(place: {x: 1, q: 2}) }", "no input field `q`"),
        ("{ arguments(place: {}) }", "needs its input field `x`"),
        ("{ arguments(place: [{x: 1}]) }", "Place"),
        ("{ arguments(places: {x: \"1\"}) }", "`places.x`"),
        ("{ arguments(oneKey: {}) }", "exactly one"),
        ("{ arguments(oneKey: {a: 1, b: \"x\"}) }", "exactly one"),
        ("{ arguments(oneKey: {a: null}) }", "exactly one"),
        ("subscription { ticks beings { name } }", "one root field"),
        ("subscription { __typename }", "introspection"),
        ("mutation { dog { name } }", "no field `dog`"),
    ]);
}

#[test]
fn what_is_told_is_in_order_and_not_endless() {
    let parsed = parse_query(format!("{{ b1 dog {{ x }} {} }}", "y ".repeat(900))).expect("GraphQL");
    let refusal = super::check(&parsed, &Types::of_sdl(SDL), 20).expect_err("refused");
    assert_eq!((refusal.at, refusal.beside.len()), (Some((1, 3)), 19));
    assert_eq!(refusal.into_errors().len(), 20);
}

#[test]
fn a_thousand_fields_of_one_key_are_compared_in_no_time() {
    let wide = format!("{{ {} }}", "big { deep { a b } } ".repeat(240));
    let shared = format!(
        "{{ big {{ {} }} }} fragment F on Big {{ deep {{ list {{ a }} }} }}",
        "deep { ...F } ".repeat(200)
    );
    let leaves = format!("{{ big {{ {} }} }}", "a ".repeat(990));
    let different: String = (0..300).map(|n| format!("big {{ a{n}: a b }} ")).collect();

    for document in [wide, shared, leaves, format!("{{ {different} }}")] {
        assert_eq!(refused(&document), None);
    }
}

#[test]
fn what_belongs_to_several_objects_at_every_level_is_compared_so_often_and_no_more() {
    // The owner of any pet is that of a cat and that of a dog.
    let owners = |levels: usize| {
        let deep = (0..levels).fold("name".to_owned(), |inner, _| {
            format!(
                "owner {{ pets {{ ... on Cat {{ owner {{ iq }} }} ... on Dog {{ owner {{ iq }} }} ... on Pet {{ {inner} }} }} }}"
            )
        });
        refused(&format!("{{ pet {{ {deep} }} }}"))
    };

    assert_eq!(owners(7), None);
    assert!(owners(14).is_some_and(|message| message.contains("at most 50000")));
}

#[test]
fn fields_conflict_with_the_first_of_their_key_wherever_it_stands() {
    all_fail(&[
        ("{ dog { name name: nickname name } }", "`name` and `nickname`"),
        (
            "{ pet { ... on Dog { x: barks } ... on Cat { x: meows } } pet { ... on Dog { x: name } } }",
            "`barks` and `name`",
        ),
        (
            "{ pet { ... on Dog { x: barks } ... on Cat { x: meowVolume } } }",
            "`Boolean` and `Int`",
        ),
        (
            "{ pet { x: name ... on Dog { x: name(surname: true) } ... on Cat { x: name } } }",
            "different arguments",
        ),
        (
            "{ being { ... on Dog { x: owner { y: name } } ... on Cat { x: owner { y: iq } } } }",
            "`String` and `Int`",
        ),
    ]);

    all_pass(&[
        "{ pet { ... on Dog { x: barks } ... on Cat { x: meows } name ... on Being { name } } }",
        "{ being { ... on Dog { x: owner { y: name } } ... on Cat { x: owner { y: name(surname: true) } } } }",
    ]);
}
