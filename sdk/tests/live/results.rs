//! Results and states, with Python on the other side.

mod locks;
mod runs;

use std::sync::Arc;

use diptych_macros::dual;
use prefect_sdk::Error;
use prefect_sdk::blocks::Block as _;
use prefect_sdk::client::models::{FlowCreate, FlowRunCreate, State};
use prefect_sdk::client::requests::SetFlowRunState;
use prefect_sdk::client::{AsyncPrefectClient, PrefectClient};
use prefect_sdk::filesystems::LocalFileSystem;
use prefect_sdk::results::{
    CacheInputs, CachePolicy, Compression, CreateRecordOptions, FlowResultOptions, ResultSettings,
    ResultStore, Serializer, StorageReference, TaskResultOptions, Value, format_storage_key,
    hash_objects,
};
use prefect_sdk::states::{self, Ending, RunError};
use serde_json::{Value as Json, json};
use uuid::Uuid;

use self::runs::{finished, states_of};
use crate::room::Room;
use crate::{python, server};

fn store_in(room: &Room) -> ResultStore {
    let files = Arc::new(LocalFileSystem::new(room.text()));
    ResultStore::new(ResultSettings::new(room.text())).storage(files)
}

/// A value as both sides write it down.
fn shown(value: &Value) -> String {
    let all = |values: &[Value]| values.iter().map(shown).collect::<Vec<_>>().join(",");
    match value {
        Value::None => "None".to_owned(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::Int(number) => number.to_string(),
        Value::BigInt(digits) => digits.clone(),
        Value::Float(number) => format!("f:{:016x}", number.to_bits()),
        Value::Text(text) => format!("t:{text}"),
        Value::Bytes(bytes) => format!("b:{bytes:?}"),
        Value::List(values) => format!("[{}]", all(values)),
        Value::Tuple(values) => format!("({})", all(values)),
        Value::Dict(entries) => {
            let entry = |(key, value): &(Value, Value)| format!("{}={}", shown(key), shown(value));
            let entries: Vec<_> = entries.iter().map(entry).collect();
            format!("{{{}}}", entries.join(","))
        }
        Value::Object { class, data } => format!("<{class} {}>", shown(data)),
        Value::Exception { class, message } => format!("!{class} {message}!"),
        other => panic!("{other:?} is new"),
    }
}

const SHOWN: &str = r"
import collections, datetime as d, decimal, struct, uuid, zoneinfo
zone = d.timezone(d.timedelta(hours=-5, minutes=-30))
shared = ['s']
values = {
    'none': None, 'booleans': [True, False],
    'integers': [0, -1, 255, 256, 65536, -2**31, 2**63, -2**63 - 1, 2**127, -2**200, 10**40],
    'floats': [0.5, -0.0, 1e300, float('inf'), float('-inf')],
    'text': ['', 'é\U0001f600', 'x' * 300], 'bytes': [b'', b'\x00\xff', b'y' * 300, bytearray(b'z')],
    'tuples': [(), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4)], 'dict': {'a': 1, 2: 'b', (1, 2): None},
    'sets': [{1}, set(), frozenset([2])], 'ordered': collections.OrderedDict([('z', 1), ('a', 2)]),
    'times': [d.datetime(2026, 11, 26, 1, 2, 3, 4), d.datetime(2026, 11, 26, 1, 2, 3, tzinfo=d.timezone.utc),
              d.datetime(2026, 11, 26, 1, 2, 3, 5, tzinfo=zone), d.date(1, 2, 3), d.time(23, 59, 1, 2),
              d.time(1, tzinfo=zone), d.timedelta(days=-1, seconds=3, microseconds=7),
              d.datetime(2026, 7, 1, tzinfo=zoneinfo.ZoneInfo('UTC')),
              d.datetime(2026, 7, 1, 1, 2, 3, tzinfo=zoneinfo.ZoneInfo('Europe/Berlin'))],
    'uuids': [uuid.UUID('ffffffff-1234-5678-9abc-def012345678'), uuid.UUID(int=1)],
    'decimals': [decimal.Decimal('1.50'), decimal.Decimal('NaN'), decimal.Decimal('1E+9')],
    'exceptions': [ValueError('boom'), KeyError('k'), OSError(2, 'no')],
    'shared': [shared, shared, {'k': shared}],
}
def show(v):
    if v is None or isinstance(v, bool): return repr(v)
    if isinstance(v, float): return 'f:' + struct.pack('>d', v).hex()
    if isinstance(v, int): return str(v)
    if isinstance(v, str): return 't:' + v
    if isinstance(v, (bytes, bytearray)): return 'b:' + str(list(v))
    if isinstance(v, list): return '[' + ','.join(map(show, v)) + ']'
    if isinstance(v, tuple): return '(' + ','.join(map(show, v)) + ')'
    if isinstance(v, dict): return '{' + ','.join(show(k) + '=' + show(x) for k, x in v.items()) + '}'
    if isinstance(v, (set, frozenset)): return '<builtins.set [' + ','.join(map(show, v)) + ']>'
    if isinstance(v, d.timedelta): return '<datetime.timedelta ' + show(v.total_seconds()) + '>'
    if isinstance(v, d.datetime):
        named = isinstance(v.tzinfo, zoneinfo.ZoneInfo) and v.tzinfo.key != 'UTC'
        text = v.replace(tzinfo=None).isoformat() + '[' + v.tzinfo.key + ']' if named else v.isoformat()
        return '<datetime.datetime t:' + text + '>'
    if isinstance(v, (d.date, d.time)): return '<datetime.' + type(v).__name__ + ' t:' + v.isoformat() + '>'
    if isinstance(v, uuid.UUID): return '<uuid.UUID t:' + str(v) + '>'
    if isinstance(v, decimal.Decimal): return '<decimal.Decimal t:' + str(v) + '>'
    if isinstance(v, BaseException): return '!builtins.' + type(v).__name__ + ' ' + str(v) + '!'
    raise TypeError(type(v))
";

#[test]
fn what_python_keeps_by_default_is_read() {
    let room = Room::new("results");
    let program = [
        SHOWN,
        r"
from prefect.filesystems import LocalFileSystem
from prefect.results import ResultStore
from prefect.serializers import CompressedPickleSerializer, PickleSerializer
class Own:
    pass
kinds = {'cloudpickle': PickleSerializer(), 'pickle': PickleSerializer(picklelib='pickle')}
for library in ('lzma', 'bz2', 'zlib', 'gzip'):
    kinds[library] = CompressedPickleSerializer(compressionlib=library)
expected = {}
for kind, serializer in kinds.items():
    store = ResultStore(result_storage=LocalFileSystem(basepath=arguments['path']), serializer=serializer)
    for name, value in values.items():
        store.write(value, key=kind + '-' + name)
        expected[kind + '-' + name] = show(value)
store = ResultStore(result_storage=LocalFileSystem(basepath=arguments['path']), serializer=PickleSerializer())
for name, value in {'own': Own(), 'function': lambda: 1, 'len': len, 'complex': 1j}.items():
    store.write(value, key=name)
answer(expected)
",
    ]
    .concat();
    let expected = python::run(&program, &json!({"path": room.text()}));
    let expected = expected.as_object().unwrap();
    assert!(expected.len() > 80);
    let store = store_in(&room);
    for (key, expected) in expected {
        let value = store.read(key).unwrap().to_value().unwrap();
        assert_eq!(shown(&value), expected.as_str().unwrap(), "{key}");
        assert!(store.exists(key).unwrap());
    }
    for (key, class) in [
        ("own", "cloudpickle.cloudpickle."),
        ("function", "cloudpickle.cloudpickle."),
        ("len", "`builtins.len`"),
        ("complex", "`builtins.complex`"),
    ] {
        let error = store.read(key).unwrap_err();
        assert!(
            error.is_unfit() && error.to_string().contains(class),
            "{error}"
        );
    }
}

#[test]
fn json_goes_both_ways() {
    let room = Room::new("results");
    let store = store_in(&room);
    let value = json!({"é": [1, 2.5, null, true, "\u{1f600}\n"], "result": {"data": 1}});
    let compressed = [
        Compression::Xz,
        Compression::Bzip2,
        Compression::Zlib,
        Compression::Gzip,
    ];
    let all = compressed.map(Serializer::CompressedJson);
    for (number, serializer) in all.into_iter().chain([Serializer::Json]).enumerate() {
        let store = store.clone().serializer(serializer);
        let options = CreateRecordOptions::new().key(format!("ours-{number}"));
        let record = store.create_record_with(&value, &options).unwrap();
        store.persist(&record).unwrap();
    }
    let id = Uuid::new_v4();
    store
        .store_parameters(id, &json!({"parameters": {"a": 20}}))
        .unwrap();
    let read = python::run(
        r"
import asyncio, uuid
from prefect.filesystems import LocalFileSystem
from prefect.results import ResultStore
from prefect.serializers import CompressedJSONSerializer, CompressedSerializer, JSONSerializer
from prefect.task_worker import read_parameters, store_parameters
def store(serializer):
    return ResultStore(result_storage=LocalFileSystem(basepath=arguments['path']), serializer=serializer)
kinds = [CompressedJSONSerializer(compressionlib=library) for library in ('lzma', 'bz2', 'zlib', 'gzip')]
kinds += [JSONSerializer(), CompressedSerializer(serializer='json', compressionlib='zlib')]
values = []
for number in range(5):
    values.append(store(JSONSerializer()).read('ours-%d' % number).result)
for number, serializer in enumerate(kinds):
    store(serializer).write({**arguments['value'], 'nan': float('nan'), 'big': 10**30}, key='theirs-%d' % number)
plain = store(JSONSerializer())
parameters = asyncio.run(read_parameters(plain, uuid.UUID(arguments['id'])))
asyncio.run(store_parameters(plain, uuid.UUID(int=7), {'parameters': {'b': [1]}}))
answer({'values': values, 'parameters': parameters, 'exists': plain.exists('ours-4')})
",
        &json!({"path": room.text(), "value": value, "id": id}),
    );
    assert_eq!(read["values"], json!([value, value, value, value, value]));
    assert_eq!(read["parameters"], json!({"parameters": {"a": 20}}));
    assert_eq!(read["exists"], true);
    for number in 0..6 {
        let record = store.read(&format!("theirs-{number}")).unwrap();
        let Value::Dict(entries) = record.to_value().unwrap() else {
            panic!("it is a dictionary")
        };
        let get = |name: &str| {
            entries
                .iter()
                .find(|(key, _)| *key == Value::Text(name.to_owned()))
        };
        assert!(matches!(get("nan"), Some((_, Value::Float(nan))) if nan.is_nan()));
        assert_eq!(get("big").unwrap().1, Value::Int(10_i128.pow(30)));
        assert_eq!(
            get("result")
                .unwrap()
                .1
                .clone()
                .deserialize::<Json>()
                .unwrap(),
            value["result"]
        );
    }
    let theirs: Json = store.read_parameters(Uuid::from_u128(7)).unwrap();
    assert_eq!(theirs, json!({"parameters": {"b": [1]}}));
}

#[test]
fn keys_are_those_of_python() {
    let hashed = json!([
        {}, {"x": 4}, {"é": "\u{1f600}\n\t\"\\/\u{7f}\u{0}", "b": true, "a": null, "n": [1, 2, {"z": 1, "a": []}]},
        {"f": [1.0, 0.5, 1e-7, 1e16, 123_456_789_012_345_680.0, 1e22, -0.0, 1e-5, 0.0001, 5e-324, f64::MAX]},
        {"big": u64::MAX, "small": i64::MIN},
    ]);
    let values = json!({"flow_run": {"name": "owl"}, "parameters": {
        "x": 7, "s": "abc", "f": 2.5, "n": null, "l": [1, "a", {"k": null}], "neg": -5, "b": true, "big": 1e20}});
    let formats = json!([
        "{parameters[x]}",
        "k-{parameters[x]}-{flow_run.name}",
        "{{x}}",
        "{parameters[x]:03d}",
        "{parameters[s]:>6}",
        "{parameters[s]:*^7}",
        "{parameters[f]:.2f}",
        "{parameters[f]}",
        "{parameters[n]}",
        "{parameters[l]}",
        "{parameters[l][1]}",
        "{parameters[s]!r}",
        "{parameters[neg]:05}",
        "{parameters[x]:+d}",
        "{parameters[b]}",
        "{parameters[b]:d}",
        "{parameters[s]:.2}",
        "{parameters[big]}",
        "{parameters[x]:x}",
        "{parameters[l][2][k]}",
        "",
    ]);
    let python = python::run(
        r"
import types, uuid
from prefect.cache_policies import FLOW_PARAMETERS, INPUTS, NO_CACHE, RUN_ID
from prefect.utilities.hashing import hash_objects
run = types.SimpleNamespace(flow_run_id=uuid.UUID(int=77), id=uuid.UUID(int=1))
context = types.SimpleNamespace(task_run=run)
policies = [INPUTS, RUN_ID, FLOW_PARAMETERS, INPUTS + RUN_ID, RUN_ID + INPUTS + FLOW_PARAMETERS, INPUTS - 'x',
            (INPUTS + RUN_ID) - 'x', NO_CACHE, INPUTS + NO_CACHE, (INPUTS - 'x') + (INPUTS - 'y')]
class Attributes(dict):
    __getattr__ = dict.__getitem__
flow_run = Attributes(arguments['values']['flow_run'])
answer({
    'hashes': [hash_objects(value) for value in arguments['hashed']],
    'full': [policy.compute_key(context, {'x': 4, 'y': 'é'}, {'q': [1.0]}) for policy in policies],
    'empty': [policy.compute_key(context, {}, {}) for policy in policies],
    'formats': [text.format(flow_run=flow_run, parameters=arguments['values']['parameters']) for text in arguments['formats']],
})
",
        &json!({"hashed": hashed, "values": values, "formats": formats}),
    );
    let ours: Vec<_> = hashed
        .as_array()
        .unwrap()
        .iter()
        .map(|value| hash_objects(std::slice::from_ref(value)))
        .collect();
    assert_eq!(json!(ours), python["hashes"]);
    let format = |text: &Json| format_storage_key(text.as_str().unwrap(), &values).unwrap();
    let ours: Vec<_> = formats.as_array().unwrap().iter().map(format).collect();
    assert_eq!(json!(ours), python["formats"]);

    let [inputs, run_id, flow] = [
        CachePolicy::inputs(),
        CachePolicy::run_id(),
        CachePolicy::flow_parameters(),
    ];
    let policies = [
        inputs.clone(),
        run_id.clone(),
        flow.clone(),
        inputs.clone() + run_id.clone(),
        run_id.clone() + inputs.clone() + flow,
        inputs.clone() - "x",
        inputs.clone() + run_id - "x",
        CachePolicy::none(),
        inputs.clone() + CachePolicy::none(),
        (inputs.clone() - "x") + (inputs - "y"),
    ];
    for (name, inputs, parameters) in [
        ("full", json!({"x": 4, "y": "é"}), json!({"q": [1.0]})),
        ("empty", json!({}), json!({})),
    ] {
        let run = CacheInputs::new(inputs.as_object().unwrap())
            .flow_parameters(parameters.as_object().unwrap())
            .run_id(Uuid::from_u128(77));
        let keys: Vec<_> = policies
            .iter()
            .map(|policy| policy.compute_key(&run))
            .collect();
        assert_eq!(json!(keys), python[name], "{name}");
    }
}

/// Kept in a block that Python has saved, and read by Python through the document that the record names.
#[test]
fn a_saved_block_is_a_storage() {
    let (room, client) = (Room::new("results"), server::client());
    let name = server::unique("files");
    python::run(
        r"
from prefect.filesystems import LocalFileSystem
LocalFileSystem(basepath=arguments['path']).save(arguments['name'], _sync=True)
answer(None)
",
        &json!({"path": room.text(), "name": name}),
    );
    let block = LocalFileSystem::load(&client, &name).unwrap();
    assert_eq!(block.basepath.as_deref(), Some(room.text()));
    let id = block.id();
    let ours = ResultStore::new(ResultSettings::new("/nowhere")).storage(Arc::new(block));
    let reference = StorageReference::Block(format!("local-file-system/{name}"));
    let task = TaskResultOptions::new()
        .storage(reference)
        .storage_key("b-{parameters[x]}");
    let theirs = ResultStore::new(ResultSettings::new("/nowhere"))
        .update_for_task(&client, &task)
        .unwrap();
    for (store, key) in [(&ours, "a"), (&theirs, "b-7")] {
        let values = json!({"parameters": {"x": 7}});
        let mut options = CreateRecordOptions::new().key_values(values);
        options.key = (key == "a").then(|| key.to_owned());
        let record = store.create_record_with(&json!([key]), &options).unwrap();
        store.persist(&record).unwrap();
        let metadata = record.metadata();
        assert_eq!(
            (metadata.storage_key.as_deref(), metadata.storage_block_id),
            (Some(key), Some(id))
        );
        let run = finished(&client, &states::completed().data(metadata.to_state_data())).unwrap();
        let read = python::run(
            r"
import asyncio
from prefect.client.orchestration import get_client
async def main():
    async with get_client() as client:
        return await (await client.read_flow_run(arguments)).state.aresult()
answer(asyncio.run(main()))
",
            &json!(run),
        );
        assert_eq!(read, json!([key]));
        let state = states_of(&client, &[run]).unwrap().remove(0);
        assert_eq!(
            states::get_state_result::<Json>(&client, &state).unwrap(),
            json!([key])
        );
    }
    let secret = StorageReference::Block("secret/none".to_owned());
    let task = TaskResultOptions::new().storage(secret);
    assert!(
        ours.update_for_task(&client, &task)
            .unwrap_err()
            .is_not_found()
    );
}
