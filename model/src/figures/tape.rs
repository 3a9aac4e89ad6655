//! Reverse-mode differentiation of sums and products (Baydin et al. 2018, "Automatic Differentiation in Machine Learning:
//! a Survey", section 3.2): operations are recorded as they are computed, then walked back.

/// A number on a [`Tape`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Variable(usize);

#[derive(Clone, Copy, Debug)]
enum Operation {
    Given,
    Sum(Variable, Variable),
    Product(Variable, Variable),
}

/// The operations so far, in order.
#[derive(Clone, Debug, Default)]
pub struct Tape {
    steps: Vec<(f64, Operation)>,
}

/// The gradient of one number with respect to each of a tape.
#[derive(Clone, Debug)]
pub struct Gradients(Vec<f64>);

impl Gradients {
    /// The gradient with respect to a number.
    #[must_use]
    pub fn of(&self, variable: Variable) -> f64 {
        self.0[variable.0]
    }
}

impl Tape {
    /// A number that no operation of the tape has made.
    pub fn variable(&mut self, value: f64) -> Variable {
        self.push(value, Operation::Given)
    }

    /// The sum of two numbers.
    pub fn plus(&mut self, a: Variable, b: Variable) -> Variable {
        self.push(self.value(a) + self.value(b), Operation::Sum(a, b))
    }

    /// The product of two numbers.
    pub fn times(&mut self, a: Variable, b: Variable) -> Variable {
        self.push(self.value(a) * self.value(b), Operation::Product(a, b))
    }

    /// What a number is.
    #[must_use]
    pub fn value(&self, variable: Variable) -> f64 {
        self.steps[variable.0].0
    }

    /// The gradient of `of` with respect to every number of the tape, by one walk back.
    #[must_use]
    pub fn gradients(&self, of: Variable) -> Gradients {
        let mut gradients = vec![0.0; self.steps.len()];
        gradients[of.0] = 1.0;
        for (index, (_, operation)) in self.steps.iter().enumerate().rev() {
            let gradient = gradients[index];
            match *operation {
                Operation::Given => {}
                Operation::Sum(a, b) => {
                    gradients[a.0] += gradient;
                    gradients[b.0] += gradient;
                }
                Operation::Product(a, b) => {
                    gradients[a.0] += gradient * self.value(b);
                    gradients[b.0] += gradient * self.value(a);
                }
            }
        }
        Gradients(gradients)
    }

    fn push(&mut self, value: f64, operation: Operation) -> Variable {
        self.steps.push((value, operation));
        Variable(self.steps.len() - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_polynomial_by_hand() {
        let mut tape = Tape::default();
        let (x, y) = (tape.variable(3.0), tape.variable(-2.0));
        let square = tape.times(x, x);
        let product = tape.times(square, y);
        let sum = tape.plus(product, x); // x x y + x
        assert_eq!(tape.value(sum), -15.0);
        let gradients = tape.gradients(sum);
        assert_eq!((gradients.of(x), gradients.of(y)), (-11.0, 9.0));
    }
}
