//! Artifacts in both faces, and beside Python.

use std::collections::BTreeMap;

use diptych_macros::dual;
use prefect_sdk::artifacts::{
    Artifact, ArtifactData, CreateArtifactOptions, Link, UpdateProgressArtifactOptions,
    acreate_image_artifact_with, acreate_link_artifact_with, acreate_markdown_artifact_with,
    acreate_progress_artifact_with, acreate_table_artifact_with, aupdate_progress_artifact_with,
    create_image_artifact_with, create_link_artifact_with, create_markdown_artifact_with,
    create_progress_artifact_with, create_table_artifact_with, update_progress_artifact_with,
};
use prefect_sdk::client::models::{EventFilter, EventResourceFilter, ReceivedEvent};
use prefect_sdk::client::requests::ReadEvents;
use prefect_sdk::client::{AsyncPrefectClient, PrefectClient};
use prefect_sdk::{Error, RunContext};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{python, server};

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Row {
    name: String,
    age: Option<f64>,
}

/// One artifact of each kind, with keys that begin alike.
#[dual(crate::faces)]
async fn acreate_each(client: &AsyncPrefectClient, prefix: &str) -> Result<Uuid, Error> {
    let with = |kind: &str| {
        CreateArtifactOptions::new()
            .key(format!("{prefix}-{kind}"))
            .description(format!("the {kind}"))
    };
    let link = Link::new("https://prefect.io").text("Prefect");
    acreate_link_artifact_with(client, link, &with("link")).await?;
    acreate_markdown_artifact_with(client, "# Größe", &with("markdown")).await?;
    acreate_table_artifact_with(client, &rows(f64::NAN), &with("table")).await?;
    acreate_image_artifact_with(client, "https://a.b/c.png", &with("image")).await?;
    let data = ArtifactData::json(&json!({"a": [1, null]}))?.type_("own");
    let own = Artifact::acreate_with(client, &data, &with("own").metadata([("k", "v")])).await?;
    assert_eq!(
        (own.type_.as_deref(), own.data.clone()),
        (Some("own"), Some(data.value))
    );
    assert_eq!(
        own.metadata,
        BTreeMap::from([("k".to_owned(), "v".to_owned())])
    );
    let id = acreate_progress_artifact_with(client, 0.0, &with("progress")).await?;
    let update = UpdateProgressArtifactOptions::new();
    assert_eq!(
        aupdate_progress_artifact_with(client, id, 120.0, &update).await?,
        id
    );
    Ok(id)
}

fn rows(age: f64) -> [Row; 2] {
    [("Ada", 36.5), ("Nobody", age)].map(|(name, age)| Row {
        name: name.to_owned(),
        age: Some(age),
    })
}

/// What was created has the same data in Python.
const EACH: [(&str, &str); 4] = [
    ("link", "[Prefect](https://prefect.io)"),
    ("markdown", "# Größe"),
    (
        "table",
        r#"[{"name":"Ada","age":36.5},{"name":"Nobody","age":null}]"#,
    ),
    ("image", "https://a.b/c.png"),
];

#[test]
fn python_reads_each_kind_that_rust_writes() {
    let prefixes = [server::unique("blocking"), server::unique("async")];
    create_each(&server::client(), &prefixes[0]).unwrap();
    server::run(acreate_each(&server::async_client(), &prefixes[1])).unwrap();
    let read = python::run(
        r"
from prefect.artifacts import Artifact
kinds = ['link', 'markdown', 'table', 'image', 'own', 'progress']
def read(key):
    artifact = Artifact.get(key)
    return [artifact.type, artifact.description, artifact.data]
read_all = lambda prefix: {kind: read(f'{prefix}-{kind}') for kind in kinds}
tables = [json.loads(Artifact.get(f'{prefix}-table').data)[1] for prefix in arguments]
answer([[read_all(prefix) for prefix in arguments], tables])
",
        &json!(prefixes),
    );
    assert_eq!(read[0][0], read[0][1]);
    for (kind, data) in EACH {
        let type_ = if kind == "link" { "markdown" } else { kind };
        assert_eq!(
            read[0][0][kind],
            json!([type_, format!("the {kind}"), data])
        );
    }
    assert_eq!(
        read[0][0]["own"],
        json!(["own", "the own", r#"{"a":[1,null]}"#])
    );
    // 120 % is 100 %; the description stayed.
    assert_eq!(
        read[0][0]["progress"],
        json!(["progress", "the progress", 100])
    );
    assert_eq!(read[1][0], json!({"name": "Nobody", "age": null}));
}

#[dual(crate::faces)]
async fn aread_python_s(client: &AsyncPrefectClient, prefix: &str) -> Result<(), Error> {
    for (kind, data) in &EACH {
        let found = Artifact::aget(client, &format!("{prefix}-{kind}")).await?;
        let found = found.expect("Python wrote it");
        let type_ = if *kind == "link" { "markdown" } else { kind };
        assert_eq!(found.type_.as_deref(), Some(type_));
        assert_eq!(found.description, Some(format!("the {kind}")));
        match *kind {
            "table" => {
                let [ada, mut nobody] = rows(0.0);
                nobody.age = None;
                assert_eq!(found.parse::<Vec<Row>>()?, [ada, nobody]);
            }
            _ => assert_eq!(found.data, Some(Value::from(*data))),
        }
    }
    let progress = Artifact::aget(client, &format!("{prefix}-progress")).await?;
    let progress = progress.expect("Python wrote it");
    assert!((progress.parse::<f64>()? - 12.5).abs() < f64::EPSILON);
    let own = Artifact::aget(client, &format!("{prefix}-own")).await?;
    assert_eq!(
        own.expect("Python wrote it").parse::<Value>()?,
        json!({"a": [1, null]})
    );
    Ok(())
}

#[test]
fn rust_reads_each_kind_that_python_writes() {
    let prefix = server::unique("python");
    python::run(
        r"
from prefect.artifacts import *
def names(kind):
    return {'key': f'{arguments}-{kind}', 'description': f'the {kind}'}
create_link_artifact('https://prefect.io', 'Prefect', **names('link'))
create_markdown_artifact('# Größe', **names('markdown'))
rows = [{'name': 'Ada', 'age': 36.5}, {'name': 'Nobody', 'age': float('nan')}]
create_table_artifact(rows, **names('table'))
create_image_artifact('https://a.b/c.png', **names('image'))
Artifact(type='own', data={'a': [1, None]}, **names('own')).create()
update_progress_artifact(create_progress_artifact(1, **names('progress')), 12.5)
answer(None)
",
        &json!(prefix),
    );
    read_python_s(&server::client(), &prefix).unwrap();
    server::run(aread_python_s(&server::async_client(), &prefix)).unwrap();
}

#[dual(crate::faces)]
async fn aget_or_create(client: &AsyncPrefectClient, key: &str) -> Result<(), Error> {
    assert_eq!(Artifact::aget(client, key).await?, None);
    let (data, how) = (ArtifactData::markdown("one"), CreateArtifactOptions::new());
    let (first, is_new) = Artifact::aget_or_create_with(client, key, &data, &how).await?;
    assert!(is_new && first.key.as_deref() == Some(key));
    let (second, is_new) = Artifact::aget_or_create_with(client, key, &data, &how).await?;
    assert!(!is_new);
    assert_eq!(second.id, first.id);
    let newer = Artifact::acreate_with(client, &data, &how.clone().key(key)).await?;
    assert_ne!(newer.id, first.id);
    assert_eq!(
        Artifact::aget(client, key).await?.map(|found| found.id),
        Some(newer.id)
    );
    // Nothing is sent for a key that can't be.
    for key in ["Upper", "a_b", ""] {
        let refused =
            Artifact::acreate_with(client, &data, &CreateArtifactOptions::new().key(key)).await;
        assert!(refused.unwrap_err().is_invalid());
        let refused = Artifact::aget_or_create_with(client, key, &data, &how).await;
        assert!(refused.unwrap_err().is_invalid());
    }
    let update = UpdateProgressArtifactOptions::new();
    let nobody = aupdate_progress_artifact_with(client, Uuid::new_v4(), 1.0, &update).await;
    assert!(nobody.unwrap_err().is_not_found());
    Ok(())
}

#[test]
fn an_artifact_is_created_once_and_the_newest_is_read() {
    get_or_create(&server::client(), &server::unique("blocking")).unwrap();
    let client = server::async_client();
    server::run(aget_or_create(&client, &server::unique("async"))).unwrap();
}

#[dual(crate::faces)]
async fn acreate_in_run(
    client: &AsyncPrefectClient,
    run: &RunContext,
    key: &str,
) -> Result<Artifact, Error> {
    let how = CreateArtifactOptions::new()
        .key(key)
        .description("d")
        .run(run);
    let data = ArtifactData::progress(1.0)?;
    let artifact = Artifact::acreate_with(client, &data, &how).await?;
    let update = UpdateProgressArtifactOptions::new()
        .description("e")
        .run(run);
    aupdate_progress_artifact_with(client, artifact.id, 2.0, &update).await?;
    Ok(artifact)
}

#[test]
fn the_events_are_those_of_python() {
    let key = server::unique("key");
    let theirs = python::run(
        r"
from prefect import flow, task
from prefect.artifacts import Artifact, create_progress_artifact, update_progress_artifact
@task(tags=['of-task'])
def work():
    id = create_progress_artifact(1, key=arguments, description='d')
    update_progress_artifact(id, 2, description='e')
    artifact = Artifact.get(arguments)
    return [str(id) for id in (artifact.id, artifact.flow_run_id, artifact.task_run_id)]
@flow
def of_artifacts():
    return work()
answer(of_artifacts())
",
        &json!(key),
    );
    let id = |n: usize| Uuid::parse_str(theirs[n].as_str().unwrap()).unwrap();
    let run = RunContext::flow_run(id(1)).task_run(id(2));
    let expected = events(id(0));
    let roles: Vec<&str> = expected[0]
        .1
        .iter()
        .map(|one| one["prefect.resource.role"].as_str())
        .collect();
    assert_eq!(roles, ["flow-run", "task-run", "flow", "tag"]);
    let ours = create_in_run(&server::client(), &run, &key).unwrap();
    let client = server::async_client();
    let ours_async = server::run(acreate_in_run(&client, &run, &key)).unwrap();
    for ours in [ours, ours_async] {
        assert_eq!(
            (ours.flow_run_id, ours.task_run_id),
            (Some(id(1)), Some(id(2)))
        );
        assert_eq!(events(ours.id), expected);
    }
}

type Related = Vec<BTreeMap<String, String>>;

/// The resource, but for its id; the related resources; and the payload of both events of an artifact, when they are there.
fn events(artifact: Uuid) -> Vec<(String, Related, Value, Option<String>)> {
    let resource = EventResourceFilter::new().id([format!("prefect.artifact.{artifact}")]);
    let request = ReadEvents::new().filter(EventFilter::new().resource(resource));
    let client = server::client();
    let mut found: Vec<ReceivedEvent> = Vec::new();
    for _ in 0..120 {
        found = client.read_events_with(&request).unwrap().events;
        if found.len() == 2 {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(250));
    }
    assert_eq!(found.len(), 2, "the events of {artifact}");
    found.sort_by(|a, b| a.event.cmp(&b.event));
    found
        .into_iter()
        .map(|event| {
            let name = event.resource.get("prefect.resource.name").cloned();
            (event.event, event.related, json!(event.payload), name)
        })
        .collect()
}
