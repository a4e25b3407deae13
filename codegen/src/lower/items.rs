//! What is read of progenitor's tokens: the types, and the signatures of the client's methods.
//!
//! Everything else, above all the methods' bodies and the types' many conversions, is passed over unparsed, which is
//! half of the cost of reading.

use std::collections::BTreeMap;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// The items that matter, by name.
#[derive(Default)]
pub(super) struct Items {
    /// The structs, enums and aliases of `mod types`.
    pub types: BTreeMap<String, syn::Item>,
    /// The methods of `impl Client`.
    pub methods: BTreeMap<String, syn::Signature>,
}

/// Reads progenitor's file.
pub(super) fn read(file: TokenStream) -> syn::Result<Items> {
    let mut items = Items::default();
    for item in split(file) {
        match words(&item).as_slice() {
            [kind, name, ..] if kind == "mod" && name == "types" => {
                for item in split(body(&item)) {
                    read_type(item, &mut items)?;
                }
            }
            [kind, name] if kind == "impl" && name == "Client" => {
                for method in split(body(&item)) {
                    read_method(method, &mut items)?;
                }
            }
            _ => {}
        }
    }
    Ok(items)
}

/// The tokens of each item: up to its braces, or its semicolon.
fn split(tokens: TokenStream) -> Vec<Vec<TokenTree>> {
    let mut items = Vec::new();
    let mut item = Vec::new();
    for token in tokens {
        let ends = match &token {
            TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
            TokenTree::Punct(punct) => punct.as_char() == ';',
            _ => false,
        };
        item.push(token);
        if ends {
            items.push(std::mem::take(&mut item));
        }
    }
    items
}

/// The first words of an item behind its attributes and `pub`: `struct Flow`, `impl Client`.
fn words(item: &[TokenTree]) -> Vec<String> {
    let words = item.iter().filter_map(|token| match token {
        TokenTree::Ident(ident) if ident != "pub" => Some(ident.to_string()),
        _ => None,
    });
    words.take(3).collect()
}

fn body(item: &[TokenTree]) -> TokenStream {
    match item.last() {
        Some(TokenTree::Group(group)) => group.stream(),
        _ => TokenStream::new(),
    }
}

fn read_type(item: Vec<TokenTree>, items: &mut Items) -> syn::Result<()> {
    let words = words(&item);
    if let [kind, name, ..] = words.as_slice()
        && matches!(kind.as_str(), "struct" | "enum" | "type")
    {
        let item: syn::Item = syn::parse2(item.into_iter().collect())?;
        if items.types.insert(name.clone(), item).is_some() {
            let words =
                format!("it makes two types called `{name}`; rename one in the description");
            return Err(syn::Error::new(proc_macro2::Span::call_site(), words));
        }
    }
    Ok(())
}

fn read_method(mut method: Vec<TokenTree>, items: &mut Items) -> syn::Result<()> {
    method.pop();
    let start = method.iter().position(
        |token| matches!(token, TokenTree::Ident(ident) if ident == "async" || ident == "fn"),
    );
    let signature: TokenStream = method.into_iter().skip(start.unwrap_or(0)).collect();
    let signature: syn::Signature = syn::parse2(signature)?;
    items.methods.insert(signature.ident.to_string(), signature);
    Ok(())
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::read;

    #[test]
    fn types_and_methods_are_found_among_the_rest() {
        let file = quote! {
            use progenitor_client::Error;
            pub mod types {
                #[doc = "struct"]
                pub struct Flow { pub id: i64 }
                pub struct Tags(pub Vec<String>);
                impl Flow { pub fn builder() -> u8 { 1 } }
                pub enum State { A, B }
            }
            pub struct Client { baseurl: String }
            impl Client { #[doc = "x"] pub async fn read<'a>(&'a self, id: i64) -> Result<Flow, ()> { todo } }
            impl ClientInfo<()> for Client { fn inner(&self) -> &() { &() } }
        };
        let items = read(file).unwrap();
        assert_eq!(
            items.types.keys().collect::<Vec<_>>(),
            ["Flow", "State", "Tags"]
        );
        assert_eq!(items.methods.keys().collect::<Vec<_>>(), ["read"]);
        assert_eq!(items.methods["read"].inputs.len(), 2);
    }
}
