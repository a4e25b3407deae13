//! The types that an answer of flow runs holds, as `generated/` has them, with serde's derive in place of what is
//! generated: what decoding is compared with.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

#[derive(Debug, Deserialize)]
pub(crate) struct FlowRunResponse {
    pub(crate) flow_id: Uuid,
    pub(crate) id: Uuid,
    pub(crate) created: Option<DateTime<Utc>>,
    pub(crate) updated: Option<DateTime<Utc>>,
    #[serde(default)]
    pub(crate) auto_scheduled: bool,
    #[serde(default)]
    pub(crate) context: BTreeMap<String, Value>,
    pub(crate) created_by: Option<CreatedBy>,
    pub(crate) deployment_id: Option<Uuid>,
    pub(crate) deployment_version: Option<String>,
    pub(crate) empirical_policy: Option<FlowRunPolicy>,
    pub(crate) end_time: Option<DateTime<Utc>>,
    #[serde(default)]
    pub(crate) estimated_run_time: f64,
    #[serde(default)]
    pub(crate) estimated_start_time_delta: f64,
    pub(crate) expected_start_time: Option<DateTime<Utc>>,
    pub(crate) flow_version: Option<String>,
    pub(crate) idempotency_key: Option<String>,
    pub(crate) infrastructure_document_id: Option<Uuid>,
    pub(crate) infrastructure_pid: Option<String>,
    pub(crate) job_variables: Option<BTreeMap<String, Value>>,
    #[serde(default)]
    pub(crate) labels: BTreeMap<String, LabelValue>,
    pub(crate) name: Option<String>,
    pub(crate) next_scheduled_start_time: Option<DateTime<Utc>>,
    #[serde(default)]
    pub(crate) parameters: BTreeMap<String, Value>,
    pub(crate) parent_task_run_id: Option<Uuid>,
    #[serde(default)]
    pub(crate) run_count: i64,
    pub(crate) start_time: Option<DateTime<Utc>>,
    pub(crate) state: Option<State>,
    pub(crate) state_id: Option<Uuid>,
    pub(crate) state_name: Option<String>,
    pub(crate) state_type: Option<StateType>,
    #[serde(default)]
    pub(crate) tags: Vec<String>,
    #[serde(default)]
    pub(crate) total_run_time: f64,
    pub(crate) work_pool_id: Option<Uuid>,
    pub(crate) work_pool_name: Option<String>,
    pub(crate) work_queue_id: Option<Uuid>,
    pub(crate) work_queue_name: Option<String>,
}

#[expect(clippy::struct_field_names, reason = "they are the wire's")]
#[derive(Debug, Deserialize)]
pub(crate) struct State {
    #[serde(rename = "type")]
    pub(crate) type_: StateType,
    pub(crate) id: Uuid,
    pub(crate) data: Option<Value>,
    pub(crate) message: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) state_details: Option<StateDetails>,
    pub(crate) timestamp: Option<DateTime<Utc>>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct StateDetails {
    pub(crate) cache_expiration: Option<DateTime<Utc>>,
    pub(crate) cache_key: Option<String>,
    pub(crate) child_flow_run_id: Option<Uuid>,
    pub(crate) deferred: Option<bool>,
    pub(crate) deployment_concurrency_lease_id: Option<Uuid>,
    pub(crate) flow_run_id: Option<Uuid>,
    pub(crate) pause_key: Option<String>,
    pub(crate) pause_reschedule: Option<bool>,
    pub(crate) pause_timeout: Option<DateTime<Utc>>,
    pub(crate) refresh_cache: Option<bool>,
    pub(crate) retriable: Option<bool>,
    pub(crate) run_input_keyset: Option<BTreeMap<String, String>>,
    pub(crate) scheduled_time: Option<DateTime<Utc>>,
    pub(crate) task_parameters_id: Option<Uuid>,
    pub(crate) task_run_id: Option<Uuid>,
    pub(crate) traceparent: Option<String>,
    pub(crate) transition_id: Option<Uuid>,
    pub(crate) untrackable_result: Option<bool>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct FlowRunPolicy {
    pub(crate) max_retries: Option<i64>,
    pub(crate) pause_keys: Option<Vec<String>>,
    pub(crate) resuming: Option<bool>,
    pub(crate) retries: Option<i64>,
    pub(crate) retry_delay: Option<i64>,
    pub(crate) retry_delay_seconds: Option<f64>,
    pub(crate) retry_type: Option<FlowRunPolicyRetryType>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct CreatedBy {
    pub(crate) display_value: Option<String>,
    pub(crate) id: Option<Uuid>,
    #[serde(rename = "type")]
    pub(crate) type_: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum LabelValue {
    Bool(bool),
    Integer(i64),
    Number(f64),
    Text(String),
    Unknown(Value),
}

#[derive(Debug, Deserialize)]
#[serde(from = "String")]
pub(crate) enum StateType {
    Scheduled,
    Pending,
    Running,
    Completed,
    Failed,
    Cancelled,
    Crashed,
    Paused,
    Cancelling,
    Unknown(String),
}

impl From<String> for StateType {
    fn from(text: String) -> Self {
        match text.as_str() {
            "SCHEDULED" => Self::Scheduled,
            "PENDING" => Self::Pending,
            "RUNNING" => Self::Running,
            "COMPLETED" => Self::Completed,
            "FAILED" => Self::Failed,
            "CANCELLED" => Self::Cancelled,
            "CRASHED" => Self::Crashed,
            "PAUSED" => Self::Paused,
            "CANCELLING" => Self::Cancelling,
            _ => Self::Unknown(text),
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(from = "String")]
pub(crate) enum FlowRunPolicyRetryType {
    InProcess,
    Reschedule,
    Unknown(String),
}

impl From<String> for FlowRunPolicyRetryType {
    fn from(text: String) -> Self {
        match text.as_str() {
            "in_process" => Self::InProcess,
            "reschedule" => Self::Reschedule,
            _ => Self::Unknown(text),
        }
    }
}
