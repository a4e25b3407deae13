//! What most programs name: the clients, the modules of this crate, and what the client knows. Nothing here has the name of
//! a type of the client's, so that everything of both can be imported together:
//!
//! ```
//! use prefect_sdk::client::{models::*, requests::*};
//! use prefect_sdk::prelude::*;
//!
//! // A body of the client's, and options of this crate's.
//! let body = VariableCreate::new("greeting", VariableValue::from("hello"));
//! let options = variables::SetVariableOptions::new().overwrite(true);
//! ```

#[cfg(feature = "async")]
pub use prefect_client::AsyncPrefectClient;
#[cfg(feature = "blocking")]
pub use prefect_client::PrefectClient;
pub use prefect_client::{models, requests};

pub use crate::blocks::Block;
#[cfg(feature = "filesystems")]
pub use crate::filesystems;
pub use crate::input::RunInput;
#[cfg(feature = "results")]
pub use crate::results;
pub use crate::{
    RunContext, artifacts, blocks, concurrency, deployments, events, flow_runs, input, logs,
    states, variables,
};
#[cfg(feature = "flows")]
pub use crate::{flow, flows, runner, task, task_worker, tasks, transactions};
