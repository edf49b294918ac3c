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
///     #[tags("items:10")]
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
/// an error. `tags`: what is said of its cost, see `admission/types/price.rs` and `heavy.rs`; behind the getter of such
/// a field the clock is looked at. A getter reads what is in memory and doesn't wait.
///
/// Fields whose getters do wait stand behind the others, each behind the word `waits` and as `async fn`. They may be
/// null; see [`waiting`](super::waiting).
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
            $(#[tags($($tag:literal),+)])?
            fn $field:ident(
                &$this:ident
                $(, $ctx:ident: $Context:ty)?
                $(, #[desc($desc:literal)] $(#[default($default:expr)])? $arg:ident: $Arg:ty)*
                $(,)?
            ) -> $Output:ty $body:block
        )+
        $(
            waits
            $(#[doc = $wait_doc:literal])*
            $(#[tags($($wait_tag:literal),+)])?
            async fn $wait:ident(
                &$wait_this:ident,
                $wait_ctx:ident: $WaitContext:ty
                $(, #[desc($wait_desc:literal)] $(#[default($wait_default:expr)])? $wait_arg:ident: $WaitArg:ty)*
                $(,)?
            ) -> $WaitOutput:ty $wait_body:block
        )*
    ) => {
        #[allow(clippy::too_many_arguments, reason = "they are the field's")]
        impl $Type {
            $(
                $(#[doc = $doc])*
                pub(crate) fn $field(
                    &$this
                    $(, $ctx: $Context)?
                    $(, $arg: $Arg)*
                ) -> $Output $body
            )+
            $(
                $(#[doc = $wait_doc])*
                #[allow(clippy::too_many_arguments, reason = "those of a connection")]
                pub(crate) async fn $wait(
                    &$wait_this,
                    $wait_ctx: $WaitContext
                    $(, $wait_arg: $WaitArg)*
                ) -> $WaitOutput $wait_body
            )*
        }

        impl $crate::graphql::walk::WalkObject for $Type {
            const NAME: &'static str = stringify!($Name);
            const ABOUT: &'static [&'static str] = &[$($about),*];
            const FIELDS: &'static [$crate::graphql::walk::FieldDef<Self>] = &[$(
                $crate::graphql::walk::FieldDef {
                    name: stringify!($field),
                    needs: &[$($($crate::auth::Permission::$need),+)?],
                    meta: $crate::graphql::walk::walked!(
                        @meta $field, [$($doc),*], $Output, [$($($tag),+)?],
                        [$($arg: $Arg, $desc $(= $default)?),*]
                    ),
                    output: || <$Output as async_graphql::OutputType>::qualified_type_name(),
                    compile: |ctx, field| {
                        #[allow(unused_variables, reason = "only fields with arguments have a use for it")]
                        let of_field = ctx.with_field(field);
                        $crate::graphql::walk::walked!(@arguments of_field, [$($arg: $Arg $(= $default)?),*]);

                        let below = ctx.with_selection_set(&field.node.selection_set);
                        let plan = <$Output as $crate::graphql::walk::WalkOutput>::plan(&below, field)?;
                        Ok(Box::new(move |object: &$Type, walk: &mut $crate::graphql::walk::Walk<'_>| {
                            let value = object.$field(
                                $(&{ let $ctx = walk.context(); $ctx },)?
                                $($arg.clone()),*
                            );
                            $crate::graphql::walk::walked!(@look walk, [$($($tag),+)?]);
                            $crate::graphql::walk::WalkOutput::write(&value, &plan, walk)
                        }))
                    },
                    resolve: |object, ctx, field| Box::pin(async move {
                        #[allow(unused_variables, reason = "only fields with arguments have a use for it")]
                        let of_field = ctx.with_field(field);
                        $crate::graphql::walk::walked!(@arguments of_field, [$($arg: $Arg $(= $default)?),*]);

                        let value = object.$field(
                            $(&{ let $ctx = $crate::graphql::walk::WalkContext::new(ctx); $ctx },)?
                            $($arg),*
                        );
                        $crate::graphql::walk::walked!(@pause [$($($tag),+)?]);
                        let below = ctx.with_selection_set(&field.node.selection_set);
                        async_graphql::OutputType::resolve(&value, &below, field).await
                    }),
                },
            )+];
            const WAITING: &'static [$crate::graphql::walk::WaitingDef<Self>] = &[$(
                $crate::graphql::walk::WaitingDef {
                    name: stringify!($wait),
                    meta: $crate::graphql::walk::walked!(
                        @meta $wait, [$($wait_doc),*], $WaitOutput, [$($($wait_tag),+)?],
                        [$($wait_arg: $WaitArg, $wait_desc $(= $wait_default)?),*]
                    ),
                    resolve: |object, ctx| Box::pin(async move {
                        $crate::graphql::walk::walked!(
                            @arguments ctx, [$($wait_arg: $WaitArg $(= $wait_default)?),*]
                        );

                        let value = object.$wait(ctx, $($wait_arg),*).await;
                        let below = ctx.with_selection_set(&ctx.item.node.selection_set);
                        async_graphql::OutputType::resolve(&value, &below, ctx.item).await
                    }),
                },
            )*];
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

    (@arguments $of:ident, [$($arg:ident: $Arg:ty $(= $default:expr)?),*]) => {
        $(let (_, $arg) = $of.param_value::<$Arg>(
            &$crate::graphql::walk::camel(stringify!($arg)),
            $crate::graphql::walk::walked!(@default $Arg $(, $default)?),
        )?;)*
    };

    (
        @meta $name:ident, [$($doc:literal),*], $Output:ty, [$($tag:literal),*],
        [$($arg:ident: $Arg:ty, $desc:literal $(= $default:expr)?),*]
    ) => {
        |registry| {
            let arguments = vec![$(
                $crate::graphql::walk::argument(
                    stringify!($arg),
                    $desc,
                    <$Arg as async_graphql::InputType>::create_type_info(registry),
                    $crate::graphql::walk::walked!(@written $Arg $(, $default)?),
                )
            ),*];
            let ty = <$Output as async_graphql::OutputType>::create_type_info(registry);
            $crate::graphql::walk::field(stringify!($name), &[$($doc),*], ty, arguments, &[$($tag),*])
        }
    };

    (@look $walk:ident, []) => {};
    (@look $walk:ident, [$($tag:literal),+]) => {
        $walk.look_at_clock()?;
    };

    // The operation's clock is looked at, and others have a turn.
    (@pause []) => {};
    (@pause [$($tag:literal),+]) => {
        tokio::task::yield_now().await;
    };
}
pub(crate) use walked;
