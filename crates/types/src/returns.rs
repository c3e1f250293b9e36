//! Terminating statements: whether control can reach a function's end.

use crate::checker::Checker;
use syntax::{BranchTok, Expr, ExprKind, Stmt, StmtKind, Symbol};

impl<'a> Checker<'a> {
    /// Whether the list ends in a terminating statement.
    pub fn terminates_list(&self, list: &[Stmt]) -> bool {
        let last = list
            .iter()
            .rev()
            .find(|s| !matches!(s.kind, StmtKind::Empty));
        last.is_some_and(|s| self.terminates(s, None))
    }

    fn terminates(&self, s: &Stmt, label: Option<Symbol>) -> bool {
        match &s.kind {
            StmtKind::Expr(e) => self.is_panic(e),
            StmtKind::Return(_) => true,
            StmtKind::Branch { tok, .. } => matches!(tok, BranchTok::Goto | BranchTok::Fallthrough),
            StmtKind::Block(b) => self.terminates_list(&b.stmts),
            StmtKind::If(i) => {
                self.terminates_list(&i.then.stmts)
                    && i.els.as_ref().is_some_and(|e| self.terminates(e, None))
            }
            StmtKind::Switch(w) => self.terminates_clauses(&w.clauses, label),
            StmtKind::TypeSwitch(w) => self.terminates_clauses(&w.clauses, label),
            StmtKind::Select(w) => w
                .clauses
                .iter()
                .all(|c| self.terminates_list(&c.body) && !breaks_list(&c.body, label, true)),
            StmtKind::For(f) => f.cond.is_none() && !breaks_list(&f.body.stmts, label, true),
            StmtKind::Labeled { label, stmt } => self.terminates(stmt, Some(label.name)),
            _ => false,
        }
    }

    fn terminates_clauses(&self, clauses: &[syntax::CaseClause], label: Option<Symbol>) -> bool {
        clauses.iter().any(|c| c.is_default)
            && clauses
                .iter()
                .all(|c| self.terminates_list(&c.body) && !breaks_list(&c.body, label, true))
    }

    fn is_panic(&self, e: &Expr) -> bool {
        let e = e.unparen();
        matches!(e.kind, ExprKind::Call(_)) && self.panics.contains(&e.id)
    }
}

fn breaks_list(list: &[Stmt], label: Option<Symbol>, implicit: bool) -> bool {
    list.iter().any(|s| breaks(s, label, implicit))
}

/// Whether the statement holds a `break` out of the enclosing statement: with its label, or (if
/// `implicit`) without one.
fn breaks(s: &Stmt, label: Option<Symbol>, implicit: bool) -> bool {
    match &s.kind {
        StmtKind::Branch {
            tok: BranchTok::Break,
            label: l,
        } => match l {
            None => implicit,
            Some(l) => Some(l.name) == label,
        },
        StmtKind::Block(b) => breaks_list(&b.stmts, label, implicit),
        StmtKind::If(i) => {
            breaks_list(&i.then.stmts, label, implicit)
                || i.els.as_ref().is_some_and(|e| breaks(e, label, implicit))
        }
        StmtKind::Labeled { stmt, .. } => breaks(stmt, label, implicit),
        StmtKind::Switch(w) => {
            label.is_some() && w.clauses.iter().any(|c| breaks_list(&c.body, label, false))
        }
        StmtKind::TypeSwitch(w) => {
            label.is_some() && w.clauses.iter().any(|c| breaks_list(&c.body, label, false))
        }
        StmtKind::Select(w) => {
            label.is_some() && w.clauses.iter().any(|c| breaks_list(&c.body, label, false))
        }
        StmtKind::For(f) => label.is_some() && breaks_list(&f.body.stmts, label, false),
        StmtKind::Range(f) => label.is_some() && breaks_list(&f.body.stmts, label, false),
        _ => false,
    }
}
