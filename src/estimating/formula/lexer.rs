//! Text to tokens.

use std::iter::Peekable;
use std::str::Chars;

use rust_decimal::Decimal;

use super::error::FormulaError;
use super::program::Comparison;
use super::{LITERAL_DIGITS_MAX, NAME_LENGTH_MAX, SOURCE_LENGTH_MAX};

/// A token and the characters before it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Token {
    pub kind: TokenKind,
    pub at: usize,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum TokenKind {
    Number(Decimal),
    Name(String),
    Plus,
    Minus,
    Times,
    Over,
    Compare(Comparison),
    Open,
    Close,
    Comma,
    End,
}

impl TokenKind {
    /// The token as a person would say it.
    pub fn described(&self) -> String {
        match self {
            Self::Number(value) => value.to_string(),
            Self::Name(name) => name.clone(),
            Self::Plus => "+".to_owned(),
            Self::Minus => "-".to_owned(),
            Self::Times => "*".to_owned(),
            Self::Over => "/".to_owned(),
            Self::Compare(_) => "a comparison".to_owned(),
            Self::Open => "(".to_owned(),
            Self::Close => ")".to_owned(),
            Self::Comma => "a comma".to_owned(),
            Self::End => "the end".to_owned(),
        }
    }
}

/// Splits `source` into tokens, the last of which is [`TokenKind::End`]. A leading `=` is dropped.
pub(super) fn tokens(source: &str) -> Result<Vec<Token>, FormulaError> {
    if source.chars().nth(SOURCE_LENGTH_MAX).is_some() {
        let message = format!("a formula has at most {SOURCE_LENGTH_MAX} characters");
        return Err(FormulaError::syntax(SOURCE_LENGTH_MAX, message));
    }
    let mut lexer = Lexer { rest: source.chars().peekable(), at: 0 };
    lexer.skip_space();
    lexer.take_if('=');
    let mut tokens = Vec::new();
    loop {
        lexer.skip_space();
        let at = lexer.at;
        let kind = lexer.next()?;
        let ended = kind == TokenKind::End;
        tokens.push(Token { kind, at });
        if ended {
            return Ok(tokens);
        }
    }
}

struct Lexer<'a> {
    rest: Peekable<Chars<'a>>,
    at: usize,
}

impl Lexer<'_> {
    fn bump(&mut self) -> Option<char> {
        let next = self.rest.next();
        self.at += usize::from(next.is_some());
        next
    }

    fn take_if(&mut self, wanted: char) -> bool {
        let found = self.rest.peek() == Some(&wanted);
        if found {
            self.bump();
        }
        found
    }

    fn peek_is(&mut self, test: impl Fn(char) -> bool) -> bool {
        self.rest.peek().is_some_and(|next| test(*next))
    }

    fn skip_space(&mut self) {
        while self.peek_is(char::is_whitespace) {
            self.bump();
        }
    }

    fn next(&mut self) -> Result<TokenKind, FormulaError> {
        let at = self.at;
        if self.peek_is(|next| next.is_ascii_digit() || next == '.') {
            return self.number();
        }
        if self.peek_is(starts_name) {
            return self.name();
        }
        Ok(match self.bump() {
            None => TokenKind::End,
            Some('+') => TokenKind::Plus,
            Some('-' | '−' | '–') => TokenKind::Minus,
            Some('*' | '×' | '·') => TokenKind::Times,
            Some('/' | '÷') => TokenKind::Over,
            Some('(') => TokenKind::Open,
            Some(')') => TokenKind::Close,
            Some(',') => TokenKind::Comma,
            Some('<') if self.take_if('=') => TokenKind::Compare(Comparison::LessOrEqual),
            Some('<') if self.take_if('>') => TokenKind::Compare(Comparison::NotEqual),
            Some('<') => TokenKind::Compare(Comparison::Less),
            Some('>') if self.take_if('=') => TokenKind::Compare(Comparison::GreaterOrEqual),
            Some('>') => TokenKind::Compare(Comparison::Greater),
            Some('=') => {
                self.take_if('=');
                TokenKind::Compare(Comparison::Equal)
            }
            Some('!') if self.take_if('=') => TokenKind::Compare(Comparison::NotEqual),
            Some('≤') => TokenKind::Compare(Comparison::LessOrEqual),
            Some('≥') => TokenKind::Compare(Comparison::GreaterOrEqual),
            Some('≠') => TokenKind::Compare(Comparison::NotEqual),
            Some(other) => return Err(unexpected(other, at)),
        })
    }

    fn number(&mut self) -> Result<TokenKind, FormulaError> {
        let at = self.at;
        let mut text = String::new();
        self.digits(&mut text);
        if self.take_if('.') {
            text.push('.');
            let before = text.len();
            self.digits(&mut text);
            if text.len() == before {
                return Err(FormulaError::syntax(self.at, "a digit is expected after the point"));
            }
        }
        if self.peek_is(|next| next == '.') {
            return Err(FormulaError::syntax(self.at, "a number has one decimal point"));
        }
        if self.peek_is(starts_name) {
            let message = format!("an operator is missing after {text}; to multiply, write *");
            return Err(FormulaError::syntax(self.at, message));
        }
        let digits = text.trim_start_matches('0').len() - usize::from(text.contains('.'));
        let value = if digits > LITERAL_DIGITS_MAX { None } else { text.parse().ok() };
        value.map(TokenKind::Number).ok_or_else(|| {
            let message = format!("a number has at most {LITERAL_DIGITS_MAX} digits");
            FormulaError::syntax(at, message)
        })
    }

    fn digits(&mut self, text: &mut String) {
        while self.peek_is(|next| next.is_ascii_digit()) {
            text.extend(self.bump());
        }
    }

    fn name(&mut self) -> Result<TokenKind, FormulaError> {
        let at = self.at;
        let mut name = String::new();
        loop {
            while self.peek_is(continues_name) {
                name.extend(self.bump());
            }
            if !self.take_if('.') {
                break;
            }
            name.push('.');
            if !self.peek_is(starts_name) {
                let message = format!("a letter is expected after the dot of {name}");
                return Err(FormulaError::syntax(self.at, message));
            }
        }
        if self.at - at > NAME_LENGTH_MAX {
            let message = format!("a name has at most {NAME_LENGTH_MAX} characters");
            return Err(FormulaError::syntax(at, message));
        }
        Ok(TokenKind::Name(name))
    }
}

pub(super) fn starts_name(character: char) -> bool {
    character.is_alphabetic() || character == '_'
}

pub(super) fn continues_name(character: char) -> bool {
    starts_name(character) || character.is_ascii_digit()
}

fn unexpected(found: char, at: usize) -> FormulaError {
    let message = match found {
        '%' => "a percent sign is not read here; write 2.5 / 100 for 2.5 %".to_owned(),
        '^' => "there are no powers; write x * x for x squared".to_owned(),
        ';' => "arguments are separated by commas".to_owned(),
        '$' => "amounts are written without the dollar sign".to_owned(),
        '[' | ']' | '{' | '}' => "only round brackets are used".to_owned(),
        _ => format!("{found:?} has no meaning in a formula"),
    };
    FormulaError::syntax(at, message)
}
