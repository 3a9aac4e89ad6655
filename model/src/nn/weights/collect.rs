//! The parameters of a module, collected into a file.

use burn::{
    module::{Module, ModuleVisitor, Param},
    tensor::Tensor,
};

use crate::pack::{Pack, PackError};

impl Pack {
    /// Adds every parameter of a module under the names of its fields, joined by dots: the names that the `load` of our
    /// modules asks for.
    ///
    /// # Errors
    /// As [`Pack::add`], or when the device does not hand the numbers out.
    pub fn add_module<M: Module>(&mut self, prefix: &str, module: &M) -> Result<(), PackError> {
        let path = if prefix.is_empty() { vec![] } else { vec![prefix.to_owned()] };
        let mut visitor = Collector { pack: self, path, result: Ok(()) };
        module.visit(&mut visitor);
        visitor.result
    }
}

/// Walks a module and keeps the path to where it is.
struct Collector<'a> {
    pack: &'a mut Pack,
    path: Vec<String>,
    result: Result<(), PackError>,
}

impl ModuleVisitor for Collector<'_> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if self.result.is_err() {
            return;
        }
        let (name, tensor) = (self.path.join("."), param.val());
        let shape = tensor.dims();
        self.result = match tensor.into_data().try_into_vec::<f32>() {
            Ok(values) => self.pack.add(name, &shape, &values),
            Err(_) => Err(PackError::Device(name)),
        };
    }

    fn enter_module(&mut self, name: &str, _container_type: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _name: &str, _container_type: &str) {
        self.path.pop();
    }
}
