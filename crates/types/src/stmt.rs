//! Statements and function bodies.

use crate::builtins::Builtin;
use crate::checker::Checker;
use crate::constant::Const;
use crate::info::Mode;
use crate::literals::key_text;
use crate::objects::{Arena, ObjId, ObjKind, VarKind};
use crate::operand::Operand;
use crate::types::{BasicKind, TypeId, tid};
use rustc_hash::FxHashMap;
use syntax::{
    AssignStmt, BinaryOp, Block, BranchTok, CaseClause, Expr, ExprKind, Ident, NodeId, Pos,
    SelectStmt, Stmt, StmtKind, SwitchStmt, Symbol, TypeSwitchStmt, UnaryOp,
};

/// What an expression statement's expression is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum ExprClass {
    Statement,
    Conversion,
    Expression,
}

/// A statement that `break` or `continue` may refer to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Target {
    id: NodeId,
    label: Option<Symbol>,
    is_loop: bool,
    func: u32,
}

impl<'a> Checker<'a> {
    /// The body of a function whose environment is set up (parameters declared in `env.scope`).
    pub fn func_body(&mut self, body: &'a Block) {
        let targets = std::mem::take(&mut self.targets);
        let labels = std::mem::take(&mut self.labels);
        collect_labels(&body.stmts, &mut self.labels);
        self.stmts(&body.stmts);
        let wants_result = self
            .env
            .sig
            .and_then(|s| self.store.as_signature(s))
            .is_some_and(|s| !s.results.is_empty());
        if wants_result && !self.terminates_list(&body.stmts) {
            self.error(body.rbrace, "missing return");
        }
        self.targets = targets;
        self.labels = labels;
    }

    /// Reports variables of the body just checked that nothing uses.
    pub fn report_unused_locals(&mut self) {
        for v in std::mem::take(&mut self.locals) {
            let o = self.obj(v);
            if !o.used && !o.name.is_blank() {
                let (pos, name) = (o.pos, o.name);
                self.error(pos, format!("declared and not used: {name}"));
            }
        }
    }

    pub fn stmts(&mut self, list: &'a [Stmt]) {
        for s in list {
            self.stmt(s, None);
        }
    }

    fn block(&mut self, b: &'a Block) {
        self.open_scope();
        self.stmts(&b.stmts);
        self.close_scope();
    }

    fn with_target(
        &mut self,
        s: &'a Stmt,
        label: Option<Symbol>,
        is_loop: bool,
        f: impl FnOnce(&mut Self),
    ) {
        let func = self.env.func;
        self.targets.push(Target {
            id: s.id,
            label,
            is_loop,
            func,
        });
        f(self);
        self.targets.pop();
    }

    fn stmt(&mut self, s: &'a Stmt, label: Option<Symbol>) {
        match &s.kind {
            StmtKind::Bad | StmtKind::Empty => {}
            StmtKind::Expr(e) => self.expr_stmt(e),
            StmtKind::Send { chan, value, .. } => {
                let (mut c, mut v) = (Operand::invalid(), Operand::invalid());
                self.expr(&mut c, chan);
                self.generic_expr(&mut v, value);
                if c.is_invalid() || v.is_invalid() {
                    return;
                }
                if let Some(elem) = self.chan_elem(&c, s.pos, false) {
                    if self
                        .store
                        .as_signature(v.ty)
                        .is_some_and(|s| !s.tparams.is_empty())
                    {
                        self.infer_from_target(&mut v, value, elem);
                    }
                    self.assignment(&mut v, Some(elem), "send");
                }
            }
            StmtKind::IncDec { x, inc, .. } => {
                let mut v = Operand::invalid();
                self.expr(&mut v, x);
                if v.is_invalid() {
                    return;
                }
                if !self.store.all_basic(v.ty, BasicKind::is_numeric) {
                    let op = if *inc { "++" } else { "--" };
                    let msg = format!(
                        "invalid operation: {}{op} (non-numeric type {})",
                        self.es(x),
                        self.ts(v.ty)
                    );
                    self.error(x.pos, msg);
                    return;
                }
                let one = Operand {
                    mode: Mode::Const,
                    ty: tid::UNTYPED_INT,
                    val: Const::Int(1),
                    expr: None,
                    builtin: None,
                };
                let mut y = one;
                let op = if *inc { BinaryOp::Add } else { BinaryOp::Sub };
                let mut r = v.clone();
                self.binary_operands(&mut r, &mut y, None, None, op, s.pos);
                if r.is_invalid() {
                    return;
                }
                r.expr = Some(x);
                self.assign_var(x, None, Some(&mut r), "assignment");
            }
            StmtKind::Assign(a) => self.assign_stmt(a, s),
            StmtKind::Go(e) => self.suspended_call("go", e),
            StmtKind::Defer(e) => {
                let f = self.env.func as usize;
                if let Some(info) = self.info.funcs.get_mut(f) {
                    info.has_defer = true;
                }
                self.suspended_call("defer", e);
            }
            StmtKind::Return(values) => self.return_stmt(s, values),
            StmtKind::Branch { tok, label } => self.branch(s, *tok, *label),
            StmtKind::Block(b) => self.block(b),
            StmtKind::If(i) => {
                self.open_scope();
                if let Some(init) = &i.init {
                    self.stmt(init, None);
                }
                self.condition(&i.cond, "if");
                self.block(&i.then);
                if let Some(e) = &i.els {
                    self.stmt(e, None);
                }
                self.close_scope();
            }
            StmtKind::Switch(w) => self.with_target(s, label, false, |c| c.switch_stmt(w)),
            StmtKind::TypeSwitch(w) => self.with_target(s, label, false, |c| c.type_switch(w)),
            StmtKind::Select(w) => self.with_target(s, label, false, |c| c.select_stmt(w)),
            StmtKind::For(f) => self.with_target(s, label, true, |c| {
                c.open_scope();
                if let Some(init) = &f.init {
                    c.stmt(init, None);
                }
                if let Some(cond) = &f.cond {
                    c.condition(cond, "for");
                }
                if let Some(post) = &f.post {
                    c.stmt(post, None);
                }
                c.block(&f.body);
                c.close_scope();
            }),
            StmtKind::Range(r) => self.with_target(s, label, true, |c| c.range_stmt(s, r)),
            StmtKind::Labeled { label, stmt } => self.stmt(stmt, Some(label.name)),
            StmtKind::Decl(ds) => self.decl_stmt(ds),
        }
    }

    fn condition(&mut self, e: &'a Expr, what: &str) {
        let mut x = Operand::invalid();
        self.expr(&mut x, e);
        if x.is_invalid() {
            return;
        }
        if !self.store.all_basic(x.ty, BasicKind::is_boolean) {
            self.error(e.pos, format!("non-boolean condition in {what} statement"));
            return;
        }
        if self.store.is_untyped(x.ty) {
            self.update_expr_type(e, tid::BOOL, true);
        }
    }

    fn branch(&mut self, s: &'a Stmt, tok: BranchTok, label: Option<Ident>) {
        let func = self.env.func;
        let target = match (tok, label) {
            (BranchTok::Goto, Some(l)) => self.labels.get(&l.name).copied(),
            (BranchTok::Fallthrough | BranchTok::Goto, _) => None,
            (_, Some(l)) => self
                .targets
                .iter()
                .rev()
                .find(|t| t.func == func && t.label == Some(l.name))
                .map(|t| t.id),
            (BranchTok::Break, None) => self
                .targets
                .iter()
                .rev()
                .find(|t| t.func == func)
                .map(|t| t.id),
            (BranchTok::Continue, None) => self
                .targets
                .iter()
                .rev()
                .find(|t| t.func == func && t.is_loop)
                .map(|t| t.id),
        };
        if let Some(t) = target {
            self.info.branches.insert(s.id, t);
        }
    }

    fn expr_class(&self, e: &Expr) -> ExprClass {
        let e = e.unparen();
        match &e.kind {
            ExprKind::Call(c) => {
                let fun = c.fun.unparen();
                let tv = self.info.type_of(fun.id);
                match tv.mode {
                    Mode::Type => ExprClass::Conversion,
                    Mode::Builtin => {
                        let id = match &fun.kind {
                            ExprKind::Selector { sel, .. } => sel.id,
                            _ => fun.id,
                        };
                        match self.info.object(id).map(|o| &self.obj(o).kind) {
                            Some(ObjKind::Builtin(
                                Builtin::Clear
                                | Builtin::Close
                                | Builtin::Copy
                                | Builtin::Delete
                                | Builtin::Panic
                                | Builtin::Print
                                | Builtin::Println
                                | Builtin::Recover,
                            )) => ExprClass::Statement,
                            _ => ExprClass::Expression,
                        }
                    }
                    _ => ExprClass::Statement,
                }
            }
            ExprKind::Unary {
                op: UnaryOp::Recv, ..
            } => ExprClass::Statement,
            _ => ExprClass::Expression,
        }
    }

    fn expr_stmt(&mut self, e: &'a Expr) {
        let mut x = Operand::invalid();
        self.raw_expr(&mut x, e, None, false);
        let what = match x.mode {
            Mode::None => return,
            Mode::Builtin => "must be called",
            _ if self.wanted.contains(&e.id) && self.env.arena == Arena::File(self.env.file) => {
                return;
            }
            Mode::Type => "is not an expression",
            _ => {
                if self.expr_class(e) == ExprClass::Statement {
                    return;
                }
                "is not used"
            }
        };
        let msg = format!("{} {what}", self.os(&x));
        self.error(e.pos, msg);
    }

    fn suspended_call(&mut self, keyword: &str, e: &'a Expr) {
        if !matches!(e.kind, ExprKind::Call(_)) {
            self.error(
                e.pos,
                format!("expression in {keyword} must be function call"),
            );
            self.use_expr(e);
            return;
        }
        let mut x = Operand::invalid();
        self.raw_expr(&mut x, e, None, false);
        if x.is_invalid() {
            return;
        }
        let what = match self.expr_class(e) {
            ExprClass::Statement => return,
            ExprClass::Conversion => "requires function call, not conversion",
            ExprClass::Expression => "discards result of",
        };
        let msg = format!("{keyword} {what} {}", self.os(&x));
        self.error(e.pos, msg);
    }

    fn assign_stmt(&mut self, a: &'a AssignStmt, s: &'a Stmt) {
        if let Some(op) = a.op {
            if a.lhs.len() != 1 || a.rhs.len() != 1 {
                self.error(
                    a.op_pos,
                    format!("assignment operation {op}= requires single-valued expressions"),
                );
            } else {
                let mut x = Operand::invalid();
                self.binary(&mut x, None, &a.lhs[0], &a.rhs[0], op, a.op_pos);
                if !x.is_invalid() {
                    x.expr = Some(&a.lhs[0]);
                    // The operation's result takes the variable's type.
                    if x.mode == Mode::Const {
                        x.mode = Mode::Value;
                    }
                    self.assign_var(&a.lhs[0], None, Some(&mut x), "assignment operation");
                }
            }
        } else if a.define {
            self.short_var_decl(a.op_pos, &a.lhs, &a.rhs, s.end);
        } else {
            self.assign_vars(&a.lhs, &a.rhs);
        }
    }

    fn return_stmt(&mut self, s: &'a Stmt, values: &'a [Expr]) {
        let results = self.env.results.clone();
        if values.is_empty() {
            let named = results
                .first()
                .is_some_and(|&r| self.obj(r).name != syntax::sym::EMPTY);
            if results.is_empty() {
                return;
            }
            if !named {
                let want: Vec<TypeId> = results.iter().map(|&r| self.ty(r)).collect();
                let msg = format!(
                    "not enough return values\n\thave ()\n\twant {}",
                    self.types_summary(&want, false)
                );
                self.error(s.pos, msg);
                return;
            }
            for &r in results.iter() {
                let name = self.obj(r).name;
                if let Some(alt) = self
                    .lookup(name, s.pos)
                    .filter(|&a| a != r && !name.is_blank())
                {
                    let at = self.pos_string(self.obj(alt).pos);
                    let kind = self.describe_inner(alt);
                    self.error(
                        s.pos,
                        format!("result parameter {name} not in scope at return\n\t{at}: inner declaration of {kind}"),
                    );
                }
            }
            return;
        }
        if results.is_empty() {
            let before = self.errors.len();
            self.use_exprs(values);
            if self.errors.len() == before {
                let have: Vec<TypeId> = values.iter().map(|e| self.info.type_of(e.id).ty).collect();
                let msg = format!(
                    "too many return values\n\thave {}\n\twant ()",
                    self.types_summary(&have, false)
                );
                self.error(values[0].pos, msg);
            }
            return;
        }
        self.init_vars(&results, None, values, Some(s.pos));
    }

    fn describe_inner(&self, o: ObjId) -> String {
        let ob = self.obj(o);
        match ob.kind {
            ObjKind::Var(_) => format!("var {} {}", ob.name, self.ts(ob.ty)),
            ObjKind::Const(_) => format!("const {}", ob.name),
            ObjKind::TypeName { .. } => format!("type {}", ob.name),
            _ => ob.name.as_str().to_string(),
        }
    }

    // Switches

    fn multiple_defaults(&mut self, clauses: &'a [CaseClause]) {
        let mut first: Option<Pos> = None;
        for c in clauses.iter().filter(|c| c.is_default) {
            match first {
                None => first = Some(c.pos),
                Some(p) => {
                    let at = self.pos_string(p);
                    self.error(c.pos, format!("multiple defaults (first at {at})"));
                }
            }
        }
    }

    fn switch_stmt(&mut self, w: &'a SwitchStmt) {
        self.open_scope();
        if let Some(init) = &w.init {
            self.stmt(init, None);
        }
        let mut tag = Operand::invalid();
        if let Some(t) = &w.tag {
            self.expr(&mut tag, t);
            self.assignment(&mut tag, None, "switch expression");
            if !tag.is_invalid() && !self.store.is_comparable(tag.ty) && !self.store.has_nil(tag.ty)
            {
                let msg = format!("cannot switch on {}", self.os(&tag));
                self.error(tag.pos(), msg);
                tag.mode = Mode::None;
            }
            // The cases compare with the tag's value, not with the constant.
            if tag.is_const() {
                tag.val = tag.val.clone();
            }
        } else {
            tag = Operand {
                mode: Mode::Const,
                ty: tid::BOOL,
                val: Const::Bool(true),
                expr: None,
                builtin: None,
            };
        }
        self.multiple_defaults(&w.clauses);
        let mut seen: FxHashMap<String, Vec<(TypeId, Pos)>> = FxHashMap::default();
        for c in &w.clauses {
            for e in &c.exprs {
                self.case_value(&tag, e, w.tag.is_none(), &mut seen);
            }
            self.open_scope();
            self.stmts(&c.body);
            self.close_scope();
        }
        self.close_scope();
    }

    fn case_value(
        &mut self,
        tag: &Operand<'a>,
        e: &'a Expr,
        implicit: bool,
        seen: &mut FxHashMap<String, Vec<(TypeId, Pos)>>,
    ) {
        let mut v = Operand::invalid();
        self.expr(&mut v, e);
        if tag.is_invalid() || v.is_invalid() {
            return;
        }
        let mut x = tag.clone();
        if !self.match_types(&mut v, &mut x) {
            return;
        }
        let mut r = v.clone();
        self.comparison(&mut r, &mut x, BinaryOp::Eq, true);
        if r.is_invalid() {
            return;
        }
        if implicit && self.store.is_untyped(v.ty) {
            self.update_expr_type(e, tid::BOOL, true);
        }
        // As in gc, booleans and complex numbers may occur twice.
        if !v.is_const() || !v.val.is_known() || matches!(v.val, Const::Bool(_) | Const::Complex(_))
        {
            return;
        }
        // Constants of the same value and type must not occur twice.
        let ty = self.info.type_of(e.id).ty;
        let list = seen.entry(key_text(&v.val)).or_default();
        let other = list
            .iter()
            .find(|(t, _)| self.p_identical(*t, ty))
            .map(|x| x.1);
        match other {
            Some(at) => {
                let at = self.pos_string(at);
                let mut shown = v.clone();
                shown.ty = ty;
                let msg = format!(
                    "duplicate case {} in expression switch\n\t{at}: previous case",
                    self.os(&shown)
                );
                self.error(v.pos(), msg);
            }
            None => list.push((ty, v.pos())),
        }
    }

    fn p_identical(&self, a: TypeId, b: TypeId) -> bool {
        let plain = |t| match t {
            tid::BYTE => tid::UINT8,
            tid::RUNE => tid::INT32,
            t => t,
        };
        plain(a) == plain(b)
    }

    fn type_switch(&mut self, w: &'a TypeSwitchStmt) {
        self.open_scope();
        if let Some(init) = &w.init {
            self.stmt(init, None);
        }
        let mut bind = w.bind;
        if let Some(b) = bind.filter(|b| b.name.is_blank()) {
            self.error(b.pos, "no new variable on left side of :=");
            bind = None;
        }
        let mut x = Operand::invalid();
        self.expr(&mut x, &w.x);
        let mut valid = !x.is_invalid();
        if valid && self.store.is_type_param(x.ty) {
            let msg = format!(
                "cannot use type switch on type parameter value {}",
                self.os(&x)
            );
            self.error(x.pos(), msg);
            valid = false;
        } else if valid && !self.store.is_interface(x.ty) {
            if x.ty != tid::INVALID {
                let msg = format!("{} is not an interface", self.os(&x));
                self.error(x.pos(), msg);
            }
            valid = false;
        }
        self.multiple_defaults(&w.clauses);
        let mut seen: Vec<(TypeId, Pos)> = Vec::new();
        let mut vars: Vec<ObjId> = Vec::new();
        for c in &w.clauses {
            let mut one: Option<TypeId> = None;
            for e in &c.exprs {
                one = self.case_type(&x, valid, e, &mut seen);
            }
            let mut t = if valid { x.ty } else { tid::INVALID };
            if c.exprs.len() == 1
                && let Some(o) = one
            {
                t = o;
            }
            self.open_scope();
            if let Some(b) = bind {
                let name = Ident {
                    id: c.id,
                    pos: b.pos,
                    name: b.name,
                };
                let o = self.new_var(name, t, VarKind::Local);
                self.info.implicits.insert(c.id, o);
                let start = c.colon;
                self.declare(o, start);
                vars.push(o);
            }
            self.stmts(&c.body);
            self.close_scope();
        }
        if let Some(b) = bind {
            if vars.iter().any(|&v| self.obj(v).used) {
            } else {
                // Closures of later clauses have been checked, so nothing can still use it.
                self.error(b.pos, format!("{} declared and not used", b.name));
            }
            if let Some(&v) = vars.first() {
                self.record_object(b.id, v);
            }
        }
        self.close_scope();
    }

    /// A case of a type switch; its type, `None` for nil (or after an error).
    fn case_type(
        &mut self,
        x: &Operand<'a>,
        valid: bool,
        e: &'a Expr,
        seen: &mut Vec<(TypeId, Pos)>,
    ) -> Option<TypeId> {
        let nil = match e.unparen().kind {
            ExprKind::Ident(name) => self
                .lookup(name, e.pos)
                .is_some_and(|o| matches!(self.obj(o).kind, ObjKind::Nil)),
            _ => false,
        };
        let t = if nil {
            let mut n = Operand::invalid();
            self.expr(&mut n, e);
            tid::UNTYPED_NIL
        } else {
            let t = self.var_type(e);
            if t == tid::INVALID {
                return Some(tid::INVALID);
            }
            t
        };
        let other = seen.iter().find(|(s, _)| self.p_same(*s, t)).map(|s| s.1);
        if let Some(at) = other {
            let at = self.pos_string(at);
            let shown = if nil { "nil".to_string() } else { self.ts(t) };
            self.error(
                e.pos,
                format!("duplicate case {shown} in type switch\n\t{at}: previous case"),
            );
            return if nil { None } else { Some(t) };
        }
        seen.push((t, e.pos));
        if nil {
            return None;
        }
        if valid {
            self.type_assertion(e, x, t, true);
        }
        Some(t)
    }

    fn p_same(&self, a: TypeId, b: TypeId) -> bool {
        // Identical types have equal ids but for parameter names and interfaces' spelling, which
        // `canonical_case` evens out.
        a == b
            || self.p_identical(a, b)
            || self.store.type_string(a, None) == self.store.type_string(b, None)
                && self.store.named(a).is_none()
                && self.store.named(b).is_none()
    }

    // Select

    fn select_stmt(&mut self, w: &'a SelectStmt) {
        let mut first: Option<Pos> = None;
        for c in w.clauses.iter().filter(|c| c.comm.is_none()) {
            match first {
                None => first = Some(c.pos),
                Some(p) => {
                    let at = self.pos_string(p);
                    self.error(c.pos, format!("multiple defaults (first at {at})"));
                }
            }
        }
        for c in &w.clauses {
            self.open_scope();
            if let Some(comm) = &c.comm {
                let receives = |e: &Expr| {
                    matches!(
                        e.unparen().kind,
                        ExprKind::Unary {
                            op: UnaryOp::Recv,
                            ..
                        }
                    )
                };
                let ok = match &comm.kind {
                    StmtKind::Send { .. } | StmtKind::Bad => true,
                    StmtKind::Expr(e) => receives(e),
                    StmtKind::Assign(a) => {
                        a.op.is_none() && a.rhs.len() == 1 && receives(&a.rhs[0])
                    }
                    _ => false,
                };
                if ok {
                    self.stmt(comm, None);
                } else {
                    self.error(comm.pos, "select case must be receive, send or assign recv");
                }
            }
            self.stmts(&c.body);
            self.close_scope();
        }
    }
}

/// Labels of a function's body (not of the function literals in it), with their statements' ids.
fn collect_labels(list: &[Stmt], out: &mut FxHashMap<Symbol, NodeId>) {
    for s in list {
        collect_label(s, out);
    }
}

fn collect_label(s: &Stmt, out: &mut FxHashMap<Symbol, NodeId>) {
    match &s.kind {
        StmtKind::Labeled { label, stmt } => {
            out.insert(label.name, s.id);
            collect_label(stmt, out);
        }
        StmtKind::Block(b) => collect_labels(&b.stmts, out),
        StmtKind::If(i) => {
            collect_labels(&i.then.stmts, out);
            if let Some(e) = &i.els {
                collect_label(e, out);
            }
        }
        StmtKind::Switch(w) => w.clauses.iter().for_each(|c| collect_labels(&c.body, out)),
        StmtKind::TypeSwitch(w) => w.clauses.iter().for_each(|c| collect_labels(&c.body, out)),
        StmtKind::Select(w) => w.clauses.iter().for_each(|c| collect_labels(&c.body, out)),
        StmtKind::For(f) => collect_labels(&f.body.stmts, out),
        StmtKind::Range(f) => collect_labels(&f.body.stmts, out),
        _ => {}
    }
}
