//! What may become of a part of the catalogue.

use super::codes::codes;

codes! {
    /// What became of a part of the catalogue.
    CatalogueChange, "カタログの変更", "change of the catalogue" {
        Adopted = "adopted", "手続一覧の版", "an edition of a list was adopted or published", "手続一覧の版が決定・公表された";
        Joined = "joined", "一覧に加わった", "a procedure stands in an edition and not in the one before", "前の版になかった手続が載った";
        Left = "left", "一覧から外れた", "a procedure stood in the edition before and does not in this one", "前の版の手続が載らなくなった";
        Introduced = "introduced", "手続の開始", "there is a procedure from that day on", "手続が始まった";
        Ended = "ended", "手続の廃止", "there is no such procedure from the day after on", "手続がなくなった";
        Renamed = "renamed", "団体の名称・コードの変更", "a body goes by another name or code", "団体の名称やコードが変わった";
        Merged = "merged", "団体の合併・編入", "a body went up in another", "団体がほかの団体になった";
    }
}
