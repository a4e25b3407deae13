//! How much a description may come to. A few lines can stand for millions of fields, by taking each other over through
//! `allOf`; the limits are far above what descriptions need that somebody means.

use std::cell::{Cell, RefCell};

use crate::error::{Error, Result};
use crate::ir::{Api, RequestBody, Shape};
use crate::pointer::Pointer;

/// The steps from schemas to their parts, and the fields that are taken over, in all.
const STEPS: usize = 1_000_000;

/// The parts of parts that one schema may have.
const DEPTH: usize = 200;

/// The fields, texts, branches and parameters of a client.
const MEMBERS: usize = 200_000;

/// What all of it comes to: its members, and for each type and each operation the code that it has beside these.
const WEIGHT: usize = 300_000;
const OF_TYPE: usize = 2;
const OF_OPERATION: usize = 4;

/// What is left of the steps.
pub(super) struct Room {
    left: Cell<usize>,
    exceeded: RefCell<Option<Error>>,
}

impl Room {
    pub(super) fn new() -> Self {
        Self {
            left: Cell::new(STEPS),
            exceeded: RefCell::new(None),
        }
    }

    /// Whether so many more steps may be taken. Where not, the reading goes on without, and ends with an error.
    pub(super) fn take(&self, steps: usize, depth: usize, place: &Pointer) -> bool {
        let left = self.left.get().checked_sub(steps);
        self.left.set(left.unwrap_or(0));
        if left.is_some() && depth < DEPTH {
            return true;
        }
        let mut exceeded = self.exceeded.borrow_mut();
        exceeded.get_or_insert_with(|| {
            let rule = if left.is_some() {
                format!("the parts of this schema have parts more than {DEPTH} levels deep")
            } else {
                format!("schemas take over more than {STEPS} parts and properties in all")
            };
            Error::at(place.clone(), rule)
        });
        false
    }

    pub(super) fn into_result(self) -> Result<()> {
        self.exceeded.into_inner().map_or(Ok(()), Err)
    }
}

/// Refuses a client that no compiler could take.
pub(super) fn check(api: &Api) -> Result<()> {
    let types = api.types.values().map(|ty| {
        let members = match &ty.shape {
            Shape::Object(object) => object.fields.len(),
            Shape::Enumeration(values) => values.len(),
            Shape::Union(union) => union.branches.len(),
            Shape::Outcomes(outcomes) => outcomes.len(),
            Shape::Alias(_) => 1,
        };
        (&ty.source, members, OF_TYPE)
    });
    let operations = api.operations.values().map(|operation| {
        let body = !matches!(operation.body, RequestBody::None);
        let members = operation.parameters.len() + usize::from(body);
        (&operation.source, members, OF_OPERATION)
    });
    let (mut sum, mut weight) = (0, 0);
    for (place, members, own) in types.chain(operations) {
        sum += members;
        weight += members + own;
        let rule = if sum > MEMBERS {
            format!(
                "with this, the description has more than {MEMBERS} fields, texts, branches and parameters; \
                 leave out what is not needed"
            )
        } else if weight > WEIGHT {
            "with this, the description has more types and operations than a client can have; leave \
             out what is not needed"
                .to_owned()
        } else {
            continue;
        };
        return Err(Error::at(place.clone(), rule));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::json::json;

    use super::check;
    use crate::config::Config;

    #[test]
    fn operations_have_code_beside_their_parameters() {
        let operation = json!({ "operationId": "a", "responses": {} });
        let description = json!({
            "openapi": "3.1.0",
            "info": { "title": "t", "version": "1" },
            "paths": { "/a": { "get": operation } }
        });
        let config = Config::default();
        let canonical = crate::normalise::normalise(description, &config).unwrap();
        let mut api = super::super::lower(&canonical, &config).unwrap();
        let one = api.operations["a"].clone();
        for index in 0..70_000 {
            api.operations.insert(format!("a{index}"), one.clone());
        }
        assert!(check(&api).is_ok());
        for index in 70_000..80_000 {
            api.operations.insert(format!("a{index}"), one.clone());
        }
        let error = check(&api).unwrap_err().to_string();
        assert!(error.contains("more types and operations"), "{error}");
    }
}
