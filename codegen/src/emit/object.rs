//! An object: the struct, how it is made, written and read.

use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote};
use serde_json::Value;

use super::presence::{Presence, fallback, field_type, is_omittable, presence};
use super::rust_type::owned;
use super::setter::{self, Begins};
use super::{doc, field_doc};
use crate::ir::{Api, Field, Object, Travel, Type};

/// A field with how it stands.
pub(super) struct Placed<'f> {
    pub(super) field: &'f Field,
    pub(super) presence: Presence,
}

pub(super) fn emit(ty: &Type, object: &Object, api: &Api) -> TokenStream {
    let name = format_ident!("{}", ty.name);
    let fields = placed(ty, object, api);
    let definition = definition(ty, object, &fields);
    let debug = fields
        .iter()
        .any(|placed| is_redacted(placed.field))
        .then(|| debug(&name, &fields, Some(object)));
    let made = is_made(ty.travel).then(|| made(ty, &fields, object, api));
    let written = written(&name, &fields, object);
    let read = read(ty, &fields, object, api);
    quote!(#definition #debug #made #written #read)
}

/// The fields of a type with how they stand.
pub(super) fn placed<'o>(ty: &Type, object: &'o Object, api: &Api) -> Vec<Placed<'o>> {
    let fields = object.fields.iter().map(|field| Placed {
        field,
        presence: presence(field, ty.travel, api),
    });
    fields.collect()
}

/// Whether users make values of a type in what is no test.
pub(super) fn is_made(travel: Travel) -> bool {
    travel.sent || travel.hooked
}

/// The constructor and the setters of a type that users make.
fn made(ty: &Type, fields: &[Placed<'_>], object: &Object, api: &Api) -> TokenStream {
    let begins = |placed: &Placed<'_>| {
        if ty.travel.sent {
            Begins::sent(placed)
        } else {
            Begins::received(placed, api)
        }
    };
    let own = fields
        .iter()
        .filter(|placed| placed.presence != Presence::Constant);
    let beginnings: Vec<_> = own.map(|placed| (placed, begins(placed))).collect();
    let is_given = |(_, begins): &setter::Beginning<'_>| matches!(begins, Begins::Given);
    let is_any_given = beginnings.iter().any(is_given);
    let docs = if is_any_given {
        "With what must be there; everything else is absent."
    } else {
        "With everything absent."
    };
    let value =
        if is_any_given || !is_omittable_as_a_whole(ty, fields) || object.additional.is_some() {
            setter::value(&beginnings, object)
        } else {
            quote!(Self::default())
        };
    setter::constructors(&ty.name, &beginnings, docs, &value)
}

/// `Secret` redacts itself; other types that a person calls sensitive need help.
pub(super) fn is_redacted(field: &Field) -> bool {
    field.secret && field.ty != crate::ir::TypeRef::Secret
}

fn is_omittable_as_a_whole(ty: &Type, fields: &[Placed<'_>]) -> bool {
    is_made(ty.travel) && fields.iter().all(|placed| is_omittable(placed.presence))
}

fn definition(ty: &Type, object: &Object, fields: &[Placed<'_>]) -> TokenStream {
    let name = format_ident!("{}", ty.name);
    let docs = doc::attributes(&ty.doc);
    let debug = (!fields.iter().any(|placed| is_redacted(placed.field))).then(|| quote!(Debug,));
    let default = is_omittable_as_a_whole(ty, fields).then(|| quote!(Default,));
    let members = fields
        .iter()
        .filter(|placed| placed.presence != Presence::Constant)
        .map(|placed| {
            let (docs, field) = (
                field_doc::attributes(placed, &ty.name),
                format_ident!("{}", placed.field.name),
            );
            let held = field_type(placed.field, placed.presence);
            quote!(#docs pub #field: #held,)
        });
    let additional = object.additional.as_ref().map(|ty| {
        let ty = owned(ty);
        quote! {
            /// Fields that the description allows and does not name.
            pub additional: BTreeMap<String, #ty>,
        }
    });
    quote! {
        #docs
        #[derive(Clone, #debug #default PartialEq)]
        #[non_exhaustive]
        pub struct #name {
            #(#members)*
            #additional
        }
    }
}

/// A `Debug` that keeps the sensitive fields to itself.
pub(super) fn debug<'f>(
    name: &proc_macro2::Ident,
    fields: impl IntoIterator<Item = &'f Placed<'f>>,
    object: Option<&Object>,
) -> TokenStream {
    let lines = fields
        .into_iter()
        .filter(|placed| placed.presence != Presence::Constant)
        .map(|placed| {
            let (text, field) = (&placed.field.name, format_ident!("{}", placed.field.name));
            if is_redacted(placed.field) {
                quote!(.field(#text, &Redacted))
            } else {
                quote!(.field(#text, &self.#field))
            }
        });
    let additional = object
        .and_then(|object| object.additional.as_ref())
        .map(|_| quote!(.field("additional", &self.additional)));
    let text = name.to_string();
    quote! {
        impl fmt::Debug for #name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(#text) #(#lines)* #additional .finish()
            }
        }
    }
}

/// Writes one field with a body writer or an object writer called `writer`; `value` is a reference to it.
pub(super) fn write_field(
    writer: &TokenStream,
    placed: &Placed<'_>,
    value: &TokenStream,
) -> TokenStream {
    let wire = &placed.field.wire;
    match placed.presence {
        Presence::Constant => {
            let constant = literal(placed.field.constant.as_ref());
            quote!(#writer.field(#wire, #constant);)
        }
        Presence::Required | Presence::RequiredNullable | Presence::Defaulted => {
            quote!(#writer.field(#wire, #value);)
        }
        Presence::Optional => quote!(#writer.optional(#wire, #value);),
        Presence::Patch => quote!(#writer.patch(#wire, #value);),
    }
}

/// A constant as a reference.
pub(super) fn literal(value: Option<&Value>) -> TokenStream {
    match value {
        Some(Value::String(text)) => quote!(#text),
        Some(Value::Bool(value)) => quote!(&#value),
        Some(Value::Number(value)) => {
            let number = number(value);
            quote!(&#number)
        }
        Some(value @ (Value::Array(_) | Value::Object(_))) => {
            let value = json(value);
            quote!(&serde_json::json!(#value))
        }
        _ => quote!(&()),
    }
}

/// A value as the macro `json` takes it.
fn json(value: &Value) -> TokenStream {
    match value {
        Value::Null => quote!(null),
        Value::Array(items) => {
            let items = items.iter().map(json);
            quote!([#(#items),*])
        }
        Value::Object(map) => {
            let (names, values) = (map.keys(), map.values().map(json));
            quote!({ #(#names: #values),* })
        }
        Value::String(text) => quote!(#text),
        Value::Bool(flag) => quote!(#flag),
        Value::Number(value) => {
            let number = number(value);
            quote!(#number)
        }
    }
}

fn number(value: &serde_json::Number) -> Literal {
    match (value.as_u64(), value.as_i64()) {
        (Some(number), _) => Literal::u64_suffixed(number),
        (None, Some(number)) => Literal::i64_suffixed(number),
        (None, None) => Literal::f64_suffixed(value.as_f64().unwrap_or_default()),
    }
}

fn written(name: &proc_macro2::Ident, fields: &[Placed<'_>], object: &Object) -> TokenStream {
    let sent = fields.iter().filter(|placed| !placed.field.read_only);
    let sent: Vec<&Placed<'_>> = sent.collect();
    let lines = sent.iter().map(|placed| {
        let field = format_ident!("{}", placed.field.name);
        write_field(&quote!(object), placed, &quote!(&self.#field))
    });
    let additional = object
        .additional
        .as_ref()
        .map(|_| quote!(object.entries(&self.additional);));
    let mutable = (!sent.is_empty() || additional.is_some()).then(|| quote!(mut));
    quote! {
        impl Serialize for #name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let #mutable object = ObjectWriter::new(serializer);
                #(#lines)*
                #additional
                object.finish()
            }
        }
    }
}

fn read(ty: &Type, fields: &[Placed<'_>], object: &Object, api: &Api) -> TokenStream {
    let name = format_ident!("{}", ty.name);
    let text = &ty.name;
    let own: Vec<&Placed<'_>> = fields
        .iter()
        .filter(|placed| placed.presence != Presence::Constant)
        .collect();
    let slots = own.iter().map(|placed| slot(placed));
    let arms = own.iter().map(|placed| arm(placed));
    let values = own.iter().map(|placed| value(placed, api));
    let (additional_slot, additional_value) = match &object.additional {
        Some(_) => (
            Some(quote!(let mut additional = BTreeMap::new();)),
            Some(quote!(additional,)),
        ),
        None => (None, None),
    };
    let constants: Vec<&str> = fields
        .iter()
        .filter(|placed| placed.presence == Presence::Constant)
        .map(|placed| placed.field.wire.as_str())
        .collect();
    // A constant is known; where the rest is kept, it must not be kept twice.
    let known = (object.additional.is_some() && !constants.is_empty())
        .then(|| quote!(#(#constants)|* => object.skip(),));
    let rest = if object.additional.is_some() {
        quote!(_ => object.entry(key, &mut additional),)
    } else {
        quote!(_ => object.skip(),)
    };
    let matching = if own.is_empty() && object.additional.is_none() {
        quote!(while object.key()?.is_some() {
            object.skip()?;
        })
    } else {
        quote!(while let Some(key) = object.key()? { match &*key { #(#arms)* #known #rest }?; })
    };
    quote! {
        impl<'de> Deserialize<'de> for #name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                object::read(deserializer)
            }
        }
        impl<'de> FromObject<'de> for #name {
            const NAME: &'static str = #text;
            fn from_object<A: MapAccess<'de>>(object: &mut ObjectReader<'de, A>) -> Result<Self, A::Error> {
                #(#slots)*
                #additional_slot
                #matching
                Ok(Self { #(#values)* #additional_value })
            }
        }
    }
}

/// The variable that holds a field while its object is read; the loop's own names are taken.
fn variable(field: &Field) -> proc_macro2::Ident {
    match field.name.as_str() {
        taken @ ("key" | "object" | "additional" | "required") => format_ident!("{taken}_field"),
        name => format_ident!("{name}"),
    }
}

fn slot(placed: &Placed<'_>) -> TokenStream {
    let field = variable(placed.field);
    if placed.presence == Presence::Patch {
        quote!(let mut #field = Patch::Absent;)
    } else {
        quote!(let mut #field = None;)
    }
}

fn arm(placed: &Placed<'_>) -> TokenStream {
    let (wire, field) = (&placed.field.wire, variable(placed.field));
    match placed.presence {
        Presence::RequiredNullable => quote!(#wire => object.nullable(&mut #field),),
        Presence::Optional | Presence::Defaulted => quote!(#wire => object.optional(&mut #field),),
        Presence::Patch => quote!(#wire => object.patch(&mut #field),),
        Presence::Required | Presence::Constant => quote!(#wire => object.value(&mut #field),),
    }
}

fn value(placed: &Placed<'_>, api: &Api) -> TokenStream {
    let (wire, field) = (&placed.field.wire, format_ident!("{}", placed.field.name));
    let slot = variable(placed.field);
    match placed.presence {
        Presence::Required | Presence::RequiredNullable | Presence::Constant => {
            quote!(#field: required(#wire, #slot)?,)
        }
        Presence::Defaulted => {
            let fallback = fallback(placed.field, api);
            let or_fallback =
                fallback.map_or_else(|| quote!(unwrap_or_default()), |found| found.of_option());
            quote!(#field: #slot.#or_fallback,)
        }
        Presence::Optional | Presence::Patch if slot == field => quote!(#field,),
        Presence::Optional | Presence::Patch => quote!(#field: #slot,),
    }
}
