//! Tokens to syntax tree: recursive descent over Go's grammar with one token of lookahead.
//!
//! The parser never fails: what it cannot read becomes a `Bad` node and a diagnostic, and it goes on
//! at a token where a declaration, statement or list element may begin or end. Which token that is,
//! and the words of the diagnostics, follow gc, because its users know them.
//!
//! Depth. Recursion here and in every later pass over the tree is bounded by [`MAX_DEPTH`]. Ordinary
//! files are parsed on the caller's stack; one that nests deeper than [`SHALLOW`] is parsed again on a
//! thread with a large stack. `height` counts the height of finished subtrees, so that chains that need no
//! recursion to parse (`a.b.c...`, `a+b+c...`) can't build a tree too high to walk or to drop.

mod decl;
mod expr;
mod repl;
mod stmt;
mod types;

pub use repl::{ReplEntry, ReplItem, ReplParse, parse_repl_entry, repl_file};

use crate::ast::*;
use crate::outline::{DeclKind, DeclOutline, OwnDecl};
use crate::pos::{Error, Pos, SourceFile};
use crate::scanner::{Op, ScanError, Scanner, clean, matching_brace};
use crate::symbol::{Symbol, sym};
use crate::token::Token;
use std::sync::{Arc, OnceLock};

/// When function bodies are parsed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mode {
    /// With the file, so that their errors are found: for a user's packages.
    Eager,
    /// When first asked for: for standard packages.
    Lazy,
}

/// How deep expressions, types and statements may nest, and how long a chain of operators,
/// selectors or calls may be.
pub const MAX_DEPTH: u32 = 10_000;

/// Nesting that is parsed on the caller's stack.
const SHALLOW: u32 = 100;

/// Enough for `MAX_DEPTH` levels of the parser's own recursion; only what is touched is paid for.
const LARGE_STACK: usize = 512 << 20;

/// Runs `f` on a thread with a stack large enough for a recursive walk over any tree the parser makes,
/// and waits for it. For trees known to be deep (`File::is_deep`); a thread costs some 30 µs.
pub fn on_large_stack<T: Send>(f: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new()
            .name("deep-tree".into())
            .stack_size(LARGE_STACK)
            .spawn_scoped(scope, f)
            .expect("the system grants one more thread");
        match thread.join() {
            Ok(v) => v,
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}

/// Parses a file. Errors are in the order of their positions.
pub fn parse_file(file: &Arc<SourceFile>, mode: Mode) -> (File, Vec<Error>) {
    let mut text_errors = Vec::new();
    let text = clean(file.text(), true, &mut text_errors);
    let (mut tree, errors, soft) = with_enough_stack(|limit| {
        let mut p = Parser::new(file, &text, 0, limit);
        p.mode = mode;
        p.take_scan_errors(text_errors.clone());
        let tree = p.file();
        p.finish(tree)
    });
    tree.soft_errors = soft;
    (tree, errors)
}

/// Parses the body between two braces that `matching_brace` has paired.
pub(crate) fn parse_body(file: &Arc<SourceFile>, lbrace: Pos, rbrace: Pos) -> Body {
    let from = file.offset(lbrace);
    let to = file.offset(rbrace) + 1;
    let mut text_errors = Vec::new();
    let text = clean(&file.text()[from..to], false, &mut text_errors);
    let (mut body, mut errors, soft) = with_enough_stack(|limit| {
        let mut p = Parser::new(file, &text, from, limit);
        p.take_scan_errors(text_errors.clone());
        p.next();
        let body = p.body();
        p.finish(body)
    });
    errors.extend(soft);
    body.errors = errors;
    body
}

/// Parses one declaration of a file that has been parsed before without errors.
pub(crate) fn parse_declaration(file: &Arc<SourceFile>, outline: &DeclOutline) -> OwnDecl {
    let from = outline.range.start as usize;
    let text = &file.text()[from..outline.range.end as usize];
    let (own, _, _) = with_enough_stack(|limit| {
        let mut p = Parser::new(file, text, from, limit);
        p.mode = Mode::Lazy;
        p.alone = true;
        p.next();
        let decl = match outline.kind {
            DeclKind::Const => p.const_decl(),
            DeclKind::Var => Decl::Var(Arc::new(p.var_spec(Vec::new()))),
            DeclKind::Type => Decl::Type(Arc::new(p.type_spec())),
            DeclKind::Func => Decl::Func(Arc::new(p.func_decl(outline.pragma))),
        };
        let node_count = p.next_id;
        p.finish(OwnDecl { decl, node_count })
    });
    own
}

/// What `f` makes of a depth limit; `None` from it means the limit was too low.
fn with_enough_stack<T: Send>(f: impl Fn(u32) -> Option<T> + Sync) -> T {
    f(SHALLOW).unwrap_or_else(|| {
        on_large_stack(|| f(MAX_DEPTH)).expect("at the full limit depth is a diagnostic")
    })
}

/// The name cache has a place for so many bytes of text, and at most so many places.
const BYTES_PER_NAME: usize = 32;
const NAME_CACHE: usize = 1 << 9;

pub(crate) struct Parser<'a> {
    s: Scanner<'a>,
    file: &'a Arc<SourceFile>,
    /// The position of the text's first byte.
    base: u32,
    mode: Mode,
    /// The text is one declaration, which ends with its body.
    alone: bool,
    errors: Vec<Error>,
    /// Mistakes that do not keep the tree from being checked; see `File::soft_errors`.
    soft: Vec<Error>,
    /// Functions around the current token: inside one, statements' keywords stop error recovery.
    fnest: u32,
    /// Brackets around the current expression, negative in the header of `if`, `for` and `switch`,
    /// where a `{` opens the block and not a composite literal.
    xnest: i32,
    next_id: u32,
    depth: u32,
    height: u32,
    limit: u32,
    /// The limit was passed: nothing after that counts.
    too_deep: bool,
    /// Offset of the last reported syntax error, of which there is one a line.
    last_syntax_error: Option<usize>,
    /// Offset and message of the last other error: an equal one on its line is not repeated.
    last_other_error: Option<(usize, String)>,
    /// `x.(type)` forms that no switch has claimed.
    guards: Vec<(NodeId, Pos)>,
    /// Whether the first error was found at the end of the text: more text could mend it.
    first_error_at_eof: Option<bool>,
    names: Vec<(&'static str, Symbol)>,
}

impl<'a> Parser<'a> {
    fn new(file: &'a Arc<SourceFile>, text: &'a [u8], offset: usize, limit: u32) -> Parser<'a> {
        Parser {
            s: Scanner::new(text),
            file,
            base: file.base() + offset as u32,
            mode: Mode::Eager,
            alone: false,
            errors: Vec::new(),
            soft: Vec::new(),
            fnest: 0,
            xnest: 0,
            next_id: 0,
            depth: 0,
            height: 0,
            limit,
            too_deep: false,
            last_syntax_error: None,
            last_other_error: None,
            guards: Vec::new(),
            first_error_at_eof: None,
            names: vec![
                ("", sym::EMPTY);
                (text.len() / BYTES_PER_NAME + 1)
                    .next_power_of_two()
                    .min(NAME_CACHE)
            ],
        }
    }

    /// The result with its errors and its soft errors, each in order; `None` when a higher limit may do better.
    fn finish<T>(mut self, result: T) -> Option<(T, Vec<Error>, Vec<Error>)> {
        if self.too_deep && self.limit < MAX_DEPTH {
            return None;
        }
        self.report_guards(0);
        self.errors.sort_by_key(|e| e.pos);
        self.soft.sort_by_key(|e| e.pos);
        Some((result, self.errors, self.soft))
    }

    // Tokens.

    fn tok(&self) -> Token {
        self.s.tok
    }

    fn next(&mut self) {
        self.s.next();
        if !self.s.errors.is_empty() {
            let errors = std::mem::take(&mut self.s.errors);
            self.take_scan_errors(errors);
        }
    }

    fn take_scan_errors(&mut self, errors: Vec<ScanError>) {
        for e in errors {
            if self.s.unterminated {
                self.first_error_at_eof.get_or_insert(true);
            }
            self.error_at(Pos(self.base + e.offset as u32), e.msg);
        }
    }

    fn got(&mut self, tok: Token) -> bool {
        let yes = self.s.tok == tok;
        if yes {
            self.next();
        }
        yes
    }

    fn want(&mut self, tok: Token) {
        if !self.got(tok) {
            self.syntax_error(&format!("expected {}", token_word(tok)));
            self.advance(&[]);
        }
    }

    /// Takes `=`, and `:=` for it with a complaint.
    fn got_assign(&mut self) -> bool {
        match self.tok() {
            Token::Define => {
                self.syntax_error("expected =");
                self.next();
                true
            }
            Token::Assign => {
                self.next();
                true
            }
            _ => false,
        }
    }

    fn pos(&self) -> Pos {
        Pos(self.base + self.s.start as u32)
    }

    /// The end of the token before the current one.
    fn prev_end(&self) -> Pos {
        Pos(self.base + self.s.prev_end as u32)
    }

    fn token_text(&self) -> String {
        String::from_utf8_lossy(self.s.text()).into_owned()
    }

    fn is_op(&self, op: crate::token::BinaryOp) -> bool {
        self.tok() == Token::Operator && self.s.op == Op::Binary(op)
    }

    fn is_tilde(&self) -> bool {
        self.tok() == Token::Operator && self.s.op == Op::Tilde
    }

    fn symbol(&mut self) -> Symbol {
        let text = self.s.text();
        let mut hash = text.len();
        for &b in text {
            hash = hash.wrapping_mul(31).wrapping_add(b as usize);
        }
        let mask = self.names.len() - 1;
        let cached = &mut self.names[(hash ^ (hash >> 9)) & mask];
        if cached.0.as_bytes() != text || text.is_empty() {
            let symbol = Symbol::of_bytes(text);
            *cached = (symbol.as_str(), symbol);
        }
        cached.1
    }

    // Nodes.

    fn id(&mut self) -> NodeId {
        let id = NodeId(self.next_id);
        self.next_id += 1;
        id
    }

    /// An expression from `pos` to the end of the last token.
    fn expr_node(&mut self, pos: Pos, kind: ExprKind) -> Expr {
        Expr {
            id: self.id(),
            pos,
            end: self.prev_end().max(pos),
            kind,
        }
    }

    fn bad_expr(&mut self) -> Expr {
        let pos = self.pos();
        Expr {
            id: self.id(),
            pos,
            end: pos,
            kind: ExprKind::Bad,
        }
    }

    fn stmt_node(&mut self, pos: Pos, kind: StmtKind) -> Stmt {
        Stmt {
            id: self.id(),
            pos,
            end: self.prev_end().max(pos),
            kind,
        }
    }

    fn ident_expr(ident: Ident) -> Expr {
        Expr {
            id: ident.id,
            pos: ident.pos,
            end: ident.end(),
            kind: ExprKind::Ident(ident.name),
        }
    }

    fn blank(&mut self) -> Ident {
        Ident {
            id: self.id(),
            pos: self.pos(),
            name: sym::BLANK,
        }
    }

    /// A name; `_` with a complaint where there is none.
    fn name(&mut self) -> Ident {
        if self.tok() == Token::Name {
            let ident = Ident {
                id: self.id(),
                pos: self.pos(),
                name: self.symbol(),
            };
            self.next();
            return ident;
        }
        let ident = self.blank();
        self.syntax_error("expected name");
        self.advance(&[]);
        ident
    }

    fn name_list(&mut self, first: Ident) -> Vec<Ident> {
        let mut names = vec![first];
        while self.got(Token::Comma) {
            names.push(self.name());
        }
        names
    }

    // Depth. Each recursive production is wrapped in `enter` and `leave`.

    /// One level deeper. The result goes to `leave`.
    fn enter(&mut self) -> u32 {
        self.depth += 1;
        if self.depth > self.limit {
            self.nested_too_deep();
        }
        std::mem::replace(&mut self.height, 0)
    }

    fn leave(&mut self, outer_height: u32) {
        self.depth -= 1;
        self.height = outer_height.max(self.height + 1);
        if self.height > self.limit {
            self.nested_too_deep();
        }
    }

    /// One more node on top of what the current production has built.
    fn grow(&mut self) {
        self.height += 1;
        if self.height > self.limit {
            self.nested_too_deep();
        }
    }

    #[cold]
    fn nested_too_deep(&mut self) {
        if self.too_deep {
            return;
        }
        let pos = self.pos();
        self.error_at(
            pos,
            format!("nesting too deep (more than {MAX_DEPTH} levels)"),
        );
        self.too_deep = true;
        // Every production ends at the end of the text.
        let end = self.s.src().len();
        self.s.seek(end, false);
        self.s.next();
    }

    // Errors.

    /// Whether a newline lies between two offsets of the text.
    fn on_other_lines(&self, a: usize, b: usize) -> bool {
        let src = self.s.src();
        let (from, to) = (a.min(b), a.max(b).min(src.len()));
        src[from.min(to)..to].contains(&b'\n')
    }

    fn error_at(&mut self, pos: Pos, msg: impl Into<String>) {
        if self.too_deep {
            return;
        }
        let msg = msg.into();
        let at_eof = self.tok() == Token::Eof;
        self.first_error_at_eof.get_or_insert(at_eof);
        let offset = pos.0.saturating_sub(self.base) as usize;
        if msg.starts_with("syntax error") {
            let last = self.last_syntax_error.replace(offset);
            if last.is_some_and(|last| !self.on_other_lines(last, offset)) {
                return;
            }
        } else {
            if let Some((last, last_msg)) = &mut self.last_other_error
                && *last_msg == msg
            {
                let last = std::mem::replace(last, offset);
                if !self.on_other_lines(last, offset) {
                    return;
                }
            }
            self.last_other_error = Some((offset, msg.clone()));
        }
        self.errors.push(Error { pos, msg });
    }

    fn error(&mut self, msg: &str) {
        self.error_at(self.pos(), msg);
    }

    fn syntax_error(&mut self, msg: &str) {
        self.syntax_error_at(self.pos(), msg);
    }

    /// `msg` stands alone, or tells the context ("in ...", "at ...", "after ...") or the expectation
    /// ("expected ...") in which the current token was not foreseen.
    fn syntax_error_at(&mut self, pos: Pos, msg: &str) {
        if self.tok() == Token::Eof && self.first_error_at_eof.is_some() {
            return;
        }
        let joint = if msg.starts_with("expected ") {
            ","
        } else if ["in ", "at ", "after "].iter().any(|p| msg.starts_with(p)) {
            ""
        } else {
            self.error_at(pos, format!("syntax error: {msg}"));
            return;
        };
        let found = match self.tok() {
            Token::Name => format!("name {}", self.token_text()),
            Token::Literal => format!("literal {}", self.token_text()),
            Token::Semi => self.s.semi.text().into(),
            Token::Operator => self.s.op.text().into(),
            Token::AssignOp => format!("{}=", self.s.op.text()),
            Token::IncOp => self.s.op.text().repeat(2),
            tok => token_word(tok),
        };
        self.error_at(
            pos,
            format!("syntax error: unexpected {found}{joint} {msg}"),
        );
    }

    /// Skips to one of `follow`, or inside a function to a keyword that starts a statement. Skips one
    /// token when `follow` is empty.
    fn advance(&mut self, follow: &[Token]) {
        use Token::*;
        if follow.is_empty() {
            if self.tok() != Eof {
                self.next();
            }
            return;
        }
        loop {
            let tok = self.tok();
            let starts_statement = matches!(
                tok,
                Break
                    | Const
                    | Continue
                    | Defer
                    | Fallthrough
                    | For
                    | Go
                    | Goto
                    | If
                    | Return
                    | Select
                    | Switch
                    | Type
                    | Var
            );
            if tok == Eof || self.fnest > 0 && starts_statement || follow.contains(&tok) {
                return;
            }
            self.next();
        }
    }

    /// `[ f { sep f } [sep] ] close`, its opening token taken. After `f` has returned true no element follows.
    /// The position is that of `close`.
    fn list(
        &mut self,
        context: &str,
        sep: Token,
        close: Token,
        f: &mut dyn FnMut(&mut Self) -> bool,
    ) -> Pos {
        let mut done = false;
        while self.tok() != Token::Eof && self.tok() != close && !done {
            done = f(self);
            if !self.got(sep) && self.tok() != close {
                self.syntax_error(&format!(
                    "in {context}; possibly missing {} or {}",
                    token_word(sep),
                    token_word(close)
                ));
                self.advance(&[Token::Rparen, Token::Rbrack, Token::Rbrace]);
                if self.tok() != close {
                    return self.pos();
                }
            }
        }
        let pos = self.pos();
        self.want(close);
        pos
    }

    // Bodies.

    /// A declared function's body; the current token is its `{`.
    fn lazy_body(&mut self) -> LazyBody {
        let lbrace = self.pos();
        if self.mode == Mode::Lazy
            && let Some(end) = self.body_end()
        {
            self.s.seek(end, true);
            self.next();
            return LazyBody {
                cell: OnceLock::new(),
                file: self.file.clone(),
                lbrace,
                rbrace: Pos(self.base + end as u32 - 1),
            };
        }
        let body = self.body();
        LazyBody {
            file: self.file.clone(),
            lbrace,
            rbrace: body.block.rbrace,
            cell: OnceLock::from(body),
        }
    }

    /// Where the body that begins at the current token ends.
    fn body_end(&self) -> Option<usize> {
        if self.alone {
            return Some(self.s.src().len());
        }
        matching_brace(self.s.src(), self.s.start)
    }

    /// A body in an arena of its own.
    fn body(&mut self) -> Body {
        let outer_ids = std::mem::replace(&mut self.next_id, 0);
        let outer_guards = self.guards.len();
        let outer_height = std::mem::replace(&mut self.height, 0);
        let block = self.func_body();
        self.report_guards(outer_guards);
        let deep = self.height > SHALLOW;
        self.height = outer_height.max(self.height);
        Body {
            block,
            node_count: std::mem::replace(&mut self.next_id, outer_ids),
            errors: Vec::new(),
            deep,
        }
    }

    /// A block as a function's body, with its branch statements checked.
    fn func_body(&mut self) -> Block {
        self.fnest += 1;
        let errors = self.errors.len();
        let block = self.block("");
        self.fnest -= 1;
        if self.errors.len() == errors && !self.too_deep {
            crate::branches::check_branches(&block, self.file, &mut self.soft);
        }
        block
    }

    /// Complains about `x.(type)` outside of switches, found since there were `kept` of them.
    fn report_guards(&mut self, kept: usize) {
        for (_, pos) in self.guards.split_off(kept) {
            self.error_at(
                pos,
                "invalid syntax tree: use of .(type) outside type switch",
            );
        }
    }
}

/// The English word for a token in diagnostics.
fn token_word(tok: Token) -> String {
    match tok {
        Token::Comma => "comma".into(),
        Token::Semi => "semicolon or newline".into(),
        t if t.is_keyword() => format!("keyword {}", t.text()),
        t => t.text().into(),
    }
}
