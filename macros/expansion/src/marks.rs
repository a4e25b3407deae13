//! `#[dual(async)]` and `#[dual(blocking)]`: what only one of the faces has.

use syn::visit_mut::{self, VisitMut};
use syn::{Arm, Attribute, Block, Expr, ExprMatch, Field, FieldsNamed, Item, Stmt};

use crate::arguments::{Mark, take_mark};
use crate::face::Face;
use crate::refusals::Refusals;

/// Removes what belongs to the other face, and every mark.
pub(crate) struct Keep<'a> {
    pub(crate) face: Face,
    pub(crate) refusals: &'a mut Refusals,
}

impl Keep<'_> {
    fn keeps(&mut self, attributes: Option<&mut Vec<Attribute>>) -> bool {
        let Some(attributes) = attributes else {
            return true;
        };
        let place = attributes.clone();
        match take_mark(attributes) {
            Ok(None) => true,
            Ok(Some(Mark::Only(face))) => face == self.face,
            Ok(Some(Mark::Twin(_))) => {
                let message = "inside a body: `#[dual(async)]` or `#[dual(blocking)]`; a dual item stands on its own";
                self.refusals.over(place.first(), message);
                true
            }
            Err(error) => {
                self.refusals.add(error);
                true
            }
        }
    }
}

impl VisitMut for Keep<'_> {
    fn visit_block_mut(&mut self, block: &mut Block) {
        block
            .stmts
            .retain_mut(|statement| self.keeps(attributes_of_statement(statement)));
        visit_mut::visit_block_mut(self, block);
    }

    fn visit_expr_match_mut(&mut self, node: &mut ExprMatch) {
        node.arms
            .retain_mut(|arm: &mut Arm| self.keeps(Some(&mut arm.attrs)));
        visit_mut::visit_expr_match_mut(self, node);
    }

    fn visit_fields_named_mut(&mut self, fields: &mut FieldsNamed) {
        let kept = std::mem::take(&mut fields.named)
            .into_iter()
            .filter_map(|mut field: Field| {
                let keeps = self.keeps(Some(&mut field.attrs));
                keeps.then_some(field)
            });
        fields.named = kept.collect();
    }
}

fn attributes_of_statement(statement: &mut Stmt) -> Option<&mut Vec<Attribute>> {
    match statement {
        Stmt::Local(local) => Some(&mut local.attrs),
        Stmt::Macro(call) => Some(&mut call.attrs),
        Stmt::Expr(expr, _) => attributes_of_expression(expr),
        Stmt::Item(Item::Fn(item)) => Some(&mut item.attrs),
        Stmt::Item(Item::Use(item)) => Some(&mut item.attrs),
        Stmt::Item(_) => None,
    }
}

/// The attributes that were written before an expression statement.
fn attributes_of_expression(expr: &mut Expr) -> Option<&mut Vec<Attribute>> {
    macro_rules! attributes {
        ($($variant:ident)*) => {
            match expr {
                Expr::Assign(node) => attributes_of_expression(&mut node.left),
                Expr::Binary(node) => attributes_of_expression(&mut node.left),
                Expr::Cast(node) => attributes_of_expression(&mut node.expr),
                $(Expr::$variant(node) => Some(&mut node.attrs),)*
                _ => None,
            }
        };
    }
    attributes! {
        Array Async Await Block Break Call Closure Const Continue Field ForLoop Group If Index Infer Let Lit Loop Macro
        Match MethodCall Paren Path Range RawAddr Reference Repeat Return Struct Try TryBlock Tuple Unary Unsafe While
        Yield
    }
}
