//! A thousand small descriptions, each broken in one or two places: an error or a client, and never a panic.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use serde_json::{Value, json};

/// How many: 1,000, unless `DIPTYCH_TEST_MUTATIONS` says otherwise.
fn rounds() -> u64 {
    let given = std::env::var("DIPTYCH_TEST_MUTATIONS").ok();
    given.map_or(1000, |text| text.parse().unwrap())
}

#[test]
fn no_mutation_makes_the_generator_panic() {
    let sources: Vec<Value> = seeds();
    let mut panics = Vec::new();
    for round in 0..rounds() {
        let mut numbers = Numbers(round.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        let mut document = sources[numbers.below(sources.len())].clone();
        let mut words = String::new();
        for _ in 0..=numbers.below(2) {
            words.push_str(&mutate(&mut document, &mut numbers));
        }
        let text = document.to_string();
        let outcome = catch_unwind(AssertUnwindSafe(|| diptych::generate(&text, "")));
        match outcome {
            Ok(Err(error)) => assert!(!error.to_string().is_empty(), "round {round}"),
            Ok(Ok(files)) => assert!(files.contains_key("mod.rs"), "round {round}"),
            Err(_) => panics.push(format!("round {round}: {words}")),
        }
    }
    assert!(panics.is_empty(), "{}", panics.join("\n"));
}

/// Small enough for a thousand rounds, and with every kind of part.
fn seeds() -> Vec<Value> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/mutations");
    let mut paths: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    let texts = paths.iter().map(|path| fs::read_to_string(path).unwrap());
    texts
        .map(|text| serde_json::from_str(&text).unwrap())
        .collect()
}

/// Numbers that are the same in each run (xorshift).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % end
    }
}

/// Removes or replaces one value anywhere below the root, and says which.
fn mutate(document: &mut Value, numbers: &mut Numbers) -> String {
    let mut places = Vec::new();
    collect(document, String::new(), &mut places);
    let place = places[numbers.below(places.len())].clone();
    let from = places[numbers.below(places.len())].clone();
    let moved = document.pointer(&from).cloned().unwrap_or_default();
    let values = [
        json!(null),
        json!(-1),
        json!(1.5),
        json!(""),
        json!("text"),
        json!(true),
        json!(false),
        json!([]),
        json!([null]),
        json!({}),
        json!({ "$ref": "#/components/schemas/Node" }),
        json!({ "$ref": "" }),
        json!({ "allOf": [{ "$ref": "#/components/schemas/Node" }] }),
        json!({ "type": ["object", "array", "null"] }),
        moved,
    ];
    let choice = numbers.below(values.len() + 2);
    let (parent, key) = place.rsplit_once('/').unwrap_or_default();
    let key = key.replace("~1", "/").replace("~0", "~");
    match (document.pointer_mut(parent), values.get(choice)) {
        (Some(Value::Object(map)), None) => {
            map.remove(&key);
        }
        (Some(Value::Array(items)), None) => {
            items.pop();
        }
        (_, Some(value)) => {
            if let Some(found) = document.pointer_mut(&place) {
                *found = value.clone();
            }
        }
        _ => {}
    }
    match values.get(choice) {
        Some(value) => format!("{place} = {value}; "),
        None => format!("without {place}; "),
    }
}

fn collect(value: &Value, place: String, places: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            for (key, child) in map {
                let key = key.replace('~', "~0").replace('/', "~1");
                collect(child, format!("{place}/{key}"), places);
            }
        }
        Value::Array(items) => {
            for (index, child) in items.iter().enumerate() {
                collect(child, format!("{place}/{index}"), places);
            }
        }
        _ => {}
    }
    if !place.is_empty() {
        places.push(place);
    }
}
