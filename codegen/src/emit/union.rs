//! A union: one of several types, told apart by a tag or by form, or whatever a newer server says.

use proc_macro2::{Ident, Literal, TokenStream};
use quote::{format_ident, quote};

use super::doc;
use super::rust_type::owned;
use super::values::number;
use crate::ir::{Branch, Object, Shape, Type, TypeRef, Union};
use crate::json::Value;
use crate::plan::{Placed, Plan, TypePlan};

pub(super) fn emit(ty: &Type, union: &Union, plan: &Plan<'_>) -> TokenStream {
    let name = format_ident!("{}", ty.name);
    let docs = doc::attributes(&ty.doc);
    let variants: Vec<Ident> = union
        .branches
        .iter()
        .map(|branch| format_ident!("{}", branch.variant))
        .collect();
    let types: Vec<TokenStream> = union
        .branches
        .iter()
        .map(|branch| owned(&branch.ty))
        .collect();
    let variant_docs = union.branches.iter().map(branch_doc);
    let conversions = conversions(&name, union);
    let reading = match &union.tag {
        Some(tag) => by_tag(tag, union, &variants),
        None => by_form(union, plan),
    };
    quote! {
        #docs
        #[derive(Clone, Debug, PartialEq)]
        #[non_exhaustive]
        pub enum #name {
            #(#variant_docs #variants(#types),)*
            /// JSON of a form that this version of the description does not know.
            Unknown(Value),
        }
        #conversions
        impl Serialize for #name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                match self {
                    #(Self::#variants(value) => value.serialize(serializer),)*
                    Self::Unknown(value) => value.serialize(serializer),
                }
            }
        }
        impl<'de> Deserialize<'de> for #name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let value = Value::deserialize(deserializer)?;
                #reading
            }
        }
    }
}

fn by_tag(tag: &str, union: &Union, variants: &[Ident]) -> TokenStream {
    let tags = union.branches.iter().map(|branch| {
        let tags = &branch.tags;
        quote!(#(#tags)|*)
    });
    // A tag that may be a number or a flag is compared as JSON writes it.
    let texts = union.branches.iter().flat_map(|branch| &branch.tags);
    let found = if texts.into_iter().any(|text| is_scalar(text)) {
        quote!(union::scalar_tag(&value, #tag).as_deref())
    } else {
        quote!(union::tag(&value, #tag))
    };
    let rest = union.fallback.and_then(|index| variants.get(index));
    let rest = rest.map_or_else(
        || quote!(Ok(Self::Unknown(value))),
        |variant| quote!(Ok(union::matches(&value).map_or(Self::Unknown(value), Self::#variant))),
    );
    quote! {
        match #found {
            #(Some(#tags) => union::read(value).map(Self::#variants),)*
            _ => #rest,
        }
    }
}

fn is_scalar(text: &str) -> bool {
    let json: Option<Value> = serde_json::from_str(text).ok();
    json.is_some_and(|json| json.is_number() || json.is_boolean())
}

/// Tries the branches one by one, those first that ask for most: an object without required fields takes any object. Where
/// an object could be of a branch that has no names for what another one reads, the names decide.
fn by_form(union: &Union, plan: &Plan<'_>) -> TokenStream {
    let mut branches: Vec<&Branch> = union.branches.iter().collect();
    branches.sort_by_key(|branch| {
        let object = object(branch, plan);
        std::cmp::Reverse(object.map_or(0, |(ty, _)| {
            ty.fields.iter().filter(|placed| placed.required).count()
        }))
    });
    whole_numbers_first(&mut branches, plan);
    let (lists, others) = by_what_they_read(branches, |branch| item_fields(branch, plan));
    let (objects, others) = by_what_they_read(others, |branch| fields(branch, plan));
    let tries = [objects, lists].into_iter().flatten();
    let tries = tries.map(|group| most_first(&group, plan));
    let others = others.into_iter().map(|branch| attempt(branch, plan));
    quote! {
        #(#tries)*
        #(#others)*
        Ok(Self::Unknown(value))
    }
}

/// Branches with what each reads.
type Readers<'b, 'p> = Vec<(&'b Branch, Fields<'p>)>;

/// The branches that read fields, where one could take what another one reads more of, and all others.
fn by_what_they_read<'b, 'p>(
    branches: Vec<&'b Branch>,
    fields: impl Fn(&Branch) -> Option<Fields<'p>>,
) -> (Option<Readers<'b, 'p>>, Vec<&'b Branch>) {
    let readers = branches
        .iter()
        .map(|branch| Some((*branch, fields(branch)?)));
    let readers: Readers<'_, '_> = readers.flatten().collect();
    if !may_hide(&readers) {
        return (None, branches);
    }
    let others = branches
        .into_iter()
        .filter(|branch| fields(branch).is_none());
    let others = others.collect();
    (Some(readers), others)
}

/// Tries that branch first which reads most of the value.
fn most_first(readers: &Readers<'_, '_>, plan: &Plan<'_>) -> TokenStream {
    let names = readers.iter().map(|(_, fields)| {
        let names = &fields.names;
        if fields.others {
            quote!(union::Fields::AndOthers(&[#(#names),*]))
        } else {
            quote!(union::Fields::Only(&[#(#names),*]))
        }
    });
    let last = readers.len() - 1;
    let arms = readers.iter().enumerate().map(|(index, (branch, _))| {
        let attempt = attempt(branch, plan);
        let number = Literal::usize_unsuffixed(index);
        let pattern = if index == last {
            quote!(_)
        } else {
            quote!(#number)
        };
        quote!(#pattern => #attempt)
    });
    quote! {
        for branch in union::by_fields(&value, &[#(#names),*]) {
            match branch {
                #(#arms)*
            }
        }
    }
}

/// A number takes a whole one too, and would write it with a point.
fn whole_numbers_first(branches: &mut Vec<&Branch>, plan: &Plan<'_>) {
    let find = |is: fn(&TypeRef) -> bool| {
        let mut types = branches.iter().map(|branch| plan.resolved(&branch.ty));
        types.position(is)
    };
    let number = find(|ty| matches!(ty, TypeRef::Number(_)));
    let whole = find(|ty| matches!(ty, TypeRef::Integer(_)));
    if let (Some(number), Some(whole)) = (number, whole)
        && number < whole
    {
        let whole = branches.remove(whole);
        branches.insert(number, whole);
    }
}

/// What a branch reads of an object.
struct Fields<'a> {
    names: Vec<&'a str>,
    asked: Vec<&'a str>,
    /// Whether it reads what it has no names for too.
    others: bool,
}

fn fields<'a>(branch: &Branch, plan: &'a Plan<'_>) -> Option<Fields<'a>> {
    fields_of(&branch.ty, plan)
}

/// What a branch reads of each item, where it is a list of objects.
fn item_fields<'a>(branch: &Branch, plan: &'a Plan<'_>) -> Option<Fields<'a>> {
    match plan.resolved(&branch.ty) {
        TypeRef::List(item) => fields_of(item, plan),
        _ => None,
    }
}

fn fields_of<'a>(ty: &TypeRef, plan: &'a Plan<'_>) -> Option<Fields<'a>> {
    if let TypeRef::Map(_) = plan.resolved(ty) {
        return Some(Fields {
            names: Vec::new(),
            asked: Vec::new(),
            others: true,
        });
    }
    let (ty, object) = object_of(ty, plan)?;
    let name = |placed: &Placed<'a>| placed.field.wire.as_str();
    let asked = ty.fields.iter().filter(|placed| placed.required);
    Some(Fields {
        names: ty.fields.iter().map(name).collect(),
        asked: asked.map(name).collect(),
        others: object.additional.is_some(),
    })
}

/// Whether an object that is tried could take what a later one has names for, or what a later one keeps and it loses.
fn may_hide(readers: &Readers<'_, '_>) -> bool {
    let hides = |earlier: &Fields<'_>, later: &Fields<'_>| {
        let has_more = later.names.iter().any(|name| !earlier.names.contains(name));
        let may_have = |name: &&str| later.others || later.names.contains(name);
        (has_more || later.others && !earlier.others) && earlier.asked.iter().all(may_have)
    };
    let mut each = readers.iter().enumerate();
    each.any(|(index, (_, earlier))| {
        let mut later = readers[index + 1..].iter();
        later.any(|(_, later)| hides(earlier, later))
    })
}

fn attempt(branch: &Branch, plan: &Plan<'_>) -> TokenStream {
    let variant = format_ident!("{}", branch.variant);
    let agrees = object(branch, plan)
        .into_iter()
        .flat_map(|(ty, _)| constants(ty))
        .map(|(name, constant)| quote!(union::agrees(&value, #name, #constant) &&));
    let kind = kind(branch, plan).map(|kind| quote!(value.#kind() &&));
    // A union takes anything: what it does not know is another branch's, where one knows it.
    let is_known = is_union(branch, plan).then(|| {
        let ty = owned(&branch.ty);
        quote!(&&!matches!(value, #ty::Unknown(_)))
    });
    quote! {
        if #kind #(#agrees)* let Some(value) = union::matches(&value) #is_known {
            return Ok(Self::#variant(value));
        }
    }
}

/// The question that tells at once that a value is not of this branch. Trying it would make an error and throw it away.
fn kind(branch: &Branch, plan: &Plan<'_>) -> Option<Ident> {
    let question = match &branch.ty {
        TypeRef::Text => "is_string",
        TypeRef::Bool => "is_boolean",
        TypeRef::Integer(_) | TypeRef::Number(_) => "is_number",
        TypeRef::List(_) => "is_array",
        TypeRef::Map(_) => "is_object",
        _ if object(branch, plan).is_some() => "is_object",
        _ => return None,
    };
    Some(format_ident!("{question}"))
}

fn is_union(branch: &Branch, plan: &Plan<'_>) -> bool {
    let TypeRef::Named(name) = &branch.ty else {
        return false;
    };
    let shape = plan.api.types.get(name).map(|ty| &ty.shape);
    matches!(shape, Some(Shape::Union(_)))
}

fn object<'p>(branch: &Branch, plan: &'p Plan<'_>) -> Option<(&'p TypePlan<'p>, &'p Object)> {
    object_of(&branch.ty, plan)
}

fn object_of<'p>(ty: &TypeRef, plan: &'p Plan<'_>) -> Option<(&'p TypePlan<'p>, &'p Object)> {
    let name = match ty {
        TypeRef::Named(name) => name,
        TypeRef::Boxed(inner) => match &**inner {
            TypeRef::Named(name) => name,
            _ => return None,
        },
        _ => return None,
    };
    let ty = plan.types.get(name.as_str())?;
    match &ty.ty.shape {
        Shape::Object(object) => Some((ty, object)),
        _ => None,
    }
}

/// The values that an object always has: reading it does not look at them, so they are compared before.
fn constants<'p>(plan: &'p TypePlan<'_>) -> impl Iterator<Item = (&'p str, TokenStream)> {
    plan.fields.iter().filter_map(|placed| {
        let field = placed.field;
        let constant = match field.constant.as_ref()? {
            Value::String(text) => quote!(#text),
            Value::Bool(flag) => quote!(#flag),
            Value::Number(value) => {
                let number = number(value);
                quote!(#number)
            }
            _ => return None,
        };
        Some((field.wire.as_str(), constant))
    })
}

fn branch_doc(branch: &Branch) -> TokenStream {
    let text = match &branch.ty {
        _ if !branch.tags.is_empty() => format!("Tagged `{}`.", branch.tags.join("` or `")),
        TypeRef::Named(name) => format!("A `{name}`."),
        TypeRef::Text => "Text.".to_owned(),
        TypeRef::Bool => "True or false.".to_owned(),
        TypeRef::Integer(_) => "A whole number.".to_owned(),
        TypeRef::Number(_) => "A number.".to_owned(),
        TypeRef::List(_) => "A list.".to_owned(),
        TypeRef::Map(_) => "Values by name.".to_owned(),
        _ => "A value.".to_owned(),
    };
    doc::attributes(&text)
}

/// `From` each branch whose type no other branch shares.
fn conversions(name: &Ident, union: &Union) -> TokenStream {
    let alone = union.branches.iter().filter(|branch| branch.is_alone);
    let each = alone.map(|branch| {
        let (variant, ty) = (format_ident!("{}", branch.variant), owned(&branch.ty));
        let text = (branch.ty == TypeRef::Text).then(|| {
            quote! {
                impl From<&str> for #name {
                    fn from(value: &str) -> Self {
                        Self::#variant(value.to_owned())
                    }
                }
            }
        });
        quote! {
            impl From<#ty> for #name {
                fn from(value: #ty) -> Self {
                    Self::#variant(value)
                }
            }
            #text
        }
    });
    each.collect()
}
