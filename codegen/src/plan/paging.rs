//! Which operations answer page by page: found by the rules of `diptych.toml`, and reported where they do not fit.

use std::collections::{BTreeMap, BTreeSet};

use crate::config::{Config, LinkPages, NumberPages, OffsetPages};
use crate::error::{Problems, Result};
use crate::ir::{
    Answer, AnswerKind, Api, Field, IntegerType, Object, Operation, ParameterPlace, RequestBody,
    Shape, TypeRef,
};
use crate::loss::Loss;
use crate::naming::derived_name;
use crate::pointer::Pointer;

/// How the pages of an operation follow each other. Fields are called by their Rust names.
pub(crate) struct Paging<'a> {
    /// The type of an item.
    pub(crate) item: &'a TypeRef,
    /// How one page leads to the next.
    pub(crate) rule: PagingRule<'a>,
}

/// How one page leads to the next.
pub(crate) enum PagingRule<'a> {
    /// By the number of items before it; the answer is a list.
    Offset {
        /// The request's field that has that number.
        offset: &'a str,
        /// The request's field that says how long a page is.
        limit: &'a str,
        /// The offset where the request has none.
        first: i64,
    },
    /// By its number.
    Number {
        /// The request's field that has the number.
        page: &'a str,
        /// The number of the first page.
        first: i64,
        /// The answer's field with the items.
        items: &'a str,
        /// The answer's field with the number of the page, where there is one.
        echo: Option<&'a str>,
        /// The answer's field with the number of pages.
        pages: &'a str,
    },
    /// By a token in a URL.
    Link {
        /// The answer's field with the items.
        items: &'a str,
        /// The answer's field with the URL.
        next: &'a str,
        /// The token's name in the URL's query.
        token: &'a str,
        /// The operation that takes the token and nothing else.
        follow: &'a str,
    },
}

/// What fits, or why it does not.
type Fit<T> = std::result::Result<T, String>;

/// `None`: the rule does not speak of the operation.
type Found<'a> = Option<Fit<Paging<'a>>>;

/// A rule, by its name in `diptych.toml`.
type Rule<'a> = (
    &'static str,
    Box<dyn Fn(&'a Operation, &'a Api) -> Found<'a> + 'a>,
);

/// The pages of the operations that have some, by the operation's name.
pub(super) fn find<'a>(
    api: &'a Api,
    config: &'a Config,
    losses: &mut Vec<Loss>,
) -> Result<BTreeMap<&'a str, Paging<'a>>> {
    let mut problems = Problems::default();
    let mut known = BTreeSet::new();
    let mut found = Vec::new();
    for (name, rule) in rules(config) {
        let mut is_dead = true;
        // What reads another media type than the operation of its method has other answers.
        let operations = api.operations.values();
        for operation in operations.filter(|operation| !operation.is_variant) {
            let Some(paging) = rule(operation, api) else {
                continue;
            };
            is_dead = false;
            if known.insert(operation.name.as_str()) {
                found.push((operation, paging));
            }
        }
        if is_dead && config.is_for(&api.version) {
            let rule =
                format!("diptych.toml has the rule `pages.{name}`, but no operation is like it");
            problems.add(Pointer::root().child("paths"), rule);
        }
    }
    let mut pages = BTreeMap::new();
    for (operation, paging) in found {
        match paging {
            Err(why) => losses.push(Loss {
                pointer: operation.source.clone(),
                what: "the pages of the operation".to_owned(),
                why,
            }),
            Ok(paging) => match clash(operation, api) {
                Some(rule) => problems.add(operation.source.clone(), rule),
                None => {
                    pages.insert(operation.name.as_str(), paging);
                }
            },
        }
    }
    problems.into_result()?;
    Ok(pages)
}

/// Why the pages have no name.
fn clash(operation: &Operation, api: &Api) -> Option<String> {
    let method = derived_name(&operation.name, "pages");
    api.operations.contains_key(&method).then(|| {
        format!(
            "its pages would be called `{method}`, as another operation is; give one of them a name in \
             `names.operations` of diptych.toml"
        )
    })
}

/// A link says most about the next page, an offset least.
fn rules(config: &Config) -> Vec<Rule<'_>> {
    let mut rules: Vec<Rule<'_>> = Vec::new();
    if let Some(rule) = &config.pages.link {
        rules.push((
            "link",
            Box::new(|operation, api| link(rule, operation, api)),
        ));
    }
    if let Some(rule) = &config.pages.number {
        rules.push((
            "number",
            Box::new(|operation, api| number(rule, operation, api)),
        ));
    }
    if let Some(rule) = &config.pages.offset {
        rules.push((
            "offset",
            Box::new(|operation, api| offset(rule, operation, api)),
        ));
    }
    rules
}

fn offset<'a>(rule: &'a OffsetPages, operation: &'a Operation, api: &'a Api) -> Found<'a> {
    let (offset, limit) = both(&rule.offset, &rule.limit, operation, api)?;
    Some((|| {
        let (offset, limit) = (settable(&offset)?, settable(&limit)?);
        let TypeRef::List(item) = answer_type(operation, api)? else {
            return Err("the answer is no list".to_owned());
        };
        let rule = PagingRule::Offset {
            first: default(offset).unwrap_or(0),
            offset: &offset.name,
            limit: &limit.name,
        };
        Ok(Paging { item, rule })
    })())
}

fn number<'a>(rule: &'a NumberPages, operation: &'a Operation, api: &'a Api) -> Found<'a> {
    let (page, limit) = both(&rule.page, &rule.limit, operation, api)?;
    Some((|| {
        let (page, _) = (settable(&page)?, settable(&limit)?);
        let first = default(page).ok_or_else(|| {
            format!(
                "the description does not say which `{}` is the first",
                rule.page
            )
        })?;
        let object = answer_object(operation, api).ok_or("the answer is no object with fields")?;
        let pages = whole(field(object, &rule.pages), &rule.pages)?;
        let echo = field(object, &rule.page).map(|field| whole(Some(field), &rule.page));
        let (items, item) = items(object, api)?;
        let rule = PagingRule::Number {
            page: &page.name,
            first,
            items,
            echo: echo.transpose()?,
            pages,
        };
        Ok(Paging { item, rule })
    })())
}

fn link<'a>(rule: &'a LinkPages, operation: &'a Operation, api: &'a Api) -> Found<'a> {
    let object = answer_object(operation, api)?;
    let next = field(object, &rule.next)?;
    Some((|| {
        let can_be_left_out = next.nullable || !next.required && next.default.is_none();
        if next.ty != TypeRef::Text || !can_be_left_out {
            return Err(format!(
                "`{}` is no text that the last page leaves out",
                rule.next
            ));
        }
        let (items, item) = items(object, api)?;
        let rule = PagingRule::Link {
            items,
            next: &next.name,
            token: &rule.token,
            follow: follow(rule, operation, api)?,
        };
        Ok(Paging { item, rule })
    })())
}

/// The operation that reads the page of a token.
fn follow<'a>(rule: &LinkPages, operation: &Operation, api: &'a Api) -> Fit<&'a str> {
    let answer = answer_type(operation, api)?;
    let followers = api.operations.values().filter(|other| {
        let takes = other
            .parameters
            .iter()
            .any(|parameter| parameter.field.wire == rule.token);
        takes && answer_type(other, api) == Ok(answer)
    });
    let followers: Vec<&Operation> = followers.collect();
    let [follower] = followers.as_slice() else {
        return Err(format!(
            "{} operations take `{}` and answer the same",
            followers.len(),
            rule.token
        ));
    };
    // What is optional about it, a later release may add.
    let required = follower.parameters.iter().map(|parameter| &parameter.field);
    let required: Vec<&Field> = required.filter(|field| field.required).collect();
    match (required.as_slice(), &follower.body) {
        ([token], RequestBody::None) if token.wire == rule.token && token.ty == TypeRef::Text => {
            Ok(&follower.name)
        }
        _ => Err(format!(
            "`{}` must be given more than `{}`",
            follower.name, rule.token
        )),
    }
}

/// Where a value stands in the request.
enum Settable<'o> {
    /// It is a value of its own.
    Own(&'o Field),
    /// It is inside a body that is one argument.
    Inside,
}

fn both<'o>(
    one: &str,
    other: &str,
    operation: &'o Operation,
    api: &'o Api,
) -> Option<(Settable<'o>, Settable<'o>)> {
    Some((input(one, operation, api)?, input(other, operation, api)?))
}

fn input<'o>(wire: &str, operation: &'o Operation, api: &'o Api) -> Option<Settable<'o>> {
    let parameters = operation.parameters.iter();
    let mut parameters = parameters.filter(|parameter| parameter.place != ParameterPlace::Path);
    if let Some(parameter) = parameters.find(|parameter| parameter.field.wire == wire) {
        return Some(Settable::Own(&parameter.field));
    }
    match &operation.body {
        RequestBody::None => None,
        RequestBody::Embedded(name) => match &api.types.get(name)?.shape {
            Shape::Object(object) => field(object, wire).map(Settable::Own),
            _ => None,
        },
        RequestBody::Whole(body) => field(api.object(&body.ty)?.1, wire).map(|_| Settable::Inside),
    }
}

/// A field of the request struct that may be left out, and is a whole number.
fn settable<'o>(input: &Settable<'o>) -> Fit<&'o Field> {
    let Settable::Own(field) = *input else {
        return Err("the body is one argument".to_owned());
    };
    if field.required || field.nullable || field.ty != TypeRef::Integer(IntegerType::I64) {
        return Err(format!(
            "`{}` is no 64-bit whole number that may be left out",
            field.wire
        ));
    }
    Ok(field)
}

fn default(field: &Field) -> Option<i64> {
    field.default.as_ref()?.as_i64()
}

/// The name of a field that is always a whole number.
fn whole<'o>(field: Option<&'o Field>, wire: &str) -> Fit<&'o str> {
    field
        .filter(|field| field.required && !field.nullable)
        .filter(|field| field.ty == TypeRef::Integer(IntegerType::I64))
        .map(|field| field.name.as_str())
        .ok_or_else(|| format!("the answer does not always have a 64-bit whole number `{wire}`"))
}

/// The only list of an answer, or the only one that is always there: a later release may add one that is not.
fn items<'o>(object: &'o Object, api: &'o Api) -> Fit<(&'o str, &'o TypeRef)> {
    let lists = object
        .fields
        .iter()
        .filter_map(|field| match api.resolved(&field.ty) {
            TypeRef::List(item) => Some((field, item)),
            _ => None,
        });
    let lists: Vec<_> = lists.collect();
    let required = lists.iter().filter(|(field, _)| field.required);
    let required: Vec<_> = required.copied().collect();
    match (lists.as_slice(), required.as_slice()) {
        ([(field, item)], _) | (_, [(field, item)]) => Ok((&field.name, item)),
        _ => Err(format!("the answer has {} lists, and not one", lists.len())),
    }
}

fn answer_type<'o>(operation: &'o Operation, api: &'o Api) -> Fit<&'o TypeRef> {
    match &operation.answer {
        Some(Answer {
            kind: AnswerKind::Json,
            by_status: false,
            ty,
            ..
        }) => Ok(api.resolved(ty)),
        _ => Err("the answer is no JSON".to_owned()),
    }
}

fn answer_object<'o>(operation: &'o Operation, api: &'o Api) -> Option<&'o Object> {
    Some(api.object(&operation.answer.as_ref()?.ty)?.1)
}

fn field<'o>(object: &'o Object, wire: &str) -> Option<&'o Field> {
    object.fields.iter().find(|field| field.wire == wire)
}
