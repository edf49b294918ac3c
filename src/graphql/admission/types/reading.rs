//! Reads the types from the library's registry, and those of introspection, which it keeps to itself, from text.

use std::{collections::BTreeSet, sync::Arc};

use async_graphql::{
    ObjectType, OutputType, Positioned, SubscriptionType,
    parser::{
        parse_schema,
        types::{FieldDefinition, InputValueDefinition, Type, TypeDefinition, TypeKind, TypeSystemDefinition},
    },
    registry::{MetaField, MetaInputValue, MetaType, Registry},
};

use super::{
    Composite, FieldDef, Heavy, Input, InputDef, Price, Scalar, TypeDef, TypeDefKind, Types, default_page, needs,
};

/// Introspection, as the library answers it. `__Root` has the fields that the query root gets.
const INTROSPECTION: &str = include_str!("introspection.graphql");

impl Types {
    /// The types of a schema with these roots.
    pub fn of<Q, M, S>() -> Self
    where
        Q: ObjectType + OutputType,
        M: ObjectType + OutputType,
        S: SubscriptionType,
    {
        let mut registry = Registry::default();
        Q::create_type_info(&mut registry);
        let mut types = Self {
            query: Q::type_name().into_owned(),
            ..Self::default()
        };

        if !M::is_empty() {
            M::create_type_info(&mut registry);
            types.mutation = Some(M::type_name().into_owned());
        }
        if !S::is_empty() {
            S::create_type_info(&mut registry);
            types.subscription = Some(S::type_name().into_owned());
        }

        for (name, meta) in &registry.types {
            types.add(name, from_registry(name, meta));
        }
        types.with_builtins()
    }

    /// The types of a schema that is written down, with the usual names of its roots.
    #[cfg(test)]
    pub(in crate::graphql::admission) fn of_sdl(sdl: &str) -> Self {
        let mut types = Self::default();
        types.read(sdl);
        let root = |types: &Self, name: &str| types.get(name).map(|root| root.name.clone());
        types.query = root(&types, "Query").unwrap_or_default();
        types.mutation = root(&types, "Mutation");
        types.subscription = root(&types, "Subscription");
        types.with_builtins()
    }

    fn with_builtins(mut self) -> Self {
        for (name, scalar) in [
            ("Int", Scalar::Int),
            ("Float", Scalar::Float),
            ("String", Scalar::String),
            ("Boolean", Scalar::Boolean),
            ("ID", Scalar::Id),
        ] {
            self.add(name, TypeDefKind::Scalar(scalar));
        }
        self.typename = Type::new("String!").map(|ty| FieldDef {
            ty,
            arguments: Default::default(),
            needs: Vec::new(),
            heavy: Heavy::Never,
            price: Price::default(),
            is_steady: true,
        });

        let condition = Type::new("Boolean!").map(|ty| InputDef {
            ty,
            has_default: false,
            default: None,
        });
        self.condition
            .extend(condition.map(|condition| ("if".to_owned(), condition)));

        self.read(INTROSPECTION);
        if let Some(TypeDefKind::Composite(added)) = self.types.remove("__Root").map(|root| root.kind)
            && let Some(TypeDefKind::Composite(query)) = self.types.get_mut(&self.query).map(|query| &mut query.kind)
        {
            query.fields.extend(added.fields);
        }
        self.mark_steady();
        self
    }

    fn add(&mut self, name: &str, kind: TypeDefKind) {
        let name = name.to_owned();
        self.types.insert(name.clone(), TypeDef { name, kind });
    }

    /// Adds what `sdl` defines. A text that doesn't parse adds nothing; a test reads the one that we have.
    fn read(&mut self, sdl: &str) {
        let Ok(document) = parse_schema(sdl) else {
            return;
        };

        let mut implementations = Vec::new();
        for definition in document.definitions {
            let TypeSystemDefinition::Type(definition) = definition else {
                continue;
            };
            let name = definition.node.name.node.to_string();
            if let TypeKind::Object(object) = &definition.node.kind {
                let interfaces = object.implements.iter().map(|interface| interface.node.to_string());
                implementations.extend(interfaces.map(|interface| (interface, name.clone())));
            }
            self.add(&name, from_definition(&name, definition.node));
        }

        for (interface, object) in implementations {
            if let Some(TypeDefKind::Composite(composite)) = self.types.get_mut(&interface).map(|ty| &mut ty.kind) {
                composite.possible.insert(object);
            }
        }
    }
}

fn from_registry(name: &str, meta: &MetaType) -> TypeDefKind {
    let fields = |fields: &async_graphql::indexmap::IndexMap<String, MetaField>| {
        fields
            .iter()
            .filter_map(|(name, field)| Some((name.clone(), field_of(field)?)))
            .collect()
    };

    match meta {
        MetaType::Scalar {
            is_valid, description, ..
        } => TypeDefKind::Scalar(Scalar::Custom {
            is_valid: is_valid.clone().unwrap_or_else(|| Arc::new(|_| true)),
            description: description.clone().unwrap_or_default(),
        }),
        MetaType::Enum { enum_values, .. } => TypeDefKind::Enum(enum_values.keys().cloned().collect()),
        MetaType::InputObject {
            input_fields, oneof, ..
        } => TypeDefKind::Input(Input {
            fields: input_fields
                .iter()
                .filter_map(|(name, field)| Some((name.clone(), input_of(field)?)))
                .collect(),
            one_of: *oneof,
        }),
        MetaType::Object { fields: own, .. } => TypeDefKind::Composite(Composite {
            fields: fields(own),
            possible: BTreeSet::from([name.to_owned()]),
            is_object: true,
        }),
        MetaType::Interface {
            fields: own,
            possible_types,
            ..
        } => TypeDefKind::Composite(Composite {
            fields: fields(own),
            possible: possible_types.iter().cloned().collect(),
            is_object: false,
        }),
        MetaType::Union { possible_types, .. } => TypeDefKind::Composite(Composite {
            fields: Default::default(),
            possible: possible_types.iter().cloned().collect(),
            is_object: false,
        }),
    }
}

fn field_of(field: &MetaField) -> Option<FieldDef> {
    Some(FieldDef {
        ty: Type::new(&field.ty)?,
        arguments: field
            .args
            .iter()
            .filter_map(|(name, argument)| Some((name.clone(), input_of(argument)?)))
            .collect(),
        needs: needs::of(field.description.as_deref().unwrap_or_default()),
        heavy: Heavy::of(field.tags.iter().map(String::as_str)),
        price: Price::of(field.tags.iter().map(String::as_str)),
        is_steady: false,
    })
}

fn input_of(input: &MetaInputValue) -> Option<InputDef> {
    Some(InputDef {
        ty: Type::new(&input.ty)?,
        has_default: input.default_value.is_some(),
        default: match &input.default_value {
            Some(text) => text.parse().ok(),
            None => input.description.as_deref().and_then(default_page::of),
        },
    })
}

fn from_definition(name: &str, definition: TypeDefinition) -> TypeDefKind {
    let one_of = definition
        .directives
        .iter()
        .any(|directive| directive.node.name.node == "oneOf");

    match definition.kind {
        TypeKind::Scalar => TypeDefKind::Scalar(Scalar::Custom {
            is_valid: Arc::new(|_| true),
            description: String::new(),
        }),
        TypeKind::Enum(kind) => TypeDefKind::Enum(kind.values.iter().map(|v| v.node.value.node.to_string()).collect()),
        TypeKind::InputObject(kind) => TypeDefKind::Input(Input {
            fields: kind.fields.into_iter().map(written_input).collect(),
            one_of,
        }),
        TypeKind::Object(kind) => TypeDefKind::Composite(Composite {
            fields: kind.fields.into_iter().map(written_field).collect(),
            possible: BTreeSet::from([name.to_owned()]),
            is_object: true,
        }),
        TypeKind::Interface(kind) => TypeDefKind::Composite(Composite {
            fields: kind.fields.into_iter().map(written_field).collect(),
            possible: BTreeSet::new(),
            is_object: false,
        }),
        TypeKind::Union(kind) => TypeDefKind::Composite(Composite {
            fields: Default::default(),
            possible: kind.members.iter().map(|member| member.node.to_string()).collect(),
            is_object: false,
        }),
    }
}

fn written_field(field: Positioned<FieldDefinition>) -> (String, FieldDef) {
    let field = field.node;
    let tags = || {
        field
            .directives
            .iter()
            .map(|directive| directive.node.name.node.as_str())
    };
    let def = FieldDef {
        heavy: Heavy::of(tags()),
        price: Price::of(tags()),
        ty: field.ty.node,
        arguments: field.arguments.into_iter().map(written_input).collect(),
        needs: needs::of(field.description.as_ref().map_or("", |text| &text.node)),
        is_steady: false,
    };
    (field.name.node.to_string(), def)
}

fn written_input(input: Positioned<InputValueDefinition>) -> (String, InputDef) {
    let input = input.node;
    let def = InputDef {
        ty: input.ty.node,
        has_default: input.default_value.is_some(),
        default: match input.default_value {
            Some(value) => value.node.to_string().parse().ok(),
            None => input.description.and_then(|text| default_page::of(&text.node)),
        },
    };
    (input.name.node.to_string(), def)
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::types::OperationType;

    use super::*;
    use crate::graphql::{Mutation, Query, Subscription};

    #[test]
    fn the_servers_own_types_are_all_there() {
        let types = Types::of::<Query, Mutation, Subscription>();
        let query = types.root(OperationType::Query).expect("a query root");
        assert!(types.field(query, "__schema").is_some() && types.field(query, "__typename").is_some());
        assert!(types.root(OperationType::Mutation).is_some() && types.root(OperationType::Subscription).is_some());
        assert!(types.applies("Node", "User") && !types.applies("Node", "FieldChange"));

        // Every type that a field or an argument names is known.
        for name in types.names().map(str::to_owned).collect::<Vec<_>>() {
            let Some(composite) = types.get(&name).and_then(TypeDef::composite) else {
                continue;
            };
            for (field, def) in &composite.fields {
                assert!(types.named(&def.ty).is_some(), "{name}.{field}: {}", def.ty);
                for (argument, def) in &def.arguments {
                    assert!(
                        types.named(&def.ty).is_some_and(TypeDef::is_input),
                        "{name}.{field}({argument})"
                    );
                }
            }
        }
    }

    fn root_fields(operation: OperationType) -> Vec<(String, FieldDef)> {
        let mut types = Types::of::<Query, Mutation, Subscription>();
        let name = types.root(operation).expect("a root").name.clone();
        match types.types.remove(&name).map(|root| root.kind) {
            Some(TypeDefKind::Composite(root)) => root.fields.into_iter().collect(),
            _ => Vec::new(),
        }
    }

    /// Otherwise its arguments are converted for everybody.
    #[test]
    fn of_every_root_field_that_needs_a_token_it_is_known_what_it_needs() {
        let all = [
            OperationType::Query,
            OperationType::Mutation,
            OperationType::Subscription,
        ];

        let fields = all.into_iter().flat_map(root_fields);
        let mut open: Vec<_> = fields
            .filter(|(_, def)| def.needs.is_empty())
            .map(|(name, _)| name)
            .collect();
        open.sort();
        // `dailyFigures` needs one of two permissions; its arguments are three texts.
        assert_eq!(
            open,
            [
                "__schema",
                "__type",
                "dailyFigures",
                "node",
                "nodes",
                "version",
                "viewer"
            ]
        );
    }

    #[test]
    fn fields_that_compute_for_long_say_so() {
        let fields = [OperationType::Query, OperationType::Mutation]
            .into_iter()
            .flat_map(root_fields);
        let mut heavy: Vec<_> = fields
            .filter_map(|(name, def)| match def.heavy {
                Heavy::Never => None,
                Heavy::Always => Some(name),
                Heavy::With(arguments) => {
                    let arguments: Vec<_> = arguments.iter().map(|it| it.name.as_str()).collect();
                    Some(format!("{name}({})", arguments.join(", ")))
                }
            })
            .collect();
        heavy.sort();

        assert_eq!(
            heavy,
            [
                "department(asOf, id)",
                "departments(filter, asOf)",
                "exportIdentityLinks",
                "identityLinks(filter)",
                "importIdentityLinks",
                "matchingCensus",
                "node(id)",
                "nodes(ids)",
                "previewDepartmentSelection",
                "previewMessage",
                "previewMessageTemplate",
                "previewResend",
                "rehearseMatching",
                "resendMessage",
                "saveMessageTemplate",
                "sendMessage",
                "user(asOf, id)",
                "users(filter, orderBy, asOf)",
            ]
        );
    }
}
