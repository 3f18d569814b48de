//! Radicals that stand for the ideographs they look like: text copied out of a PDF has ⻑久⼿市 where
//! 長久手市 is meant.

use unicode_normalization::UnicodeNormalization;

/// Whether a character is a radical of the blocks CJK Radicals Supplement or Kangxi Radicals.
pub fn is_radical(c: char) -> bool {
    matches!(c, '\u{2E80}'..='\u{2EF3}' | '\u{2F00}'..='\u{2FD5}')
}

/// The ideograph a radical stands for, by the Unicode property Equivalent_Unified_Ideograph; any other
/// character as it is.
pub fn ideograph(c: char) -> char {
    if !is_radical(c) {
        return c;
    }
    if let Some((_, found)) = JAPANESE.iter().find(|(radical, _)| *radical == c) {
        return *found;
    }
    let pair = |line: &&str| line.chars().skip_while(|other| *other != c).nth(1);
    if let Some(found) = SUPPLEMENT.iter().find_map(pair) {
        return found;
    }
    // The radicals of Kangxi have compatibility mappings to the same ideographs.
    std::iter::once(c).nfkc().next().unwrap_or(c)
}

/// Where the ideograph of the property is an old form that a Japanese font shows the radical of the new
/// one for: who copies 神⼾市 has 神戸市 before the eyes, not 神戶市.
const JAPANESE: &[(char, char)] =
    &[('\u{2F3E}', '戸'), ('\u{2FAD}', '青'), ('\u{2FC8}', '黄'), ('\u{2FCA}', '黒')];

/// The radicals of the supplement that have an ideograph, each with it; they have no other mapping.
const SUPPLEMENT: &[&str] = &[
    "⺁厂⺂乛⺃乚⺄乙⺅亻⺆冂⺈刀⺉刂⺊卜⺋㔾⺌小⺍小⺎兀⺏尣⺐尢⺒巳⺓幺⺔彑⺖忄⺗㣺",
    "⺘扌⺙攵⺛旡⺜日⺝月⺞歺⺟母⺠民⺡氵⺢氺⺣灬⺤爫⺥爫⺦丬⺨犭⺩王⺬示⺭礻⺰纟⺱罓",
    "⺲罒⺶羊⺹耂⺺肀⺻聿⺼肉⺾艹⺿艹⻀艹⻁虎⻂衤⻃覀⻄西⻅见⻆角⻈讠⻉贝⻋车⻌辶⻍辶",
    "⻎辶⻏邑⻐钅⻑長⻒镸⻓长⻔门⻖阝⻗雨⻘青⻙韦⻚页⻛风⻜飞⻝食⻟飠⻠饣⻢马⻣骨⻤鬼",
    "⻥鱼⻦鸟⻧卤⻨麦⻩黄⻪黾⻫斉⻬齐⻭歯⻮齿⻯竜⻰龙⻱龜⻲亀⻳龟",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_order_and_leads_to_ideographs() {
        let pairs: Vec<char> = SUPPLEMENT.iter().flat_map(|line| line.chars()).collect();
        assert!(pairs.chunks(2).is_sorted_by(|a, b| a[0] < b[0]));
        assert!(pairs.chunks(2).all(|pair| is_radical(pair[0]) && !is_radical(pair[1])));
        for c in ('\u{2E80}'..='\u{2FD5}').filter(|c| is_radical(*c)) {
            let found = ideograph(c);
            let left = found == c && ('\u{2E80}'..='\u{2EF3}').contains(&c);
            let unified = matches!(found, '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}');
            assert!(left || unified, "U+{:04X} {found}", u32::from(c));
        }
    }

    #[test]
    fn words_of_a_pdf_are_the_words_they_show() {
        for (copied, meant) in [
            ("⻑久⼿市", "長久手市"),
            ("神⼾市", "神戸市"),
            ("⻄⽅⻘⿊", "西方青黒"),
            ("⼀部⽇⽉⺠⺟⻝⻲⻯", "一部日月民母食亀竜"),
        ] {
            assert_eq!(copied.chars().map(ideograph).collect::<String>(), meant);
        }
        assert_eq!(ideograph('長'), '長');
        assert_eq!(ideograph('a'), 'a');
    }
}
