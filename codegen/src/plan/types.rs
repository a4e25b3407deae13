//! What is emitted of a type.

use std::collections::BTreeMap;

use super::presence::Placed;
use super::tags::{self, Mentions};
use super::travel::{self, Travel};
use crate::config::Config;
use crate::ir::{Api, Shape, Type, TypeRef};
use crate::loss::Loss;
use crate::naming::module_name;

/// A type, with how the fields stand where it is an object.
pub(crate) struct TypePlan<'a> {
    pub(crate) ty: &'a Type,
    /// The tag whose module it lives in.
    pub(crate) tag: &'a str,
    /// The module that it lives in.
    pub(crate) module: String,
    /// Which way it travels.
    pub(crate) travel: Travel,
    /// The fields that it has on these ways, in the order of the description.
    pub(crate) fields: Vec<Placed<'a>>,
    /// What users may call it still.
    pub(crate) former: Vec<&'a str>,
}

impl<'a> TypePlan<'a> {
    /// The name of every type that it mentions.
    pub(crate) fn each_mentioned(&self, each: &mut dyn FnMut(&'a str)) {
        each_mentioned(self.ty, &self.fields, each);
    }
}

/// A type and which ways it goes, before all that mention each other are known.
pub(super) struct Travelling<'a> {
    pub(super) ty: &'a Type,
    travel: Travel,
    fields: Vec<Placed<'a>>,
}

/// The types that clients have, by their names. Of a description of which only some operations are wanted, what only the others
/// use is not wanted either.
pub(super) fn travelling<'a>(
    api: &'a Api,
    config: &Config,
    losses: &mut Vec<Loss>,
) -> BTreeMap<&'a str, Travelling<'a>> {
    let ways = travel::ways(api);
    let mut types = BTreeMap::new();
    for (name, ty) in &api.types {
        let way = ways.get(name.as_str()).copied().unwrap_or_default();
        if !config.operations.is_everything() && !way.sent && !way.received {
            continue;
        }
        let travel = way.with_nulls_apart();
        let fields = fields(ty, travel, api);
        losses.extend(nulls_lost(way, &fields));
        types.insert(name.as_str(), Travelling { ty, travel, fields });
    }
    types
}

fn fields<'a>(ty: &'a Type, travel: Travel, api: &Api) -> Vec<Placed<'a>> {
    let fields = match &ty.shape {
        Shape::Object(object) => object.fields.as_slice(),
        _ => &[],
    };
    let members = fields.iter();
    members
        .filter_map(|field| Placed::member(field, travel, api))
        .collect()
}

/// Where null can't be said apart from absent: in a type that goes both ways, where it is an update as well, or the server's
/// default is something else than null.
fn nulls_lost<'l>(way: Travel, fields: &'l [Placed<'_>]) -> impl Iterator<Item = Loss> + 'l {
    let lost = fields.iter().filter(move |placed| {
        let differ = way.updates || placed.field.has_default();
        way.sent && way.received && placed.field.nullable && !placed.required && differ
    });
    lost.map(|placed| Loss {
        pointer: placed.field.source.clone(),
        what: "null apart from absent in a request".to_owned(),
        why: "the type is also answered, where the two mean the same".to_owned(),
    })
}

/// The plan of each type. What it was called is taken out of `former`.
pub(super) fn plan<'a>(
    types: BTreeMap<&'a str, Travelling<'a>>,
    former: &mut BTreeMap<&'a str, Vec<&'a str>>,
    api: &'a Api,
    config: &'a Config,
) -> BTreeMap<&'a str, TypePlan<'a>> {
    let mentions: Mentions<'_> = types
        .iter()
        .map(|(name, Travelling { ty, fields, .. })| {
            let mut names = Vec::new();
            each_mentioned(ty, fields, &mut |name| names.push(name));
            (*name, names)
        })
        .collect();
    let tags = tags::of_types(api, &mentions, &config.client.untagged);
    let planned = types
        .into_iter()
        .map(|(name, Travelling { ty, travel, fields })| {
            let tag = tags[name];
            let plan = TypePlan {
                ty,
                tag,
                module: module_name(tag),
                travel,
                fields,
                former: former.remove(name).unwrap_or_default(),
            };
            (name, plan)
        });
    planned.collect()
}

/// Nobody names the types of constants.
fn each_mentioned<'a>(ty: &'a Type, fields: &[Placed<'a>], each: &mut dyn FnMut(&'a str)) {
    let mut all = |types: &mut dyn Iterator<Item = &'a TypeRef>| {
        types.for_each(|ty| ty.each_name(each));
    };
    match &ty.shape {
        Shape::Object(object) => {
            let fields = fields.iter().filter(|placed| !placed.is_constant());
            let fields = fields.map(|placed| &placed.field.ty);
            all(&mut fields.chain(&object.additional));
        }
        shape => all(&mut shape.parts().into_iter()),
    }
}
