//! The members of an impl block or a trait.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};

use crate::arguments::{Mark, take_mark};
use crate::docs::Link;
use crate::face::Face;
use crate::faces::Faces;
use crate::functions::Function;
use crate::refusals::Refusals;
use crate::table::Table;
use crate::twin_name::{kept_name, twin_name};

/// Whether the block is there twice, or its methods are.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// The block's head names a type or trait with a twin: a twin block, with methods of the same names.
    TwinBlock,
    /// One block with pairs of methods.
    PairsInside,
}

/// What becomes of a function among them.
enum Plan {
    /// It stands once.
    Shared,
    Only(Face),
    Pair(Ident),
}

/// The members of each block that may come out.
pub(crate) struct Members {
    form: Form,
    asynchronous: Vec<TokenStream>,
    blocking: Vec<TokenStream>,
    /// Those of the one block that holds both faces.
    both: Vec<TokenStream>,
}

impl Form {
    pub(crate) fn twin_block_if(has_twin: bool) -> Self {
        if has_twin {
            Self::TwinBlock
        } else {
            Self::PairsInside
        }
    }
}

impl Members {
    /// Makes both faces of all members; what is no function is given as tokens.
    pub(crate) fn build(
        members: Vec<Result<Function, TokenStream>>,
        form: Form,
        link: Link,
        table: &mut Table,
        refusals: &mut Refusals,
    ) -> Self {
        let mut planned = Vec::new();
        for member in members {
            planned.push(member.map(|mut function| {
                let plan = plan(&mut function, form, table, refusals);
                (function, plan)
            }));
        }
        // The block's own names are known to all of its bodies, so they are added before any is read.
        for (function, plan) in planned.iter().flatten() {
            if let Plan::Pair(twin) = plan {
                table.names.insert_ident(&function.signature.ident, twin);
            }
        }
        let members = Self {
            form,
            asynchronous: Vec::new(),
            blocking: Vec::new(),
            both: Vec::new(),
        };
        let mut builder = Builder {
            members,
            link,
            table,
            refusals,
        };
        for member in planned {
            match member {
                Ok((function, plan)) => builder.add(function, plan),
                Err(other) => builder.members.add_shared(&other),
            }
        }
        builder.members
    }

    /// Puts the members into blocks.
    pub(crate) fn into_faces(
        self,
        table: &Table,
        block: impl Fn(Vec<TokenStream>, Face) -> TokenStream,
    ) -> Faces {
        let asynchronous = block(self.asynchronous, Face::Async);
        match self.form {
            Form::TwinBlock => {
                Faces::pair(table, &asynchronous, block(self.blocking, Face::Blocking))
            }
            Form::PairsInside => Faces::one_item(asynchronous, block(self.both, Face::Async)),
        }
    }

    fn add_shared(&mut self, member: &TokenStream) {
        self.asynchronous.push(member.clone());
        self.blocking.push(member.clone());
        self.both.push(member.clone());
    }
}

/// Adds functions to the blocks.
struct Builder<'a> {
    members: Members,
    link: Link,
    table: &'a Table,
    refusals: &'a mut Refusals,
}

impl Builder<'_> {
    fn add(&mut self, function: Function, plan: Plan) {
        match plan {
            Plan::Shared => self.members.add_shared(&function.into_token_stream()),
            Plan::Only(Face::Async) => self.add_asynchronous(function, "", &Link::None),
            Plan::Only(Face::Blocking) => self.add_blocking(&function.into_token_stream()),
            Plan::Pair(twin) => {
                let link = self.link.clone();
                self.add_asynchronous(function.clone(), &twin.to_string(), &link);
                let made = function
                    .blocking(&twin, &link, self.table, self.refusals)
                    .into_token_stream();
                // The names in a twin block are replaced with the whole block.
                self.add_blocking(&match self.members.form {
                    Form::TwinBlock => made,
                    Form::PairsInside => self.table.names.replace(made),
                });
            }
        }
    }

    fn add_asynchronous(&mut self, function: Function, twin: &str, link: &Link) {
        let function = function.asynchronous(twin, link, self.table, self.refusals);
        // A twin block has a condition of its own.
        let condition = self.table.conditions.asynchronous.as_ref();
        let condition = condition.filter(|_| self.members.form == Form::PairsInside);
        let condition = condition.map(|condition| quote!(#[cfg(#condition)]));
        let member = quote!(#condition #function);
        self.members.both.push(member.clone());
        self.members.asynchronous.push(member);
    }

    fn add_blocking(&mut self, member: &TokenStream) {
        let condition = self.table.conditions.blocking.as_ref();
        let condition = condition.map(|condition| quote!(#[cfg(#condition)]));
        self.members.both.push(quote!(#condition #member));
        self.members.blocking.push(member.clone());
    }
}

fn plan(function: &mut Function, form: Form, table: &Table, refusals: &mut Refusals) -> Plan {
    let mark = take_mark(&mut function.attributes).unwrap_or_else(|error| {
        refusals.add(error);
        None
    });
    let is_async = function.signature.asyncness.is_some();
    let name = match mark {
        Some(Mark::Only(face)) => return Plan::Only(face),
        Some(Mark::Twin(name)) => name,
        None if form == Form::PairsInside && !is_async => return Plan::Shared,
        None => None,
    };
    let own = &function.signature.ident;
    let keeps = form == Form::TwinBlock && name.is_none() && !table.names.change(&own.to_string());
    let twin = if keeps {
        kept_name(function, table)
    } else {
        twin_name(own, name, table)
    };
    twin.map_or_else(
        |error| {
            refusals.add(error);
            Plan::Only(Face::Async)
        },
        Plan::Pair,
    )
}
