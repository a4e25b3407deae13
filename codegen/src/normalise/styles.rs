//! What `OpenAPI` says about how a value becomes text.

use std::collections::BTreeMap;

use crate::ir::{PairStyle, Style};
use crate::json::{Value, json};

/// The extension of a parameter that travels as JSON text.
pub(super) const AS_JSON: &str = "x-diptych-json";

/// The extension of a parameter that is the whole query: as a form, or as JSON.
pub(super) const AS_WHOLE: &str = "x-diptych-whole";

/// The extension of such a form: what is said of its names.
pub(super) const ENCODING: &str = "x-diptych-encoding";

/// How the parameter is written, as far as it differs from what its place has by itself.
pub(crate) fn style(json: &Value) -> Style {
    let explode = json["explode"].as_bool();
    let is_usual = explode.is_none() && json["allowReserved"].is_null();
    let in_pairs = matches!(json["in"].as_str(), Some("query" | "cookie"));
    match json["style"].as_str() {
        _ if json[AS_WHOLE] == "form" => Style::WholeForm,
        _ if json[AS_WHOLE] == "json" => Style::WholeJson,
        _ if json[AS_JSON] == true => Style::Json,
        None if is_usual => Style::Usual,
        Some("label") if explode == Some(true) => Style::LabelExploded,
        Some("label") => Style::Label,
        Some("matrix") if explode == Some(true) => Style::MatrixExploded,
        Some("matrix") => Style::Matrix,
        Some("spaceDelimited") if explode != Some(true) => Style::SpaceDelimited,
        Some("pipeDelimited") if explode != Some(true) => Style::PipeDelimited,
        Some("deepObject") => Style::DeepObject,
        _ if in_pairs && explode == Some(false) => Style::Form,
        _ if in_pairs => Style::FormExploded,
        _ if explode == Some(true) => Style::SimpleExploded,
        _ => Style::Simple,
    }
}

/// How the names of a form that is the whole query are written, where that is said.
pub(crate) fn styled_pairs(parameter: &Value) -> BTreeMap<String, PairStyle> {
    let said = parameter[ENCODING].as_object().into_iter().flatten();
    let pairs = said.filter_map(|(name, said)| Some((name.to_owned(), of_pair(said)?)));
    pairs.collect()
}

/// How a name of a form is written whose `encoding` says more than its media type.
pub(super) fn of_pair(encoding: &Value) -> Option<PairStyle> {
    let keys = ["style", "explode", "allowReserved"];
    let is_styled = keys.iter().any(|key| !encoding[*key].is_null());
    let media_type = encoding["contentType"].as_str().unwrap_or_default();
    if !is_styled && !media_type.contains("json") {
        return None;
    }
    let style_of = encoding["style"].as_str().unwrap_or("form");
    let explode = encoding["explode"].as_bool().unwrap_or(style_of == "form");
    let parameter = json!({
        "in": "query",
        "style": style_of,
        "explode": explode,
        AS_JSON: !is_styled,
    });
    Some(PairStyle {
        style: style(&parameter),
        allow_reserved: encoding["allowReserved"] == true,
    })
}
