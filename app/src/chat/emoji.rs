//! A small set of emoji to react with. The device draws them, and its screen reader knows their names.

/// Offered at once.
pub const QUICK: [&str; 6] = ["👍", "❤️", "😂", "🎉", "😮", "😢"];

/// Offered on asking. Any other can be typed.
pub const MORE: [&str; 48] = [
    "👍", "👎", "👏", "🙌", "🙏", "💪", "👋", "🤝", "👌", "✌️", "🤞", "🫶", "❤️", "🧡", "💛", "💚", "💙", "💜", "😀",
    "😄", "😂", "🤣", "😊", "😍", "😉", "😎", "🤔", "🤨", "😐", "🙄", "😮", "😳", "😢", "😭", "😡", "😴", "🎉", "🎂",
    "🔥", "⭐", "✨", "💯", "✅", "❌", "❓", "👀", "🚀", "☕",
];
