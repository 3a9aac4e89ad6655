//! The pages that the worker serves: the one that has started it, and frames beside it that have joined.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    rc::Rc,
};

use lookout_protocol::Reply;

use super::{
    page,
    runs::{Job, PhotoContext},
};

/// A page with its photo and what it waits for.
pub struct Client {
    /// The shell's name for it.
    pub number: u32,
    /// The photo, unless a run has it in hand.
    pub photo: RefCell<Option<PhotoContext>>,
    /// The newest run; it replaces older ones.
    pub newest: Cell<u32>,
    /// The newest question; it replaces older ones.
    pub asked: Cell<u32>,
    has_left: Cell<bool>,
}

impl Client {
    fn new(number: u32) -> Self {
        Self {
            number,
            photo: RefCell::default(),
            newest: Cell::default(),
            asked: Cell::default(),
            has_left: Cell::default(),
        }
    }

    /// Whether the page still waits for a job.
    pub fn wants(&self, id: u32, job: &Job) -> bool {
        let newest = match job {
            Job::Run { .. } => &self.newest,
            Job::Ask { .. } => &self.asked,
        };
        newest.get() == id && !self.has_left.get()
    }

    /// Says something to the page.
    pub fn post(&self, reply: &Reply) {
        page::post(Some(self.number), reply);
    }
}

/// The clients that are there.
#[derive(Default)]
pub struct Clients(RefCell<BTreeMap<u32, Rc<Client>>>);

impl Clients {
    /// A client by its number: a new one with its first message.
    pub fn get(&self, number: u32) -> Rc<Client> {
        self.0.borrow_mut().entry(number).or_insert_with(|| Rc::new(Client::new(number))).clone()
    }

    /// Forgets a client that is gone, with its photo; what it waited for ends.
    pub fn leave(&self, number: u32) {
        if let Some(client) = self.0.borrow_mut().remove(&number) {
            client.has_left.set(true);
        }
    }
}
