//! Which operations answer page by page: found by the rules of `diptych.toml`, and reported where they do not fit.

use crate::config::{Config, LinkPages, NumberPages, OffsetPages};
use crate::error::{Problems, Result};
use crate::ir::{
    Answer, AnswerKind, Api, Field, IntegerType, Object, Operation, Paging, PagingRule,
    ParameterPlace, RequestBody, Shape, TypeRef,
};
use crate::loss::Loss;
use crate::naming::derived_name;
use crate::pointer::Pointer;

/// `None`: the rule does not speak of the operation. The error says why it does not fit.
type Found = Option<std::result::Result<Paging, String>>;

/// A rule, by its name in `diptych.toml`.
type Rule<'r> = (&'static str, Box<dyn Fn(&Operation, &Api) -> Found + 'r>);

pub(super) fn settle(api: &mut Api, config: &Config) -> Result<()> {
    let mut problems = Problems::default();
    let mut found: Vec<(String, std::result::Result<Paging, String>)> = Vec::new();
    for (name, rule) in rules(config) {
        let mut is_dead = true;
        // What reads another media type than the operation of its method has other answers.
        let operations = api.operations.values();
        for operation in operations.filter(|operation| !operation.is_variant) {
            let Some(paging) = rule(operation, api) else {
                continue;
            };
            is_dead = false;
            if found.iter().all(|(known, _)| *known != operation.name) {
                found.push((operation.name.clone(), paging));
            }
        }
        if is_dead && config.is_for(&api.version) {
            let rule =
                format!("diptych.toml has the rule `pages.{name}`, but no operation is like it");
            problems.add(Pointer::root().child("paths"), rule);
        }
    }
    for (name, paging) in found {
        keep(api, &name, paging, &mut problems);
    }
    problems.into_result()
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

fn keep(
    api: &mut Api,
    name: &str,
    paging: std::result::Result<Paging, String>,
    problems: &mut Problems,
) {
    let method = derived_name(name, "pages");
    let taken = api.operations.contains_key(&method);
    let Some(operation) = api.operations.get_mut(name) else {
        return;
    };
    match paging {
        Ok(_) if taken => {
            let rule = format!(
                "its pages would be called `{method}`, as another operation is; give one of them a name in \
                 `names.operations` of diptych.toml"
            );
            problems.add(operation.source.clone(), rule);
        }
        Ok(paging) => operation.paging = Some(paging),
        Err(why) => api.losses.push(Loss {
            pointer: operation.source.clone(),
            what: "the pages of the operation".to_owned(),
            why,
        }),
    }
}

fn offset(rule: &OffsetPages, operation: &Operation, api: &Api) -> Found {
    let (offset, limit) = both(&rule.offset, &rule.limit, operation, api)?;
    Some((|| {
        let (offset, limit) = (settable(&offset)?, settable(&limit)?);
        let TypeRef::List(item) = answer_type(operation, api)? else {
            return Err("the answer is no list".to_owned());
        };
        let rule = PagingRule::Offset {
            first: default(offset).unwrap_or(0),
            offset: offset.name.clone(),
            limit: limit.name.clone(),
        };
        Ok(Paging { item: *item, rule })
    })())
}

fn number(rule: &NumberPages, operation: &Operation, api: &Api) -> Found {
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
            page: page.name.clone(),
            first,
            items,
            echo: echo.transpose()?,
            pages,
        };
        Ok(Paging { item, rule })
    })())
}

fn link(rule: &LinkPages, operation: &Operation, api: &Api) -> Found {
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
            next: next.name.clone(),
            token: rule.token.clone(),
            follow: follow(rule, operation, api)?,
        };
        Ok(Paging { item, rule })
    })())
}

/// The operation that reads the page of a token.
fn follow(
    rule: &LinkPages,
    operation: &Operation,
    api: &Api,
) -> std::result::Result<String, String> {
    let answer = answer_type(operation, api)?;
    let followers = api.operations.values().filter(|other| {
        let takes = other
            .parameters
            .iter()
            .any(|parameter| parameter.field.wire == rule.token);
        takes && answer_type(other, api).as_ref() == Ok(&answer)
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
            Ok(follower.name.clone())
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
fn settable<'o>(input: &Settable<'o>) -> std::result::Result<&'o Field, String> {
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
fn whole(field: Option<&Field>, wire: &str) -> std::result::Result<String, String> {
    field
        .filter(|field| field.required && !field.nullable)
        .filter(|field| field.ty == TypeRef::Integer(IntegerType::I64))
        .map(|field| field.name.clone())
        .ok_or_else(|| format!("the answer does not always have a 64-bit whole number `{wire}`"))
}

/// The only list of an answer, or the only one that is always there: a later release may add one that is not.
fn items(object: &Object, api: &Api) -> std::result::Result<(String, TypeRef), String> {
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
        ([(field, item)], _) | (_, [(field, item)]) => Ok((field.name.clone(), (***item).clone())),
        _ => Err(format!("the answer has {} lists, and not one", lists.len())),
    }
}

fn answer_type(operation: &Operation, api: &Api) -> std::result::Result<TypeRef, String> {
    match &operation.answer {
        Some(Answer {
            kind: AnswerKind::Json,
            by_status: false,
            ty,
            ..
        }) => Ok(api.resolved(ty).clone()),
        _ => Err("the answer is no JSON".to_owned()),
    }
}

fn answer_object<'o>(operation: &'o Operation, api: &'o Api) -> Option<&'o Object> {
    Some(api.object(&operation.answer.as_ref()?.ty)?.1)
}

fn field<'o>(object: &'o Object, wire: &str) -> Option<&'o Field> {
    object.fields.iter().find(|field| field.wire == wire)
}
