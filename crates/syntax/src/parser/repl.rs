//! Entries of an interactive session: imports, declarations and statements in any order.

use super::{Parser, with_enough_stack};
use crate::ast::*;
use crate::pos::{Error, SourceFile};
use crate::scanner::clean;
use crate::token::Token;
use std::sync::Arc;

/// What was entered.
#[derive(Debug)]
pub enum ReplParse {
    /// More lines are needed: a bracket, raw string or comment is open, or an operator wants its operand.
    Incomplete,
    /// Complete, perhaps with errors.
    Entry(ReplEntry, Vec<Error>),
}

/// A complete entry. Its statements share the entry's arena with what stands at top level.
#[derive(Debug)]
pub struct ReplEntry {
    pub items: Vec<ReplItem>,
    /// Ids in the entry's arena.
    pub node_count: u32,
}

/// One piece of an entry.
#[derive(Debug)]
pub enum ReplItem {
    Import(ImportDecl),
    /// `const`, `type`, `var` or a named function.
    Decl(Decl),
    Stmt(Stmt),
}

/// Parses what was typed so far.
pub fn parse_repl_entry(file: &Arc<SourceFile>) -> ReplParse {
    let mut text_errors = Vec::new();
    let text = clean(file.text(), true, &mut text_errors);
    let ((entry, incomplete), mut errors, soft) = with_enough_stack(|limit| {
        let mut p = Parser::new(file, &text, 0, limit);
        p.take_scan_errors(text_errors.clone());
        let entry = p.entry();
        let incomplete = p.first_error_at_eof == Some(true) && !p.too_deep;
        p.finish((entry, incomplete))
    });
    if incomplete {
        ReplParse::Incomplete
    } else {
        errors.extend(soft);
        ReplParse::Entry(entry, errors)
    }
}

/// A file made of an entry's pieces: declarations whose nodes are all of one arena with `node_count` ids.
/// `bodies` are the blocks whose branch statements nobody has checked.
pub fn repl_file(
    source: &Arc<SourceFile>,
    package: Ident,
    imports: Vec<ImportDecl>,
    decls: Vec<Decl>,
    bodies: &[Arc<FuncLit>],
    node_count: u32,
) -> File {
    let mut soft_errors = Vec::new();
    for lit in bodies {
        crate::branches::check_branches(&lit.body, source, &mut soft_errors);
    }
    File {
        source: source.clone(),
        pos: package.pos,
        package,
        imports,
        decls,
        outlined: None,
        build: None,
        go_version: None,
        linknames: Vec::new(),
        soft_errors,
        node_count,
        end: source.pos(source.text().len()),
        deep: true,
    }
}

impl Parser<'_> {
    fn entry(&mut self) -> ReplEntry {
        let mut items = Vec::new();
        self.next();
        while self.tok() != Token::Eof {
            match self.tok() {
                Token::Semi => {
                    self.next();
                    continue;
                }
                Token::Import => {
                    let mut imports = Vec::new();
                    self.imports(&mut imports);
                    items.extend(imports.into_iter().map(ReplItem::Import));
                }
                Token::Const | Token::Type | Token::Var => {
                    let mut decls = Vec::new();
                    self.generic_decl(Vec::new(), &mut decls);
                    items.extend(decls.into_iter().map(ReplItem::Decl));
                }
                Token::Func if self.at_func_decl() => {
                    let f = self.func_decl(Pragma::default());
                    items.push(ReplItem::Decl(Decl::Func(Arc::new(f))));
                }
                _ => {
                    self.fnest += 1;
                    let stmt = self.stmt_or_none();
                    self.fnest -= 1;
                    match stmt {
                        Some(s) => items.push(ReplItem::Stmt(s)),
                        None => {
                            self.syntax_error("expected statement or declaration");
                            self.advance(&[Token::Semi]);
                        }
                    }
                }
            }
            if self.tok() != Token::Eof && !self.got(Token::Semi) {
                self.syntax_error("at end of statement");
                self.advance(&[Token::Semi]);
            }
        }
        ReplEntry {
            items,
            node_count: self.next_id,
        }
    }

    /// Whether the `func` at hand declares a function or method: a name follows it, or a name with a
    /// parameter list follows its first parentheses.
    fn at_func_decl(&self) -> bool {
        let mut ahead = self.s.clone();
        ahead.next();
        if ahead.tok != Token::Lparen {
            return ahead.tok == Token::Name;
        }
        let mut open = 0usize;
        loop {
            match ahead.tok {
                Token::Lparen => open += 1,
                Token::Rparen => open -= 1,
                Token::Eof => return false,
                _ => {}
            }
            ahead.next();
            if open == 0 {
                break;
            }
        }
        if ahead.tok != Token::Name {
            return false;
        }
        ahead.next();
        matches!(ahead.tok, Token::Lparen | Token::Lbrack)
    }
}
