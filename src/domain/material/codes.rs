//! Words of a town's own material.

use crate::domain::codes::codes;

codes! {
    /// A kind of a town's own material.
    MaterialKind, "団体の資料の種類", "kind of own material" {
        ChecklistAnswer = "checklist_answer", "確認ポイントの回答", "answers to the nine points to check of a procedure", "手続ごとの9つの確認ポイントへの回答";
        Action = "action", "取組計画の項目", "lines of an action plan, with grades A to D and the procedures they cover", "取組計画の項目。評価（A〜D）と対象の手続";
        ContextIndicator = "context_indicator", "背景の指標", "figures around the procedures, such as the share of inhabitants with a card, by fiscal year", "手続の背景にある、年度ごとの数値（国勢調査オンライン回答率、カード保有率など）";
        Walkthrough = "walkthrough", "窓口利用体験調査", "what someone met who walked through the counters as an applicant", "申請者になって窓口を回ったときの、窓口の数・記入の回数・所要時間";
        PlanStep = "plan_step", "計画の工程", "steps on the way to a planned level, with their days", "目標段階までの工程と、その目標日・完了日";
        HandlingTime = "handling_time", "処理時間", "minutes that staff take for one application", "申請1件にかかる職員の時間（受付・確認・審査・交付、分）";
    }
}

codes! {
    /// What is answered to a point to check.
    CheckAnswer, "確認ポイントの回答", "answer to a point to check" {
        Yes = "yes", "はい", "it is so", "そのとおりである";
        Partly = "partly", "一部", "it is so for some persons, forms or cases", "一部の人・様式・場合だけ";
        No = "no", "いいえ", "it is not so", "そうではない";
        NotApplicable = "not_applicable", "対象外", "the point does not apply to this procedure", "この手続には当てはまらない";
    }
}

codes! {
    /// How far a line of an action plan has come.
    Grade, "取組の評価", "grade of an action" {
        A = "A", "A", "weighs 100 of 100; counts as reached", "重み100。達成に数える";
        B = "B", "B", "weighs 75 of 100; counts as reached", "重み75。達成に数える";
        C = "C", "C", "weighs 50 of 100; not reached", "重み50。達成に数えない";
        D = "D", "D", "weighs 25 of 100; not reached", "重み25。達成に数えない";
    }
}

impl Grade {
    /// What it weighs, of 100.
    pub fn weight(self) -> u64 {
        match self {
            Self::A => 100,
            Self::B => 75,
            Self::C => 50,
            Self::D => 25,
        }
    }

    /// Whether a plan that reached it counts as reached.
    pub fn is_reached(self) -> bool {
        matches!(self, Self::A | Self::B)
    }
}

codes! {
    /// Whether a figure was found, is expected or is aimed at.
    Certainty, "数値の区分", "sort of figure" {
        Actual = "actual", "実績", "as it was found", "調べて分かった値";
        Expected = "expected", "見込み", "as it is expected to come out", "こうなると見込んだ値";
        Target = "target", "目標", "as it shall be", "こうすると決めた値";
    }
}

codes! {
    /// A step on the way to a planned level.
    Step, "計画の工程", "step of a plan" {
        Inventory = "inventory", "洗い出し", "procedures, forms and rules are gone through", "手続・様式・根拠となる規程の棚卸し";
        Bpr = "bpr", "業務の見直し（BPR）", "the work is changed before it is digitised", "オンライン化の前に業務の流れを改める";
        Form = "form", "フォーム作成", "the form is made", "申請フォームを作る";
        Trial = "trial", "試行", "it is tried out", "限られた範囲で試す";
        Release = "release", "公開", "it is open to applicants", "申請を受け付け始める";
        Notice = "notice", "周知", "applicants are told", "住民に知らせる";
        Api = "api", "API連携", "data reach the business system without typing", "業務システムへ打ち直さずに届く";
    }
}
