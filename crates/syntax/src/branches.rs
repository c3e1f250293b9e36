//! Checks `break`, `continue`, `goto`, `fallthrough` and labels within one function body.
//!
//! One walk collects labels, jumps and variable declarations with the block each is in, and settles what only
//! enclosing statements decide; `goto` is settled at the end, when all labels are known.

use crate::ast::*;
use crate::pos::{Error, Pos, SourceFile};
use crate::print::expr_string;
use crate::symbol::Symbol;
use rustc_hash::FxHashMap;

/// Reports the mistakes in a function's body, bodies of function literals excluded (they are checked as
/// functions of their own). Errors are in no particular order.
pub fn check_branches(body: &Block, file: &SourceFile, errors: &mut Vec<Error>) {
    let mut c = Checker {
        file,
        errors,
        blocks: Vec::new(),
        labels: FxHashMap::default(),
        gotos: Vec::new(),
        enclosing: Vec::new(),
    };
    let context = Context {
        breaks: Breaks::Nothing,
        continues: false,
        last_case: None,
    };
    c.block(None, body.lbrace, &body.stmts, context);
    c.finish();
}

struct BlockInfo<'t> {
    parent: Option<usize>,
    start: Pos,
    /// Where variables are declared in the block itself, ascending.
    vars: Vec<(Pos, Declared<'t>)>,
}

/// The names that a statement declares, as a diagnostic lists them.
#[derive(Clone, Copy)]
enum Declared<'t> {
    Var(Symbol),
    Define(&'t [Expr]),
}

impl std::fmt::Display for Declared<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Declared::Var(name) => f.write_str(name.as_str()),
            Declared::Define(lhs) => {
                let names: Vec<String> = lhs.iter().map(expr_string).collect();
                f.write_str(&names.join(", "))
            }
        }
    }
}

struct Label {
    pos: Pos,
    block: usize,
    used: bool,
}

struct Goto {
    label: Ident,
    block: usize,
}

/// What an unlabeled `break` leaves.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Breaks {
    Nothing,
    LoopOrSelect,
    Switch,
    TypeSwitch,
}

#[derive(Clone, Copy)]
struct Context {
    breaks: Breaks,
    continues: bool,
    /// Directly in a case of a switch: whether it is the last.
    last_case: Option<bool>,
}

/// What a label that encloses the current statement stands before.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Labeled {
    Loop,
    SwitchOrSelect,
    Other,
}

struct Checker<'a, 't> {
    file: &'a SourceFile,
    errors: &'a mut Vec<Error>,
    blocks: Vec<BlockInfo<'t>>,
    labels: FxHashMap<Symbol, Label>,
    gotos: Vec<Goto>,
    enclosing: Vec<(Symbol, Labeled)>,
}

impl<'t> Checker<'_, 't> {
    fn error(&mut self, pos: Pos, msg: String) {
        self.errors.push(Error { pos, msg });
    }

    fn block(&mut self, parent: Option<usize>, start: Pos, stmts: &'t [Stmt], context: Context) {
        let id = self.blocks.len();
        self.blocks.push(BlockInfo {
            parent,
            start,
            vars: Vec::new(),
        });
        let filled = stmts
            .iter()
            .rposition(|s| !matches!(s.kind, StmtKind::Empty))
            .map_or(0, |i| i + 1);
        for (i, s) in stmts[..filled].iter().enumerate() {
            self.stmt(id, s, i + 1 == filled, context);
        }
    }

    fn stmt(&mut self, block: usize, s: &'t Stmt, is_last: bool, context: Context) {
        let mut s = s;
        let mut innermost = None;
        while let StmtKind::Labeled { label, stmt } = &s.kind {
            self.declare(*label, block);
            innermost = Some(label.name);
            s = stmt;
        }
        if let Some(name) = innermost {
            let kind = match s.kind {
                StmtKind::For(_) | StmtKind::Range(_) => Labeled::Loop,
                StmtKind::Switch(_) | StmtKind::TypeSwitch(_) | StmtKind::Select(_) => {
                    Labeled::SwitchOrSelect
                }
                _ => Labeled::Other,
            };
            self.enclosing.push((name, kind));
        }
        self.unlabeled(block, s, is_last, context);
        if innermost.is_some() {
            self.enclosing.pop();
        }
    }

    fn unlabeled(&mut self, block: usize, s: &'t Stmt, is_last: bool, context: Context) {
        let inner = Context {
            last_case: None,
            ..context
        };
        let in_loop = Context {
            breaks: Breaks::LoopOrSelect,
            continues: true,
            last_case: None,
        };
        let here = Some(block);
        match &s.kind {
            StmtKind::Branch { tok, label } => match label {
                Some(label) => self.labeled_branch(block, *tok, *label),
                None => self.plain_branch(s.pos, *tok, is_last, context),
            },
            StmtKind::Decl(decls) => {
                let var = decls.iter().find_map(|d| match d {
                    Decl::Var(v) => Some((v.pos, Declared::Var(v.names[0].name))),
                    _ => None,
                });
                self.blocks[block].vars.extend(var);
            }
            StmtKind::Assign(a) if a.define => {
                let var = (a.op_pos, Declared::Define(&a.lhs));
                self.blocks[block].vars.push(var);
            }
            StmtKind::Block(b) => self.block(here, b.lbrace, &b.stmts, inner),
            StmtKind::If(s) => {
                self.block(here, s.then.lbrace, &s.then.stmts, inner);
                if let Some(els) = &s.els {
                    self.block(here, els.pos, std::slice::from_ref(els), inner);
                }
            }
            StmtKind::For(s) => self.block(here, s.body.lbrace, &s.body.stmts, in_loop),
            StmtKind::Range(s) => self.block(here, s.body.lbrace, &s.body.stmts, in_loop),
            StmtKind::Switch(s) => self.cases(block, &s.clauses, Breaks::Switch, context),
            StmtKind::TypeSwitch(s) => self.cases(block, &s.clauses, Breaks::TypeSwitch, context),
            StmtKind::Select(s) => {
                for c in &s.clauses {
                    let inner = Context {
                        breaks: Breaks::LoopOrSelect,
                        ..inner
                    };
                    self.block(here, c.pos, &c.body, inner);
                }
            }
            _ => {}
        }
    }

    fn cases(&mut self, block: usize, clauses: &'t [CaseClause], breaks: Breaks, context: Context) {
        for (i, c) in clauses.iter().enumerate() {
            let inner = Context {
                breaks,
                continues: context.continues,
                last_case: Some(i + 1 == clauses.len()),
            };
            self.block(Some(block), c.pos, &c.body, inner);
        }
    }

    fn declare(&mut self, label: Ident, block: usize) {
        if label.name.is_blank() {
            return;
        }
        if let Some(first) = self.labels.get(&label.name) {
            let at = self.file.position(first.pos);
            let msg = format!("label {} already defined at {at}", label.name);
            self.error(label.pos, msg);
            return;
        }
        let l = Label {
            pos: label.pos,
            block,
            used: false,
        };
        self.labels.insert(label.name, l);
    }

    fn plain_branch(&mut self, pos: Pos, tok: BranchTok, is_last: bool, context: Context) {
        let wrong = match tok {
            BranchTok::Break if context.breaks == Breaks::Nothing => {
                "break is not in a loop, switch, or select"
            }
            BranchTok::Continue if !context.continues => "continue is not in a loop",
            BranchTok::Fallthrough => match (context.breaks, context.last_case) {
                (Breaks::TypeSwitch, _) => "cannot fallthrough in type switch",
                (Breaks::Switch, Some(true)) if is_last => {
                    "cannot fallthrough final case in switch"
                }
                (Breaks::Switch, Some(false)) if is_last => return,
                _ => "fallthrough statement out of place",
            },
            _ => return,
        };
        self.error(pos, wrong.into());
    }

    fn labeled_branch(&mut self, block: usize, tok: BranchTok, label: Ident) {
        if tok == BranchTok::Goto {
            self.gotos.push(Goto { label, block });
            return;
        }
        let declared = self.labels.get_mut(&label.name);
        let is_declared = declared.is_some();
        if let Some(l) = declared {
            l.used = true;
        }
        let target = self.enclosing.iter().rev().find(|(n, _)| *n == label.name);
        let (word, fits): (_, fn(Labeled) -> bool) = match tok {
            BranchTok::Continue => ("continue", |k| k == Labeled::Loop),
            _ => ("break", |k| k != Labeled::Other),
        };
        match target {
            Some((_, kind)) if fits(*kind) => {}
            _ if is_declared => {
                self.error(label.pos, format!("invalid {word} label {}", label.name))
            }
            _ => {
                let msg = format!("{word} label not defined: {}", label.name);
                self.error(label.pos, msg);
            }
        }
    }

    fn finish(&mut self) {
        for Goto { label, block } in std::mem::take(&mut self.gotos) {
            let Some(l) = self.labels.get_mut(&label.name) else {
                self.error(label.pos, format!("label {} not defined", label.name));
                continue;
            };
            l.used = true;
            let (target, target_pos) = (l.block, l.pos);
            let mut b = Some(block);
            while let Some(i) = b
                && i != target
            {
                b = self.blocks[i].parent;
            }
            if b.is_none() {
                let start = self.file.position(self.blocks[target].start);
                let msg = format!("goto {} jumps into block starting at {start}", label.name);
                self.error(label.pos, msg);
                continue;
            }
            // The last declaration before the label; backward jumps pass over none.
            let vars = &self.blocks[target].vars;
            let before = vars.partition_point(|(v, _)| *v < target_pos);
            if let Some(&(var, names)) = before.checked_sub(1).and_then(|i| vars.get(i))
                && var > label.pos
            {
                let at = self.file.position(var);
                let msg = format!(
                    "goto {} jumps over declaration of {names} at {at}",
                    label.name
                );
                self.error(label.pos, msg);
            }
        }
        let mut unused: Vec<_> = self.labels.iter().filter(|(_, l)| !l.used).collect();
        unused.sort_by_key(|(_, l)| l.pos);
        for (name, l) in unused {
            self.errors.push(Error {
                pos: l.pos,
                msg: format!("label {name} defined and not used"),
            });
        }
    }
}
