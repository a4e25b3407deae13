//! What is said to the server of one flow run, and what is known of it.

mod dropped;
mod ending;
#[cfg(all(test, feature = "testing", feature = "blocking"))]
mod losing;
#[cfg(all(test, feature = "testing", feature = "blocking"))]
mod tests;

use std::sync::Arc;

use diptych_macros::dual;
#[dual(engine)]
use prefect_client::AsyncPrefectClient;
use prefect_client::models::{Flow, FlowCreate, FlowRunResponse, FlowRunUpdate, State};
use serde_json::{Map, Value};
use tracing::Span;

#[dual(engine)]
use super::AsyncCalledBy;
use super::flow_creation::{checked, filled_in, run_to_create};
use super::flow_step::{self, Begin};
#[dual(engine)]
use super::heartbeats::AsyncHeartbeats;
use super::heartbeats::Heartbeat;
#[dual(engine)]
use super::hooks::{AsyncFlowRunEntered, AsyncHooks};
#[dual(engine)]
use super::parts::AsyncPart;
#[dual(engine)]
use super::results::{AsyncEnclosing, aresult_store};
#[dual(engine)]
use super::run_logs::AsyncRunLogs;
#[dual(engine)]
use super::scope::{AsyncScope, AsyncWork};
use super::subflow::TakenUp;
#[dual(engine)]
use super::subflow::aof_subflow;
#[dual(engine)]
use super::suspension::AsyncSuspending;
#[dual(engine)]
use super::unbegun::AsyncUnbegun;
use super::voice::Voice;
#[dual(engine)]
use super::waiting::await_unless;
use super::{Subflows, Suspension, Unlimited, engine, remarks};
#[dual(engine)]
use crate::background::AsyncHome;
use crate::cancellation::{Cancellation, Why};
#[dual(engine)]
use crate::events::AsyncEventSender;
use crate::events::{SendEventsOptions, of_flow_run};
#[dual(engine)]
use crate::flow_runs::{acreate_surely, apropose_once};
use crate::flows::{FlowOptions, RunFlowOptions};
use crate::logs;
#[dual(engine)]
use crate::results::AsyncResultStore;
use crate::results::ResultRecord;
use crate::states;
#[dual(engine)]
use crate::transactions::AsyncTransaction;
use crate::{Error, RunContext};

/// A run that exists already, and its flow.
#[derive(Clone, Debug)]
pub struct ExistingRun {
    pub(crate) run: FlowRunResponse,
    pub(crate) flow: Flow,
}

/// What came of the proposal to run.
#[dual(engine)]
pub(super) enum AsyncStarted {
    Running(Arc<AsyncScope>),
    Ended(Box<State>),
    Cancelled,
}

/// What a flow says of its runs.
#[dual(engine)]
pub(crate) struct AsyncFlowFacts<'a> {
    pub(crate) name: &'a str,
    pub(crate) key: &'a str,
    pub(crate) options: &'a FlowOptions,
    /// Whether what a run gave that has ended can be read.
    pub(crate) is_taken_up: bool,
    pub(crate) hooks: &'a AsyncHooks<AsyncFlowRunEntered>,
}

/// The conversation about one flow run.
#[dual(engine)]
pub(super) struct AsyncFlowConversation {
    client: AsyncPrefectClient,
    sender: AsyncEventSender,
    /// Where what is left to say is said, wherever the conversation is dropped.
    home: AsyncHome,
    context: RunContext,
    flow: Flow,
    run: FlowRunResponse,
    options: FlowOptions,
    hooks: AsyncHooks<AsyncFlowRunEntered>,
    how: RunFlowOptions,
    pub(super) parameters: Map<String, Value>,
    /// The name that it gets, if it is not the server's.
    name: Option<String>,
    unlimited: Arc<Unlimited>,
    logs: AsyncRunLogs,
    pub(super) cancellation: Cancellation,
    /// That of the enclosing run, if there is one.
    suspension: Suspension,
    /// What hears of that.
    suspending: Option<AsyncSuspending>,
    /// What was begun in the last attempt.
    work: Option<AsyncWork>,
    /// What it gave before, if it does not run.
    pub(super) had: Option<ResultRecord>,
    /// What it is to the run that encloses it.
    part: Option<AsyncPart>,
    /// What the enclosing run has for results.
    enclosing: Option<AsyncEnclosing>,
    /// What is called in it is part of this.
    transaction: Option<AsyncTransaction>,
    /// They end with the attempt.
    heartbeats: Option<AsyncHeartbeats>,
    is_over: bool,
}

#[dual(engine)]
impl AsyncFlowConversation {
    /// Makes a run, which is pending. What can't be run is refused before anything is sent.
    #[dual(name = begin)]
    pub(super) async fn abegin(
        called_by: AsyncCalledBy,
        of: &AsyncFlowFacts<'_>,
        parameters: Map<String, Value>,
        how: &RunFlowOptions,
    ) -> Result<Self, Error> {
        let (client, within) = match called_by {
            AsyncCalledBy::Client(client) => (client, None),
            AsyncCalledBy::Run(within) => (within.scope.client.clone(), Some(within)),
        };
        let enclosing = within.as_ref().and_then(AsyncEnclosing::of);
        let name = checked(of.options, &parameters, how, enclosing.is_some())?;
        let part = within
            .as_ref()
            .map(|within| within.scope.work.parts.begin());
        let mut unbegun = AsyncUnbegun::here(&client, (of.name, of.hooks), part)?;
        let (sender, how, taken_up) = match &within {
            None => {
                let sender = AsyncEventSender::start(&client, &SendEventsOptions::of_runs())?;
                (sender, how.clone().of_one_run(), None)
            }
            Some(within) => {
                let scope = &within.scope;
                let cancellation = &scope.work.parts.cancellation;
                let how = how.clone().within(&scope.tags, cancellation);
                let taken_up = aof_subflow(within, of, &parameters, &how, &mut unbegun).await?;
                (scope.sender.clone(), how, taken_up)
            }
        };
        let new = FlowCreate::new(of.name).tags(Vec::<String>::new());
        let flow = acreate_surely(&client, || client.create_flow(&new)).await?;
        let TakenUp { run, had } = if let Some(taken_up) = taken_up {
            unbegun.take_up(&taken_up.run);
            taken_up
        } else {
            let run = run_to_create(flow.id, of.options, &parameters, &how);
            let run = unbegun.make_flow_run(run).await?;
            TakenUp { run, had: None }
        };
        let existing = ExistingRun { run, flow };
        let mut conversation = Self::new(&client, of, &how, sender, existing)?;
        (conversation.parameters, conversation.name) = (parameters, name);
        conversation.enclosing = enclosing;
        if let Some(within) = within {
            conversation.suspension = within.scope.suspension.clone();
            conversation.transaction = within.transaction;
        }
        conversation.is_over = had.is_some();
        conversation.had = had;
        conversation.part = unbegun.begun();
        Ok(conversation)
    }

    /// Takes up a run that exists.
    pub(super) fn of_existing(
        client: &AsyncPrefectClient,
        of: &AsyncFlowFacts<'_>,
        existing: ExistingRun,
        how: &RunFlowOptions,
    ) -> Result<Self, Error> {
        let sender = AsyncEventSender::start(client, &SendEventsOptions::of_runs())?;
        let mut conversation = Self::new(client, of, how, sender, existing)?;
        let parameters = std::mem::take(&mut conversation.run.parameters);
        conversation.parameters = parameters.into_iter().collect();
        Ok(conversation)
    }

    fn new(
        client: &AsyncPrefectClient,
        of: &AsyncFlowFacts<'_>,
        how: &RunFlowOptions,
        sender: AsyncEventSender,
        existing: ExistingRun,
    ) -> Result<Self, Error> {
        let id = existing.run.id;
        Ok(Self {
            client: client.clone(),
            sender,
            home: AsyncHome::here()?,
            context: RunContext::flow_run(id),
            flow: existing.flow,
            run: existing.run,
            options: of.options.clone(),
            hooks: of.hooks.clone(),
            how: how.clone(),
            parameters: Map::new(),
            name: None,
            unlimited: Arc::default(),
            logs: AsyncRunLogs::begin(client, id, of.options.log_level)?,
            cancellation: how.cancellation.clone().unwrap_or_default(),
            suspension: Suspension::default(),
            suspending: None,
            work: None,
            had: None,
            part: None,
            enclosing: None,
            transaction: None,
            heartbeats: None,
            is_over: false,
        })
    }

    /// Says how the flow runs in a run that somebody else made. What that one has said about retries stays.
    pub(super) async fn take_over(&mut self) -> Result<(), Error> {
        let policy = self.run.empirical_policy.take().unwrap_or_default();
        let mut update = FlowRunUpdate::new().empirical_policy(filled_in(policy, &self.options));
        if let Some(version) = &self.options.version {
            update = update.flow_version(version.clone());
        }
        self.client.update_flow_run(self.run.id, &update).await?;
        self.name = checked(&self.options, &self.parameters, &self.how, false)?;
        Ok(())
    }

    /// Calls the hooks of the state that it has entered.
    async fn entered(&self, state: State) {
        if !self.hooks.has(&state.type_) {
            return;
        }
        let (client, run) = (self.client.clone(), self.run.clone());
        let mut entered = AsyncFlowRunEntered::new(client, &self.flow.name, run, state);
        entered.voice = self.voice();
        self.hooks.entered(entered).await;
    }

    /// Gives it its own name.
    pub(super) async fn rename(&mut self) -> Result<(), Error> {
        if let Some(name) = self.name.take() {
            let update = FlowRunUpdate::new().name(name);
            self.client.update_flow_run(self.run.id, &update).await?;
        }
        Ok(())
    }

    /// Proposes to run, until the server says what becomes of that.
    pub(super) async fn start(&mut self) -> Result<AsyncStarted, Error> {
        // It may have been cancelled since an attempt before.
        let mut has_waited = self.work.is_some();
        let running = loop {
            if let Some(why) = self.cancellation.why() {
                self.stop(why).await?;
                return Ok(AsyncStarted::Cancelled);
            }
            if let Some(state) = self.suspended().await {
                return Ok(AsyncStarted::Ended(state));
            }
            match self.begins(has_waited).await? {
                Begin::Run(state) => break state,
                Begin::Later(wait) => {
                    await_unless(&self.cancellation, &self.client, wait).await;
                    has_waited = true;
                }
                Begin::Cancelled => {
                    self.stop(Why::Cancelled).await?;
                    return Ok(AsyncStarted::Cancelled);
                }
                Begin::Ended(state) => {
                    self.is_over = true;
                    return Ok(AsyncStarted::Ended(state));
                }
            }
        };
        if has_waited {
            let states = self.client.read_flow_run_states(self.run.id).await?;
            if flow_step::was_cancelled(&states) {
                self.stop(Why::Cancelled).await?;
                return Ok(AsyncStarted::Cancelled);
            }
        }
        // What the server has now: its count of runs, its name.
        self.run = self.client.read_flow_run(self.run.id).await?;
        if let Some(every) = self.how.heartbeat_frequency {
            let heartbeat = Heartbeat::of(&self.run, &self.flow);
            self.heartbeats = Some(AsyncHeartbeats::of(heartbeat, every, &self.sender)?);
        }
        // Nobody resumes another one.
        if self.run.deployment_id.is_some() && self.suspending.is_none() {
            let suspending = AsyncSuspending::of(&self.client, &self.run, &self.suspension)?;
            self.suspending = Some(suspending);
        }
        self.entered(*running).await;
        let (results, persists) = self.store().await?;
        // Each attempt has tasks and subflows of its own.
        let work = AsyncWork::new(self.options.max_workers, &self.cancellation)?;
        self.work = Some(work.clone());
        let span = self.span();
        let (kind, name) = (self.kind(), self.run.name.as_deref().unwrap_or_default());
        remarks::flow_run_begins(&span, kind, name, &self.flow.name);
        Ok(AsyncStarted::Running(Arc::new(AsyncScope {
            client: self.client.clone(),
            sender: self.sender.clone(),
            context: self.context.clone(),
            id: self.run.id,
            name: self.run.name.clone().unwrap_or_default(),
            flow_name: self.flow.name.clone(),
            run_count: self.run.run_count,
            tags: self.run.tags.clone(),
            parameters: self.parameters.clone(),
            related: of_flow_run(&self.run, &self.flow),
            results,
            persists,
            unlimited: Arc::clone(&self.unlimited),
            subflows: Arc::<Subflows>::default(),
            cancellation: self.cancellation.clone(),
            suspension: self.suspension.clone(),
            logs: self.run.id,
            span,
            transaction: self.transaction.clone(),
            work,
            drawing: None,
        })))
    }

    /// What is said in it stands in the logs of the run.
    fn span(&self) -> Span {
        logs::span_of_flow_run(self.run.id)
    }

    /// Who says what the engine says of it: until its first attempt, no logs are its own.
    fn voice(&self) -> Voice {
        match &self.work {
            Some(_) => Voice::Run(self.span()),
            None => Voice::Engine,
        }
    }

    fn kind(&self) -> &'static str {
        if self.part.is_some() {
            "subflow"
        } else {
            "flow"
        }
    }

    /// Proposes to run, if the run has not ended while it waited.
    async fn begins(&mut self, has_waited: bool) -> Result<Begin, Error> {
        if has_waited {
            let now = self.client.read_flow_run(self.run.id).await?;
            if let Some(begin) = now.state.and_then(flow_step::meanwhile) {
                return Ok(begin);
            }
        }
        let answer = apropose_once(&self.client, self.run.id, &states::running()).await?;
        self.heard(flow_step::begin(answer))
    }

    async fn store(&self) -> Result<(Option<AsyncResultStore>, bool), Error> {
        let settings = self.how.results.as_ref();
        let enclosing = self.enclosing.as_ref();
        aresult_store(&self.client, settings, enclosing, &self.options.results).await
    }

    /// The state that the run is in, as the server has it.
    pub(super) async fn state(&self) -> Result<State, Error> {
        let run = self.client.read_flow_run(self.run.id).await?;
        let text = "the server does not say which state the run is in";
        run.state.ok_or_else(|| Error::lost(text))
    }

    /// What follows from the server's answer. Where that is nothing, the server has decided, and is told no more.
    fn heard<S>(&mut self, step: Result<S, Error>) -> Result<S, Error> {
        self.is_over |= step.is_err();
        step
    }
}
