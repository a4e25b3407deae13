//! The same in Python.

pub(super) const PYTHON: &str = r"
import os, time
os.environ['PREFECT_LOCAL_STORAGE_PATH'] = arguments['room']
os.environ['PREFECT_RESULTS_DEFAULT_SERIALIZER'] = 'json'
from prefect import flow, task
from prefect.cache_policies import INPUTS, RUN_ID
from prefect.context import TaskRunContext
from prefect.states import State, StateType
name, told = arguments['name'], []

def of_name(flow_run_name, **options):
    return flow(name=name, flow_run_name=flow_run_name, **options)

def breaks(who):
    def hook(of, run, state):
        told.append(f'{who} {state.name}')
        raise ValueError('hook')
    return hook

def says(who):
    def hook(of, run, state):
        told.append(f'{who} {state.name}')
    return hook

@task(retries=1, on_running=[breaks('task runs'), says('task runs too')], on_failure=[breaks('task fails'), says('task fails too')])
def fails_hooked(x):
    raise ValueError('no')

@task(on_completion=[breaks('task completes')])
def completes_hooked(x):
    return x

@of_name('hooks-break', on_running=[breaks('flow runs')], on_failure=[breaks('flow fails'), says('flow fails too')])
def hooks_break():
    completes_hooked(1)
    fails_hooked(1)

@task(retries=3, retry_delay_seconds=[0.1, 0.2])
def shorter(x):
    if TaskRunContext.get().task_run.run_count < 4:
        raise ValueError('no')
    return x

@task(retries=2, retry_delay_seconds=0.1, retry_jitter_factor=0.5)
def jitters(x):
    if TaskRunContext.get().task_run.run_count < 2:
        raise ValueError('no')
    return x

@task(retries=1, retry_delay_seconds=[])
def undelayed(x):
    raise ValueError('no')

@of_name('delays')
def delays():
    shorter(1)
    jitters(1)
    undelayed(1, return_state=True)
    return 1

@task(timeout_seconds=0.25, retries=2, retry_delay_seconds=0.1)
def slow_then_not(x):
    count = TaskRunContext.get().task_run.run_count
    if count == 1:
        time.sleep(1)
    if count == 2:
        raise ValueError('no')
    return x

@of_name('slow-then-not')
def slow_flow():
    return slow_then_not(1)

@task(cache_policy=INPUTS + RUN_ID)
def kept(x):
    told.append(f'kept {x}')
    return x + 1

@task
def unkept(x):
    told.append(f'unkept {x}')
    return x + 1

@flow(name='takes_up', flow_run_name='takes-up', persist_result=True)
def takes_up(n):
    told.append('takes up')
    kept(n)
    unkept(n)
    return n + 1

@flow(name='fails_once', flow_run_name='fails-once')
def fails_once(n):
    kept(n)
    unkept(2)
    if 'failed' not in told:
        told.append('failed')
        raise ValueError('no')
    return 1

@of_name('again', retries=1)
def again():
    kept(1000)
    unkept(1)
    takes_up(2000)
    fails_once(3000)
    return 1

@task
def state_of(type):
    if type == 'FAILED':
        raise ValueError('no')
    if type == 'COMPLETED':
        return 1
    return State(type=StateType(type), message='mine')

def gives(which, *types):
    @flow(name=name, flow_run_name=which)
    def of_states():
        return [state_of(type, return_state=True) for type in types]
    of_states(return_state=True)

@of_name('one-state')
def one_state():
    return state_of('FAILED', return_state=True)

for f in (hooks_break, delays, slow_flow, again, one_state):
    f(return_state=True)
gives('all-good', 'COMPLETED', 'COMPLETED')
gives('cancelled', 'CANCELLED', 'FAILED', 'COMPLETED')
gives('crashed', 'CRASHED', 'COMPLETED')
gives('crashed-only', 'CRASHED')
answer(told)
";
