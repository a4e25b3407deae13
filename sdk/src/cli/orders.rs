//! Does what a command says.

use prefect_client::models::{FlowRunResponse, StateType};
use serde_json::{Map, Value};

use super::acts::{self, NewRun};
use super::arguments::{Arguments, Deployments, Given, Language, Order};
use super::saying::{FAILED, Failure, say, say_wrong};
use super::{listed, parameters};
use crate::deployments::{DeployOptions, Image, RunSchedule, RunnerDeployment};
use crate::flows::AnyFlow;
use crate::runner::RunnerOptions;

type Flows<'a> = &'a [&'a dyn AnyFlow];

pub(super) fn obey(arguments: Arguments, flows: Flows<'_>) -> Result<(), Failure> {
    match arguments.order {
        Order::List => list(flows),
        Order::Run { flow, given, tags } => run(flows, &flow, &given, tags)?,
        Order::Serve { deployments, limit } => {
            let made = described(flows, &deployments)?;
            let names: Vec<String> = made.iter().map(RunnerDeployment::full_name).collect();
            let mut options = RunnerOptions::from_env()?;
            options.limit = limit.or(options.limit);
            let once_made = || say(&format!("Serves {} until Ctrl-C.", names.join(", ")));
            acts::served(&made, &options, &once_made)?;
        }
        Order::Deploy {
            deployments,
            pool,
            image,
            built,
            local,
        } => {
            let mut options = DeployOptions::new().is_built(built).is_local(local);
            options.image = image.map(Image::new);
            deploy(&described(flows, &deployments)?, &pool, &options)?;
        }
        Order::Visualize {
            flow,
            given,
            format,
        } => {
            let flow = named(flows, &flow)?;
            let parameters = whole(flow, &given)?;
            let graph = flow.drawn(parameters)?;
            say(&match format {
                Language::Dot => graph.to_dot(),
                Language::Mermaid => graph.to_mermaid(),
                #[cfg(feature = "svg")]
                Language::Svg => graph.to_svg(),
            });
        }
    }
    Ok(())
}

fn list(flows: Flows<'_>) {
    for flow in flows {
        let deployment = flow.deployment("");
        let description = deployment.description.as_deref();
        say(&listed::shown(
            flow.name(),
            description,
            schema(&deployment).as_ref(),
        ));
    }
}

fn named<'a>(flows: Flows<'a>, name: &str) -> Result<&'a dyn AnyFlow, Failure> {
    let found = flows.iter().find(|flow| flow.name() == name).copied();
    found.ok_or_else(|| {
        let here: Vec<String> = flows
            .iter()
            .map(|flow| format!("`{}`", flow.name()))
            .collect();
        Failure::misuse(format!(
            "there is no flow `{name}` here, but {}",
            here.join(", ")
        ))
    })
}

fn schema(deployment: &RunnerDeployment) -> Option<Map<String, Value>> {
    let schema = deployment.parameter_openapi_schema.clone()?;
    Some(schema.into_iter().collect())
}

/// All parameters of a run.
fn whole(flow: &dyn AnyFlow, given: &Given) -> Result<Map<String, Value>, Failure> {
    let schema = schema(&flow.deployment(""));
    let parameters =
        parameters::read(&given.parameters, schema.as_ref()).map_err(Failure::misuse)?;
    if let Some(text) = parameters::missing(&parameters, schema.as_ref()) {
        return Err(Failure::misuse(text));
    }
    flow.check(&parameters).map_err(Failure::misuse)?;
    Ok(parameters)
}

fn run(flows: Flows<'_>, name: &str, given: &Given, tags: Vec<String>) -> Result<(), Failure> {
    let flow = named(flows, name)?;
    let new = NewRun {
        flow: flow.name(),
        parameters: whole(flow, given)?,
        tags,
    };
    let run = acts::new_run(new)?;
    say(&format!("{name}/{} ({}) begins.", named_run(&run), run.id));
    crate::entry::run_here(run.id, flows, &|| match acts::run_of(run.id) {
        Ok(run) => told(name, &run),
        Err(error) => {
            say_wrong(&error.to_string());
            FAILED
        }
    })
}

fn named_run(run: &FlowRunResponse) -> &str {
    run.name.as_deref().unwrap_or_default()
}

/// Says how a run ended, and gives what the process exits with.
fn told(flow: &str, run: &FlowRunResponse) -> i32 {
    let state = run.state_name.as_deref().unwrap_or_default();
    let message = run
        .state
        .as_ref()
        .and_then(|state| state.message.as_deref());
    let text = match message {
        Some(message) => format!("{flow}/{} is {state}: {message}", named_run(run)),
        None => format!("{flow}/{} is {state}.", named_run(run)),
    };
    if run.state_type == Some(StateType::Completed) {
        say(&text);
        0
    } else {
        say_wrong(&text);
        FAILED
    }
}

/// The deployments that a command is about.
fn described(flows: Flows<'_>, how: &Deployments) -> Result<Vec<RunnerDeployment>, Failure> {
    let names = how.flows.iter();
    let mut chosen = names
        .map(|name| named(flows, name))
        .collect::<Result<Vec<_>, _>>()?;
    if chosen.is_empty() {
        chosen = flows.to_vec();
    }
    if chosen.len() != 1 && !how.given.parameters.is_empty() {
        return Err(Failure::misuse("parameters are given to one flow: name it"));
    }
    chosen
        .into_iter()
        .map(|flow| one_described(flow, how))
        .collect()
}

fn one_described(flow: &dyn AnyFlow, how: &Deployments) -> Result<RunnerDeployment, Failure> {
    let deployment = flow.deployment(&how.name);
    let schema = schema(&deployment);
    let parameters = parameters::read(&how.given.parameters, schema.as_ref());
    let mut deployment = deployment
        .parameters(parameters.map_err(Failure::misuse)?)
        .tags(how.tags.clone())
        .paused(how.paused);
    let by_cron = how.cron.as_ref().map(RunSchedule::cron);
    let schedule = by_cron.or_else(|| how.interval.map(RunSchedule::interval));
    deployment.schedules = match (schedule, &how.timezone) {
        (Some(schedule), Some(zone)) => Some(vec![schedule.timezone(zone)]),
        (Some(schedule), None) => Some(vec![schedule]),
        (None, Some(_)) => {
            let text = "a time zone is that of a schedule: give `--cron` or `--interval` too";
            return Err(Failure::misuse(text));
        }
        (None, None) => None,
    };
    Ok(deployment)
}

/// Says what became of each.
fn deploy(made: &[RunnerDeployment], pool: &str, options: &DeployOptions) -> Result<(), Failure> {
    let deployed = acts::deployed(made, pool, options)?;
    let count = deployed.len();
    let mut failed = Vec::new();
    for deployed in deployed {
        match deployed.outcome {
            Ok(id) => say(&format!("{} is deployed to {pool} ({id}).", deployed.name)),
            Err(error) => failed.push(format!("{}: {error}", deployed.name)),
        }
    }
    if failed.is_empty() {
        return Ok(());
    }
    let text = format!(
        "{} of {count} are not deployed: {}",
        failed.len(),
        failed.join("; ")
    );
    Err(Failure { text, code: FAILED })
}
