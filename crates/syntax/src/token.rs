//! Tokens, operators and their spellings.

/// What the scanner delivers. Operators are grouped the way the grammar uses them.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
#[repr(u8)]
pub enum Token {
    Eof,
    Name,
    Literal,
    /// A binary operator other than `*`, or a unary-only operator (`!`, `~`).
    Operator,
    /// `op=`
    AssignOp,
    /// `++` or `--`
    IncOp,
    Assign,
    Define,
    Arrow,
    Star,
    Lparen,
    Lbrack,
    Lbrace,
    Rparen,
    Rbrack,
    Rbrace,
    Comma,
    Semi,
    Colon,
    Dot,
    DotDotDot,
    Break,
    Case,
    Chan,
    Const,
    Continue,
    Default,
    Defer,
    Else,
    Fallthrough,
    For,
    Func,
    Go,
    Goto,
    If,
    Import,
    Interface,
    Map,
    Package,
    Range,
    Return,
    Select,
    Struct,
    Switch,
    Type,
    Var,
}

impl Token {
    /// The keyword or punctuation as it is written; a class name for the other tokens.
    pub fn text(self) -> &'static str {
        match self {
            Token::Eof => "EOF",
            Token::Name => "name",
            Token::Literal => "literal",
            Token::Operator => "op",
            Token::AssignOp => "op=",
            Token::IncOp => "opop",
            Token::Assign => "=",
            Token::Define => ":=",
            Token::Arrow => "<-",
            Token::Star => "*",
            Token::Lparen => "(",
            Token::Lbrack => "[",
            Token::Lbrace => "{",
            Token::Rparen => ")",
            Token::Rbrack => "]",
            Token::Rbrace => "}",
            Token::Comma => ",",
            Token::Semi => ";",
            Token::Colon => ":",
            Token::Dot => ".",
            Token::DotDotDot => "...",
            Token::Break => "break",
            Token::Case => "case",
            Token::Chan => "chan",
            Token::Const => "const",
            Token::Continue => "continue",
            Token::Default => "default",
            Token::Defer => "defer",
            Token::Else => "else",
            Token::Fallthrough => "fallthrough",
            Token::For => "for",
            Token::Func => "func",
            Token::Go => "go",
            Token::Goto => "goto",
            Token::If => "if",
            Token::Import => "import",
            Token::Interface => "interface",
            Token::Map => "map",
            Token::Package => "package",
            Token::Range => "range",
            Token::Return => "return",
            Token::Select => "select",
            Token::Struct => "struct",
            Token::Switch => "switch",
            Token::Type => "type",
            Token::Var => "var",
        }
    }

    /// Whether this is a keyword.
    pub fn is_keyword(self) -> bool {
        self as u8 >= Token::Break as u8
    }

    /// The keyword spelled `text`.
    pub fn keyword(text: &[u8]) -> Option<Token> {
        Some(match text {
            b"break" => Token::Break,
            b"case" => Token::Case,
            b"chan" => Token::Chan,
            b"const" => Token::Const,
            b"continue" => Token::Continue,
            b"default" => Token::Default,
            b"defer" => Token::Defer,
            b"else" => Token::Else,
            b"fallthrough" => Token::Fallthrough,
            b"for" => Token::For,
            b"func" => Token::Func,
            b"go" => Token::Go,
            b"goto" => Token::Goto,
            b"if" => Token::If,
            b"import" => Token::Import,
            b"interface" => Token::Interface,
            b"map" => Token::Map,
            b"package" => Token::Package,
            b"range" => Token::Range,
            b"return" => Token::Return,
            b"select" => Token::Select,
            b"struct" => Token::Struct,
            b"switch" => Token::Switch,
            b"type" => Token::Type,
            b"var" => Token::Var,
            _ => return None,
        })
    }
}

macro_rules! operators {
    ($(#[$doc:meta])* $name:ident { $($variant:ident $text:literal $prec:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
        #[repr(u8)]
        pub enum $name {
            $(#[doc = concat!("`", $text, "`")] $variant),*
        }
        impl $name {
            /// The operator as it is written.
            pub fn text(self) -> &'static str {
                match self { $($name::$variant => $text),* }
            }
            /// Its precedence: 1 binds least, 5 most, 0 is no binary operator.
            pub fn precedence(self) -> u8 {
                match self { $($name::$variant => $prec),* }
            }
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.text())
            }
        }
    };
}

operators! {
    /// A binary operator, also the operator of `x op= y`, `x++` and `x--`.
    BinaryOp {
        LogOr "||" 1, LogAnd "&&" 2,
        Eq "==" 3, Ne "!=" 3, Lt "<" 3, Le "<=" 3, Gt ">" 3, Ge ">=" 3,
        Add "+" 4, Sub "-" 4, Or "|" 4, Xor "^" 4,
        Mul "*" 5, Div "/" 5, Rem "%" 5, And "&" 5, AndNot "&^" 5, Shl "<<" 5, Shr ">>" 5,
    }
}

operators! {
    /// A unary operator. Dereference is `ExprKind::Star`.
    UnaryOp {
        Plus "+" 0, Neg "-" 0, Not "!" 0, Xor "^" 0, Addr "&" 0, Recv "<-" 0, Tilde "~" 0,
    }
}

impl BinaryOp {
    /// Whether this is one of `== != < <= > >=`.
    pub fn is_comparison(self) -> bool {
        self.precedence() == 3
    }

    /// Whether this is `<<` or `>>`.
    pub fn is_shift(self) -> bool {
        matches!(self, BinaryOp::Shl | BinaryOp::Shr)
    }
}

/// The kind of a basic literal.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum LitKind {
    Int,
    Float,
    Imag,
    /// A rune literal.
    Char,
    String,
}
