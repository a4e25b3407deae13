#![doc = include_str!("../README.md")]

use proc_macro::TokenStream;

/// Keeps what is written, the async face, and adds the blocking twin.
///
/// On a function, on an `impl` block or one of its methods, on a trait, on a struct, enum or type alias, on a `use`.
/// The arguments, all optional and in this order:
///
/// - a path to a table that [`faces!`] declared: `#[dual(prefect)]`,
/// - the twin's name, where the table and the convention do not give it: `name = load`,
/// - further pairs of names for this item: `map(asleep => sleep)`.
///
/// Inside a dual item, `#[dual(async)]` and `#[dual(blocking)]` mark a method, statement, match arm or field that only
/// that face has.
///
/// The crate's documentation has the rules.
#[proc_macro_attribute]
pub fn dual(arguments: TokenStream, item: TokenStream) -> TokenStream {
    diptych_expansion::attribute(arguments.into(), item.into()).into()
}

/// Declares a table: the names that differ between the two faces.
///
/// ```
/// diptych_macros::faces! {
///     /// The names that differ between the faces of this crate.
///     weather {
///         AsyncClient => Client,
///         asleep => sleep,
///     }
/// }
/// # struct AsyncClient;
/// # struct Client;
/// # #[diptych_macros::dual(weather)]
/// # async fn aask(_client: &AsyncClient) {}
/// # ask(&Client);
/// ```
///
/// The table is a `macro_rules!` macro with the given name, visible in the whole crate by its path. Entries:
///
/// - `path => path`: this name in the async face is that name in the blocking one. A name that is the same in both,
///   although it looks like an async one, is mapped to itself.
/// - `async if feature = "async"` and `blocking if feature = "blocking"`: the condition under which each face exists.
/// - `naming = "{}_async"`: how async names look. Without it, `"a{}"`.
/// - `await => wait`: a *value* that is awaited in the async face is waited for with this method in the blocking one.
/// - `..crate::weather`, which stands first: this table begins with that one. So a module has a table of the names that
///   are its own, and the crate's table has those that all share.
#[proc_macro]
pub fn faces(table: TokenStream) -> TokenStream {
    diptych_expansion::declare(table.into()).into()
}

/// What a table's macro expands to. Not for use by hand.
#[doc(hidden)]
#[proc_macro]
pub fn __dual(input: TokenStream) -> TokenStream {
    diptych_expansion::with_tables(input.into()).into()
}
