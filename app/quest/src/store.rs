//! Games in the browser's IndexedDB: kept after every step, read when the page opens.
//!
//! Each game has its own record, so tabs that play different games do not meet. Where two tabs go on with the same game,
//! the one that comes second finds other steps in the record and keeps its own under a new id.

use std::rc::Rc;

use idb::{Database, DatabaseEvent, Error, Factory, KeyPath, ObjectStoreParams, Query, TransactionMode};
use model::quest::{
    board::{Baseline, Merged, merge},
    record::{File, Game},
};
use wasm_bindgen::JsValue;

const NAME: &str = "lookout-quest";
const VERSION: u32 = 1;
/// Games that were played here.
pub const OWN: &str = "games";
/// Games of files.
pub const IMPORTED: &str = "imported";
/// What simple methods reach, by seed.
const BASELINES: &str = "baselines";

/// The database.
#[derive(Clone)]
pub struct Store(Rc<Database>);

impl Store {
    /// Opens the database.
    ///
    /// # Errors
    /// When the browser refuses storage.
    pub async fn open() -> Result<Self, Error> {
        let mut request = Factory::new()?.open(NAME, Some(VERSION))?;
        request.on_upgrade_needed(|event| {
            let Ok(database) = event.database() else { return };
            for name in [OWN, IMPORTED, BASELINES] {
                let mut parameters = ObjectStoreParams::new();
                parameters.key_path(None::<KeyPath>);
                if let Err(error) = database.create_object_store(name, parameters) {
                    leptos::logging::error!("no store {name}: {error:?}");
                }
            }
        });
        Ok(Self(Rc::new(request.await?)))
    }

    /// All games of a part. What cannot be read is left out, and stays where it is.
    ///
    /// # Errors
    /// When the browser does not answer.
    pub async fn games(&self, part: &str) -> Result<Vec<Game>, Error> {
        let transaction = self.0.transaction(&[part], TransactionMode::ReadOnly)?;
        let texts = transaction.object_store(part)?.get_all(None, None)?.await?;
        let mut games: Vec<Game> = texts.iter().filter_map(game).collect();
        games.sort_by(|a, b| a.started.total_cmp(&b.started));
        Ok(games)
    }

    /// Keeps a game. Returns the id under which it is kept: a new one where another tab went on with the same game.
    ///
    /// # Errors
    /// When storage is full or refused.
    pub async fn keep(&self, part: &str, mut game: Game, new_id: &str) -> Result<String, Error> {
        let transaction = self.0.transaction(&[part], TransactionMode::ReadWrite)?;
        let games = transaction.object_store(part)?;
        let known = games.get(Query::Key(game.id.as_str().into()))?.await?;
        if let Some(known) = known.as_ref().and_then(self::game) {
            let Merged { conflicting, .. } = merge(&mut vec![known], vec![game.clone()]);
            if conflicting > 0 {
                game.id = new_id.to_owned();
            }
        }
        let id = game.id.clone();
        let text = File::of(vec![game]).write();
        games.put(&text.into(), Some(&JsValue::from(&id)))?.await?;
        transaction.commit()?.await?;
        Ok(id)
    }

    /// What simple methods reach on a data set, as far as it is known.
    ///
    /// # Errors
    /// When the browser does not answer.
    pub async fn baselines(&self, seed: u32) -> Result<Vec<Baseline>, Error> {
        let transaction = self.0.transaction(&[BASELINES], TransactionMode::ReadOnly)?;
        let text = transaction.object_store(BASELINES)?.get(Query::Key(seed.into()))?.await?;
        let read = |text: JsValue| serde_json::from_str(&text.as_string()?).ok();
        Ok(text.and_then(read).unwrap_or_default())
    }

    /// Keeps what simple methods reach.
    ///
    /// # Errors
    /// When storage is full or refused.
    pub async fn keep_baselines(&self, seed: u32, baselines: &[Baseline]) -> Result<(), Error> {
        let text = serde_json::to_string(baselines).unwrap_or_default();
        let transaction = self.0.transaction(&[BASELINES], TransactionMode::ReadWrite)?;
        transaction.object_store(BASELINES)?.put(&text.into(), Some(&seed.into()))?.await?;
        transaction.commit()?.await?;
        Ok(())
    }

    /// Removes all imported games.
    ///
    /// # Errors
    /// When the browser does not answer.
    pub async fn forget_imported(&self) -> Result<(), Error> {
        let transaction = self.0.transaction(&[IMPORTED], TransactionMode::ReadWrite)?;
        transaction.object_store(IMPORTED)?.clear()?.await?;
        transaction.commit()?.await?;
        Ok(())
    }
}

fn game(text: &JsValue) -> Option<Game> {
    File::read(&text.as_string()?).ok()?.games.pop()
}
