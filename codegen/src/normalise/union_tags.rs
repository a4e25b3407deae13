//! How the branches of a union are told apart.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

use super::families::mapped;
use super::references::{only_component, own_component};
use crate::json::{Map, Value};
use crate::notes::{self, Union, read};

/// The branches of branches that are looked at in a whole description.
pub(super) const NESTED: usize = 100_000;

/// The components that have a discriminator, by those that are branches of them.
pub(super) type Families<'s> = BTreeMap<&'s str, Vec<&'s str>>;

pub(super) fn families(schemas: &Value) -> Families<'_> {
    let mut families = Families::new();
    for (name, schema) in schemas.entries() {
        if schema["discriminator"].is_object() {
            for branch in branches_of(schema).iter().filter_map(own_component) {
                families.entry(branch).or_default().push(name);
            }
        }
    }
    families
}

fn branches_of(schema: &Value) -> &[Value] {
    let mut ways = ["oneOf", "anyOf"].into_iter();
    let branches = ways.find_map(|key| schema[key].as_array());
    branches.map_or(&[], Vec::as_slice)
}

/// How the branches are told apart: by the discriminator, by constants of a property that all have, or by the tags that
/// another union of them has.
pub(super) fn of(
    branches: &[Value],
    discriminator: Option<&Value>,
    schemas: &Value,
    families: &Families<'_>,
    nested: &Cell<usize>,
) -> Union {
    if branches.len() < 2 {
        return Union::default();
    }
    let named = discriminator.and_then(|value| value["propertyName"].as_str());
    let by_name = named.and_then(|tag| {
        let mapping = discriminator.and_then(|value| value["mapping"].as_object());
        let tagged = Tagged {
            tag,
            schemas,
            left: nested,
        };
        Some(Union {
            tag: Some(tag.to_owned()),
            values: tagged.values(branches, mapping, DEPTH)?,
            fallback: discriminator.and_then(|value| fallback(value, branches)),
        })
    });
    by_name
        .or_else(|| by_constant(branches, schemas, nested))
        .or_else(|| by_family(branches, schemas, families, nested))
        .unwrap_or_default()
}

/// How many other unions of a branch are looked at.
const RELATED: usize = 8;

/// The tags that another union gives to all of the branches: that of a base, of which these are some children.
fn by_family(
    branches: &[Value],
    schemas: &Value,
    families: &Families<'_>,
    nested: &Cell<usize>,
) -> Option<Union> {
    let names: Option<Vec<&str>> = branches.iter().map(own_component).collect();
    let names = names?;
    let others = families.get(names.first()?)?;
    others.iter().take(RELATED).find_map(|other| {
        let other = &schemas[*other];
        let tagged = Tagged {
            tag: other["discriminator"]["propertyName"].as_str()?,
            schemas,
            left: nested,
        };
        let all = branches_of(other);
        nested.set(nested.get().checked_sub(all.len())?);
        let have_it = |branch| tagged.property(branch).is_some();
        let mapping = other["discriminator"]["mapping"].as_object();
        let values = tagged.values(all, mapping, DEPTH)?;
        let of_names = all.iter().map(own_component).zip(values);
        let of_names: BTreeMap<Option<&str>, Vec<String>> = of_names.collect();
        let values = names.iter().map(|name| of_names.get(&Some(*name)).cloned());
        let values = values.collect::<Option<Vec<_>>>()?;
        branches.iter().all(have_it).then(|| Union {
            tag: Some(tagged.tag.to_owned()),
            values,
            fallback: None,
        })
    })
}

/// The branch that the discriminator leads to where it knows no other.
fn fallback(discriminator: &Value, branches: &[Value]) -> Option<usize> {
    let name = mapped(&discriminator["defaultMapping"])?;
    let mut all = branches.iter().map(own_component);
    all.position(|known| known == Some(name))
}

/// The first property that all branches have a constant of, each another one.
fn by_constant(branches: &[Value], schemas: &Value, nested: &Cell<usize>) -> Option<Union> {
    let mut possible = BTreeSet::new();
    constants(&branches[0], schemas, &mut BTreeSet::new(), &mut possible);
    possible.into_iter().take(TRIED).find_map(|tag| {
        let tagged = Tagged {
            tag,
            schemas,
            left: nested,
        };
        let values = each(branches, |branch| {
            Some(vec![constant(tagged.property(branch)?)?])
        });
        Some(Union {
            tag: Some(tag.to_owned()),
            values: values?,
            fallback: None,
        })
    })
}

/// The tags of every branch, where each has some and no two share one.
fn each<'v>(
    branches: &'v [Value],
    tags: impl Fn(&'v Value) -> Option<Vec<String>>,
) -> Option<Vec<Vec<String>>> {
    let values: Option<Vec<Vec<String>>> = branches.iter().map(tags).collect();
    let values = values?;
    let mut seen = BTreeSet::new();
    let differ = values.iter().flatten().all(|value| seen.insert(value));
    let all_have = values.iter().all(|values| !values.is_empty());
    (differ && all_have).then_some(values)
}

/// The tags that a mapping gives to each component.
fn tags_of_names(mapping: &Map) -> BTreeMap<&str, Vec<String>> {
    let mut tags: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (tag, target) in mapping {
        if let Some(name) = mapped(target) {
            tags.entry(name).or_default().push(tag.to_owned());
        }
    }
    tags
}

/// How many properties are tried, where no discriminator says which one tells branches apart.
const TRIED: usize = 64;

/// The properties of a branch that may be constants: those that are, and those that are components.
/// A component is looked at once.
fn constants<'s>(
    branch: &'s Value,
    schemas: &'s Value,
    seen: &mut BTreeSet<&'s str>,
    names: &mut BTreeSet<&'s str>,
) {
    if let Some(name) = own_component(branch) {
        if seen.len() < DEPTH && seen.insert(name) {
            constants(&schemas[name], schemas, seen, names);
        }
        return;
    }
    let own = branch["properties"].entries();
    let may_be = own.filter(|(_, property)| {
        constant(property).is_some() || property.as_object().and_then(only_component).is_some()
    });
    names.extend(may_be.map(|(name, _)| name));
    for part in branch["allOf"].items() {
        constants(part, schemas, seen, names);
    }
}

/// How many levels of `allOf` are looked through for a tag.
const DEPTH: usize = 8;

/// The property whose values tell branches apart.
#[derive(Clone, Copy)]
struct Tagged<'s> {
    tag: &'s str,
    schemas: &'s Value,
    /// How many branches of branches may still be looked at.
    left: &'s Cell<usize>,
}

impl<'s> Tagged<'s> {
    /// The tags of every branch: what the mapping says, what its property can be, or else its name.
    fn values(
        self,
        branches: &'s [Value],
        mapping: Option<&'s Map>,
        depth: usize,
    ) -> Option<Vec<Vec<String>>> {
        let tags = mapping.map(tags_of_names).unwrap_or_default();
        let mapped = |branch: &Value| tags.get(own_component(branch)?).cloned();
        let own = |branch: &'s Value| self.nested(branch, depth).or_else(|| self.texts(branch));
        // The names are texts, which a number or a flag never is.
        let may_be_names = branches.iter().all(|branch| self.is_text(branch));
        let by_name = |branch: &Value| {
            let name = own_component(branch).filter(|_| may_be_names);
            Some(vec![name?.to_owned()])
        };
        each(branches, |branch| {
            mapped(branch)
                .or_else(|| own(branch))
                .or_else(|| by_name(branch))
        })
        // Where all have taken over what their property can be, it tells nothing.
        .or_else(|| {
            each(branches, |branch| {
                mapped(branch).or_else(|| by_name(branch))
            })
        })
    }

    /// The tags of a branch that is such a union itself.
    fn nested(self, branch: &'s Value, depth: usize) -> Option<Vec<String>> {
        let union = self.schemas.get(own_component(branch)?)?;
        let branches = branches_of(union);
        let discriminator = &union["discriminator"];
        if branches.is_empty() || discriminator["propertyName"] != self.tag {
            return None;
        }
        self.left.set(self.left.get().checked_sub(branches.len())?);
        let mapping = discriminator["mapping"].as_object();
        let values = self.values(branches, mapping, depth.checked_sub(1)?)?;
        Some(values.into_iter().flatten().collect())
    }

    /// The texts that the branch's property can be.
    fn texts(self, branch: &'s Value) -> Option<Vec<String>> {
        texts(self.property(branch)?)
    }

    fn is_text(self, branch: &'s Value) -> bool {
        self.property(branch)
            .is_none_or(|property| !is_scalar(property))
    }

    /// The branch's property, or the component that it is.
    fn property(self, branch: &'s Value) -> Option<&'s Value> {
        let mut seen = BTreeSet::new();
        let mut property = self.find(branch, DEPTH, &mut seen)?;
        for _ in 0..DEPTH {
            match property
                .as_object()
                .and_then(only_component)
                .and_then(|name| self.schemas.get(name))
            {
                Some(component) => property = component,
                None => break,
            }
        }
        Some(property)
    }

    /// The property, also where the schema takes it over; its own word comes first. A component may come by many ways, and
    /// is looked at once.
    fn find(
        self,
        schema: &'s Value,
        depth: usize,
        seen: &mut BTreeSet<&'s str>,
    ) -> Option<&'s Value> {
        if let Some(name) = own_component(schema) {
            if !seen.insert(name) {
                return None;
            }
            return self.find(self.schemas.get(name)?, depth.checked_sub(1)?, seen);
        }
        let own = schema.get("properties").and_then(|own| own.get(self.tag));
        own.or_else(|| {
            let mut parts = schema["allOf"].items().rev();
            parts.find_map(|part| self.find(part, depth.checked_sub(1)?, seen))
        })
    }
}

fn is_scalar(property: &Value) -> bool {
    let kind = property["type"].as_str();
    kind.is_some_and(|kind| ["integer", "number", "boolean"].contains(&kind))
}

/// The texts that a property can be; numbers and flags as JSON writes them.
fn texts(property: &Value) -> Option<Vec<String>> {
    if let Some(constant) = constant(property) {
        return Some(vec![constant]);
    }
    let known = read(property.as_object()?).known;
    let texts = match property["enum"].as_array() {
        Some(texts) => texts,
        None if known.is_empty() => return None,
        None => &known,
    };
    texts.iter().map(text).collect()
}

fn constant(property: &Value) -> Option<String> {
    text(notes::constant(property.as_object()?)?)
}

/// `1.0` is `1`, as it is when it is read.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Number(number) => {
            let text = number.to_string();
            Some(text.strip_suffix(".0").unwrap_or(&text).to_owned())
        }
        _ => None,
    }
}
