/** Names that well-known people bear, in scripts and shapes that rules made for one language refuse. */
export const NAMES = [
  "Martin Luther King Jr.",
  "J. R. R. Tolkien",
  "Robert Downey, Jr.",
  "X Æ A-12",
  "Gal·la Plana",
  "レオナルド・ダ・ヴィンチ",
  "列奥纳多·达·芬奇",
  "谷辣斯\u2027尤達卡",
  "ए. पी. जे. अब्दुल कलाम",
  "أم كلثوم",
  "Sinéad O’Connor",
  "รัชกาลที่ ๙",
] as const;

/** Texts that are nobody's name, by what is wrong with them; nothing is to be trimmed from them. */
export const REFUSED_NAMES = [
  ["full stops only", "..."],
  ["digits only", "123"],
  ["digits of another script only", "\u0661\u0662\u0663"],
  ["a less-than sign", "a<b"],
  ["an at sign", "x@y"],
  ["a middle dot only", "·"],
  ["katakana middle dots only", "\u30FB\uFF65\u30FB"],
  ["separators of every kind only", "-.,'’ ·\u2027"],
  ["a Hangul filler only", "\u3164"],
  ["Hangul Jamo fillers only", "\u115F\u1160"],
  ["a half-width Hangul filler only", "\uFFA0"],
  ["blank hieroglyphs only", "\u{13441}\u{13442}"],
  ["a filler with a mark, a digit and a full stop", "\u3164\u0301 1."],
  ["a bullet", "Ada\u2022Lovelace"],
  ["a dot operator", "Ada\u22C5Lovelace"],
] as const;
