//! Addresses, and what people write behind them.

use super::sheet::Sheet;
use crate::domain::Refusal;
use crate::domain::readiness::check_address;
use crate::import::Fault;
use crate::import::table::Row;

impl Sheet<'_> {
    /// The address in a text. A remark behind it is no part of it, and told.
    ///
    /// # Errors
    ///
    /// A text that is none.
    pub(super) fn address(&mut self, row: &Row, column: usize, text: String) -> Result<String, Fault> {
        // No address has any of these but as escaped bytes.
        let end = text.find(['（', '）', '【', '［', '「', '※', '、', '。', '→', '；']).unwrap_or(text.len());
        let (address, remark) = text.split_at(end);
        check_address(address).map_err(|refusal| Fault::of(Refusal { value: text.clone(), ..refusal }))?;
        if !remark.is_empty() {
            let message = format!("アドレスの後ろの「{remark}」は記録しません（備考の列に書けます）");
            let warning = Refusal::new("address_remark", &text, message, "a remark behind an address");
            self.warn(warning.suggest(address), row, column);
        }
        Ok(address.to_owned())
    }
}
