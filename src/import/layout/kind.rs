//! Which shapes of files there are.

use crate::domain::codes::codes;

codes! {
    /// A shape of files.
    Layout, "レイアウト", "layout" {
        Long = "long", "縦長（1行に団体・手続・接点）", "one row per body, procedure and channel", "1行に1つの団体・手続・接点を書く";
        Form = "form", "団体別の様式（行が手続、列が接点）", "one municipality: rows are procedures, columns are channels", "1つの団体の表。行が手続、列が接点";
        WideMunicipalities = "wide-municipalities", "横長（行が団体、列が手続）", "rows are bodies, columns are procedures, cells are marks of one channel", "行が団体、列が手続、セルは1つの接点の印";
        WideProcedures = "wide-procedures", "横長（行が手続、列が団体）", "rows are procedures, columns are bodies, cells are marks of one channel", "行が手続、列が団体、セルは1つの接点の印";
        DigitalAgency202601 = "digital-agency-2026-01", "デジタル庁 オンライン化状況一覧（2026年1月公表）", "the Digital Agency's list of 2026-01, workbook or CSV";
        Dashboard202407 = "digital-agency-dashboard-2024-07", "デジタル庁 自治体DXダッシュボード（2024年7月公表）", "the two files of the Digital Agency's dashboard of 2024-07: published figures";
        MicOnlineUse = "mic-online-use", "総務省 オンライン利用状況（自治体DX・情報化推進概要 個別資料（６））", "the ministry's survey of online use: a block of columns for each procedure, states and counts";
        Adopters = "adopters", "導入団体の一覧（載っている団体だけ）", "a list of only those who have something: one level, one channel, a set of procedures, as the sender says", "載っている団体だけに、送る人の言う段階・接点・手続を記録し、載っていない団体には何も記録しない";
        OwnMaterial = "own-material", "団体の資料（確認ポイント、取組計画、背景の指標、体験調査、計画の工程、処理時間）", "a town's own material: answers to points to check, lines of an action plan, indicators, walkthroughs, steps of plans, minutes", "団体の資料の表。見出しは様式のもの";
        Usage = "usage", "利用実績（手続総件数とうちオンライン数）", "applications per procedure and fiscal year";
    }
}
