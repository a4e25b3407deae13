//! What decides whether a result that is there is taken: policies, an end of their time, and whoever wants new ones.

use std::sync::{Arc, Mutex};
use std::thread::sleep;
use std::time::Duration;

use diptych_macros::{dual, faces};
#[dual(refreshed)]
use prefect_sdk::client::AsyncPrefectClient;
#[dual(refreshed)]
use prefect_sdk::flows::{AsyncFlow, AsyncFlowRun};
use prefect_sdk::flows::{FlowOptions, RunFlowOptions};
use prefect_sdk::results::{CachePolicy, ResultSettings, TaskResultOptions};
use prefect_sdk::tasks::TaskOptions;
#[dual(refreshed)]
use prefect_sdk::tasks::{AsyncTask, AsyncTaskRun};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::time::sleep as asleep;

use super::endings::ValueError;
use super::rows;
use super::trees::assert_same_trees;
use crate::room::Room;
use crate::{python, server};

const TASK_RUNS: usize = 21;

const PYTHON: &str = r"
import os, time
os.environ['PREFECT_LOCAL_STORAGE_PATH'] = arguments['room']
os.environ['PREFECT_RESULTS_DEFAULT_SERIALIZER'] = 'json'
from datetime import timedelta
from prefect import flow, task
from prefect.cache_policies import FLOW_PARAMETERS, INPUTS, NO_CACHE, RUN_ID, TASK_SOURCE
ran = []

def counted(name, **options):
    def own(x, y):
        ran.append(name)
        if name == 'failing':
            raise ValueError('no')
        return 1000 * x + y
    own.__qualname__ = name
    return task(name=name, task_run_name=name + '-{y}', **options)(own)

fresh = counted('fresh', cache_policy=INPUTS, cache_key_fn=lambda context, given: 'fresh', refresh_cache=True)
stale = counted('stale', cache_key_fn=lambda context, given: 'fresh')
brief = counted('brief', cache_key_fn=lambda context, given: 'brief', cache_expiration=timedelta(milliseconds=1))
less = counted('less', cache_policy=INPUTS - 'y')
whole = counted('whole', cache_policy=FLOW_PARAMETERS)
sums = counted('sums', cache_policy=FLOW_PARAMETERS + (INPUTS - 'y') + TASK_SOURCE + RUN_ID - 'x')
sourced = counted('sourced', cache_policy=TASK_SOURCE)
apart = counted('apart', cache_policy=NO_CACHE, persist_result=True)
failing = counted('failing', cache_policy=INPUTS)
unkeyed = counted('unkeyed', cache_key_fn=lambda context, given: None)

@flow(name=arguments['name'], flow_run_name='refreshes-{n}')
def main(n):
    fresh(1, 1)
    fresh(1, 2)
    stale(1, 3)
    brief(1, 4)
    time.sleep(0.1)
    brief(1, 5)
    for y in (6, 7):
        less(5, y)
        whole(2, y)
        sums(3, y)
        sourced(4, y)
        apart(1, y)
        unkeyed(1, y)
        failing(1, 8, return_state=True)
    failing(1, 9, return_state=True)
    less(6, 8)

main(arguments['n'])
answer(ran)
";

faces! {
    /// The names that differ between the faces here.
    refreshed {
        ..crate::faces,
        acounted => counted,
        arefresh => refresh,
        arun_all => run_all,
    }
}

#[derive(Clone, Serialize)]
struct Given {
    x: i64,
    y: i64,
}

#[derive(Clone, Serialize, Deserialize)]
struct Which {
    n: i64,
}

type Ran = Arc<Mutex<Vec<String>>>;

#[dual(refreshed)]
fn acounted(
    ran: &Ran,
    name: &'static str,
    options: TaskOptions,
) -> AsyncTask<Given, i64, ValueError> {
    let ran = Arc::clone(ran);
    let task = AsyncTask::new(name, move |_: AsyncTaskRun, given: Given| {
        ran.lock().unwrap().push(name.to_owned());
        async move {
            if name == "failing" {
                return Err(ValueError("no"));
            }
            Ok(1000 * given.x + given.y)
        }
    });
    task.with_options(options.task_run_name(format!("{name}-{{y}}")))
}

#[dual(refreshed)]
async fn arun_all(run: AsyncFlowRun, ran: Ran) {
    let plain = |name| acounted(&ran, name, TaskOptions::new());
    let of_key = |name, options| acounted(&ran, name, options);
    let fresh = of_key("fresh", TaskOptions::new().refresh_cache(true));
    let fresh = fresh.cache_key_fn(|_| Some("fresh".to_owned()));
    let stale = plain("stale").cache_key_fn(|_| Some("fresh".to_owned()));
    let moment = Duration::from_millis(1);
    let brief = of_key("brief", TaskOptions::new().cache_expiration(moment));
    let brief = brief.cache_key_fn(|_| Some("brief".to_owned()));
    let (inputs, parameters) = (CachePolicy::inputs, CachePolicy::flow_parameters);
    let less = plain("less").cache_policy(inputs() - "y");
    let whole = plain("whole").cache_policy(parameters());
    let sum = parameters() + (inputs() - "y") + CachePolicy::source("sums") + CachePolicy::run_id();
    let sums = plain("sums").cache_policy(sum - "x");
    let sourced = plain("sourced").cache_policy(CachePolicy::source("sourced"));
    let kept = TaskResultOptions::new().persist(true);
    let apart = of_key("apart", TaskOptions::new().results(kept));
    let apart = apart.cache_policy(CachePolicy::none());
    let failing = plain("failing").cache_policy(inputs());
    let unkeyed = plain("unkeyed").cache_key_fn(|_| None);
    let given = |x, y| Given { x, y };
    fresh.call(&run, given(1, 1)).await.unwrap();
    fresh.call(&run, given(1, 2)).await.unwrap();
    assert_eq!(stale.call(&run, given(1, 3)).await.unwrap(), 1002);
    brief.call(&run, given(1, 4)).await.unwrap();
    asleep(Duration::from_millis(100)).await;
    assert_eq!(brief.call(&run, given(1, 5)).await.unwrap(), 1005);
    for y in [6, 7] {
        less.call(&run, given(5, y)).await.unwrap();
        whole.call(&run, given(2, y)).await.unwrap();
        sums.call(&run, given(3, y)).await.unwrap();
        sourced.call(&run, given(4, y)).await.unwrap();
        apart.call(&run, given(1, y)).await.unwrap();
        unkeyed.call(&run, given(1, y)).await.unwrap();
        failing.return_state(&run, given(1, 8)).await;
    }
    failing.return_state(&run, given(1, 9)).await;
    less.call(&run, given(6, 8)).await.unwrap();
}

#[dual(refreshed)]
async fn arefresh(client: &AsyncPrefectClient, name: &str, room: &Room, n: i64) -> Value {
    let ran = Ran::default();
    let keep = Arc::clone(&ran);
    let flow = AsyncFlow::new(name, move |run: AsyncFlowRun, _: Which| {
        let ran = Arc::clone(&keep);
        async move {
            arun_all(run, ran).await;
            Ok::<_, String>(())
        }
    });
    let flow = flow.with_options(FlowOptions::new().flow_run_name("refreshes-{n}"));
    let options = RunFlowOptions::new().results(ResultSettings::new(room.text()));
    flow.call_with(client, &Which { n }, &options)
        .await
        .unwrap();
    let ran = ran.lock().unwrap();
    json!(*ran)
}

fn by_python(name: &str, room: &Room, n: i64) -> Value {
    python::run(PYTHON, &json!({"name": name, "room": room.text(), "n": n}))
}

#[test]
fn results_that_are_there_are_taken_as_by_python() {
    // Each begins where nothing is kept, and is followed by another.
    let rooms = ["python-first", "blocking-first", "async-first"].map(Room::new);
    let names = ["python-first", "blocking-first", "async-first"].map(server::unique);
    let client = server::client();
    let ran = [
        by_python(&names[0], &rooms[0], 1),
        refresh(&client, &names[1], &rooms[1], 1),
        server::run(async { arefresh(&server::async_client(), &names[2], &rooms[2], 1).await }),
    ];
    let ran_then = [
        refresh(&client, &names[0], &rooms[0], 2),
        by_python(&names[1], &rooms[1], 2),
        by_python(&names[2], &rooms[2], 2),
    ];
    for ran in [ran, ran_then] {
        rows::assert_same(&ran[1], &ran[0]);
        rows::assert_same(&ran[2], &ran[0]);
    }
    let runs = [("refreshes-1", TASK_RUNS), ("refreshes-2", TASK_RUNS)];
    assert_same_trees(&names, &runs);
}
