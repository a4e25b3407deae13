//! Field and argument names that differ from each other: `fooBar` beside `foo_bar` becomes `foo_bar_`, and `id` in the query
//! beside `id` in the path becomes `id_query`.

use std::collections::{BTreeMap, BTreeSet};

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
        if let RequestBody::Whole(body) = &mut operation.body {
            rename(std::iter::once(&mut **body), &mut taken);
        }
        rename(operation.answer_headers.iter_mut(), &mut BTreeSet::new());
        if let RequestBody::Embedded(name) = &operation.body
            && let Some(ty) = api.types.get_mut(name)
            && let Shape::Object(object) = &mut ty.shape
        {
            rename(object.fields.iter_mut(), &mut taken);
        }
    }
}

/// What has the name of a parameter of an earlier place (path, query, header, cookie) is called by its own place too, unless
/// that is a name already.
fn say_places(parameters: &mut [Parameter]) {
    let mut earliest: BTreeMap<String, ParameterPlace> = BTreeMap::new();
    for Parameter { field, place, .. } in &*parameters {
        let known = earliest.entry(field.name.clone()).or_insert(*place);
        *known = (*known).min(*place);
    }
    for Parameter { field, place, .. } in parameters {
        let said = derived_name(&field.name, place_name(*place));
        let is_earlier = earliest.get(&field.name).is_some_and(|first| first < place);
        if is_earlier && !earliest.contains_key(&said) {
            field.name = said;
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
