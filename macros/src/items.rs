//! Impl blocks, traits and types in both faces.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};
use syn::visit_mut::VisitMut;
use syn::{Attribute, ImplItem, ItemImpl, ItemTrait, TraitItem, Type};

use crate::arguments::{Face, Mark, take_mark};
use crate::docs::{Link, adapt};
use crate::expand::{Faces, twin_name};
use crate::functions::Function;
use crate::marks::Keep;
use crate::refusals::Refusals;
use crate::table::Table;

/// What becomes of a member of an impl block or trait.
enum Plan {
    /// It stands once.
    Shared,
    Only(Face),
    Pair(Ident),
}

/// Whether the block is there twice, or its methods are.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// The block's head names a type or trait with a twin: a twin block, with methods of the same names.
    TwinBlock,
    /// One block with pairs of methods.
    PairsInside,
}

/// A block in the making: the members of each output.
struct Members<'a> {
    form: Form,
    link: Link,
    table: &'a mut Table,
    refusals: &'a mut Refusals,
    asynchronous: Vec<TokenStream>,
    blocking: Vec<TokenStream>,
}

pub(crate) fn implementation(
    mut item: ItemImpl,
    table: &mut Table,
    refusals: &mut Refusals,
) -> Faces {
    let members = std::mem::take(&mut item.items);
    let form = if table.names.touch(&item) {
        Form::TwinBlock
    } else {
        Form::PairsInside
    };
    let link = match (&item.trait_, form) {
        (Some(_), _) => Link::None,
        (None, Form::PairsInside) => Link::Associated,
        (None, Form::TwinBlock) => link_to_type(&item.self_ty, table),
    };
    let parsed = members.into_iter().map(|member| match member {
        ImplItem::Fn(function) => Ok(Function::from(function)),
        other => Err(other.into_token_stream()),
    });
    let mut built = Members::new(form, link, table, refusals);
    built.build(parsed.collect());
    let (asynchronous, blocking) = built.finish();
    let with = |members: Vec<TokenStream>| {
        let mut block = item.clone();
        block.items = members.into_iter().map(ImplItem::Verbatim).collect();
        block.into_token_stream()
    };
    faces(form, table, with(asynchronous), blocking.map(with))
}

pub(crate) fn trait_definition(
    mut item: ItemTrait,
    name: Option<&Ident>,
    table: &mut Table,
    refusals: &mut Refusals,
) -> Faces {
    let members = std::mem::take(&mut item.items);
    if let Some(name) = name {
        table.names.insert_ident(&item.ident, name);
    }
    let twin = table
        .names
        .twin_of(&item.ident.to_string())
        .map(|twin| twin.join("::"));
    let own = item.ident.to_string();
    let (form, link) = match &twin {
        Some(twin) => (
            Form::TwinBlock,
            Link::Of {
                asynchronous: own.clone(),
                blocking: twin.clone(),
            },
        ),
        None => (Form::PairsInside, Link::Associated),
    };
    let parsed = members.into_iter().map(|member| match member {
        TraitItem::Fn(function) => Ok(Function::from(function)),
        other => Err(other.into_token_stream()),
    });
    let mut built = Members::new(form, link, table, refusals);
    built.build(parsed.collect());
    let (asynchronous, blocking) = built.finish();
    let with = |members: Vec<TokenStream>, face: Face, other: Option<&str>| {
        let mut block = item.clone();
        block.items = members.into_iter().map(TraitItem::Verbatim).collect();
        let link = if other.is_some() {
            Link::Type
        } else {
            Link::None
        };
        if form == Form::TwinBlock {
            adapt(
                &mut block.attrs,
                face,
                table,
                &link,
                other.unwrap_or_default(),
            );
        }
        block.into_token_stream()
    };
    let asynchronous = with(asynchronous, Face::Async, twin.as_deref());
    let blocking = blocking.map(|members| with(members, Face::Blocking, Some(&own)));
    faces(form, table, asynchronous, blocking)
}

/// A struct, enum or type alias, which has a twin if it is given a name for it.
pub(crate) fn type_definition(
    item: syn::Item,
    name: Option<&Ident>,
    table: &mut Table,
    refusals: &mut Refusals,
) -> Faces {
    let Some(own) = name_of_type(&item) else {
        refusals.over(
            &item,
            "`#[dual]` stands on functions, impl blocks, traits, structs, enums, type aliases and imports",
        );
        return Faces::only(item.into_token_stream());
    };
    if let Some(name) = name {
        table.names.insert_ident(&own, name);
    }
    let Some(twin) = table
        .names
        .twin_of(&own.to_string())
        .map(|twin| twin.join("::"))
    else {
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
    let (asynchronous, blocking) = (
        with(Face::Async, &twin),
        with(Face::Blocking, &own.to_string()),
    );
    faces(Form::TwinBlock, table, asynchronous, Some(blocking))
}

/// Puts the faces together: conditions, and the replacing of names.
fn faces(
    form: Form,
    table: &Table,
    asynchronous: TokenStream,
    blocking: Option<TokenStream>,
) -> Faces {
    match (form, blocking) {
        (Form::TwinBlock, Some(blocking)) => Faces::pair(table, &asynchronous, blocking),
        _ => Faces::only(asynchronous),
    }
}

impl<'a> Members<'a> {
    fn new(form: Form, link: Link, table: &'a mut Table, refusals: &'a mut Refusals) -> Self {
        Self {
            form,
            link,
            table,
            refusals,
            asynchronous: Vec::new(),
            blocking: Vec::new(),
        }
    }

    /// The members of the async block, and those of the twin block if there is one.
    fn finish(self) -> (Vec<TokenStream>, Option<Vec<TokenStream>>) {
        let twin = (self.form == Form::TwinBlock).then_some(self.blocking);
        (self.asynchronous, twin)
    }

    fn build(&mut self, members: Vec<Result<Function, TokenStream>>) {
        let mut planned = Vec::new();
        for member in members {
            match member {
                Ok(mut function) => {
                    let plan = self.plan(&mut function);
                    planned.push(Ok((function, plan)));
                }
                Err(other) => planned.push(Err(other)),
            }
        }
        // The block's own names are known to all of its bodies, so they are added before any is read.
        for (function, plan) in planned.iter().flatten() {
            if let Plan::Pair(twin) = plan {
                self.table
                    .names
                    .insert_ident(&function.signature.ident, twin);
            }
        }
        for member in planned {
            match member {
                Ok((function, plan)) => self.add_function(function, plan),
                Err(other) => self.add_shared(&other),
            }
        }
    }

    fn plan(&mut self, function: &mut Function) -> Plan {
        let mark = take_mark(&mut function.attributes).unwrap_or_else(|error| {
            self.refusals.add(error);
            None
        });
        let is_async = function.signature.asyncness.is_some();
        let name = match mark {
            Some(Mark::Only(face)) => return Plan::Only(face),
            Some(Mark::Twin(name)) => name,
            None if self.form == Form::PairsInside && !is_async => return Plan::Shared,
            None => None,
        };
        let own = &function.signature.ident;
        if self.form == Form::TwinBlock
            && name.is_none()
            && !self.table.names.change(&own.to_string())
        {
            return Plan::Pair(own.clone());
        }
        match twin_name(own, name, self.table) {
            Ok(twin) => Plan::Pair(twin),
            Err(error) => {
                self.refusals.add(error);
                Plan::Only(Face::Async)
            }
        }
    }

    fn add_function(&mut self, function: Function, plan: Plan) {
        match plan {
            Plan::Shared => self.add_shared(&function.into_token_stream()),
            Plan::Only(Face::Async) => {
                let function = function.asynchronous("", &Link::None, self.table, self.refusals);
                self.add_asynchronous(&function.into_token_stream());
            }
            Plan::Only(Face::Blocking) => self.add_blocking(&function.into_token_stream()),
            Plan::Pair(twin) => {
                let (link, name) = (self.link.clone(), twin.to_string());
                let kept = function
                    .clone()
                    .asynchronous(&name, &link, self.table, self.refusals);
                let made = function.blocking(&twin, &link, self.table, self.refusals);
                self.add_asynchronous(&kept.into_token_stream());
                self.add_blocking(&self.replaced(made.into_token_stream()));
            }
        }
    }

    /// Replaces names in a method. Those of a twin block are replaced with the whole block.
    fn replaced(&self, method: TokenStream) -> TokenStream {
        match self.form {
            Form::TwinBlock => method,
            Form::PairsInside => self.table.names.replace(method),
        }
    }

    fn add_shared(&mut self, member: &TokenStream) {
        self.asynchronous.push(member.clone());
        self.blocking.push(member.clone());
    }

    fn add_asynchronous(&mut self, member: &TokenStream) {
        let condition = self.condition(Face::Async);
        self.asynchronous.push(quote!(#condition #member));
    }

    fn add_blocking(&mut self, member: &TokenStream) {
        let condition = self.condition(Face::Blocking);
        match self.form {
            Form::TwinBlock => self.blocking.push(member.clone()),
            Form::PairsInside => self.asynchronous.push(quote!(#condition #member)),
        }
    }

    /// The condition of a member of a face. A twin block has its own.
    fn condition(&self, face: Face) -> Option<TokenStream> {
        let conditions = &self.table.conditions;
        let condition = match face {
            Face::Async => conditions.asynchronous.as_ref(),
            Face::Blocking => conditions.blocking.as_ref(),
        };
        let condition = condition.filter(|_| self.form == Form::PairsInside)?;
        Some(quote!(#[cfg(#condition)]))
    }
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

fn name_of_type(item: &syn::Item) -> Option<Ident> {
    match item {
        syn::Item::Struct(item) => Some(item.ident.clone()),
        syn::Item::Enum(item) => Some(item.ident.clone()),
        syn::Item::Type(item) => Some(item.ident.clone()),
        _ => None,
    }
}

fn attributes_of_type(item: &mut syn::Item) -> Option<&mut Vec<Attribute>> {
    match item {
        syn::Item::Struct(item) => Some(&mut item.attrs),
        syn::Item::Enum(item) => Some(&mut item.attrs),
        syn::Item::Type(item) => Some(&mut item.attrs),
        _ => None,
    }
}
