//! Impl blocks, traits and types in both faces.

use proc_macro2::Ident;
use quote::ToTokens;
use syn::visit_mut::VisitMut;
use syn::{Attribute, ImplItem, Item, ItemImpl, ItemTrait, TraitItem, Type};

use crate::docs::{Link, adapt};
use crate::face::Face;
use crate::faces::Faces;
use crate::functions::Function;
use crate::marks::Keep;
use crate::members::{Form, Members};
use crate::refusals::Refusals;
use crate::table::Table;

const MESSAGE_ITEM: &str =
    "`#[dual]` stands on functions, impl blocks, traits, structs, enums, type aliases and imports";

/// An impl block: a twin block if its head names what has a twin, or pairs of methods inside.
pub(crate) fn implementation(
    mut item: ItemImpl,
    table: &mut Table,
    refusals: &mut Refusals,
) -> Faces {
    let members = std::mem::take(&mut item.items);
    let form = Form::twin_block_if(table.names.touch(&item));
    let link = match (&item.trait_, form) {
        (Some(_), _) => Link::None,
        (None, Form::PairsInside) => Link::Associated,
        (None, Form::TwinBlock) => link_to_type(&item.self_ty, table),
    };
    let parsed = members.into_iter().map(|member| match member {
        ImplItem::Fn(function) => Ok(Function::from(function)),
        other => Err(other.into_token_stream()),
    });
    let members = Members::build(parsed.collect(), form, link, table, refusals);
    members.into_faces(table, |members, _| {
        let mut block = item.clone();
        block.items = members.into_iter().map(ImplItem::Verbatim).collect();
        block.into_token_stream()
    })
}

/// A trait: a twin trait if it has a name for one, or pairs of methods inside.
pub(crate) fn trait_definition(
    mut item: ItemTrait,
    name: Option<&Ident>,
    table: &mut Table,
    refusals: &mut Refusals,
) -> Faces {
    let members = std::mem::take(&mut item.items);
    let twin = twin_of_type(&item.ident, name, table);
    let form = Form::twin_block_if(twin.is_some());
    let (own, twin) = (item.ident.to_string(), twin.unwrap_or_default());
    let link = match form {
        Form::TwinBlock => Link::Of {
            asynchronous: own.clone(),
            blocking: twin.clone(),
        },
        Form::PairsInside => Link::Associated,
    };
    let parsed = members.into_iter().map(|member| match member {
        TraitItem::Fn(function) => Ok(Function::from(function)),
        other => Err(other.into_token_stream()),
    });
    let members = Members::build(parsed.collect(), form, link, table, refusals);
    members.into_faces(table, |members, face| {
        let mut block = item.clone();
        block.items = members.into_iter().map(TraitItem::Verbatim).collect();
        if form == Form::TwinBlock {
            let other = if face == Face::Async { &twin } else { &own };
            adapt(&mut block.attrs, face, table, &Link::Type, other);
        }
        block.into_token_stream()
    })
}

/// A struct, enum or type alias, which has a twin if it is given a name for it.
pub(crate) fn type_definition(
    item: Item,
    name: Option<&Ident>,
    table: &mut Table,
    refusals: &mut Refusals,
) -> Faces {
    let Some(own) = name_of_type(&item) else {
        refusals.over(&item, MESSAGE_ITEM);
        return Faces::only(item.into_token_stream());
    };
    let Some(twin) = twin_of_type(&own, name, table) else {
        let message = format!(
            "`{own}` needs a twin's name: `#[dual(name = …)]`, or `{own} => …` in the table"
        );
        refusals.at(own.span(), message);
        return Faces::only(item.into_token_stream());
    };
    let mut with = |face, other: &str| {
        let mut item = item.clone();
        Keep { face, refusals }.visit_item_mut(&mut item);
        if let Some(attributes) = attributes_of_type(&mut item) {
            adapt(attributes, face, table, &Link::Type, other);
        }
        item.into_token_stream()
    };
    let asynchronous = with(Face::Async, &twin);
    let blocking = with(Face::Blocking, &own.to_string());
    Faces::pair(table, &asynchronous, blocking)
}

/// The path of a type's or trait's twin: as given, or by the table.
fn twin_of_type(own: &Ident, given: Option<&Ident>, table: &mut Table) -> Option<String> {
    if let Some(given) = given {
        table.names.insert_ident(own, given);
    }
    let twin = table.names.twin_of(&own.to_string())?;
    Some(twin.join("::"))
}

/// A link to the methods of a twin type.
fn link_to_type(ty: &Type, table: &Table) -> Link {
    let Type::Path(path) = ty else {
        return Link::None;
    };
    let names: Vec<String> = path
        .path
        .segments
        .iter()
        .map(|segment| segment.ident.to_string())
        .collect();
    let asynchronous = names.join("::");
    let blocking = table.names.replace_in_text(&asynchronous);
    Link::Of {
        asynchronous,
        blocking,
    }
}

fn name_of_type(item: &Item) -> Option<Ident> {
    match item {
        Item::Struct(item) => Some(item.ident.clone()),
        Item::Enum(item) => Some(item.ident.clone()),
        Item::Type(item) => Some(item.ident.clone()),
        _ => None,
    }
}

fn attributes_of_type(item: &mut Item) -> Option<&mut Vec<Attribute>> {
    match item {
        Item::Struct(item) => Some(&mut item.attrs),
        Item::Enum(item) => Some(&mut item.attrs),
        Item::Type(item) => Some(&mut item.attrs),
        _ => None,
    }
}
