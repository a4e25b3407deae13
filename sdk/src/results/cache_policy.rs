//! The keys by which results are found again: Prefect's cache policies.

use std::collections::BTreeSet;
use std::ops::{Add, Sub};

use md5::{Digest as _, Md5};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::hex::hex;
use crate::python_json::dumps;

/// From what the key of a task run's result is made.
///
/// Policies are added up, and an argument is left out by subtracting its name. The keys are byte for byte those of Python's
/// Prefect where the arguments are plain JSON, so that what one language has computed, the other finds. Floats and integers
/// are told apart: `2.0` is another argument than `2`.
///
/// ```
/// use prefect_sdk::results::{CacheInputs, CachePolicy};
/// use serde_json::json;
///
/// let inputs = json!({"x": 4});
/// let run = CacheInputs::new(inputs.as_object().unwrap());
/// assert_eq!(
///     CachePolicy::inputs().compute_key(&run).as_deref(),
///     Some("4ac7d842e958abd701992d48731f8627"),
/// );
/// // Which run it is counts, the argument `verbose` does not.
/// let policy = CachePolicy::inputs() + CachePolicy::run_id() - "verbose";
/// # assert!(policy.compute_key(&run).is_some());
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CachePolicy {
    parts: Vec<Part>,
    /// Whether the key is that of a sum, even if it has one part.
    is_sum: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Inputs { without: BTreeSet<String> },
    FlowParameters,
    RunId,
    Source(String),
}

/// What a key is made from.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CacheInputs<'a> {
    /// The task's arguments, with the defaults of those that were not given.
    pub inputs: &'a Map<String, Value>,
    /// The flow's arguments, within a flow run.
    pub flow_parameters: Option<&'a Map<String, Value>>,
    /// The flow run; or, outside of one, the task run.
    pub run_id: Option<Uuid>,
}

impl<'a> CacheInputs<'a> {
    /// Of the task's arguments.
    #[must_use]
    pub fn new(inputs: &'a Map<String, Value>) -> Self {
        Self {
            inputs,
            flow_parameters: None,
            run_id: None,
        }
    }

    /// Sets the flow's arguments.
    #[must_use]
    pub fn flow_parameters(mut self, parameters: &'a Map<String, Value>) -> Self {
        self.flow_parameters = Some(parameters);
        self
    }

    /// Sets the flow run; or, outside of one, the task run.
    #[must_use]
    pub fn run_id(mut self, id: Uuid) -> Self {
        self.run_id = Some(id);
        self
    }
}

impl CachePolicy {
    /// No key: nothing is cached. Prefect's `NO_CACHE`.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// The task's arguments: Prefect's `INPUTS`.
    #[must_use]
    pub fn inputs() -> Self {
        Self::of(Part::Inputs {
            without: BTreeSet::new(),
        })
    }

    /// The run: Prefect's `RUN_ID`.
    #[must_use]
    pub fn run_id() -> Self {
        Self::of(Part::RunId)
    }

    /// The flow's arguments: Prefect's `FLOW_PARAMETERS`.
    #[must_use]
    pub fn flow_parameters() -> Self {
        Self::of(Part::FlowParameters)
    }

    /// A text that stands for the task's code, such as its version: the counterpart of Prefect's `TASK_SOURCE`, which has
    /// the text of a Python function.
    #[must_use]
    pub fn source(text: impl Into<String>) -> Self {
        Self::of(Part::Source(text.into()))
    }

    fn of(part: Part) -> Self {
        Self {
            parts: vec![part],
            is_sum: false,
        }
    }

    /// Whether there is never a key.
    #[must_use]
    pub fn is_none(&self) -> bool {
        self.parts.is_empty()
    }

    /// The key; `None` where nothing of what it is made from is there, and the result is not cached.
    #[must_use]
    pub fn compute_key(&self, run: &CacheInputs<'_>) -> Option<String> {
        let keys: Vec<_> = self.parts.iter().filter_map(|part| part.key(run)).collect();
        match (self.is_sum, &*keys) {
            (_, []) => None,
            (false, [key]) => Some(key.clone()),
            _ => Some(hash_objects(
                &keys.into_iter().map(Value::from).collect::<Vec<_>>(),
            )),
        }
    }

    /// As Python's does it: what is left out of some inputs is left out of all, and they come last.
    fn settle(mut self) -> Self {
        let mut all: Option<BTreeSet<String>> = None;
        self.parts.retain(|part| match part {
            Part::Inputs { without } => {
                all.get_or_insert_default().extend(without.iter().cloned());
                false
            }
            _ => true,
        });
        self.parts
            .extend(all.map(|without| Part::Inputs { without }));
        self
    }
}

impl Add for CachePolicy {
    type Output = Self;

    fn add(mut self, other: Self) -> Self {
        match (self.is_none(), other.is_none()) {
            (_, true) => self,
            (true, false) => other,
            (false, false) => {
                self.parts.extend(other.parts);
                self.is_sum = true;
                self.settle()
            }
        }
    }
}

impl Sub<&str> for CachePolicy {
    type Output = Self;

    fn sub(mut self, argument: &str) -> Self {
        for part in &mut self.parts {
            if let Part::Inputs { without } = part {
                without.insert(argument.to_owned());
            }
        }
        self
    }
}

impl Part {
    fn key(&self, run: &CacheInputs<'_>) -> Option<String> {
        match self {
            Self::Inputs { without } => {
                let counts = |(name, _): &(&String, &Value)| !without.contains(*name);
                let inputs = run.inputs.iter().filter(counts);
                let inputs: Map<_, _> = inputs
                    .map(|(name, value)| (name.clone(), value.clone()))
                    .collect();
                (!run.inputs.is_empty()).then(|| hash_objects(&[inputs.into()]))
            }
            Self::FlowParameters => {
                let parameters = run
                    .flow_parameters
                    .filter(|parameters| !parameters.is_empty())?;
                Some(hash_objects(&[parameters.clone().into()]))
            }
            Self::RunId => run.run_id.map(|id| id.to_string()),
            Self::Source(text) => Some(hash_objects(&[text.clone().into()])),
        }
    }
}

/// The hash that Prefect gives a list of objects, from which its cache keys are made: `hash_objects(*objects)`.
///
/// ```
/// use prefect_sdk::results::hash_objects;
/// use serde_json::json;
///
/// assert_eq!(hash_objects(&[json!({"x": 4})]), "4ac7d842e958abd701992d48731f8627");
/// ```
#[must_use]
pub fn hash_objects(objects: &[Value]) -> String {
    let text = dumps(&json!([objects, {}]));
    hex(&Md5::digest(text))
}
