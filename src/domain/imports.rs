//! What becomes of an uploaded file.

use super::codes::codes;

codes! {
    /// Where an import stands.
    ImportStatus, "取込の状態", "status of an import" {
        Checking = "checking", "確認中", "the file is being read and compared";
        Planned = "planned", "確認済み（未適用）", "the plan is made and waits to be applied";
        Applying = "applying", "適用中", "the plan is being written";
        Applied = "applied", "適用済み", "written";
        Failed = "failed", "失敗", "it came to nothing; nothing was written";
        Interrupted = "interrupted", "中断", "the program stopped on the way; nothing was written";
        Reverted = "reverted", "取り消し済み", "written and taken back";
        Cancelled = "cancelled", "中止", "given up by a person; nothing was written";
    }
}

impl ImportStatus {
    /// Whether work is under way.
    pub fn is_busy(self) -> bool {
        matches!(self, Self::Checking | Self::Applying)
    }
}

codes! {
    /// What becomes of a row of a file.
    RowOutcome, "行の結果", "outcome of a row" {
        Created = "created", "新規", "nothing was stated before";
        Changed = "changed", "変更", "another value was stated before";
        Confirmed = "confirmed", "確認", "the same value with a newer day";
        Unchanged = "unchanged", "変更なし", "already known";
        Rejected = "rejected", "不受理", "not taken: something is wrong";
        Warning = "warning", "警告", "taken, but worth a look";
    }
}
