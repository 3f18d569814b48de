//! Rows of own material as they are shown, a kind each.

use chrono::NaiveDate;

use super::{Kept, OfBodies, OfProcedures};
use crate::domain::access::Role;
use crate::domain::dates::{Precision, in_japan};
use crate::domain::material::codes::{Certainty, CheckAnswer, Grade, Step};
use crate::domain::material::{Content, MaterialKey, MaterialKind, PastMaterial};
use crate::domain::usage::ChannelGroup;
use crate::grid::records::RecordLine;
use crate::query::list::view;

/// Declares the rows of a kind: each field with where its value stands.
macro_rules! kept {
    (
        $(#[$meta:meta])*
        $name:ident, $kind:ident, $own:ty { $( $(#[$field_meta:meta])* $field:ident: $type:ty = $read:expr; )+ }
    ) => {
        view! {
            $(#[$meta])*
            $name {
                /// 団体コード
                #[schema(example = "082333", pattern = r"^\d{6}$")]
                municipality_code: String,
                $( $(#[$field_meta])* $field: $type, )+
                /// いまの行か（新しい行に替わらず、取り下げられず、取込も元に戻されていない）
                #[schema(example = true)]
                holds: bool,
                /// 取り下げる行か
                #[schema(example = false)]
                withdrawn: bool,
                /// 記録された時刻
                #[schema(example = "2026-11-21T10:00:00+09:00", format = DateTime)]
                recorded_at: String,
                /// 述べた人の役割。名前は出しません
                role: Role,
                /// 述べた人の都道府県
                #[schema(example = json!(null), pattern = r"^\d{2}$")]
                by_prefecture: Option<String>,
                /// 述べた人の団体
                #[schema(example = "082333", pattern = r"^\d{6}$")]
                by_municipality: Option<String>,
                /// 取込の番号
                #[schema(example = 1, minimum = 1)]
                import_id: i64,
                /// そのファイルの行
                #[schema(example = 2, minimum = 1)]
                line: i64,
                /// 取込が元に戻された時刻
                #[schema(example = json!(null), format = DateTime)]
                taken_back_at: Option<String>,
            }
        }

        impl Kept for $name {
            const KIND: MaterialKind = MaterialKind::$kind;
            type Own = $own;

            fn of(row: &PastMaterial, line: &RecordLine) -> Self {
                let (key, said) = (&row.key, &row.content);
                Self {
                    municipality_code: key.municipality.to_string(),
                    $( $field: { let read: fn(&MaterialKey, &Content) -> $type = $read; read(key, said) }, )+
                    holds: line.holds,
                    withdrawn: said.is_withdrawn(),
                    recorded_at: in_japan(row.recorded_at).to_rfc3339(),
                    role: row.by.role,
                    by_prefecture: row.by.prefecture.map(|code| code.to_string()),
                    by_municipality: row.by.municipality.map(|code| code.to_string()),
                    import_id: row.import_id,
                    line: row.line,
                    taken_back_at: line.taken_back_at.map(|at| in_japan(at).to_rfc3339()),
                }
            }
        }
    };
}

fn of_key(key: &MaterialKey, name: &str) -> String {
    key.said(name).unwrap_or_default().to_owned()
}

fn words(said: &Content, name: &str) -> Option<String> {
    said.text(name).map(str::to_owned)
}

/// Hundredths as a number: two digits behind the point are exact enough for any reader.
fn number(said: &Content, name: &str) -> Option<f64> {
    said.hundredths(name).map(|hundredths| hundredths as f64 / 100.0)
}

fn count(said: &Content, name: &str) -> Option<i64> {
    said.hundredths(name).map(|hundredths| hundredths / 100)
}

fn day(said: &Content, name: &str) -> Option<NaiveDate> {
    said.day(name).map(|(on, _)| on)
}

kept! {
    /// 確認ポイントの回答（1団体・1手続・1ポイント）
    ChecklistAnswerView, ChecklistAnswer, OfProcedures {
        /// 手続ID
        #[schema(example = "kosodate-01")]
        procedure_id: String = |key, _| of_key(key, "procedure_id");
        /// 確認ポイントの番号
        #[schema(example = 1, minimum = 1, maximum = 9)]
        point: u8 = |key, _| of_key(key, "point").parse().unwrap_or_default();
        /// 確認の内容（団体の言葉）
        #[schema(example = "本人確認はマイナンバーカードで行えるか")]
        point_text: Option<String> = |_, said| words(said, "point_text");
        /// 回答
        answer: Option<CheckAnswer> = |_, said| said.code("answer");
        /// 理由
        #[schema(example = "対面での聞き取りが必要なため")]
        reason: Option<String> = |_, said| words(said, "reason");
        /// 回答者
        #[schema(example = "こども課")]
        answered_by: Option<String> = |_, said| words(said, "answered_by");
        /// 回答日
        #[schema(example = "2026-10-01")]
        answered_on: Option<NaiveDate> = |_, said| day(said, "answered_on");
    }
}

kept! {
    /// 取組計画の項目
    ActionView, Action, OfBodies {
        /// 計画とその版
        #[schema(example = "DX推進計画 2026年度版")]
        plan: String = |key, _| of_key(key, "plan");
        /// 項目の番号
        #[schema(example = "1-2")]
        number: String = |key, _| of_key(key, "number");
        /// 取組
        #[schema(example = "子育て手続のオンライン化")]
        title: Option<String> = |_, said| words(said, "title");
        /// 評価
        grade: Option<Grade> = |_, said| said.code("grade");
        /// 対象の手続
        #[schema(example = json!(["kosodate-01"]), max_items = 500)]
        procedures: Vec<String> = |_, said| said.several("procedures").to_vec();
        /// 担当課
        #[schema(example = "情報政策課")]
        section: Option<String> = |_, said| words(said, "section");
        /// 備考
        #[schema(example = json!(null))]
        note: Option<String> = |_, said| words(said, "note");
    }
}

kept! {
    /// 背景の指標（1団体・1指標・1年度）
    ContextIndicatorView, ContextIndicator, OfBodies {
        /// 指標
        #[schema(example = "国勢調査オンライン回答率")]
        indicator: String = |key, _| of_key(key, "indicator");
        /// 年度
        #[schema(example = 2025, minimum = 1950, maximum = 2100)]
        fiscal_year: i32 = |key, _| key.fiscal_year().unwrap_or_default();
        /// 実績・見込み・目標
        certainty: Option<Certainty> = |key, _| key.said("certainty").and_then(|code| code.parse().ok());
        /// 値
        #[schema(example = 41.1)]
        value: Option<f64> = |_, said| number(said, "value");
        /// 単位
        #[schema(example = "%")]
        unit: Option<String> = |_, said| words(said, "unit");
        /// 出典（団体の言葉）
        #[schema(example = "令和7年国勢調査")]
        stated_source: Option<String> = |_, said| words(said, "stated_source");
        /// 備考
        #[schema(example = json!(null))]
        note: Option<String> = |_, said| words(said, "note");
    }
}

kept! {
    /// 窓口利用体験調査（1団体・1場面・1回）
    WalkthroughView, Walkthrough, OfBodies {
        /// 場面
        #[schema(example = "転入")]
        scenario: String = |key, _| of_key(key, "scenario");
        /// 調査日
        #[schema(example = "2026-10-01")]
        walked_on: Option<NaiveDate> = |key, _| key.said("walked_on").and_then(|day| day.parse().ok());
        /// 回った窓口の数
        #[schema(example = 12, minimum = 0)]
        counters: Option<i64> = |_, said| count(said, "counters");
        /// 氏名や住所などを書いた回数
        #[schema(example = 18, minimum = 0)]
        times_written: Option<i64> = |_, said| count(said, "times_written");
        /// 所要時間（分）
        #[schema(example = 180, minimum = 0)]
        minutes: Option<f64> = |_, said| number(said, "minutes");
        /// うち待ち時間（分）
        #[schema(example = 45, minimum = 0)]
        waiting_minutes: Option<f64> = |_, said| number(said, "waiting_minutes");
        /// 気づき
        #[schema(example = "同じ住所を6回書いた")]
        findings: Option<String> = |_, said| words(said, "findings");
        /// 備考
        #[schema(example = json!(null))]
        note: Option<String> = |_, said| words(said, "note");
    }
}

kept! {
    /// 計画の工程（1団体・1手続・1接点・1工程）
    PlanStepView, PlanStep, OfProcedures {
        /// 手続ID
        #[schema(example = "kosodate-01")]
        procedure_id: String = |key, _| of_key(key, "procedure_id");
        /// 接点
        #[schema(example = "mynaportal")]
        channel: String = |key, _| of_key(key, "channel");
        /// 工程
        step: Option<Step> = |key, _| key.said("step").and_then(|code| code.parse().ok());
        /// 目標日（月・年度のときは、その末日）
        #[schema(example = "2027-03-31")]
        target_on: Option<NaiveDate> = |_, said| day(said, "target_on");
        /// 目標日の精度
        target_precision: Option<Precision> = |_, said| said.day("target_on").map(|(_, precision)| precision);
        /// 完了日
        #[schema(example = json!(null))]
        done_on: Option<NaiveDate> = |_, said| day(said, "done_on");
        /// 目標日からの遅れ（日。早ければ負。完了していない工程は null）
        #[schema(example = json!(null))]
        slip_days: Option<i64> = |_, said| slip(said);
        /// 備考
        #[schema(example = json!(null))]
        note: Option<String> = |_, said| words(said, "note");
    }
}

/// Days from the target to the day on which a step was done.
fn slip(said: &Content) -> Option<i64> {
    let (target, _) = said.day("target_on")?;
    Some((day(said, "done_on")? - target).num_days())
}

kept! {
    /// 申請1件にかかる職員の時間（1団体・1手続・1年度・1方法）
    HandlingTimeView, HandlingTime, OfProcedures {
        /// 手続ID
        #[schema(example = "kosodate-01")]
        procedure_id: String = |key, _| of_key(key, "procedure_id");
        /// 年度
        #[schema(example = 2025, minimum = 1950, maximum = 2100)]
        fiscal_year: i32 = |key, _| key.fiscal_year().unwrap_or_default();
        /// 申請の方法
        way: Option<ChannelGroup> = |key, _| key.said("way").and_then(|code| code.parse().ok());
        /// 受付（分）
        #[schema(example = 10, minimum = 0)]
        receipt_minutes: Option<f64> = |_, said| number(said, "receipt_minutes");
        /// 確認（分）
        #[schema(example = 5, minimum = 0)]
        check_minutes: Option<f64> = |_, said| number(said, "check_minutes");
        /// 審査（分）
        #[schema(example = 15, minimum = 0)]
        review_minutes: Option<f64> = |_, said| number(said, "review_minutes");
        /// 交付（分）
        #[schema(example = 5, minimum = 0)]
        delivery_minutes: Option<f64> = |_, said| number(said, "delivery_minutes");
        /// 備考
        #[schema(example = json!(null))]
        note: Option<String> = |_, said| words(said, "note");
    }
}
