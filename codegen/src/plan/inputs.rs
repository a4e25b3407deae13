//! What an operation takes: what must be there as arguments, what may be there in one request struct.

use std::collections::{BTreeMap, BTreeSet};

use super::TypePlan;
use super::presence::{Placed, Presence};
use crate::ir::{Api, Operation, PairStyle, ParameterPlace, RequestBody, Style};
use crate::naming::Numbers;
use crate::template;

/// Where a value goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Destination {
    Path,
    Query,
    Header,
    Cookie,
    Body,
    BodyField,
}

/// One value that an operation takes.
pub(crate) struct Input<'a> {
    pub(crate) destination: Destination,
    pub(crate) placed: Placed<'a>,
    /// How a parameter's value becomes text.
    pub(crate) style: Style,
    /// Whether reserved characters stay as they are.
    pub(crate) allow_reserved: bool,
    /// The names of a form that have a style of their own.
    pub(crate) styled: Option<&'a BTreeMap<String, PairStyle>>,
    /// Its name among the arguments.
    pub(crate) name: String,
}

impl Input<'_> {
    /// Whether the value is an argument, and not part of the request struct. What is optional never is, so that an
    /// operation that gets its first optional value breaks no caller.
    pub(crate) fn is_argument(&self) -> bool {
        matches!(
            self.placed.presence,
            Presence::Required | Presence::RequiredNullable
        )
    }

    /// Whether the value is part of the request struct.
    pub(crate) fn is_optional(&self) -> bool {
        matches!(self.placed.presence, Presence::Optional | Presence::Patch)
    }
}

/// Everything that an operation takes, in the order in which it is asked for.
pub(super) fn inputs<'a>(
    operation: &'a Operation,
    styles: &[Style],
    api: &'a Api,
    types: &BTreeMap<&str, TypePlan<'a>>,
) -> Vec<Input<'a>> {
    let mut inputs: Vec<Input<'a>> = Vec::new();
    for destination in [
        Destination::Path,
        Destination::Query,
        Destination::Header,
        Destination::Cookie,
    ] {
        let here = operation
            .parameters
            .iter()
            .zip(styles)
            .filter(|(parameter, _)| destination == of_place(parameter.place));
        inputs.extend(here.map(|(parameter, style)| Input {
            style: *style,
            allow_reserved: parameter.allow_reserved,
            styled: Some(&parameter.styled),
            ..input(destination, Placed::argument(&parameter.field, api))
        }));
    }
    in_the_order_of_the_path(&operation.path, &mut inputs);
    match &operation.body {
        RequestBody::None => {}
        RequestBody::Whole(field) => {
            inputs.push(input(Destination::Body, Placed::argument(field, api)));
        }
        RequestBody::Embedded(name) => {
            let fields = types.get(name.as_str()).map(|plan| &plan.fields);
            let fields = fields.into_iter().flatten();
            inputs.extend(fields.map(|placed| input(Destination::BodyField, *placed)));
        }
    }
    let embedded = matches!(operation.body, RequestBody::Embedded(_));
    rename_clashes(&mut inputs, embedded);
    inputs
}

fn in_the_order_of_the_path(path: &str, inputs: &mut [Input<'_>]) {
    let mut order = BTreeMap::new();
    for (index, name) in template::names(path).enumerate() {
        order.entry(name).or_insert(index);
    }
    inputs.sort_by_key(|input| match input.destination {
        Destination::Path => {
            let known = order.get(input.placed.field.wire.as_str());
            known.copied().unwrap_or(usize::MAX - 1)
        }
        _ => usize::MAX,
    });
}

fn input(destination: Destination, placed: Placed<'_>) -> Input<'_> {
    Input {
        destination,
        placed,
        style: Style::Usual,
        allow_reserved: false,
        styled: None,
        name: placed.field.name.clone(),
    }
}

fn of_place(place: ParameterPlace) -> Destination {
    match place {
        ParameterPlace::Path => Destination::Path,
        ParameterPlace::Query => Destination::Query,
        ParameterPlace::Header => Destination::Header,
        ParameterPlace::Cookie => Destination::Cookie,
    }
}

/// `request` is the request struct's own name, and `body` that of an embedded body's writer; a body's field gives way
/// to a parameter.
fn rename_clashes(inputs: &mut [Input<'_>], embedded: bool) {
    let mut taken = BTreeSet::from(["request".to_owned(), "http".to_owned()]);
    if embedded {
        taken.insert("body".to_owned());
    }
    let mut numbers = Numbers::default();
    for input in inputs {
        input.name = numbers.set_apart(&input.name, |name| taken.contains(name));
        taken.insert(input.name.clone());
    }
}
