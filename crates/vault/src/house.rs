//! House rules in the catalogue, so that everything that decides goes by the same ones.

use candor_consent::HouseRules;

use crate::catalogue::{Db, values};
use crate::{Vault, VaultError, change, durable};

impl Vault {
    /// The house rules.
    pub fn house_rules(&self) -> Result<HouseRules, VaultError> {
        rules(&self.db)
    }

    /// Lays down house rules in place of those before. What they no longer permit is asked about again at the next
    /// retention run, and used nowhere from now on.
    pub fn set_house_rules(&mut self, rules: &HouseRules) -> Result<(), VaultError> {
        if self.house_rules()? == *rules {
            return Ok(());
        }
        let tx = self.db.begin("change house rules")?;
        tx.execute("mark people", "UPDATE subject SET facts_changed = 1", values![])?;
        tx.execute(
            "write house rules",
            "INSERT INTO setting (name, value) VALUES ('house_rules', $1) \
             ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            values![&rules.to_json()],
        )?;
        change::everybody(&tx)?;
        tx.commit()?;
        durable::step("rules-committed");
        Ok(())
    }
}

/// The house rules; none if nobody laid any down.
pub(crate) fn rules(db: &Db) -> Result<HouseRules, VaultError> {
    let sql = "SELECT value FROM setting WHERE name = 'house_rules'";
    let json =
        db.first("read house rules", sql, values![], |row| Ok::<_, VaultError>(row.get::<String>(0)?))?;
    json.map_or_else(|| Ok(HouseRules::default()), |json| Ok(HouseRules::from_json(&json)?))
}
