//! The form in which a walked type is declared.

/// Makes a walked type of a table: a field is a line of what it is, and a getter. The getters are plain methods, which
/// others may call, too.
///
/// ```text
/// walked! {
///     /// The type's description.
///     type NameInGraphql = RustType;
///
///     /// The field's description. Needs `directory:read`.
///     #[needs(DirectoryRead)]
///     #[cost(|child| list_cost(first.unwrap_or(20), child))]
///     fn name_of_the_field(
///         &self,
///         ctx: &WalkContext<'_>,
///         #[desc("The argument's description.")] #[default(20)] first: Option<i32>,
///     ) -> Option<Result<Other, ApiError>> {
///         ...
///     }
/// }
/// ```
///
/// All but the name, the type and the getter may be left out. `needs`: without these permissions the field is null with
/// an error. `cost`: of the field with what is selected below, whose own cost is `child`; one more than that where it
/// is left out. A getter reads what is in memory and doesn't wait.
macro_rules! walked {
    (@default $Arg:ty) => { None };
    (@default $Arg:ty, $default:expr) => { Some(|| <$Arg>::from($default)) };

    (@written $Arg:ty) => { None };
    (@written $Arg:ty, $default:expr) => {
        Some(async_graphql::InputType::to_value(&<$Arg>::from($default)).to_string())
    };

    (
        $(#[doc = $about:literal])*
        type $Name:ident = $Type:ty;

        $(
            $(#[doc = $doc:literal])*
            $(#[needs($($need:ident),+)])?
            $(#[cost($cost:expr)])?
            fn $field:ident(
                &$this:ident
                $(, $ctx:ident: $Context:ty)?
                $(, #[desc($desc:literal)] $(#[default($default:expr)])? $arg:ident: $Arg:ty)*
                $(,)?
            ) -> $Output:ty $body:block
        )+
    ) => {
        impl $Type {
            $(
                $(#[doc = $doc])*
                pub(crate) fn $field(
                    &$this
                    $(, $ctx: $Context)?
                    $(, $arg: $Arg)*
                ) -> $Output $body
            )+
        }

        impl $crate::graphql::walk::WalkObject for $Type {
            const NAME: &'static str = stringify!($Name);
            const ABOUT: &'static [&'static str] = &[$($about),*];
            const FIELDS: &'static [$crate::graphql::walk::FieldDef<Self>] = &[$(
                $crate::graphql::walk::FieldDef {
                    name: stringify!($field),
                    needs: &[$($($crate::auth::Permission::$need),+)?],
                    meta: |registry| {
                        let arguments = vec![$(
                            $crate::graphql::walk::argument(
                                stringify!($arg),
                                $desc,
                                <$Arg as async_graphql::InputType>::create_type_info(registry),
                                $crate::graphql::walk::walked!(@written $Arg $(, $default)?),
                            )
                        ),*];
                        let ty = <$Output as async_graphql::OutputType>::create_type_info(registry);
                        #[allow(unused_mut, reason = "only fields that say what they cost change")]
                        let mut field = $crate::graphql::walk::field(stringify!($field), &[$($doc),*], ty, arguments);
                        $crate::graphql::walk::walked!(@cost field, [$($cost)?], [$($arg: $Arg $(= $default)?),*]);
                        field
                    },
                    output: || <$Output as async_graphql::OutputType>::qualified_type_name(),
                    compile: |ctx, field| {
                        #[allow(unused_variables, reason = "only fields with arguments have a use for it")]
                        let of_field = ctx.with_field(field);
                        $(let (_, $arg) = of_field.param_value::<$Arg>(
                            &$crate::graphql::walk::camel(stringify!($arg)),
                            $crate::graphql::walk::walked!(@default $Arg $(, $default)?),
                        )?;)*

                        let below = ctx.with_selection_set(&field.node.selection_set);
                        let plan = <$Output as $crate::graphql::walk::WalkOutput>::plan(&below, field)?;
                        Ok(Box::new(move |object: &$Type, walk: &mut $crate::graphql::walk::Walk<'_>| {
                            let value = object.$field(
                                $(&{ let $ctx = walk.context(); $ctx },)?
                                $($arg.clone()),*
                            );
                            $crate::graphql::walk::WalkOutput::write(&value, &plan, walk)
                        }))
                    },
                },
            )+];
        }

        impl $crate::graphql::walk::WalkOutput for $Type {
            type Plan = $crate::graphql::walk::ObjectPlan<Self>;

            fn plan(
                ctx: &async_graphql::ContextSelectionSet<'_>,
                _: &async_graphql::Positioned<async_graphql::parser::types::Field>,
            ) -> async_graphql::ServerResult<Self::Plan> {
                $crate::graphql::walk::compile(ctx)
            }

            fn write(
                &self,
                plan: &Self::Plan,
                walk: &mut $crate::graphql::walk::Walk<'_>,
            ) -> Result<(), $crate::graphql::walk::Halt> {
                plan.write(self, walk)
            }
        }

        impl async_graphql::OutputType for $Type {
            fn type_name() -> std::borrow::Cow<'static, str> {
                stringify!($Name).into()
            }

            fn create_type_info(registry: &mut async_graphql::registry::Registry) -> String {
                $crate::graphql::walk::register::<Self>(registry)
            }

            async fn resolve(
                &self,
                ctx: &async_graphql::ContextSelectionSet<'_>,
                _: &async_graphql::Positioned<async_graphql::parser::types::Field>,
            ) -> async_graphql::ServerResult<async_graphql::Value> {
                $crate::graphql::walk::resolve(self, ctx).await
            }
        }

        impl async_graphql::ContainerType for $Type {
            async fn resolve_field(
                &self,
                ctx: &async_graphql::Context<'_>,
            ) -> async_graphql::ServerResult<Option<async_graphql::Value>> {
                $crate::graphql::walk::resolve_field(self, ctx).await
            }
        }

        impl async_graphql::ObjectType for $Type {}
    };

    (@cost $field:ident, [], [$($arguments:tt)*]) => {};
    (@cost $field:ident, [$cost:expr], [$($arg:ident: $Arg:ty $(= $default:expr)?),*]) => {
        $field.compute_complexity = Some(|ctx, variables, field, child| {
            $(let $arg = ctx.param_value::<$Arg>(
                variables,
                field,
                &$crate::graphql::walk::camel(stringify!($arg)),
                $crate::graphql::walk::walked!(@default $Arg $(, $default)?),
            )?;)*
            let _ = (ctx, variables, field, $(&$arg),*);
            let cost = $cost;
            Ok(cost(child))
        });
    };
}
pub(crate) use walked;
