//! What becomes of an uploaded file.

use super::codes::codes;

codes! {
    /// Where an import stands.
    ImportStatus, "取込の状態", "status of an import" {
        Checking = "checking", "確認中", "the file is being read and compared", "ファイルを読み、今の記録と比べている";
        Planned = "planned", "確認済み（未適用）", "the plan is made and waits to be applied", "変わる内容が示され、適用を待っている";
        Applying = "applying", "適用中", "the plan is being written", "書き込んでいる";
        Applied = "applied", "適用済み", "written", "書き込んだ";
        Failed = "failed", "失敗", "it came to nothing; nothing was written", "適用できず、何も書き込んでいない";
        Interrupted = "interrupted", "中断", "the program stopped on the way; nothing was written", "途中でプログラムが止まり、何も書き込んでいない";
        Reverted = "reverted", "取り消し済み", "written and taken back", "書き込んだ後で、元に戻した";
        Cancelled = "cancelled", "中止", "given up by a person; nothing was written", "人がやめ、何も書き込んでいない";
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
        Created = "created", "新規", "nothing was stated before", "これまで何も記録がなかった";
        Changed = "changed", "変更", "another value was stated before", "別の内容が記録されていた";
        Confirmed = "confirmed", "確認", "the same value with a newer day", "同じ内容で、日付が新しい";
        Unchanged = "unchanged", "変更なし", "already known", "記録と同じ";
        Rejected = "rejected", "不受理", "not taken: something is wrong", "誤りがあり、取り込まない";
        Warning = "warning", "警告", "taken, but worth a look", "取り込むが、確かめてほしい";
    }
}

impl RowOutcome {
    /// Whether something else is said than is known.
    pub fn is_news(self) -> bool {
        matches!(self, Self::Created | Self::Changed)
    }
}
