//! What all commands and their answers have in common.

/// Plain structs that cross the wire. Unknown fields are refused, so that a misspelt one is an error instead of a surprise.
macro_rules! words {
    ($($(#[$doc:meta])* $name:ident { $($body:tt)* })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(deny_unknown_fields)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        pub struct $name { $($body)* }
    )*};
}
pub(crate) use words;
