/** Short names of the emoji that teams use most; others are shown by name. */

const SIGNS = {
  "+1": "👍",
  thumbsup: "👍",
  "-1": "👎",
  thumbsdown: "👎",
  white_check_mark: "✅",
  heavy_check_mark: "✔️",
  x: "❌",
  eyes: "👀",
  tada: "🎉",
  heart: "❤️",
  fire: "🔥",
  rocket: "🚀",
  wave: "👋",
  pray: "🙏",
  clap: "👏",
  raised_hands: "🙌",
  muscle: "💪",
  thinking_face: "🤔",
  smile: "😄",
  grinning: "😀",
  slightly_smiling_face: "🙂",
  joy: "😂",
  sob: "😭",
  sweat_smile: "😅",
  wink: "😉",
  sunglasses: "😎",
  cry: "😢",
  confused: "😕",
  bulb: "💡",
  warning: "⚠️",
  rotating_light: "🚨",
  no_entry: "⛔",
  question: "❓",
  exclamation: "❗",
  information_source: "ℹ️",
  mag: "🔍",
  books: "📚",
  book: "📖",
  memo: "📝",
  pencil2: "✏️",
  link: "🔗",
  bookmark: "🔖",
  calendar: "📅",
  palm_tree: "🌴",
  face_with_thermometer: "🤒",
  baby: "👶",
  house_with_garden: "🏡",
  bus: "🚌",
  speech_balloon: "💬",
  spiral_calendar_pad: "🗓️",
  date: "📅",
  clock1: "🕐",
  alarm_clock: "⏰",
  hourglass_flowing_sand: "⏳",
  chart_with_upwards_trend: "📈",
  bar_chart: "📊",
  microscope: "🔬",
  test_tube: "🧪",
  robot_face: "🤖",
  brain: "🧠",
  gear: "⚙️",
  hammer_and_wrench: "🛠️",
  bug: "🐛",
  lock: "🔒",
  key: "🔑",
  package: "📦",
  file_folder: "📁",
  speech_balloon: "💬",
  bell: "🔔",
  mega: "📣",
  star: "⭐",
  sparkles: "✨",
  zap: "⚡",
  sunny: "☀️",
  coffee: "☕",
  seedling: "🌱",
  bird: "🐦",
  owl: "🦉",
  point_right: "👉",
  point_down: "👇",
  point_up: "☝️",
  ok_hand: "👌",
  100: "💯",
  arrow_right: "➡️",
  arrow_up: "⬆️",
  arrow_down: "⬇️",
  red_circle: "🔴",
  large_green_circle: "🟢",
  large_yellow_circle: "🟡",
  large_blue_circle: "🔵",
  white_circle: "⚪",
};

/** What the reaction picker offers. */
export const OFFERED = [
  "+1",
  "-1",
  "eyes",
  "white_check_mark",
  "tada",
  "heart",
  "joy",
  "pray",
  "fire",
  "rocket",
  "thinking_face",
  "bulb",
];

/** The emoji's character, or `:name:` where it is not known. */
export function emoji(name, unicode) {
  if (unicode && /^[0-9a-f]{2,6}(-[0-9a-f]{2,6})*$/i.test(unicode)) {
    const points = unicode.split("-").map((each) => parseInt(each, 16));
    if (points.every((each) => each <= 0x10ffff)) return String.fromCodePoint(...points);
  }
  return Object.hasOwn(SIGNS, name) ? SIGNS[name] : `:${name}:`;
}

/** Names that begin with this. */
export function emojiNamed(beginning) {
  return Object.keys(SIGNS).filter((name) => name.startsWith(beginning));
}

/** Text with the known `:names:` replaced. */
export function withEmoji(text) {
  return text.replace(/:([a-z0-9_+-]+):/g, (whole, name) =>
    Object.hasOwn(SIGNS, name) ? SIGNS[name] : whole,
  );
}
