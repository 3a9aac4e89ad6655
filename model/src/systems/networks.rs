//! Networks that systems share, each loaded when a system first needs it.

use std::{
    any::{Any, TypeId},
    cell::RefCell,
    collections::HashMap,
    sync::Arc,
};

use burn::tensor::Device;

use crate::nn::weights::{Network, WeightsError};

/// Where weights come from: files, or the page's host.
#[expect(async_fn_in_trait, reason = "networks are loaded on one thread")]
pub trait Source {
    /// Why weights could not be had.
    type Error;

    /// The bytes of a weights file.
    ///
    /// # Arguments
    /// * `name` - of the file, without folder and ending.
    ///
    /// # Errors
    /// When the file cannot be had.
    async fn weights(&self, name: &'static str) -> Result<Vec<u8>, Self::Error>;
}

/// Why a network could not be loaded.
#[derive(Debug)]
pub enum LoadError<E> {
    /// Its weights could not be had.
    Source(E),
    /// The weights of this name are not the network's.
    Weights(&'static str, WeightsError),
}

/// The name of weights, and the type of the network that was loaded from them.
type Key = (&'static str, TypeId);

/// The networks that are loaded, by the name of their weights and their type.
pub struct Networks<S> {
    device: Device,
    source: S,
    loaded: RefCell<HashMap<Key, Arc<dyn Any + Send + Sync>>>,
}

impl<S: Source> Networks<S> {
    /// No networks yet.
    pub fn new(source: S, device: Device) -> Self {
        Self { device, source, loaded: RefCell::default() }
    }

    /// The device that networks are loaded onto.
    pub const fn device(&self) -> &Device {
        &self.device
    }

    /// The network of a weights file; loaded on first use. A failure leaves nothing, so that a later use tries again.
    ///
    /// # Arguments
    /// * `name` - of the file, without folder and ending.
    ///
    /// # Errors
    /// When the weights cannot be had or are not the network's.
    pub async fn get<N: Network>(&self, name: &'static str) -> Result<Arc<N>, LoadError<S::Error>> {
        let known = self.loaded.borrow().get(&(name, TypeId::of::<N>())).cloned();
        if let Some(network) = known.and_then(|known| known.downcast::<N>().ok()) {
            return Ok(network);
        }
        let bytes = self.source.weights(name).await.map_err(LoadError::Source)?;
        let network = N::load(bytes, &self.device).map_err(|error| LoadError::Weights(name, error))?;
        Ok(self.put(name, network))
    }

    /// Takes a network that was loaded elsewhere.
    pub fn put<N: Network>(&self, name: &'static str, network: N) -> Arc<N> {
        let network = Arc::new(network);
        self.loaded.borrow_mut().insert((name, TypeId::of::<N>()), network.clone());
        network
    }
}
