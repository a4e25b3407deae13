//! The body of the blocking twin: `.await` removed, async blocks and closures made plain.

use std::collections::BTreeSet;

use proc_macro2::{Ident, Span};
use quote::quote_spanned;
use syn::visit::{self, Visit};
use syn::visit_mut::{self, VisitMut};
use syn::{
    Attribute, Block, Expr, ExprAwait, ExprBlock, ExprCall, ExprClosure, ImplItemFn, ItemFn, Macro,
    PatIdent, Path, Signature, Stmt, Token, UnOp,
};

use crate::callers::track;
use crate::macro_calls::{Treatment, treat};
use crate::refusals::Refusals;
use crate::signature::make_blocking;
use crate::table::Table;

/// The names that a function binds itself: closures that are parameters, and the like.
#[derive(Default)]
pub(crate) struct Bound(BTreeSet<String>);

/// Makes a body blocking.
pub(crate) struct Blocking<'a> {
    pub(crate) table: &'a Table,
    pub(crate) bound: &'a Bound,
    pub(crate) refusals: &'a mut Refusals,
    /// Whether any `.await` was removed.
    pub(crate) awaited: bool,
}

impl Bound {
    pub(crate) fn of(
        signature: &Signature,
        block: &Block,
        table: &Table,
        refusals: &mut Refusals,
    ) -> Self {
        let mut finder = FindBound {
            bound: Self::default(),
            table,
            refusals,
        };
        finder.visit_signature(signature);
        finder.visit_block(block);
        finder.bound
    }
}

impl Blocking<'_> {
    /// Unwraps the async block that a closure, or a function that returns a future, ends with.
    pub(crate) fn unwrap_tail(block: &mut Block) {
        let Some(Stmt::Expr(tail, None)) = block.stmts.last_mut() else {
            return;
        };
        if !unwrap_async(tail, &mut None) {
            return;
        }
        if let Some(Stmt::Expr(Expr::Block(inner), None)) = block.stmts.pop() {
            block.stmts.extend(inner.block.stmts);
        }
    }

    /// What stands in the blocking twin for `base.await`.
    fn awaited(&mut self, node: ExprAwait) -> Expr {
        let place = node.await_token.span;
        let mut base = strip_pin(*node.base);
        if let Expr::Async(block) = base {
            let (capture, mut body) = (block.capture, block.block);
            self.visit_block_mut(&mut body);
            return Expr::Verbatim(quote_spanned!(place=> (#capture || #body)()));
        }
        self.check_awaited_name(&base);
        let is_place = is_place(&base);
        self.visit_expr_mut(&mut base);
        match &self.table.wait {
            Some(wait) if is_place => {
                let wait = Ident::new(&wait.to_string(), place);
                return Expr::Verbatim(quote_spanned!(place=> #base.#wait()));
            }
            None if is_place => self.refusals.at(place, MESSAGE_PLACE),
            _ => {}
        }
        self.awaited = true;
        let check = check_function(place);
        Expr::Verbatim(quote_spanned!(place=> #check(#base)))
    }

    /// A call whose name looks like an async one is in the table, or it is refused: nothing is guessed.
    fn check_awaited_name(&mut self, base: &Expr) {
        let name = match base {
            Expr::MethodCall(call) => Some(&call.method),
            Expr::Call(call) => self.called_function(call),
            _ => None,
        };
        let Some(name) = name else { return };
        let Some(blocking) = self.table.naming.blocking_name(name) else {
            return;
        };
        if !self.table.names.know(&name.to_string()) {
            let message = format!(
                "`{name}` looks like an async name, and `#[dual]` does not guess: put `{name} => {blocking}` into the \
                table if the blocking face calls `{blocking}`, or `{name} => {name}` if the name is the same in both"
            );
            self.refusals.at(name.span(), message);
        }
    }

    /// The name of a function that is not bound in the body.
    fn called_function<'e>(&self, call: &'e ExprCall) -> Option<&'e Ident> {
        let Expr::Path(path) = &*call.func else {
            return None;
        };
        let is_bound = path
            .path
            .get_ident()
            .is_some_and(|ident| self.bound.contains(ident));
        let last = path.path.segments.last().filter(|_| !is_bound)?;
        Some(&last.ident)
    }

    /// A function that is written inside the body.
    fn inner_function(
        &mut self,
        attributes: &mut Vec<Attribute>,
        signature: &mut Signature,
        block: &mut Block,
    ) {
        let was_async = signature.asyncness.is_some();
        let returned_future = make_blocking(signature, &self.table.names, self.refusals);
        if returned_future {
            Self::unwrap_tail(block);
        }
        if was_async || returned_future {
            track(attributes, signature);
        }
        self.visit_block_mut(block);
    }

    fn check_call(&mut self, call: &ExprCall) {
        let (Expr::Path(path), Some(name)) = (&*call.func, self.called_function(call)) else {
            return;
        };
        if let Some(message) = refused_call(&path.path)
            && !self.table.names.know(&name.to_string())
        {
            let message = format!("`{name}` has no blocking form: {message}");
            self.refusals.over(&path.path, message);
        }
    }
}

impl VisitMut for Blocking<'_> {
    fn visit_expr_mut(&mut self, node: &mut Expr) {
        match node {
            Expr::Await(_) => {
                if let Expr::Await(awaited) = std::mem::replace(node, Expr::PLACEHOLDER) {
                    *node = self.awaited(awaited);
                }
                return;
            }
            Expr::Async(block) => self.refusals.at(block.async_token.span, MESSAGE_BLOCK),
            Expr::Closure(closure) => make_plain(closure),
            Expr::Call(call) => self.check_call(call),
            _ => {}
        }
        if is_pin(node) {
            *node = strip_pin(std::mem::replace(node, Expr::PLACEHOLDER));
            return self.visit_expr_mut(node);
        }
        visit_mut::visit_expr_mut(self, node);
    }

    fn visit_macro_mut(&mut self, call: &mut Macro) {
        let known = call
            .path
            .segments
            .last()
            .is_some_and(|last| self.table.names.know(&last.ident.to_string()));
        match treat(call, known) {
            Treatment::Keep => {}
            Treatment::Refuse(place, message) => self.refusals.at(place, message),
            Treatment::Expressions(mut arguments) => {
                arguments
                    .expressions
                    .iter_mut()
                    .for_each(|expression| self.visit_expr_mut(expression));
                call.tokens = arguments.into_tokens();
            }
        }
    }

    fn visit_item_fn_mut(&mut self, item: &mut ItemFn) {
        self.inner_function(&mut item.attrs, &mut item.sig, &mut item.block);
    }

    fn visit_impl_item_fn_mut(&mut self, item: &mut ImplItemFn) {
        self.inner_function(&mut item.attrs, &mut item.sig, &mut item.block);
    }
}

const MESSAGE_PLACE: &str = "a future that was made elsewhere has no blocking form: await the call itself, or map \
    `await => …` in the table to the method that waits for such a value";

const MESSAGE_BLOCK: &str = "an async block that is not awaited here has no blocking form: make it a closure, \
    `async || { … }`, and call it where it is to run";

/// The statements that make the compiler refuse a future where the twin needs a value.
///
/// A future has both impls, so that the compiler cannot choose; anything else has the first one only. Without this,
/// `let _guard = lock().await;` would compile in the twin, with a future that never runs, if `lock` had no twin.
pub(crate) fn checks(place: Span) -> Vec<Stmt> {
    let check = check_function(place);
    let tokens = quote_spanned! {place=>
        #[inline]
        fn #check<T: __NotAFuture<ItsTwin>, ItsTwin>(value: T) -> T { value }
        trait __NotAFuture<ItsTwin> {}
        impl<T> __NotAFuture<()> for T {}
        impl<T: ::core::future::Future> __NotAFuture<bool> for T {}
    };
    let parser = Block::parse_within;
    syn::parse::Parser::parse2(parser, tokens).unwrap_or_default()
}

fn check_function(place: Span) -> Ident {
    Ident::new("__still_a_future_in_the_blocking_twin", place)
}

/// Makes an async closure, or one that gives an async block, a plain closure.
fn make_plain(closure: &mut ExprClosure) {
    if closure.asyncness.take().is_some() {
        return;
    }
    match &mut *closure.body {
        Expr::Block(body) => Blocking::unwrap_tail(&mut body.block),
        body => {
            unwrap_async(body, &mut closure.capture);
        }
    }
}

/// Replaces `async { … }`, also in a pinned box, by its block. Its `move` goes to where it is told.
fn unwrap_async(expr: &mut Expr, capture: &mut Option<Token![move]>) -> bool {
    if is_pin(expr) {
        let inner = strip_pin(expr.clone());
        if matches!(inner, Expr::Async(_)) {
            *expr = inner;
        }
    }
    let Expr::Async(found) = expr else {
        return false;
    };
    *capture = capture.or(found.capture);
    let block = found.block.clone();
    *expr = Expr::Block(ExprBlock {
        attrs: Vec::new(),
        label: None,
        block,
    });
    true
}

/// Whether this is `Box::pin(…)` or `pin!(…)`.
fn is_pin(expr: &Expr) -> bool {
    match expr {
        Expr::Call(call) => match (&*call.func, call.args.len()) {
            (Expr::Path(path), 1) => ends_in(&path.path, &["Box", "pin"]),
            _ => false,
        },
        Expr::Macro(call) => {
            ends_in(&call.mac.path, &["pin"]) && call.mac.parse_body::<Expr>().is_ok()
        }
        _ => false,
    }
}

/// The expression without parentheses and pins around it.
fn strip_pin(expr: Expr) -> Expr {
    if is_pin(&expr) {
        let inner = match &expr {
            Expr::Call(call) => call.args.first().cloned(),
            Expr::Macro(call) => call.mac.parse_body().ok(),
            _ => None,
        };
        return inner.map_or(expr, strip_pin);
    }
    match expr {
        Expr::Paren(paren) if matches!(*paren.expr, Expr::Async(_)) || is_pin(&paren.expr) => {
            strip_pin(*paren.expr)
        }
        Expr::Group(group) => strip_pin(*group.expr),
        other => other,
    }
}

/// Whether an expression names a value that was made before.
fn is_place(expr: &Expr) -> bool {
    match expr {
        Expr::Path(_) | Expr::Field(_) | Expr::Index(_) => true,
        Expr::Unary(unary) => matches!(unary.op, UnOp::Deref(_)),
        Expr::Reference(reference) => is_place(&reference.expr),
        Expr::Paren(paren) => is_place(&paren.expr),
        Expr::Group(group) => is_place(&group.expr),
        _ => false,
    }
}

/// What to do instead of a call that only an async runtime offers.
fn refused_call(path: &Path) -> Option<&'static str> {
    let last = path.segments.last()?.ident.to_string();
    let before = path.segments.iter().rev().nth(1);
    let before = before
        .map(|before| before.ident.to_string())
        .unwrap_or_default();
    // A function of a type, such as `Error::timeout`, is not the runtime's.
    if before.starts_with(char::is_uppercase) {
        return None;
    }
    let of_threads = before == "thread";
    match last.as_str() {
        "spawn" | "spawn_blocking" | "spawn_local" if !of_threads => Some(
            "call it in place, or write both faces with `#[dual(async)]` and `#[dual(blocking)]`",
        ),
        "timeout" | "timeout_at" => Some(
            "compare a deadline with the clock between two steps, or map the name to a function of your own",
        ),
        "block_on" | "block_in_place" => Some("await the call, and the twin will block"),
        "join_all" | "try_join_all" | "select_all" => Some("call one after the other in a loop"),
        _ => None,
    }
}

fn ends_in(path: &Path, names: &[&str]) -> bool {
    let mut segments = path.segments.iter().rev();
    names
        .iter()
        .rev()
        .all(|name| segments.next().is_some_and(|segment| segment.ident == name))
}

impl Bound {
    fn contains(&self, ident: &Ident) -> bool {
        self.0.contains(&ident.to_string())
    }
}

struct FindBound<'a> {
    bound: Bound,
    table: &'a Table,
    refusals: &'a mut Refusals,
}

impl<'ast> Visit<'ast> for FindBound<'_> {
    fn visit_pat_ident(&mut self, pattern: &'ast PatIdent) {
        let name = pattern.ident.to_string();
        if self.table.names.change(&name) && name.starts_with(char::is_lowercase) {
            let message = format!(
                "the table maps `{name}` wherever it stands: give this binding another name"
            );
            self.refusals.at(pattern.ident.span(), message);
        }
        self.bound.0.insert(name);
        visit::visit_pat_ident(self, pattern);
    }

    fn visit_item_fn(&mut self, item: &'ast ItemFn) {
        self.bound.0.insert(item.sig.ident.to_string());
        visit::visit_item_fn(self, item);
    }
}
