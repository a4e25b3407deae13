//! Deployments of flows, as the server has them.

use std::time::Duration;

use diptych_macros::dual;
use prefect_sdk::Error;
#[dual(faces)]
use prefect_sdk::client::AsyncPrefectClient;
use prefect_sdk::client::models::{
    ActionSource, AutomationCreate, ConcurrencyLimitStrategy, DeploymentScheduleCreate,
    EventTrigger, EventTriggerPosture, IntervalSchedule, RunDeployment, WorkPoolCreate,
};
use prefect_sdk::deployments::{RunSchedule, RunTrigger, RunnerDeployment};
use prefect_sdk::flows::{AsyncFlow, AsyncFlowRun, Flow, FlowOptions, FlowRun};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::room::Room;
use crate::runner::patiently;
use crate::{faces, python, server};

/// What the server has, but when it was last written.
#[dual(faces, map(arow => row))]
async fn arow(client: &AsyncPrefectClient, id: Uuid) -> Result<Value, Error> {
    let mut row = serde_json::to_value(client.read_deployment(id).await?).unwrap();
    row.as_object_mut().unwrap().remove("updated");
    Ok(row)
}

#[dual(faces, map(aapply => apply, aapply_twice => apply_twice, arow => row))]
async fn aapply_twice(
    client: &AsyncPrefectClient,
    deployment: RunnerDeployment,
) -> Result<(), Error> {
    let deployment = deployment.parameters([("days", 1)]).tags(["sales"]);
    let id = deployment.aapply(client).await?;
    let first = arow(client, id).await?;
    assert_eq!(first["parameters"]["days"], 1);
    assert_eq!(first["version"], "2");
    assert_eq!(first["paused"], false);
    assert_eq!(deployment.aapply(client).await?, id);
    assert_eq!(arow(client, id).await?, first);
    // What is said no more is gone, and the rest stays as it is.
    let changed = deployment
        .tags(["stock"])
        .parameters(Vec::<(String, Value)>::new());
    assert_eq!(changed.aapply(client).await?, id);
    let mut expected = first;
    expected["tags"] = ["stock"].into();
    expected["parameters"] = Value::Object(serde_json::Map::new());
    assert_eq!(arow(client, id).await?, expected);
    Ok(())
}

#[test]
fn a_deployment_that_is_applied_again_changes_nothing_but_what_is_said() {
    let options = FlowOptions::new().version("2").description("All of it");
    let name = server::unique("applied");
    let flow = Flow::new(name.as_str(), |_: FlowRun, (): ()| Ok::<_, String>(()));
    let deployment = flow.with_options(options.clone()).to_deployment("nightly");
    apply_twice(&server::client(), deployment).unwrap();
    let flow = AsyncFlow::new(name, |_: AsyncFlowRun, (): ()| async {
        Ok::<_, String>(())
    });
    let deployment = flow.with_options(options).to_deployment("nightly-async");
    server::run(aapply_twice(&server::async_client(), deployment)).unwrap();
}

/// What a deployment says, as the server has it, with its schedules and automations; ids apart, and what is said of each alone.
fn said(client: &PrefectClient, id: Uuid) -> Value {
    let row = server::patiently(|| client.read_deployment(id));
    let mut row = serde_json::to_value(row).unwrap();
    let schedules = row["schedules"].take();
    let mut schedules = schedules.as_array().unwrap().clone();
    schedules.sort_by_key(|schedule| schedule["slug"].to_string());
    for schedule in &mut schedules {
        without(schedule, &["id", "created", "updated", "deployment_id"]);
        without(&mut schedule["schedule"], &["anchor_date"]);
    }
    let owner = format!("prefect.deployment.{id}");
    let automations = server::patiently(|| client.read_automations_related_to_resource(&owner));
    let mut automations = serde_json::to_value(automations).unwrap();
    for automation in automations.as_array_mut().unwrap() {
        // Ours have a tag, by which they are known.
        without(automation, &["id", "created", "updated", "tags"]);
        without(&mut automation["trigger"], &["id"]);
        without(&mut automation["actions"][0], &["deployment_id"]);
    }
    let own = [
        "id",
        "name",
        "created",
        "updated",
        "entrypoint",
        "path",
        "version_id",
        "schedules",
        "labels",
        "last_polled",
        "status",
        "global_concurrency_limit",
    ];
    without(&mut row, &own);
    row["schedules"] = schedules.into();
    row["automations"] = automations;
    row
}

fn without(value: &mut Value, keys: &[&str]) {
    if let Some(object) = value.as_object_mut() {
        object.retain(|key, _| !keys.contains(&key.as_str()));
    }
}

/// The same deployment in Python.
const APPLY: &str = r"
import os, sys, datetime
os.chdir(arguments['directory'])
sys.path.insert(0, arguments['directory'])
open('applied_flows.py', 'w').write('''
from prefect import flow
@flow(name=%r)
def load(days: int = 7):
    pass
''' % arguments['flow'])
from applied_flows import load
from prefect.events import DeploymentEventTrigger
from prefect.client.schemas.objects import ConcurrencyLimitConfig
from prefect.schedules import Cron, Interval, RRule
deployment = load.to_deployment(
    'python', description='All of it', version='9.9', tags=['sales'], parameters={'days': 1},
    schedules=[
        Cron('0 5 * * *', timezone='Europe/Berlin', slug='morning'),
        Interval(datetime.timedelta(hours=12), timezone='UTC', parameters={'days': 2}, slug='often'),
        RRule('FREQ=WEEKLY;BYDAY=MO', timezone='UTC', active=False, slug='weekly'),
    ],
    concurrency_limit=ConcurrencyLimitConfig(limit=2, collision_strategy='CANCEL_NEW'),
    triggers=[DeploymentEventTrigger(name='paid', expect={'shop.order.paid'}, parameters={'days': 3})],
    work_pool_name=arguments['pool'], work_queue_name='default', job_variables={'command': 'load'},
)
answer(str(deployment.apply()))
";

fn rust(flow: &str, pool: &str) -> RunnerDeployment {
    let often = RunSchedule::interval(Duration::from_hours(12));
    let trigger = RunTrigger::event("shop.order.paid");
    let schema = json!({"title": "Parameters", "type": "object", "properties": {
        "days": {"default": 7, "position": 0, "title": "days", "type": "integer"}}});
    RunnerDeployment::new(flow, "rust")
        .description("All of it")
        .version("9.9")
        .tags(["sales"])
        .parameters([("days", 1)])
        .parameter_openapi_schema(schema.as_object().unwrap().clone())
        .schedules([
            RunSchedule::cron("0 5 * * *")
                .timezone("Europe/Berlin")
                .slug("morning"),
            often.parameters([("days", 2)]).slug("often"),
            RunSchedule::rrule("FREQ=WEEKLY;BYDAY=MO")
                .active(false)
                .slug("weekly"),
        ])
        .concurrency_limit(2)
        .collision_strategy(ConcurrencyLimitStrategy::CancelNew)
        .triggers([trigger.name("paid").parameters([("days", 3)])])
        .work_pool_name(pool)
        .work_queue_name("default")
        .job_variables([("command", "load")])
}

/// The ids of what a deployment has: they are what its runs are known by.
fn ids(client: &PrefectClient, id: Uuid) -> Vec<Uuid> {
    let deployment = server::patiently(|| client.read_deployment(id));
    let owner = format!("prefect.deployment.{id}");
    let automations = server::patiently(|| client.read_automations_related_to_resource(&owner));
    let mut ids: Vec<Uuid> = automations.iter().map(|automation| automation.id).collect();
    ids.extend(deployment.schedules.iter().map(|schedule| schedule.id));
    ids.sort();
    ids
}

#[test]
fn a_deployment_is_what_python_makes_of_the_same_and_stays_what_it_is() {
    let room = Room::new("applied");
    let (flow, pool) = (server::unique("load"), server::unique("pool"));
    let client = server::client();
    let new = WorkPoolCreate::new(&pool).type_("process");
    server::patiently(|| client.create_work_pool(&new));
    let arguments = json!({"directory": room.text(), "flow": flow, "pool": pool});
    let python: Uuid = serde_json::from_value(python::run(APPLY, &arguments)).unwrap();
    let deployment = rust(&flow, &pool);
    let id = patiently(|| deployment.apply(&client));
    assert_eq!(said(&client, id), said(&client, python));
    let first = ids(&client, id);
    assert_eq!(first.len(), 4);
    let aclient = server::async_client();
    let again = patiently(|| server::run(deployment.aapply(&aclient)));
    assert_eq!((again, ids(&client, id)), (id, first.clone()));
    assert_eq!(said(&client, id), said(&client, python));
    // What is said no more is gone, and what is changed is the same one.
    let fewer = deployment
        .schedules([RunSchedule::cron("0 6 * * *")
            .slug("early")
            .replaces("morning")])
        .triggers([])
        .concurrency_limit(None)
        .collision_strategy(None);
    patiently(|| fewer.apply(&client));
    let row = said(&client, id);
    assert_eq!(row["schedules"].as_array().unwrap().len(), 1);
    assert_eq!(row["schedules"][0]["slug"], "early");
    assert_eq!(row["schedules"][0]["schedule"]["cron"], "0 6 * * *");
    assert_eq!(row["automations"], json!([]));
    assert_eq!(row["concurrency_options"], Value::Null);
    assert!(ids(&client, id).iter().all(|id| first.contains(id)));
    let none = fewer.schedules([]);
    patiently(|| none.apply(&client));
    assert!(ids(&client, id).is_empty());
}

/// Somebody else runs the deployment by an automation of their own.
#[test]
fn automations_of_others_are_left_alone_and_change_nothing() {
    let client = server::client();
    let trigger = RunTrigger::event("shop.order.paid");
    let deployment = RunnerDeployment::new(server::unique("load"), "rust").triggers([trigger]);
    let id = patiently(|| deployment.apply(&client));
    let action = RunDeployment::new()
        .source(ActionSource::Selected)
        .deployment_id(id);
    let trigger = EventTrigger::new(EventTriggerPosture::Reactive).expect(["shop.order.sent"]);
    let others = AutomationCreate::new(server::unique("others"), trigger, [action]);
    let others = server::patiently(|| client.create_automation(&others)).id;
    let before = ids(&client, id);
    assert!(before.len() >= 2 && before.contains(&others), "{before:?}");
    patiently(|| deployment.apply(&client));
    assert_eq!(ids(&client, id), before);
    let none = deployment.triggers([]);
    patiently(|| none.apply(&client));
    let after = ids(&client, id);
    assert!(
        after.len() == before.len() - 1 && after.contains(&others),
        "{after:?}"
    );
    server::patiently(|| client.delete_automation(others));
}

/// Python's runs and schedules without slugs, which it can't change any more.
#[test]
fn a_deployment_of_python_is_changed_in_its_place() {
    let client = server::client();
    let (name, id) = crate::runs::deployment(|deployment| {
        let rule = IntervalSchedule::new(60.0).timezone("UTC");
        deployment.schedules([DeploymentScheduleCreate::new(rule)])
    });
    let before = ids(&client, id);
    let (flow, deployment) = name.split_once('/').unwrap();
    let minutely = RunSchedule::interval(Duration::from_mins(1));
    let hourly = RunSchedule::cron("0 * * * *");
    let deployment = RunnerDeployment::new(flow, deployment).schedules([minutely, hourly]);
    let applied = [(); 2].map(|()| patiently(|| deployment.apply(&client)));
    assert_eq!(applied, [id; 2]);
    let after = ids(&client, id);
    assert!(after.len() == 2 && after.contains(&before[0]), "{after:?}");
}
