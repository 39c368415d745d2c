//! Tokens to a program: operator precedence by recursive descent, with a depth limit.

use super::NESTING_MAX;
use super::error::FormulaError;
use super::lexer::{Token, TokenKind, continues_name, starts_name, tokens};
use super::program::{Arithmetic, Builder, Function, Operation, Program};

/// Names that are functions and hence cannot name a variable.
pub const FUNCTION_NAMES: [&str; 10] =
    ["if", "and", "or", "not", "min", "max", "ceil", "floor", "round", "abs"];

/// Reads a whole formula. O(length).
pub(super) fn compile(source: &str) -> Result<Program, FormulaError> {
    let mut parser =
        Parser { tokens: tokens(source)?, next: 0, depth: 0, code: Builder::default() };
    parser.comparison()?;
    parser.end()?;
    Ok(parser.code.finish())
}

/// Checks that `name` can name a variable, calculation block or parameter: it begins with a letter
/// or underscore, holds letters, digits and underscores only, has at most
/// [`NAME_LENGTH_MAX`](super::NAME_LENGTH_MAX) characters and is no function.
pub fn check_name(name: &str) -> Result<(), FormulaError> {
    if is_function(name) {
        let message = format!("{name} is a function; choose another name");
        return Err(FormulaError::syntax(0, message));
    }
    if name.chars().count() > super::NAME_LENGTH_MAX {
        let message = format!("a name has at most {} characters", super::NAME_LENGTH_MAX);
        return Err(FormulaError::syntax(super::NAME_LENGTH_MAX, message));
    }
    if !name.chars().next().is_some_and(starts_name) {
        return Err(FormulaError::syntax(0, "a name begins with a letter or an underscore"));
    }
    match name.chars().position(|character| !continues_name(character)) {
        Some(at) => {
            let message = "a name holds letters, digits and underscores only";
            Err(FormulaError::syntax(at, message))
        }
        None => Ok(()),
    }
}

fn is_function(name: &str) -> bool {
    FUNCTION_NAMES.iter().any(|function| function.eq_ignore_ascii_case(name))
}

/// Operators of one precedence.
type Operators = [(TokenKind, Arithmetic); 2];

struct Parser {
    tokens: Vec<Token>,
    next: usize,
    depth: usize,
    code: Builder,
}

impl Parser {
    /// The token at hand; the end token is never passed.
    fn peek(&self) -> &Token {
        &self.tokens[self.next]
    }

    fn bump(&mut self) -> Token {
        let token = self.tokens[self.next].clone();
        if token.kind != TokenKind::End {
            self.next += 1;
        }
        token
    }

    fn take_if(&mut self, kind: &TokenKind) -> bool {
        let found = self.peek().kind == *kind;
        if found {
            self.bump();
        }
        found
    }

    /// The operator at hand and its character, if it is one of `operators`.
    fn take_operator(&mut self, operators: &Operators) -> Option<(Arithmetic, usize)> {
        let (_, arithmetic) = operators.iter().find(|(kind, _)| *kind == self.peek().kind)?;
        Some((*arithmetic, self.bump().at))
    }

    /// `sum (< sum)?`: leaves one value.
    fn comparison(&mut self) -> Result<(), FormulaError> {
        self.sum()?;
        if let TokenKind::Compare(comparison) = self.peek().kind {
            let at = self.bump().at;
            self.sum()?;
            self.code.push(Operation::Compare(comparison), at);
            if matches!(self.peek().kind, TokenKind::Compare(_)) {
                let message = "comparisons are not chained; write and(a < b, b < c)";
                return Err(FormulaError::syntax(self.peek().at, message));
            }
        }
        Ok(())
    }

    /// `product ((+|-) product)*`
    fn sum(&mut self) -> Result<(), FormulaError> {
        const OPERATORS: Operators =
            [(TokenKind::Plus, Arithmetic::Add), (TokenKind::Minus, Arithmetic::Subtract)];
        self.product()?;
        while let Some((arithmetic, at)) = self.take_operator(&OPERATORS) {
            self.product()?;
            self.code.push(Operation::Combine(arithmetic), at);
        }
        Ok(())
    }

    /// `signed ((*|/) signed)*`
    fn product(&mut self) -> Result<(), FormulaError> {
        const OPERATORS: Operators =
            [(TokenKind::Times, Arithmetic::Multiply), (TokenKind::Over, Arithmetic::Divide)];
        self.signed()?;
        while let Some((arithmetic, at)) = self.take_operator(&OPERATORS) {
            self.signed()?;
            self.code.push(Operation::Combine(arithmetic), at);
        }
        Ok(())
    }

    /// `(+|-)* primary`
    fn signed(&mut self) -> Result<(), FormulaError> {
        let at = self.peek().at;
        if self.take_if(&TokenKind::Minus) {
            self.nested(at, Self::signed)?;
            self.code.push(Operation::Negate, at);
            Ok(())
        } else if self.take_if(&TokenKind::Plus) {
            self.nested(at, Self::signed)
        } else {
            self.primary()
        }
    }

    fn nested(
        &mut self,
        at: usize,
        inner: impl FnOnce(&mut Self) -> Result<(), FormulaError>,
    ) -> Result<(), FormulaError> {
        if self.depth == NESTING_MAX {
            let message = format!("a formula nests at most {NESTING_MAX} deep");
            return Err(FormulaError::syntax(at, message));
        }
        self.depth += 1;
        inner(self)?;
        self.depth -= 1;
        Ok(())
    }

    fn primary(&mut self) -> Result<(), FormulaError> {
        let Token { kind, at } = self.bump();
        if kind == TokenKind::Open {
            self.nested(at, Self::comparison)?;
            self.close(at)
        } else if let TokenKind::Number(value) = kind {
            self.code.constant(value, at);
            Ok(())
        } else if let TokenKind::Name(name) = kind {
            self.name(&name, at)
        } else {
            let message = format!("a number, a name or ( is expected, not {}", kind.described());
            Err(FormulaError::syntax(at, message))
        }
    }

    fn name(&mut self, name: &str, at: usize) -> Result<(), FormulaError> {
        if self.peek().kind == TokenKind::Open {
            let open = self.bump().at;
            return self.nested(open, |parser| parser.call(name, at));
        }
        if is_function(name) {
            let message = format!("{name} is a function: write {name}( … )");
            return Err(FormulaError::syntax(at, message));
        }
        self.code.name(name, at);
        Ok(())
    }

    fn close(&mut self, opened: usize) -> Result<(), FormulaError> {
        let Token { kind, at } = self.bump();
        if kind == TokenKind::Close {
            return Ok(());
        }
        if kind == TokenKind::End {
            let message = format!("the bracket at character {} is not closed", opened + 1);
            return Err(FormulaError::syntax(opened, message));
        }
        let message = if kind == TokenKind::Comma {
            COMMA.to_owned()
        } else {
            format!("an operator or ) is expected, not {}", kind.described())
        };
        Err(FormulaError::syntax(at, message))
    }

    fn end(&mut self) -> Result<(), FormulaError> {
        let Token { kind, at } = self.bump();
        if kind == TokenKind::End {
            return Ok(());
        }
        let message = if kind == TokenKind::Comma {
            COMMA.to_owned()
        } else if kind == TokenKind::Close {
            "this bracket was never opened".to_owned()
        } else if matches!(&kind, TokenKind::Name(name) if name.eq_ignore_ascii_case("x")) {
            "an operator is expected; to multiply, write *".to_owned()
        } else {
            format!("an operator is expected, not {}", kind.described())
        };
        Err(FormulaError::syntax(at, message))
    }

    /// The arguments and the closing bracket of a call, whose name and ( are read.
    fn call(&mut self, name: &str, at: usize) -> Result<(), FormulaError> {
        let lower = name.to_ascii_lowercase();
        let (function, least, most) = match lower.as_str() {
            "if" => return self.choice(at),
            "and" => return self.connective(at, false),
            "or" => return self.connective(at, true),
            "not" => (Function::Not, 1, 1),
            "min" => (Function::Min, 1, usize::MAX),
            "max" => (Function::Max, 1, usize::MAX),
            "ceil" => (Function::Ceil, 1, 1),
            "floor" => (Function::Floor, 1, 1),
            "round" => (Function::Round, 1, 2),
            "abs" => (Function::Abs, 1, 1),
            _ => {
                let names = FUNCTION_NAMES.join(", ");
                let message = format!("there is no function {name}; there are {names}");
                return Err(FormulaError::syntax(at, message));
            }
        };
        let mut count = 0;
        loop {
            self.comparison()?;
            count += 1;
            if !self.take_if(&TokenKind::Comma) {
                break;
            }
        }
        self.close(at)?;
        if !(least..=most).contains(&count) {
            let wanted = if least == most { "one argument" } else { "one or two arguments" };
            let message = format!("{lower} takes {wanted}, not {count}");
            return Err(FormulaError::syntax(at, message));
        }
        self.code.push(Operation::Call(function, count as u16), at);
        Ok(())
    }

    /// `if(condition, a, b)`: jumps over the branch not taken.
    fn choice(&mut self, at: usize) -> Result<(), FormulaError> {
        self.comparison()?;
        self.choice_comma(at)?;
        let to_else = self.code.jump_if(false, at);
        self.comparison()?;
        self.choice_comma(at)?;
        let to_end = self.code.jump(at);
        self.code.land(to_else);
        self.comparison()?;
        self.close(at)?;
        self.code.land(to_end);
        Ok(())
    }

    fn choice_comma(&mut self, at: usize) -> Result<(), FormulaError> {
        if self.take_if(&TokenKind::Comma) {
            return Ok(());
        }
        Err(FormulaError::syntax(at, "if takes three arguments: if(condition, then, else)"))
    }

    /// `and(…)`, `or(…)`: leaves `decisive` at the first argument that has that truth.
    fn connective(&mut self, at: usize, decisive: bool) -> Result<(), FormulaError> {
        let mut decided = Vec::new();
        loop {
            self.comparison()?;
            decided.push(self.code.jump_if(decisive, at));
            if !self.take_if(&TokenKind::Comma) {
                break;
            }
        }
        self.close(at)?;
        self.code.truth(!decisive, at);
        let to_end = self.code.jump(at);
        for jump in decided {
            self.code.land(jump);
        }
        self.code.truth(decisive, at);
        self.code.land(to_end);
        Ok(())
    }
}

const COMMA: &str = "a comma only separates the arguments of a function; write 1250 for 1,250";
