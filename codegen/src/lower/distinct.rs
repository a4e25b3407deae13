//! Field and argument names that differ from each other: `fooBar` beside `foo_bar` becomes `foo_bar_`.

use std::collections::BTreeSet;

use crate::ir::{Api, Field, RequestBody, Shape};
use crate::naming::Numbers;

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

fn rename<'f>(fields: impl Iterator<Item = &'f mut Field>, taken: &mut BTreeSet<String>) {
    let mut numbers = Numbers::default();
    for field in fields {
        field.name = numbers.set_apart(&field.name, |name| taken.contains(name));
        taken.insert(field.name.clone());
    }
}
