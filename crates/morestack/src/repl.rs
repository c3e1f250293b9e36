//! Interactive sessions: a machine on a thread of its own that is handed entries one after the other and keeps running the goroutines that
//! they started in between.
//!
//! An entry becomes a file of package main (`syntax::repl_file`): its declarations as they are, `x := v` as `var x = v`, and each run of
//! statements as the function literal of a blank variable's initialiser, so that everything runs in the order in which it was entered. The file is an increment
//! of the package: what it declares shadows what earlier entries declared. An entry with expressions is checked twice: once to learn their types, then,
//! after that has been taken back, with calls of `internal/repl.Show` around them.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};

use runtime::g::{G, G_CANCELLED, G_MAIN, Status};
use runtime::runtime::{Config, Runtime, Stop};
use runtime::tier::Engine;
use runtime::traceback::write_stderr;
use syntax::{
    AssignStmt, BasicLit, Block, CallExpr, Decl, Expr, ExprKind, File, FileSet, FuncLit, FuncType,
    Ident, ImportDecl, LitKind, NodeId, Pos, ReplEntry, ReplItem, ReplParse, SourceFile, Stmt,
    StmtKind, Symbol, VarDecl, Visitor, parse_repl_entry, sym,
};
use types::{
    Const, Importer, Mark, Mode, ObjId, ObjKind, PackageSource, PkgId, Program, Type, TypeAndValue,
};

use crate::check::{Checked, render};
use crate::load::{Loader, Module, Standard};
use crate::machine::{Machine, RuntimeHost};

/// The package that entries print values with, and the name by which they know it, which nobody can type.
const SHOW_PACKAGE: &str = "internal/repl";
const SHOW_NAME: &str = "repl\u{b7}";

/// What the user wants.
#[derive(Debug)]
pub enum Request {
    /// Run this text.
    Enter(String),
    /// The types of an expression's values.
    TypeOf(String),
    /// Print the variables with their values.
    Variables,
    /// What has been declared and imported, a line each.
    Declarations,
    /// The entry that is running is to end, or if it waits for something, to be left alone.
    Interrupt,
}

/// What became of a request.
#[derive(Debug, PartialEq, Eq)]
pub enum Reply {
    /// It is done; lines to print.
    Done(Vec<String>),
    /// It was not correct: diagnostics.
    Refused(Vec<String>),
    /// It ended by a panic, a fatal error or a deadlock, which has been reported.
    Failed,
    /// It was interrupted.
    Interrupted,
    /// The program asked for the end of the process.
    Exit(i32),
}

/// The user's end of a session.
pub struct Session {
    rt: &'static Runtime,
    requests: Sender<Request>,
    replies: Receiver<Reply>,
}

/// Whether more lines are needed to complete what has been typed.
pub fn is_incomplete(text: &str) -> bool {
    let file = FileSet::new().add("entry", text.as_bytes());
    matches!(parse_repl_entry(&file), ReplParse::Incomplete)
}

impl Session {
    /// Starts a machine. Imports are looked up from the working directory's module.
    pub fn start(standard: Standard, config: Config) -> Session {
        let (requests, inbox) = channel();
        let (outbox, replies) = channel();
        let (ready, started) = channel();
        let build = std::thread::Builder::new()
            .name("session".to_owned())
            .stack_size(256 << 20);
        let serve = move || {
            let mut host = Host::new(standard, config);
            if ready.send(host.machine.rt).is_ok() {
                host.serve(&inbox, &outbox);
            }
        };
        // The machine's thread ends with the process.
        drop(
            build
                .spawn(serve)
                .expect("the system grants one more thread"),
        );
        let rt = started.recv().expect("the session's thread starts");
        Session {
            rt,
            requests,
            replies,
        }
    }

    /// Hands over a request. All but `Interrupt` are answered by one reply.
    pub fn send(&self, request: Request) {
        // A machine that is gone has replied `Exit`.
        let _ = self.requests.send(request);
        self.rt.sched.call_host(self.rt);
    }

    /// The next reply, if it comes within the time.
    pub fn reply(&self, wait: std::time::Duration) -> Option<Reply> {
        match self.replies.recv_timeout(wait) {
            Ok(reply) => Some(reply),
            Err(std::sync::mpsc::RecvTimeoutError::Timeout) => None,
            Err(std::sync::mpsc::RecvTimeoutError::Disconnected) => Some(Reply::Exit(2)),
        }
    }

    /// Hands over a request and waits for its reply.
    pub fn request(&self, request: Request) -> Reply {
        self.send(request);
        loop {
            if let Some(reply) = self.reply(std::time::Duration::from_secs(3600)) {
                return reply;
            }
        }
    }
}

/// Imports for sessions: those of the loader, and the session's own package.
struct SessionImporter {
    loader: Loader,
}

impl Importer for SessionImporter {
    fn import(&mut self, path: &str, from: &str) -> Result<PackageSource, String> {
        let from = if path == SHOW_PACKAGE { path } else { from };
        self.loader.import(path, from)
    }
}

/// An import that holds for all later entries.
struct Import {
    /// The local name, `.` for dot imports.
    name: Symbol,
    path: Box<str>,
}

/// The entry that is running.
struct Running {
    g: *mut G,
    mark: Mark,
    interrupted: bool,
}

/// The machine's end of a session.
struct Host {
    machine: Machine,
    pkg: PkgId,
    imports: Vec<Import>,
    entries: u32,
    running: Option<Running>,
}

/// What an expression statement is to print.
enum Shown {
    Nothing,
    Line(String),
    Values(Vec<String>),
}

impl Host {
    fn new(standard: Standard, config: Config) -> Host {
        let files = Arc::new(FileSet::new());
        let mut loader = Loader::new(files.clone(), standard);
        loader.module = Module::find(Path::new("."));
        let mut program = Program::new(files, Box::new(SessionImporter { loader }));
        for path in ["runtime", SHOW_PACKAGE] {
            if let Err(e) = program.import(path) {
                write_stderr(format!("{path}: {e}\n").as_bytes());
            }
        }
        let main = program.check_package(PackageSource {
            path: "main".to_owned(),
            ..PackageSource::default()
        });
        for error in render(&program.take_errors(), &program.fileset) {
            write_stderr(format!("{error}\n").as_bytes());
        }
        let checked = Checked {
            program,
            main,
            package_name: "main".to_owned(),
        };
        // What compiled code takes for fixed, a session's next input may change.
        let config = Config {
            engine: Engine::Interp,
            ..config
        };
        let machine = Machine::new(checked, config, vec!["repl".to_owned()]);
        machine.rt.sched.set_hosted(true);
        Host {
            machine,
            pkg: main,
            imports: Vec::new(),
            entries: 0,
            running: None,
        }
    }

    /// Takes requests and runs goroutines until the session or the program ends.
    fn serve(&mut self, inbox: &Receiver<Request>, outbox: &Sender<Reply>) {
        loop {
            loop {
                match inbox.try_recv() {
                    Ok(Request::Interrupt) => {
                        if self.interrupt() {
                            let _ = outbox.send(Reply::Interrupted);
                        }
                    }
                    Ok(request) => {
                        if let Some(reply) = self.take(&request) {
                            let _ = outbox.send(reply);
                        }
                    }
                    Err(std::sync::mpsc::TryRecvError::Empty) => break,
                    Err(std::sync::mpsc::TryRecvError::Disconnected) => return,
                }
            }
            let code = interp::run(&mut self.machine.m);
            let reply = self.stopped(code);
            let over = matches!(reply, Some(Reply::Exit(_)));
            if let Some(reply) = reply {
                let _ = outbox.send(reply);
            }
            if over {
                return;
            }
        }
    }

    /// What to say when the engine has returned.
    fn stopped(&mut self, code: i32) -> Option<Reply> {
        let m = &mut self.machine.m;
        let mine = self
            .running
            .as_ref()
            .is_some_and(|running| running.g == m.g);
        match m.stop {
            Stop::Exit => {
                self.machine.rt.at_exit();
                Some(Reply::Exit(code))
            }
            Stop::Host => {
                // An entry that had been told to end waits for something now.
                let waits = self.running.as_ref().is_some_and(|running| {
                    // SAFETY: descriptors are never freed, and no goroutine is running.
                    running.interrupted && unsafe { (*running.g).status() == Status::Waiting }
                });
                waits.then(|| self.leave_running(Reply::Interrupted))
            }
            Stop::Main => {
                m.retire();
                let running = self.running.take()?;
                self.machine.rt.sched.set_hosted(true);
                if running.interrupted {
                    self.machine
                        .compiler()
                        .program
                        .forget_variables(&running.mark);
                    return Some(Reply::Interrupted);
                }
                Some(Reply::Done(Vec::new()))
            }
            Stop::Deadlock => self
                .running
                .is_some()
                .then(|| self.leave_running(Reply::Failed)),
            Stop::Died => {
                if m.g.is_null() {
                    return None;
                }
                let id = m.g().id;
                m.retire();
                if !mine {
                    write_stderr(
                        format!("(goroutine {id} has ended, the session goes on)\n").as_bytes(),
                    );
                    return None;
                }
                let running = self.running.take()?;
                self.machine.rt.sched.set_hosted(true);
                self.machine
                    .compiler()
                    .program
                    .forget_variables(&running.mark);
                Some(Reply::Failed)
            }
        }
    }

    /// Goes on without waiting for the entry under way, whose goroutine becomes one like any other.
    fn leave_running(&mut self, reply: Reply) -> Reply {
        if let Some(running) = self.running.take() {
            // SAFETY: descriptors are never freed, and no goroutine is running.
            unsafe { (*running.g).flags &= !G_MAIN };
            self.machine
                .compiler()
                .program
                .forget_variables(&running.mark);
        }
        self.machine.rt.sched.set_hosted(true);
        reply
    }

    /// Asks the entry under way to end at its next safepoint; whether the user need not wait for that.
    fn interrupt(&mut self) -> bool {
        let Some(running) = &mut self.running else {
            return false;
        };
        let again = std::mem::replace(&mut running.interrupted, true);
        // SAFETY: descriptors are never freed, and no goroutine is running.
        let waits = unsafe {
            (*running.g).flags |= G_CANCELLED;
            (*running.g).status() == Status::Waiting
        };
        if waits || again {
            self.leave_running(Reply::Interrupted);
        }
        waits || again
    }

    /// Carries out a request; `None`: a goroutine has been started for it, and the reply comes at its end.
    fn take(&mut self, request: &Request) -> Option<Reply> {
        let entered = match request {
            Request::Enter(text) => self.enter(text, false),
            Request::Variables => {
                let names = self.variables();
                self.enter(&names.join("\n"), true)
            }
            Request::TypeOf(text) => return Some(self.type_of(text)),
            Request::Declarations => return Some(Reply::Done(self.declarations())),
            Request::Interrupt => return None,
        };
        match entered {
            Ok(true) => None,
            Ok(false) => Some(Reply::Done(Vec::new())),
            Err(lines) => Some(Reply::Refused(lines)),
        }
    }

    /// Checks an entry and starts it; whether there is anything to run.
    fn enter(&mut self, text: &str, labelled: bool) -> Result<bool, Vec<String>> {
        self.entries += 1;
        let rt = self.machine.rt;
        let mut compiler = self.machine.compiler();
        let name = format!("repl[{}]", self.entries);
        let Some(source) = compiler.program.fileset.try_add(&name, text.as_bytes()) else {
            return Err(vec!["the session's source is larger than 4 GB".to_owned()]);
        };
        let mark = compiler.program.mark(self.pkg);
        let probe = Builder::new(&source, parse(&source)?, None).file(
            &compiler.program,
            self.pkg,
            &self.imports,
        );
        check_entry(&mut compiler.program, &mark, self.pkg, &probe)?;
        let mut explicit = probe.explicit;
        if !probe.expressions.is_empty() {
            let program = &mut compiler.program;
            let file = *program
                .package(self.pkg)
                .files
                .last()
                .expect("the entry's file");
            let facts: Vec<TypeAndValue> = probe
                .expressions
                .iter()
                .map(|e| program.file_info(file).type_of(e.0).clone())
                .collect();
            let facts = probe.expressions.iter().zip(&facts);
            let shown = facts
                .map(|((_, text), facts)| shown(program, facts, text, labelled))
                .collect();
            program.undo(&mark, false);
            let built = Builder::new(&source, parse(&source)?, Some(shown)).file(
                program,
                self.pkg,
                &self.imports,
            );
            check_entry(program, &mark, self.pkg, &built)?;
            explicit = built.explicit;
        }
        // From here on it counts.
        let program = &mut compiler.program;
        let declared = program.declared_since(&mark);
        self.imports
            .retain(|import| !declared.contains(&import.name));
        for (name, path) in explicit {
            let Some(name) =
                name.or_else(|| program.find_package(&path).map(|p| program.package(p).name))
            else {
                continue;
            };
            if name.is_blank() {
                continue;
            }
            self.imports
                .retain(|import| import.name != name || (name == sym::DOT && import.path != path));
            program.forget_name(self.pkg, name);
            self.imports.push(Import { name, path });
        }
        let mut host = RuntimeHost(rt);
        if program.extends_earlier_types(&mark) {
            // SAFETY: this is the thread that runs goroutines.
            unsafe {
                for typ in compiler.refresh_methods(&mut host, self.pkg) {
                    rt.itabs.refresh(typ);
                }
            }
        }
        let calls = compiler.package_inits(&mut host, self.pkg);
        if calls.is_empty() {
            return Ok(false);
        }
        let entry = compiler.sequence(&mut host, "repl.entry", calls);
        drop(compiler);
        // SAFETY: handles are immortal; a handle's closure word is the func value of a function that captures nothing.
        let value = unsafe { std::ptr::from_ref(&(*entry).closure) };
        let g = self.machine.m.spawn_main(value.cast_mut().cast());
        rt.sched.set_hosted(false);
        self.running = Some(Running {
            g,
            mark,
            interrupted: false,
        });
        Ok(true)
    }

    /// `:type`
    fn type_of(&mut self, text: &str) -> Reply {
        let mut compiler = self.machine.compiler();
        let Some(source) = compiler.program.fileset.try_add("repl", text.as_bytes()) else {
            return Reply::Refused(vec!["the session's source is larger than 4 GB".to_owned()]);
        };
        let entry = match parse(&source) {
            Ok(entry) => entry,
            Err(lines) => return Reply::Refused(lines),
        };
        let mark = compiler.program.mark(self.pkg);
        let built =
            Builder::new(&source, entry, None).file(&compiler.program, self.pkg, &self.imports);
        if let Err(lines) = check_entry(&mut compiler.program, &mark, self.pkg, &built) {
            return Reply::Refused(lines);
        }
        let program = &mut compiler.program;
        let file = *program
            .package(self.pkg)
            .files
            .last()
            .expect("the entry's file");
        let mut lines = Vec::new();
        for (id, text) in &built.expressions {
            let facts = program.file_info(file).type_of(*id).clone();
            lines.push(match shown(program, &facts, text, false) {
                Shown::Nothing => "(no value)".to_owned(),
                Shown::Line(line) => line,
                Shown::Values(labels) => labels.join(", ").replace(" (%T)", ""),
            });
        }
        program.undo(&mark, false);
        if lines.is_empty() {
            Reply::Refused(vec!["not an expression".to_owned()])
        } else {
            Reply::Done(lines)
        }
    }

    /// The variables in scope, oldest first.
    fn variables(&self) -> Vec<String> {
        let compiler = self.machine.compiler();
        let program = &compiler.program;
        let mut found: Vec<ObjId> = program.package(self.pkg).scope.values().copied().collect();
        found.retain(|&o| program.obj(o).var().is_some());
        found.sort();
        found
            .iter()
            .map(|&o| program.obj(o).name.as_str().to_owned())
            .collect()
    }

    /// Imports, then the package's declarations, oldest first.
    fn declarations(&self) -> Vec<String> {
        let mut compiler = self.machine.compiler();
        let program = &mut compiler.program;
        let mut lines: Vec<String> = self
            .imports
            .iter()
            .map(|i| format!("import {} \"{}\"", i.name.as_str(), i.path))
            .collect();
        let mut found: Vec<ObjId> = program.package(self.pkg).scope.values().copied().collect();
        found.sort();
        for o in found {
            let ty = program.resolve(o);
            let name = program.obj(o).name.as_str();
            let pkg = Some(self.pkg);
            lines.push(match &program.obj(o).kind {
                ObjKind::Const(value) => format!("const {name} = {value}"),
                ObjKind::Var(_) => format!("var {name} {}", program.store.type_string(ty, pkg)),
                ObjKind::TypeName { .. } => {
                    let under = program.store.underlying(ty);
                    format!("type {name} {}", program.store.type_string(under, pkg))
                }
                ObjKind::Func(_) => match program.store.as_signature(ty) {
                    Some(sig) => {
                        format!("func {name}{}", program.store.signature_string(&sig, pkg))
                    }
                    None => format!("func {name}"),
                },
                _ => continue,
            });
        }
        lines
    }
}

/// The parsed entry, or its syntax errors.
fn parse(source: &Arc<SourceFile>) -> Result<ReplEntry, Vec<String>> {
    match parse_repl_entry(source) {
        ReplParse::Incomplete => Err(vec![format!(
            "{}: syntax error: unexpected end of input",
            source.name()
        )]),
        ReplParse::Entry(entry, errors) if errors.is_empty() => Ok(entry),
        ReplParse::Entry(_, errors) => Err(errors
            .iter()
            .map(|e| format!("{}: {}", source.position(e.pos), e.msg))
            .collect()),
    }
}

/// Checks an entry's file; takes it back when it has errors.
fn check_entry(
    program: &mut Program,
    mark: &Mark,
    pkg: PkgId,
    built: &Built,
) -> Result<(), Vec<String>> {
    program.want_values(built.expressions.iter().map(|e| e.0));
    program.check_increment(pkg, built.file.clone());
    let errors = program.take_errors();
    if errors.is_empty() {
        return Ok(());
    }
    program.undo(mark, true);
    Err(render(&errors, &program.fileset)
        .iter()
        .map(ToString::to_string)
        .collect())
}

/// How an expression is to be shown.
fn shown(program: &mut Program, facts: &TypeAndValue, text: &str, labelled: bool) -> Shown {
    let name = if labelled {
        format!("{text} ")
    } else {
        String::new()
    };
    match facts.mode {
        Mode::None | Mode::NoValue | Mode::Builtin => return Shown::Nothing,
        Mode::Nil => return Shown::Line("untyped nil = nil".to_owned()),
        Mode::Type => {
            let (own, under) = (facts.ty, program.store.underlying(facts.ty));
            let own = program.store.type_string(own, None);
            let under = program.store.type_string(under, None);
            return Shown::Line(if own == under {
                format!("type {own}")
            } else {
                format!("type {own} {under}")
            });
        }
        _ => {}
    }
    if let Type::Basic(kind) = *program.store.get(facts.ty)
        && let Some(default) = untyped_default(kind)
    {
        let fits = kind != types::BasicKind::UntypedInt || facts.value.as_i64().is_some();
        if facts.mode == Mode::Const && !fits {
            return Shown::Line(format!("untyped int = {}", exact(&facts.value)));
        }
        return Shown::Values(vec![format!("{name}{default}")]);
    }
    let types = match program.store.get(facts.ty) {
        Type::Tuple(_) => program.store.components(facts.ty),
        _ => vec![facts.ty],
    };
    let label = |&t: &types::TypeId| {
        let dynamic = if program.store.is_interface(t) {
            " (%T)"
        } else {
            ""
        };
        format!("{name}{}{dynamic}", program.store.type_string(t, None))
    };
    Shown::Values(types.iter().map(label).collect())
}

/// The name of the type that an untyped constant gets.
fn untyped_default(kind: types::BasicKind) -> Option<&'static str> {
    use types::BasicKind as K;
    Some(match kind {
        K::UntypedBool => "bool",
        K::UntypedInt => "int",
        K::UntypedRune => "rune",
        K::UntypedFloat => "float64",
        K::UntypedComplex => "complex128",
        K::UntypedString => "string",
        _ => return None,
    })
}

fn exact(value: &Const) -> String {
    value
        .as_bigint()
        .map_or_else(|| value.to_string(), |v| v.to_string())
}

/// An entry as a file.
struct Built {
    file: Arc<File>,
    /// Expression statements, with their text.
    expressions: Vec<(NodeId, String)>,
    /// The entry's own imports.
    explicit: Vec<(Option<Symbol>, Box<str>)>,
}

/// Makes a file of an entry.
struct Builder<'a> {
    source: &'a Arc<SourceFile>,
    items: Vec<ReplItem>,
    next_id: u32,
    /// What each expression statement prints; `None`: they stay as they are.
    shown: Option<std::vec::IntoIter<Shown>>,
    imports: Vec<ImportDecl>,
    decls: Vec<Decl>,
    stmts: Vec<Stmt>,
    literals: Vec<Arc<FuncLit>>,
    expressions: Vec<(NodeId, String)>,
}

impl<'a> Builder<'a> {
    fn new(
        source: &'a Arc<SourceFile>,
        entry: ReplEntry,
        shown: Option<Vec<Shown>>,
    ) -> Builder<'a> {
        Builder {
            source,
            items: entry.items,
            next_id: entry.node_count,
            shown: shown.map(Vec::into_iter),
            imports: Vec::new(),
            decls: Vec::new(),
            stmts: Vec::new(),
            literals: Vec::new(),
            expressions: Vec::new(),
        }
    }

    fn file(mut self, program: &Program, pkg: PkgId, session: &[Import]) -> Built {
        for item in std::mem::take(&mut self.items) {
            match item {
                ReplItem::Import(import) => self.imports.push(import),
                ReplItem::Decl(decl) => {
                    self.flush();
                    self.decls.push(decl);
                }
                ReplItem::Stmt(stmt) => self.stmt(stmt),
            }
        }
        self.flush();
        let explicit: Vec<_> = self
            .imports
            .iter()
            .map(|i| (i.name.map(|n| n.name), i.path.clone()))
            .collect();
        let declared = declared_names(&self.decls);
        let start = self.source.pos(0);
        for import in session {
            let again = explicit
                .iter()
                .any(|(name, path)| *name == Some(import.name) || *path == import.path);
            if !declared.contains(&import.name) && !again {
                self.import(start, import.name, &import.path);
            }
        }
        let mut mentioned = Mentioned::default();
        for decl in &self.decls {
            mentioned.visit_decl(decl);
            if let Decl::Func(f) = decl
                && let Some(body) = f.body()
            {
                syntax::walk_stmts(&mut mentioned, &body.block.stmts);
            }
        }
        let scope = &program.package(pkg).scope;
        for name in mentioned.names {
            let known = scope.contains_key(&name)
                || declared.contains(&name)
                || session.iter().any(|import| import.name == name)
                || explicit.iter().any(|(local, path)| {
                    *local == Some(name) || last_element(path) == name.as_str()
                });
            if !known && let Some(path) = standard_package(name.as_str()) {
                self.import(start, name, path);
            }
        }
        self.import(start, Symbol::intern(SHOW_NAME), SHOW_PACKAGE);
        let package = self.ident(start, sym::MAIN);
        let file = syntax::repl_file(
            self.source,
            package,
            self.imports,
            self.decls,
            &self.literals,
            self.next_id,
        );
        Built {
            file: Arc::new(file),
            expressions: self.expressions,
            explicit,
        }
    }

    fn stmt(&mut self, stmt: Stmt) {
        match stmt.kind {
            StmtKind::Empty => {}
            StmtKind::Assign(assign)
                if assign.define && assign.lhs.iter().all(|x| x.as_ident().is_some()) =>
            {
                self.flush();
                let AssignStmt { lhs, rhs, .. } = *assign;
                let names = lhs.iter().filter_map(Expr::as_ident).collect();
                self.variable(stmt.pos, names, rhs);
            }
            StmtKind::Expr(x) => {
                let text = self.source.text();
                let text = &text[self.source.offset(x.pos)..self.source.offset(x.end)];
                self.expressions
                    .push((x.id, String::from_utf8_lossy(text).into_owned()));
                let x = match self.shown.as_mut().and_then(Iterator::next) {
                    None | Some(Shown::Nothing) => x,
                    Some(Shown::Values(_)) if prints(&x) => x,
                    Some(Shown::Line(line)) => self.call_show("Print", &[line], x.pos),
                    Some(Shown::Values(labels)) => {
                        let (pos, end) = (x.pos, x.end);
                        let show = self.call_show("Show", &labels, pos);
                        self.call(show, vec![x], pos, end)
                    }
                };
                self.stmts.push(Stmt {
                    kind: StmtKind::Expr(x),
                    ..stmt
                });
            }
            _ => self.stmts.push(stmt),
        }
    }

    /// Makes an initialiser of the statements so far: `var _ = func() (_ bool) { ...; return }()`.
    fn flush(&mut self) {
        let mut stmts = std::mem::take(&mut self.stmts);
        let (Some(first), Some(last)) = (stmts.first(), stmts.last()) else {
            return;
        };
        let (pos, end) = (first.pos, last.end);
        let id = self.id();
        stmts.push(Stmt {
            id,
            pos: end,
            end,
            kind: StmtKind::Return(Vec::new()),
        });
        let result = self.ident(pos, sym::BLANK);
        let ty = self.expr(pos, pos, ExprKind::Ident(Symbol::intern("bool")));
        let results = vec![syntax::Field {
            pos,
            names: vec![result],
            ty,
        }];
        let ty = FuncType {
            pos,
            params: Vec::new(),
            results,
            end: pos,
        };
        let literal = Arc::new(FuncLit {
            ty,
            body: Block {
                lbrace: pos,
                stmts,
                rbrace: end,
            },
        });
        self.literals.push(literal.clone());
        let literal = self.expr(pos, end, ExprKind::FuncLit(literal));
        let call = self.call(literal, Vec::new(), pos, end);
        let name = self.ident(pos, sym::BLANK);
        self.variable(pos, vec![name], vec![call]);
    }

    fn variable(&mut self, pos: Pos, names: Vec<Ident>, values: Vec<Expr>) {
        let decl = VarDecl {
            pos,
            names,
            ty: None,
            values,
            embeds: Vec::new(),
            end: pos,
        };
        self.decls.push(Decl::Var(Arc::new(decl)));
    }

    fn import(&mut self, pos: Pos, name: Symbol, path: &str) {
        let name = self.ident(pos, name);
        self.imports.push(ImportDecl {
            pos,
            name: Some(name),
            path_pos: pos,
            path: path.into(),
        });
    }

    /// A call of a function of the session's package with string arguments.
    fn call_show(&mut self, function: &str, args: &[String], pos: Pos) -> Expr {
        let package = self.expr(pos, pos, ExprKind::Ident(Symbol::intern(SHOW_NAME)));
        let sel = self.ident(pos, Symbol::intern(function));
        let fun = self.expr(
            pos,
            pos,
            ExprKind::Selector {
                x: Box::new(package),
                sel,
            },
        );
        let mut literals = Vec::new();
        for arg in args {
            let text = types::constant::quote(arg.as_bytes()).into();
            literals.push(self.expr(
                pos,
                pos,
                ExprKind::BasicLit(BasicLit {
                    kind: LitKind::String,
                    text,
                }),
            ));
        }
        self.call(fun, literals, pos, pos)
    }

    fn call(&mut self, fun: Expr, args: Vec<Expr>, pos: Pos, end: Pos) -> Expr {
        let call = CallExpr {
            fun,
            lparen: pos,
            args,
            ellipsis: None,
            rparen: end,
        };
        self.expr(pos, end, ExprKind::Call(Box::new(call)))
    }

    fn expr(&mut self, pos: Pos, end: Pos, kind: ExprKind) -> Expr {
        Expr {
            id: self.id(),
            pos,
            end,
            kind,
        }
    }

    fn ident(&mut self, pos: Pos, name: Symbol) -> Ident {
        Ident {
            id: self.id(),
            pos,
            name,
        }
    }

    fn id(&mut self) -> NodeId {
        self.next_id += 1;
        NodeId(self.next_id - 1)
    }
}

fn declared_names(decls: &[Decl]) -> Vec<Symbol> {
    let mut names = Vec::new();
    for decl in decls {
        match decl {
            Decl::Const(c) => names.extend(c.specs.iter().flat_map(|s| &s.names).map(|n| n.name)),
            Decl::Var(v) => names.extend(v.names.iter().map(|n| n.name)),
            Decl::Type(t) => names.push(t.name.name),
            Decl::Func(f) if f.recv.is_none() => names.push(f.name.name),
            Decl::Func(_) => {}
        }
    }
    names
}

/// Names with a selector behind them: packages, perhaps.
#[derive(Default)]
struct Mentioned {
    names: Vec<Symbol>,
}

impl Visitor for Mentioned {
    fn visit_expr(&mut self, x: &Expr) {
        if let ExprKind::Selector { x, .. } = &x.kind
            && let Some(name) = x.as_ident()
            && !self.names.contains(&name.name)
        {
            self.names.push(name.name);
        }
        syntax::walk_expr(self, x);
    }
}

/// Whether an expression is a call of one of fmt's printing functions, whose results are not worth a line.
fn prints(x: &Expr) -> bool {
    let ExprKind::Call(call) = &x.unparen().kind else {
        return false;
    };
    let ExprKind::Selector { x, sel } = &call.fun.kind else {
        return false;
    };
    let name = sel.name.as_str();
    x.as_ident().is_some_and(|x| x.name.as_str() == "fmt")
        && (name.starts_with("Print") || name.starts_with("Fprint"))
}

fn last_element(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// The standard package that a name means: of several the one with the shortest path.
fn standard_package(name: &str) -> Option<&'static str> {
    if name == "unsafe" {
        return Some("unsafe");
    }
    let public = |path: &&str| !path.split('/').any(|part| part == "internal");
    stdlib::packages()
        .filter(|path| last_element(path) == name)
        .filter(public)
        .min_by_key(|path| path.len())
}

/// Where the history of sessions is kept.
pub fn history_file() -> Option<PathBuf> {
    let set = |name: &str| {
        std::env::var_os(name)
            .filter(|dir| !dir.is_empty())
            .map(PathBuf::from)
    };
    let state = set("XDG_STATE_HOME").or_else(|| Some(set("HOME")?.join(".local/state")))?;
    Some(state.join("morestack").join("history"))
}
