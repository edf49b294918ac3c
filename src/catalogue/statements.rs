//! How a file of the catalogue is written.

/// Entries of the catalogue. Of each, `CODE { … }.into()` is a statement with these arguments, all of them by name, and
/// `&CODE` the entry itself. What stands behind a `+` may be added to the statement by [`Statement::with`].
///
/// [`Statement::with`]: crate::catalogue::Statement::with
macro_rules! statements {
    ($($code:ident { $($argument:ident),* $(,)? } $(+ { $($more:ident),* })? = $template:expr;)*) => {
        $(
            #[doc = concat!("> ", $template)]
            #[allow(non_camel_case_types, missing_docs)]
            pub struct $code<$($argument),*> {
                $(pub $argument: $argument,)*
            }

            #[doc = concat!("> ", $template)]
            pub static $code: $crate::catalogue::Entry = $crate::catalogue::Entry {
                code: stringify!($code),
                template: $template,
                arguments: &[$(stringify!($argument),)* $($(stringify!($more),)*)?],
            };

            #[allow(non_camel_case_types)]
            impl<$($argument: Into<$crate::catalogue::Value>),*> From<$code<$($argument),*>>
                for $crate::catalogue::Statement
            {
                #[allow(unused_variables)]
                fn from(said: $code<$($argument),*>) -> Self {
                    Self::new(&$code, vec![$(said.$argument.into()),*])
                }
            }
        )*

        /// Every code of this file.
        pub(super) static ALL: &[&$crate::catalogue::Entry] = &[$(&$code),*];
    };
}
