//! How much a description may come to. A few lines can stand for millions of fields, by taking each other over through
//! `allOf`; the limits are far above what descriptions need that somebody means.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;

use super::drafts::{Draft, Drafts, Shape};
use crate::error::{Error, Problem, Result};
use crate::ir::{Operation, RequestBody};
use crate::pointer::Pointer;

/// The steps from schemas to their parts, and the fields that are taken over, in all.
const STEPS: usize = 1_000_000;

/// Those of one schema. What takes more comes to itself again and again, through unions and `allOf`.
const OF_SCHEMA: usize = 100_000;

/// The parts of parts that one schema may have.
const DEPTH: usize = 200;

/// The fields, texts, branches and parameters of a client.
const MEMBERS: usize = 200_000;

/// What all of it comes to: its members, and for each type and each operation the code that it has beside these.
const WEIGHT: usize = 300_000;
const OF_TYPE: usize = 2;
const OF_OPERATION: usize = 4;
/// What is optional about an operation has a type of its own, and methods that take it.
const OF_OPTIONAL: usize = 6;
/// The operations of a tag have files of their own.
const OF_TAG: usize = 10;

/// The fields, branches and parameters of one type or one operation, which is laid out as a whole.
const OF_ONE: usize = 20_000;

/// What is left of the steps.
pub(super) struct Room {
    left: Cell<usize>,
    of_schema: Cell<usize>,
    exceeded: RefCell<Option<Problem>>,
}

impl Room {
    pub(super) fn new() -> Self {
        Self {
            left: Cell::new(STEPS),
            of_schema: Cell::new(OF_SCHEMA),
            exceeded: RefCell::new(None),
        }
    }

    /// Whether so many more steps may be taken. Where not, the reading of the schema goes on without.
    pub(super) fn take(&self, steps: usize, depth: usize, place: &Pointer) -> bool {
        let left = self.left.get().checked_sub(steps);
        let of_schema = self.of_schema.get().checked_sub(steps);
        self.left.set(left.unwrap_or(0));
        self.of_schema.set(of_schema.unwrap_or(0));
        let rule = match (left, of_schema) {
            (None, _) => format!("schemas take over more than {STEPS} parts and properties in all"),
            (_, None) => {
                format!("this schema takes over more than {OF_SCHEMA} parts and properties")
            }
            _ if depth >= DEPTH => {
                format!("the parts of this schema have parts more than {DEPTH} levels deep")
            }
            _ => return true,
        };
        let mut exceeded = self.exceeded.borrow_mut();
        exceeded.get_or_insert_with(|| Problem {
            pointer: place.clone(),
            rule,
        });
        false
    }

    /// Ends a schema: the result is why it could not be read.
    pub(super) fn next(&self) -> Option<Problem> {
        self.of_schema.set(OF_SCHEMA);
        self.exceeded.take()
    }
}

/// What a type or an operation comes to.
struct Size<'a> {
    place: &'a Pointer,
    members: usize,
    /// What it has beside its members.
    own: usize,
    /// The members that are more than a text.
    heavy: usize,
}

fn of_type<'d>(draft: &'d Draft<'_>) -> Size<'d> {
    let members = match &draft.shape {
        Shape::Object(object) => object.members.len(),
        Shape::Enumeration(values) => values.len(),
        Shape::Union(union) => {
            let texts: usize = union.branches.iter().map(|branch| branch.tags.len()).sum();
            union.branches.len() + texts
        }
        Shape::Outcomes(outcomes) => outcomes.len(),
        Shape::Alias(_) => 1,
    };
    Size {
        place: &draft.source,
        members,
        own: OF_TYPE,
        heavy: match &draft.shape {
            Shape::Enumeration(_) => 0,
            Shape::Union(union) => union.branches.len(),
            _ => members,
        },
    }
}

/// The first operation of a tag has what the tag has.
fn of_operation<'a>(operation: &'a Operation, tags: &mut BTreeSet<&'a str>) -> Size<'a> {
    let body = !matches!(operation.body, RequestBody::None);
    let members = operation.parameters.len() + usize::from(body);
    let is_first = tags.insert(&operation.tag);
    let mut fields = operation.parameters.iter().map(|one| &one.field);
    let is_any_optional = fields.any(|field| !field.required);
    Size {
        place: &operation.source,
        members,
        heavy: members,
        own: OF_OPERATION
            + if is_first { OF_TAG } else { 0 }
            + if is_any_optional { OF_OPTIONAL } else { 0 },
    }
}

/// Refuses a client that no compiler could take.
pub(super) fn check<'a>(
    drafts: &Drafts<'_>,
    operations: impl Iterator<Item = &'a Operation>,
) -> Result<()> {
    let mut tags = BTreeSet::new();
    let types = drafts.values().map(of_type);
    let operations = operations.map(|operation| of_operation(operation, &mut tags));
    let (mut sum, mut weight) = (0, 0);
    for size in types.chain(operations) {
        sum += size.members;
        weight += size.members + size.own;
        let rule = if size.heavy > OF_ONE {
            format!(
                "it has more than {OF_ONE} fields, branches or parameters, which no compiler takes in one piece; \
                 leave out what is not needed"
            )
        } else if sum > MEMBERS {
            format!(
                "with this, the description has more than {MEMBERS} fields, texts, branches and parameters; \
                 leave out what is not needed"
            )
        } else if weight > WEIGHT {
            "with this, the description has more types, tags and operations than a client can have; leave \
             out what is not needed"
                .to_owned()
        } else {
            continue;
        };
        return Err(Error::at(size.place.clone(), rule));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::iter::repeat_n;

    use super::{Drafts, check};
    use crate::config::Config;
    use crate::json::{Map, Value, json};

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
        let api = super::super::lower(&canonical).unwrap();
        let checked = |count| check(&Drafts::new(), repeat_n(&api.operations["a"], count));
        assert!(checked(70_000).is_ok());
        let error = checked(80_000).unwrap_err().to_string();
        assert!(error.contains("more types, tags and operations"), "{error}");
    }

    #[test]
    fn nothing_has_more_members_than_a_compiler_takes_in_one_piece() {
        let texts: Vec<String> = (0..30_000).map(|index| format!("v{index}")).collect();
        let enumeration = json!({ "type": "string", "enum": texts.clone() });
        let refused = |schema: Value| {
            let description = json!({
                "openapi": "3.1.0",
                "info": { "title": "t", "version": "1" },
                "components": { "schemas": { "A": schema } },
                "paths": {}
            });
            let config = Config::default();
            let canonical = crate::normalise::normalise(description, &config).unwrap();
            super::super::lower(&canonical).err()
        };
        assert!(refused(enumeration).is_none());
        let fields = texts.into_iter().map(|text| (text, json!({})));
        let error = refused(json!({ "properties": fields.collect::<Map>() })).unwrap();
        assert!(error.to_string().contains("20000 fields"), "{error}");
    }
}
