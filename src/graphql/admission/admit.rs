//! The one door of every request, on every transport: [`super::Documents`] gives the document, [`Document::admit`] the
//! operation.

use async_graphql::{
    Positioned, Request,
    parser::{
        Error as ParseError, parse_query,
        types::{DocumentOperations, ExecutableDocument, OperationDefinition, OperationType},
    },
};

use super::{
    Code, Cost, Document, Limits, Refusal, Sizes, Types, complexity, count, governor::Judged, meter, normal, source,
    validation,
};

/// What an operation does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OperationKind {
    /// Reads.
    Query,
    /// Changes.
    Mutation,
    /// Goes on.
    Subscription,
}

/// A request that may run: measured, parsed (it carries its document), its operation chosen.
#[derive(Debug)]
pub struct Admitted {
    /// The request, with its document.
    pub request: Request,
    /// What the chosen operation does.
    pub kind: OperationKind,
    /// The chosen operation's name.
    pub operation_name: Option<String>,
    /// It computes for long at a time, and has to do so beside the runtime's workers.
    pub is_heavy: bool,
    /// The answer follows from the snapshot and the caller's permissions alone.
    pub is_steady: bool,
}

impl Admitted {
    /// What the operation costs where there is so much of everything.
    pub fn cost(&mut self, types: &Types, limits: &Limits, sizes: Sizes) -> Option<Cost> {
        // The normal form, with values in place of variables: what was judged.
        let document = self.request.parsed_query().ok()?;
        let (_, operation) = document.operations.iter().next()?;
        let root = types.root(operation.node.ty)?;
        let set = &operation.node.selection_set.node;
        Some(complexity::told(set, root, types, sizes, limits))
    }
}

impl Document {
    /// Chooses the operation, brings it into normal form and judges its cost; the request that comes back is not parsed
    /// again. `known`: the caller has shown a token. `sizes`: how much there is of everything.
    ///
    /// # Errors
    /// A [`Refusal`] whose message names the limit or the place, never the document.
    pub fn admit(
        &self,
        mut request: Request,
        types: &Types,
        limits: &Limits,
        known: bool,
        sizes: impl FnOnce() -> Sizes,
    ) -> Result<Admitted, Refusal> {
        let (operation_name, operation) = choose(&self.parsed, request.operation_name.as_deref())?;
        let kind = match operation.node.ty {
            OperationType::Query => OperationKind::Query,
            OperationType::Mutation => OperationKind::Mutation,
            OperationType::Subscription => OperationKind::Subscription,
        };

        let values = normal::values(operation, std::mem::take(&mut request.variables), types)?;
        let name = operation_name.as_deref();
        let formed = match self.template(name, operation, types, limits) {
            Some(template) => template.form(&values, types, limits, known)?,
            None => normal::form(&self.parsed, operation, &values, types, limits, known)?,
        };

        if !formed.is_cheap
            && let Some(root) = types.root(operation.node.ty)
            && complexity::check(formed.set(), root, types, Sizes::UNKNOWN, limits).is_err()
        {
            complexity::check(formed.set(), root, types, sizes(), limits)?;
        }

        // The library takes the name of an anonymous operation for an unknown one; `choose` has the last word.
        request.operation_name.clone_from(&operation_name);
        let (is_heavy, is_steady) = (formed.is_heavy, formed.is_steady && kind == OperationKind::Query);
        request.set_parsed_query(formed.document(name, operation));
        Ok(Admitted {
            request: request.data(Judged),
            kind,
            operation_name,
            is_heavy,
            is_steady,
        })
    }
}

/// A document that fits the schema. It depends on neither the operation's name nor the variables.
pub(super) fn valid(text: &str, types: &Types, limits: &Limits) -> Result<ExecutableDocument, Refusal> {
    // Cheap checks first: the parser sees only what is measured.
    meter::measure(text, limits)?;
    let text = source::settle(text)?;
    let document = parse_query(&*text).map_err(|error| explain(&error))?;
    count::check(&document, limits)?;
    validation::check(&document, types, limits.errors)?;
    Ok(document)
}

/// Admits the request's own text, as a document that nobody asked for before.
#[cfg(test)]
pub(crate) fn admit_text(request: Request, types: &Types, limits: &Limits, known: bool) -> Result<Admitted, Refusal> {
    super::variables::measure(&request.variables, limits)?;
    let document = Document::new(&request.query, valid(&request.query, types, limits)?);
    document.admit(request, types, limits, known, || Sizes::UNKNOWN)
}

type Chosen<'d> = (Option<String>, &'d Positioned<OperationDefinition>);

fn choose<'d>(document: &'d ExecutableDocument, name: Option<&str>) -> Result<Chosen<'d>, Refusal> {
    let unknown = |name: &str| {
        let shown: String = name.chars().take(60).collect();
        Refusal::new(
            Code::ValidationFailed,
            format!("`operationName`: the document has no operation `{shown}`"),
        )
    };

    match (&document.operations, name.filter(|name| !name.is_empty())) {
        (DocumentOperations::Single(operation), None) => Ok((None, operation)),
        (DocumentOperations::Single(_), Some(name)) => Err(unknown(name)),
        (DocumentOperations::Multiple(all), Some(name)) => all
            .get(name)
            .map(|operation| (Some(name.to_owned()), operation))
            .ok_or_else(|| unknown(name)),
        (DocumentOperations::Multiple(all), None) => {
            let mut operations = all.iter();
            match (operations.next(), operations.next()) {
                (Some((name, operation)), None) => Ok((Some(name.to_string()), operation)),
                _ => Err(Refusal::new(
                    Code::ValidationFailed,
                    "`operationName`: the document has several operations, so one has to be named",
                )),
            }
        }
    }
}

/// The parser's own message draws the document, all of it if it stands on one line.
fn explain(error: &ParseError) -> Refusal {
    let message = match error {
        ParseError::Syntax { message, .. } => expectation(message).map_or_else(
            || "the document is not valid GraphQL here".to_owned(),
            |expected| format!("the document is not valid GraphQL here: {expected}"),
        ),
        ParseError::MultipleOperations { .. } => "an operation without a name has to be the only one".to_owned(),
        ParseError::OperationDuplicated { .. } => "two operations have the same name".to_owned(),
        ParseError::FragmentDuplicated { .. } => "two fragments have the same name".to_owned(),
        ParseError::MissingOperation => "the document has no operation".to_owned(),
        ParseError::RecursionLimitExceeded => "the document is nested too deep".to_owned(),
        _ => "the document is not valid GraphQL".to_owned(),
    };

    let refusal = Refusal::new(Code::ParseFailed, message);
    match error.positions().next() {
        Some(pos) => refusal.at(pos.line, pos.column),
        None => refusal,
    }
}

/// `= expected selection_set or name`, the last line of the drawing, holds grammar only.
fn expectation(message: &str) -> Option<String> {
    let line = message.lines().last()?.trim().strip_prefix("= ")?;
    (line.starts_with("expected") && line.len() < 300).then(|| line.replace('_', " "))
}

#[cfg(test)]
mod tests {
    use async_graphql::Variables;
    use serde_json::json;

    use super::*;

    const SDL: &str =
        "type Query { a(id: ID, n: Int, o: Int): Int b: Int } type Mutation { b: Int } type Subscription { s: Int }";

    fn admit(request: Request, limits: &Limits) -> Result<Admitted, Refusal> {
        admit_text(request, &Types::of_sdl(SDL), limits, true)
    }

    fn refused(request: Request) -> Refusal {
        admit(request, &Limits::default()).expect_err("refused")
    }

    #[test]
    fn a_syntax_error_tells_its_place_and_never_repeats_the_document() {
        let refusal = refused(Request::new(format!("{{ secret(a: \"{}\") $ }}", "x".repeat(5_000))));
        assert_eq!(refusal.code, Code::ParseFailed);
        assert_eq!(refusal.at.map(|at| at.0), Some(1));
        assert!(refusal.message.len() < 300, "{}", refusal.message);
        assert!(!refusal.message.contains("xxx"), "{}", refusal.message);

        assert_eq!(refused(Request::new("")).code, Code::ParseFailed);
        assert_eq!(refused(Request::new("fragment F on A { a }")).code, Code::ParseFailed);
    }

    #[test]
    fn the_operation_is_chosen_by_name() {
        let admitted = |text: &str, name: Option<&str>| {
            let mut request = Request::new(text);
            request.operation_name = name.map(ToOwned::to_owned);
            admit(request, &Limits::default())
                .map(|a| (a.kind, a.operation_name))
                .map_err(|r| r.code)
        };
        assert_eq!(admitted("{ a }", None), Ok((OperationKind::Query, None)));
        assert_eq!(admitted("{ a }", Some("")), Ok((OperationKind::Query, None)));
        assert_eq!(admitted("{ a }", Some("A")), Err(Code::ValidationFailed));

        let two = "query A { a } mutation B { b }";
        assert_eq!(
            admitted(two, Some("B")),
            Ok((OperationKind::Mutation, Some("B".into())))
        );
        assert_eq!(admitted(two, None), Err(Code::ValidationFailed));
        assert_eq!(
            admitted("subscription S { s }", None),
            Ok((OperationKind::Subscription, Some("S".into())))
        );
    }

    #[test]
    fn a_required_variable_has_to_be_there() {
        let with = |variables| {
            Request::new("query Q($id: ID!, $n: Int! = 3, $o: Int) { a(id: $id, n: $n, o: $o) }")
                .variables(Variables::from_json(variables))
        };

        assert_eq!(refused(with(json!({}))).code, Code::BadUserInput);
        assert_eq!(refused(with(json!({"id": null}))).code, Code::BadUserInput);
        assert_eq!(refused(with(json!({"id": "1", "n": null}))).code, Code::BadUserInput);
        assert!(admit(with(json!({"id": "1"})), &Limits::default()).is_ok());
    }

    #[test]
    fn graphiql_can_introspect() {
        let introspection = include_str!("introspection.graphql");
        assert!(admit(Request::new(introspection), &Limits::default()).is_ok());
    }
}
