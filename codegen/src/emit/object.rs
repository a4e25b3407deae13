//! An object: the struct, how it is made, written and read.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::rust_type::{held, owned};
use super::setter::{self, Begins};
use super::values::{or_fallback, write_field};
use super::{doc, field_doc, redacted};
use crate::ir::{Field, Object, Type};
use crate::plan::{Placed, Presence, Travel, TypePlan};

pub(super) fn emit(plan: &TypePlan<'_>, object: &Object) -> TokenStream {
    let TypePlan { ty, fields, .. } = plan;
    let name = format_ident!("{}", ty.name);
    let definition = definition(plan, object);
    let debug = fields
        .iter()
        .any(Placed::is_redacted)
        .then(|| redacted::debug(&name, fields, Some(object)));
    let made = is_made(plan.travel).then(|| made(plan, object));
    let written = written(&name, fields, object);
    let read = read(ty, fields, object);
    quote!(#definition #debug #made #written #read)
}

/// Whether users make values of a type in what is no test.
pub(super) fn is_made(travel: Travel) -> bool {
    travel.sent || travel.hooked
}

/// The constructor and the setters of a type that users make.
fn made(plan: &TypePlan<'_>, object: &Object) -> TokenStream {
    let TypePlan { ty, fields, .. } = plan;
    let begins = |placed: &Placed<'_>| {
        if plan.travel.sent {
            Begins::sent(placed)
        } else {
            Begins::received(placed)
        }
    };
    let own = fields.iter().filter(|placed| !placed.is_constant());
    let beginnings: Vec<_> = own.map(|placed| (placed, begins(placed))).collect();
    let is_given = |(_, begins): &setter::Beginning<'_>| matches!(begins, Begins::Given);
    let is_any_given = beginnings.iter().any(is_given);
    let docs = if is_any_given {
        "With what must be there; everything else is absent."
    } else {
        "With everything absent."
    };
    let is_default = is_omittable_as_a_whole(plan);
    let value = if is_any_given || !is_default || object.additional.is_some() {
        setter::value(&beginnings, object)
    } else {
        quote!(Self::default())
    };
    let constructors = setter::constructors(&ty.name, &beginnings, docs, &value);
    let default = (!is_any_given && !is_default).then(|| setter::default(&ty.name));
    quote!(#constructors #default)
}

fn is_omittable_as_a_whole(plan: &TypePlan<'_>) -> bool {
    is_made(plan.travel) && plan.fields.iter().all(Placed::is_omittable)
}

fn definition(plan: &TypePlan<'_>, object: &Object) -> TokenStream {
    let TypePlan { ty, fields, .. } = plan;
    let name = format_ident!("{}", ty.name);
    let docs = doc::attributes(&ty.doc);
    let debug = (!fields.iter().any(Placed::is_redacted)).then(|| quote!(Debug,));
    let default = is_omittable_as_a_whole(plan).then(|| quote!(Default,));
    let members = fields
        .iter()
        .filter(|placed| !placed.is_constant())
        .map(|placed| {
            let (docs, field) = (
                field_doc::attributes(placed, &ty.name),
                format_ident!("{}", placed.field.name),
            );
            let held = held(placed);
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

fn written(name: &Ident, fields: &[Placed<'_>], object: &Object) -> TokenStream {
    let sent = fields.iter().filter(|placed| !placed.only_answered);
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

fn read(ty: &Type, fields: &[Placed<'_>], object: &Object) -> TokenStream {
    let name = format_ident!("{}", ty.name);
    let text = &ty.name;
    let own = fields.iter().filter(|placed| !placed.is_constant());
    let slots = own.clone().map(slot);
    let values = own.map(value);
    let (additional_slot, additional_value) = match &object.additional {
        Some(_) => (
            Some(quote!(let mut additional = BTreeMap::new();)),
            Some(quote!(additional,)),
        ),
        None => (None, None),
    };
    let entries = entries(fields, object.additional.is_some());
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
                #entries
                Ok(Self { #(#values)* #additional_value })
            }
        }
    }
}

/// The loop that reads the entries into their variables; what has none is kept or skipped.
fn entries(fields: &[Placed<'_>], keeps_others: bool) -> TokenStream {
    let (constants, own): (Vec<&Placed<'_>>, Vec<&Placed<'_>>) =
        fields.iter().partition(|placed| placed.is_constant());
    let constants: Vec<&str> = constants
        .iter()
        .map(|placed| placed.field.wire.as_str())
        .collect();
    // A constant is known; where the rest is kept, it must not be kept twice.
    let known =
        (keeps_others && !constants.is_empty()).then(|| quote!(#(#constants)|* => object.skip(),));
    if own.is_empty() && !keeps_others {
        return quote!(while object.key()?.is_some() {
            object.skip()?;
        });
    }
    if own.is_empty() && known.is_none() {
        return quote!(while let Some(key) = object.key()? {
            object.entry(key, &mut additional)?;
        });
    }
    let arms = own.into_iter().map(arm);
    let rest = if keeps_others {
        quote!(_ => object.entry(key, &mut additional),)
    } else {
        quote!(_ => object.skip(),)
    };
    quote!(while let Some(key) = object.key()? { match &*key { #(#arms)* #known #rest }?; })
}

/// The variable that holds a field while its object is read; the loop's own names are taken.
fn variable(field: &Field) -> Ident {
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

fn value(placed: &Placed<'_>) -> TokenStream {
    let (wire, field) = (&placed.field.wire, format_ident!("{}", placed.field.name));
    let slot = variable(placed.field);
    match placed.presence {
        Presence::Required | Presence::RequiredNullable | Presence::Constant => {
            quote!(#field: required(#wire, #slot)?,)
        }
        Presence::Defaulted => {
            let or_fallback = or_fallback(placed);
            quote!(#field: #slot.#or_fallback,)
        }
        Presence::Optional | Presence::Patch if slot == field => quote!(#field,),
        Presence::Optional | Presence::Patch => quote!(#field: #slot,),
    }
}
