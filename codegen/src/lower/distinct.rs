//! Field and argument names that differ from each other: `fooBar` beside `foo_bar` becomes `foo_bar_`, and `id` in the query
//! beside `id` in the path becomes `id_query`.

use std::collections::BTreeSet;

use crate::ir::{Api, Field, Parameter, ParameterPlace, RequestBody, Shape};
use crate::naming::{Numbers, derived_name};

pub(super) fn settle(api: &mut Api) {
    for ty in api.types.values_mut() {
        if let Shape::Object(object) = &mut ty.shape {
            let additional = object.additional.iter().map(|_| "additional".to_owned());
            let mut taken = additional.collect();
            rename(object.fields.iter_mut(), &mut taken);
        }
    }
    for operation in api.operations.values_mut() {
        let mut taken = BTreeSet::new();
        say_places(&mut operation.parameters);
        let parameters = operation.parameters.iter_mut();
        rename(parameters.map(|parameter| &mut parameter.field), &mut taken);
        rename(operation.answer_headers.iter_mut(), &mut BTreeSet::new());
        if let RequestBody::Embedded(name) = &operation.body
            && let Some(ty) = api.types.get_mut(name)
            && let Shape::Object(object) = &mut ty.shape
        {
            rename(object.fields.iter_mut(), &mut taken);
        }
    }
}

/// What has the name of another parameter that stands elsewhere is called by its own place too, unless that is a name already.
fn say_places(parameters: &mut [Parameter]) {
    let names = parameters.iter().map(|parameter| &parameter.field.name);
    let names: BTreeSet<String> = names.cloned().collect();
    for index in 1..parameters.len() {
        let (before, rest) = parameters.split_at_mut(index);
        let this = &mut rest[0];
        let is_elsewhere =
            |other: &Parameter| other.field.name == this.field.name && other.place != this.place;
        let said = derived_name(&this.field.name, place_name(this.place));
        if before.iter().any(is_elsewhere) && !names.contains(&said) {
            this.field.name = said;
        }
    }
}

fn place_name(place: ParameterPlace) -> &'static str {
    match place {
        ParameterPlace::Path => "path",
        ParameterPlace::Query => "query",
        ParameterPlace::Header => "header",
        ParameterPlace::Cookie => "cookie",
    }
}

fn rename<'f>(fields: impl Iterator<Item = &'f mut Field>, taken: &mut BTreeSet<String>) {
    let mut numbers = Numbers::default();
    for field in fields {
        field.name = numbers.set_apart(&field.name, |name| taken.contains(name));
        taken.insert(field.name.clone());
    }
}
