//! The same in Python.

pub(super) const PYTHON: &str = r"
import os
os.environ['PREFECT_LOCAL_STORAGE_PATH'] = arguments['room']
os.environ['PREFECT_RESULTS_DEFAULT_SERIALIZER'] = 'json'
from prefect import flow, task
from prefect.cache_policies import INPUTS, NO_CACHE
from prefect.context import TaskRunContext
from prefect.transactions import CommitMode, get_transaction, transaction
name, told, key = arguments['name'], [], 'key'

def tell(text):
    told.append(text)

def hooked(txn, name, fails=()):
    def hook(what):
        def of(txn):
            tell(f'{what} {name}')
            if what in fails:
                raise ValueError('hook')
        return of
    txn.on_commit_hooks.append(hook('commit'))
    txn.on_rollback_hooks.append(hook('undo'))

def telling(name, fn, fails=(), **options):
    def own(n):
        return fn(n)
    own.__qualname__ = name
    made = task(name=name, task_run_name=name, **{'cache_policy': NO_CACHE, **options})(own)
    @made.on_commit
    def commit(txn):
        tell(f'commit {name}')
        if 'commit' in fails:
            raise ValueError('hook')
    @made.on_rollback
    def undo(txn):
        tell(f'undo {name}')
        if 'undo' in fails:
            raise ValueError('hook')
    return made

def number(n):
    return n

def refuse(n):
    raise ValueError('no')

one, two, three = telling('one', number), telling('two', number), telling('three', number)
no = telling('no', refuse)
uncommitted = telling('uncommitted', number, fails=['commit'])
not_undone = telling('stays', number, fails=['undo'])

def of_name(flow_run_name):
    return flow(name=name, flow_run_name=flow_run_name)

@of_name('eager')
def eager():
    try:
        with transaction() as outer:
            hooked(outer, 'outer')
            one(1)
            with transaction(commit_mode=CommitMode.EAGER) as inner:
                hooked(inner, 'inner')
                two(2)
                tell(str(inner.is_committed()))
            tell(str(inner.is_committed()))
            no(3)
    except ValueError:
        tell(str(outer.is_rolled_back()))

@of_name('off')
def off():
    with transaction(commit_mode=CommitMode.OFF) as outer:
        hooked(outer, 'outer')
        one(1)
    tell(str(outer.is_rolled_back()))
    with transaction(commit_mode=CommitMode.OFF) as outer:
        hooked(outer, 'second')
        two(2)
        tell(str(outer.commit()))
    tell(str(outer.is_committed()))

@of_name('deep')
def deep():
    try:
        with transaction() as outer:
            hooked(outer, 'outer')
            one(1)
            with transaction() as middle:
                hooked(middle, 'middle')
                two(2)
                with transaction() as inner:
                    hooked(inner, 'inner')
                    three(3)
                no(4)
    except ValueError:
        tell(f'{outer.state.name} {middle.state.name} {inner.state.name}')

@of_name('caught')
def caught():
    with transaction() as outer:
        hooked(outer, 'outer')
        one(1)
        try:
            with transaction() as inner:
                hooked(inner, 'inner')
                two(2)
                no(3)
        except ValueError:
            tell(f'{outer.state.name} {inner.state.name}')
    tell(outer.state.name)

@of_name('returned')
def returned():
    with transaction() as outer:
        hooked(outer, 'outer')
        one(1)
        no(2, return_state=True)
        tell(outer.state.name)
    tell(outer.state.name)

@of_name('unhooked')
def unhooked():
    with transaction() as outer:
        hooked(outer, 'outer')
        one(1)
        uncommitted(2)
        three(3)
    tell(outer.state.name)

@of_name('stays')
def stays():
    try:
        with transaction() as outer:
            one(1)
            not_undone(2)
            three(3)
            no(4)
    except ValueError:
        tell(outer.state.name)

@of_name('unundone')
def unundone():
    with transaction(commit_mode=CommitMode.OFF) as outer:
        hooked(outer, 'outer', fails=['undo'])
        one(1)
    tell(str(outer.is_rolled_back()))

@of_name('within')
def within():
    def attempt(n):
        if TaskRunContext.get().task_run.run_count == 1:
            one(1)
            raise ValueError('no')
        two(2)
        return 1
    telling('attempts', attempt, retries=1)(5)
    try:
        with transaction():
            three(3)
            def fails(n):
                one(1)
                raise ValueError('no')
            telling('fails', fails)(6)
    except ValueError:
        tell('undone')

@of_name('had')
def had():
    for turn in (1, 2):
        with transaction(key=key) as txn:
            hooked(txn, f'txn {turn}')
            tell(f'{txn.is_committed()}')
            if not txn.is_committed():
                one(turn)
            txn.stage(1000)
        tell(txn.state.name)
    with transaction(key=key, overwrite=True) as txn:
        tell(f'{txn.is_committed()}')
        txn.stage(2000)
    with transaction(key=key) as txn:
        tell(f'{txn.read().result}')
    with transaction(key=key + '-never', write_on_commit=False) as txn:
        txn.stage(2000)
    with transaction(key=key + '-never') as txn:
        tell(f'{txn.is_committed()}')

@of_name('submitted')
def submitted():
    try:
        with transaction() as outer:
            first = one.submit(1)
            first.wait()
            second = two.submit(2)
            second.wait()
            no.submit(3).result()
    except ValueError:
        tell(outer.state.name)

for f in (eager, off, deep, caught, returned, unhooked, stays, unundone, within, had, submitted):
    tell(f'--- {f.fn.__name__}')
    f()
answer(told)
";
