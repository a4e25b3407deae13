//! The same in Python.

pub(super) const PYTHON: &str = r"
import time
from prefect import flow, tags, task, unmapped
from prefect.states import State, StateType

name, called = arguments['name'], []

def given(type, name=None):
    return State(type=StateType(type), name=name, message='mine')

def hooks(who, *which):
    def hook(on):
        return lambda of, run, state: called.append(f'{who}.on_{on}: {state.name}')
    return {f'on_{on}': [hook(on)] for on in which}

@task
def failing(x):
    raise ValueError('no')

@task(retries=2, retry_condition_fn=lambda task, run, state: False)
def refused(x):
    raise ValueError('no')

@flow(name=name, flow_run_name='refuses')
def refuses():
    refused(1, return_state=True)
    return 1

@task(retries=1)
def twice(x):
    raise ValueError('no')

@flow(name='sub', flow_run_name='sub', retries=1)
def sub(n=3, word='w'):
    twice(n)

@flow(name=name, flow_run_name='catches')
def catches():
    with tags('inner'):
        sub(n=4, return_state=True)
    return 1

@flow(name=name, flow_run_name='passes-on', retries=1)
def passes_on():
    sub(n=4)

@task
def total(x, y):
    return x + y

@flow(name=name, flow_run_name='maps')
def maps():
    failed = failing.submit(1)
    total.map([1, 2], unmapped(failed)).wait()
    return 1

@flow(name=name, flow_run_name='gives-{type}')
def gives(type, own):
    return given(type, own)

@task(retries=1)
def gives_too(type, own):
    return given(type, own)

@flow(name=name, flow_run_name='tasks-give')
def tasks_give():
    for type, own in [('FAILED', 'Own'), ('CANCELLED', None), ('CRASHED', None), ('COMPLETED', 'Skipped')]:
        gives_too(type, own, return_state=True)
    return 1

@flow(name=name, flow_run_name='late-twice', timeout_seconds=0.5, retries=1)
def late_twice():
    time.sleep(1.5)

@task(timeout_seconds=0.25, retries=1)
def slow():
    time.sleep(1)

@flow(name=name, flow_run_name='slow-twice')
def slow_twice():
    slow(return_state=True)
    return 1

@task(task_run_name='of-{n}-{x[a]}')
def one(n, x):
    return n + x['a']

@task
def nested(x):
    return 1

@flow(name=name, flow_run_name='nests-{word}-{n}')
def nests(n=3, word='w'):
    first, second = one.submit(1, {'a': 5}), one.submit(2, {'a': 6})
    nested.submit({'first': first, 'others': [second, {'again': first}], 'n': 3}).wait()
    return 1

@task(retries=1, **hooks('task', 'running', 'completion', 'failure'))
def hooked(x, failures):
    if failures.pop():
        raise ValueError('no')
    return x

@flow(name=name, flow_run_name='hooks-{end}', retries=1,
      **hooks('flow', 'running', 'completion', 'failure', 'cancellation', 'crashed'))
def hooked_flow(end):
    called.append(end)
    hooked(1, [False, True])
    if end == 'fails':
        raise ValueError('no')
    return given(end.upper())

with tags('outer'):
    for f in (refuses, catches, passes_on, maps, tasks_give, late_twice, slow_twice, nests):
        f(return_state=True)
    for type, own in [('FAILED', None), ('CANCELLED', None), ('CRASHED', None), ('COMPLETED', 'Skipped')]:
        gives(type, own, return_state=True)
    for end in ('completed', 'fails', 'CANCELLED', 'CRASHED', 'FAILED'):
        hooked_flow(end, return_state=True)
answer(called)
";
