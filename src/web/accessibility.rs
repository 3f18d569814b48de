//! What these pages do for everybody to be able to use them, and how that was tried, criterion by criterion.

use actix_web::get;
use maud::{Markup, html};

use super::frame::Page;
use super::visit::{NothingAsked, Seen, Visit};
use super::words::scroll;
use crate::http::ctx::{Answer, Ctx};

/// How a page stands towards a criterion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    /// It was tried, and holds.
    Holds,
    /// There is nothing that it is about.
    Nothing,
}

impl Outcome {
    fn word(self, visit: &Seen) -> &'static str {
        match self {
            Self::Holds => visit.lang.say("満たす", "holds"),
            Self::Nothing => visit.lang.say("対象なし", "nothing to apply to"),
        }
    }
}

use Outcome::{Holds, Nothing};

/// A criterion: number, name, level, how it stands, and how that is tried.
type Row = (&'static str, &'static str, &'static str, Outcome, &'static str);

/// Level A and AA of JIS X 8341-3:2016, which are those of WCAG 2.0.
const JIS: &[Row] = &[
    (
        "1.1.1",
        "非テキストコンテンツ",
        "A",
        Holds,
        "図は飾りとして読み飛ばされ、同じ数が文字と表で横にある（axe-core）",
    ),
    ("1.2.1", "音声だけ及び映像だけ（収録済み）", "A", Nothing, "音声と映像がない"),
    ("1.2.2", "キャプション（収録済み）", "A", Nothing, "音声と映像がない"),
    ("1.2.3", "音声解説又はメディアに対する代替（収録済み）", "A", Nothing, "映像がない"),
    ("1.2.4", "キャプション（ライブ）", "AA", Nothing, "音声と映像がない"),
    ("1.2.5", "音声解説（収録済み）", "AA", Nothing, "映像がない"),
    (
        "1.3.1",
        "情報及び関係性",
        "A",
        Holds,
        "見出し、表の見出し（scope）、入力欄の名前を HTML で示す（axe-core、html-validate）",
    ),
    ("1.3.2", "意味のある順序", "A", Holds, "スタイルなしでも読む順に並ぶ。絞り込みは結果より前にある"),
    ("1.3.3", "感覚的な特徴", "A", Holds, "位置や形だけで指し示す説明がない"),
    ("1.4.1", "色の使用", "A", Holds, "どの状態にも文字がある。色だけの区別がない（ブラウザの検査）"),
    ("1.4.2", "音声の制御", "A", Nothing, "音声がない"),
    (
        "1.4.3",
        "コントラスト（最低限）",
        "AA",
        Holds,
        "文字と背景は4.5:1以上（axe-core と、表の各欄と図の検査）",
    ),
    (
        "1.4.4",
        "テキストのサイズ変更",
        "AA",
        Holds,
        "幅320px相当（400%）まで本文が横に動かない（ブラウザの検査）",
    ),
    ("1.4.5", "文字画像", "AA", Holds, "文字の画像がない"),
    (
        "2.1.1",
        "キーボード",
        "A",
        Holds,
        "検索から取込、取消しまでをキーボードだけで通す（ブラウザの検査）。横に動く表も矢印キーで動く",
    ),
    ("2.1.2", "キーボードトラップなし", "A", Holds, "焦点を閉じ込める部品がない"),
    (
        "2.2.1",
        "タイミング調整可能",
        "A",
        Holds,
        "サインインの期限が切れても、入力した内容はサインイン後に戻る",
    ),
    ("2.2.2", "一時停止、停止及び非表示", "A", Nothing, "動くものと自動の更新がない"),
    ("2.3.1", "3回の閃光、又は閾値以下", "A", Holds, "光るものがない"),
    ("2.4.1", "ブロックスキップ", "A", Holds, "はじめに「本文へ」がある"),
    ("2.4.2", "ページタイトル", "A", Holds, "すべてのページに、何のページかを示す題がある（検査）"),
    ("2.4.3", "フォーカス順序", "A", Holds, "読む順と同じ"),
    ("2.4.4", "リンクの目的（コンテキスト内）", "A", Holds, "リンクの文字か、その行の見出しで行き先が分かる"),
    ("2.4.5", "複数の手段", "AA", Holds, "検索、地図、一覧、パンくずのどれからも行ける"),
    ("2.4.6", "見出し及びラベル", "AA", Holds, "すべての区画に見出し、すべての入力欄に名前がある"),
    ("2.4.7", "フォーカスの可視化", "AA", Holds, "黒い枠と黄色の縁（デジタル庁デザインシステムと同じ）"),
    ("3.1.1", "ページの言語", "A", Holds, "html の lang（検査）"),
    (
        "3.1.2",
        "一部分の言語",
        "AA",
        Holds,
        "英語の画面に残る日本語の名前や説明には、lang を付ける（ブラウザの検査）。担当者のページは日本語だけ",
    ),
    ("3.2.1", "フォーカス時", "A", Holds, "焦点が移るだけで動くものがない"),
    ("3.2.2", "入力時", "A", Holds, "選ぶだけで送られる欄がない。必ずボタンがある"),
    ("3.2.3", "一貫したナビゲーション", "AA", Holds, "どのページも同じ並び"),
    ("3.2.4", "一貫した識別性", "AA", Holds, "同じ働きには同じ言葉を使う"),
    ("3.3.1", "エラーの特定", "A", Holds, "何行目・どの欄・何が受け付けられないかを文字で示す（検査）"),
    ("3.3.2", "ラベル又は説明", "A", Holds, "すべての入力欄に名前、必要なところに書き方の例がある"),
    ("3.3.3", "エラー修正の提案", "AA", Holds, "使える値と、近い値を示す（検査）"),
    (
        "3.3.4",
        "エラー回避（法的、金融及びデータ）",
        "AA",
        Holds,
        "取込は反映の前に変わる内容を確かめ、反映した後でも元に戻せる（検査）",
    ),
    ("4.1.1", "構文解析", "A", Holds, "html-validate で誤り0"),
    ("4.1.2", "名前、役割及び値", "A", Holds, "HTML の標準の部品だけを使う（axe-core）"),
];

/// What WCAG 2.2 adds to it at levels A and AA, of which JIS X 8341-3 does not speak yet.
const ADDED: &[Row] = &[
    (
        "2.4.11",
        "隠されないフォーカス（最低限）",
        "AA",
        Holds,
        "表の固定した見出しの下に焦点が隠れないよう、上に間を取る",
    ),
    ("2.5.7", "ドラッグ動作", "AA", Holds, "引きずる操作がない"),
    (
        "2.5.8",
        "ターゲットのサイズ（最低限）",
        "AA",
        Holds,
        "24px以上。一覧表の小さな欄は、行と列の見出しから同じ先へ行ける",
    ),
    ("3.2.6", "一貫したヘルプ", "A", Holds, "説明のページへの入口は、どのページでも下の同じところにある"),
    ("3.3.7", "冗長な入力項目", "A", Holds, "一度答えた質問と入力は、次の画面に引き継ぐ"),
    (
        "3.3.8",
        "アクセシブルな認証（最低限）",
        "AA",
        Holds,
        "鍵は貼り付けられる。覚えることや問題を解くことを求めない",
    ),
];

#[get("/accessibility")]
pub(super) async fn accessibility(ctx: Ctx) -> Answer {
    let (visit, _) = Visit::begin::<NothingAsked>(&ctx).await?;
    if let Some(same) = visit.not_modified() {
        return Ok(same);
    }
    visit
        .show(move |visit| {
            let lang = visit.lang;
            let page = Page::new(visit, lang.say("アクセシビリティ", "Accessibility"))
                .below("/", lang.say("全国", "Nation"))
                .below("/about", lang.say("このサイトについて", "About"));
            page.write(&main(visit))
        })
        .await
}

fn main(visit: &Seen) -> Markup {
    let lang = visit.lang;
    html! {
        div class="head" {
            h1 { (lang.say("アクセシビリティ", "Accessibility")) }
            p class="lead" { (lang.say("このソフトウェアの画面は、JIS X 8341-3:2016 の適合レベル AA に配慮して作り、WCAG 2.2 で加わった基準も合わせて確かめています。", "These pages are made with level AA of JIS X 8341-3:2016 (WCAG 2.0) in mind, and with what WCAG 2.2 adds.")) }
            p class="asof" { (lang.say("ウェブアクセシビリティ基盤委員会の手順による試験は行っていないため、「準拠」とは表示していません。下の表は、開発のたびに自動で行う検査と、人が画面を見た結果です。", "No test by the procedure of the Japanese committee was made, so that no conformance is claimed. The tables tell what is checked with each change, and what people saw.")) }
        }
        section class="block" aria-labelledby="policy" {
            h2 id="policy" { (lang.say("方針", "Policy")) }
            ul class="plain" {
                li { (lang.say("対象は、このソフトウェアが作るすべてのページです。", "All pages of this program are covered.")) }
                li { (lang.say("すべての操作が、スクリプトなしで、キーボードだけでできます。", "Everything works without script and by keyboard alone.")) }
                li { (lang.say("図だけで伝えることをしません。どの図の横にも、同じ数の表・文・CSV があります。", "No picture says anything alone: the same numbers stand beside it in words, a table and CSV.")) }
                li { (lang.say("未回答・未対応・対象外は、色だけでなく文字で見分けられます。", "What nobody answered, what is not offered and what is not performed differ in words, not in colour alone.")) }
                li { (lang.say("強制カラー（ハイコントラスト）、動きを減らす設定、400%の拡大、印刷で使えます。", "Forced colours, reduced motion, 400 % zoom and print are supported.")) }
            }
        }
        (table(visit, "jis", lang.say("JIS X 8341-3:2016 レベル A・AA（38項目）", "JIS X 8341-3:2016, levels A and AA (38)"), JIS))
        (table(visit, "added", lang.say("WCAG 2.2 で加わったレベル A・AA（6項目）", "Added by WCAG 2.2 at A and AA (6)"), ADDED))
    }
}

fn table(visit: &Seen, id: &str, name: &str, rows: &[Row]) -> Markup {
    let lang = visit.lang;
    let count = |result| rows.iter().filter(|row| row.3 == result).count();
    html! {
        section class="block" aria-labelledby=(id) {
            h2 id=(id) { (name) }
            p { (Holds.word(visit)) " " b { (count(Holds)) } (lang.say("、", ", ")) (Nothing.word(visit)) " " b { (count(Nothing)) } }
            (scroll(&format!("{name}{}", lang.say("（表）", " (table)")), &html! {
                table class="rows" {
                    thead { tr {
                        th scope="col" { (lang.say("番号", "Number")) }
                        th scope="col" { (lang.say("達成基準", "Criterion")) }
                        th scope="col" { (lang.say("レベル", "Level")) }
                        th scope="col" { (lang.say("結果", "Outcome")) }
                        th scope="col" { (lang.say("どう確かめたか", "How it was tried")) }
                    } }
                    tbody { @for (number, name, level, result, how) in rows { tr {
                        td class="num" { (number) }
                        th scope="row" lang="ja" { (name) }
                        td { (level) }
                        td { (result.word(visit)) }
                        td class="said small" lang="ja" { (how) }
                    } } }
                }
            }))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_criterion_has_its_row() {
        let count = |rows: &[Row], level: &str| rows.iter().filter(|row| row.2 == level).count();
        assert_eq!((count(JIS, "A"), count(JIS, "AA")), (25, 13));
        assert_eq!((count(ADDED, "A"), count(ADDED, "AA")), (2, 4));
        let mut numbers: Vec<&str> = JIS.iter().chain(ADDED).map(|row| row.0).collect();
        numbers.sort_unstable();
        numbers.dedup();
        assert_eq!(numbers.len(), 44);
    }
}
