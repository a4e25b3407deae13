//! An open enum: the texts that the description knows, and whatever a newer server says.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::doc;
use crate::ir::{EnumValue, Type};

pub(super) fn emit(ty: &Type, values: &[EnumValue]) -> TokenStream {
    let name = format_ident!("{}", ty.name);
    let docs = doc::attributes(&ty.doc);
    let variants: Vec<_> = values
        .iter()
        .map(|value| format_ident!("{}", value.variant))
        .collect();
    let texts: Vec<&str> = values.iter().map(|value| value.wire.as_str()).collect();
    let variant_docs = texts
        .iter()
        .map(|text| doc::attributes(&format!("`{text}`.")));
    quote! {
        #docs
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum #name {
            #(#variant_docs #variants,)*
            /// A text that this version of the description does not know.
            Unknown(String),
        }
        impl #name {
            /// The text as it travels.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    #(Self::#variants => #texts,)*
                    Self::Unknown(text) => text,
                }
            }
        }
        impl From<&str> for #name {
            fn from(text: &str) -> Self {
                match text {
                    #(#texts => Self::#variants,)*
                    other => Self::Unknown(other.to_owned()),
                }
            }
        }
        impl fmt::Display for #name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }
        impl ParameterValue for #name {
            fn write(&self, out: &mut ParameterValues) {
                out.push(self.as_str());
            }
        }
        impl Serialize for #name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }
        impl<'de> Deserialize<'de> for #name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                open_enum::read(deserializer)
            }
        }
    }
}
