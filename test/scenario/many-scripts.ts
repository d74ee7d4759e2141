// A thousand messages in many scripts, the same at every run: emoji, right-to-left text, texts of 10 kB, empty ones.

const PHRASES = [
  'Dinner is ready',
  'Das Essen ist fertig, kommt bitte',
  'ужин готов, приходите',
  '晚饭好了，快来吃',
  '夕食ができました',
  '저녁 준비됐어요',
  'العشاء جاهز، تعالوا',
  'ארוחת הערב מוכנה',
  'खाना तैयार है',
  'อาหารเย็นพร้อมแล้ว',
  'βραδινό είναι έτοιμο',
  'ಊಟ ಸಿದ್ಧವಾಗಿದೆ',
  'Bữa tối đã sẵn sàng',
  '👩‍👩‍👧‍👦 🏳️‍🌈 👍🏽 🇨🇭 🧑🏿‍🚀',
  'e\u0301a\u0308\u0323 Z͑ͫ̓a̴l͜g̡o',
  '\u202Eright-to-left override\u202C and \u2066isolate\u2069',
  'line one\nline two\ttab \\ "quotes" <b>tags</b> \u0000 nul',
  'private use \ue000, a flag of tags 🏴󠁧󠁢󠁳󠁣󠁴󠁿, a skin tone alone 🏽',
] as const;

const LONG_BYTES = 10_000;
const EMPTY_EVERY = 25;
const LONG_EVERY = 20;

/** The text of message number `index`. */
function textOf(index: number): string {
  if (index % EMPTY_EVERY === 7) return '';
  const phrase = `${PHRASES[index % PHRASES.length]} #${index} `;
  if (index % LONG_EVERY !== 3) return phrase;
  const copies = Math.ceil(LONG_BYTES / Buffer.byteLength(phrase));
  return phrase.repeat(copies);
}

/** The messages as JSON Lines: direct ones, to two people, and in a channel. */
export function messagesFile(count: number): string {
  const conversations = [
    'alice',
    { direct: ['alice', 'bob'] },
    { channel: 'kitchen', topic: 'dinner' },
  ] as const;
  const lines = Array.from({ length: count }, (_, index) =>
    JSON.stringify({
      sender: index % 2 === 0 ? 'carol' : 'dave',
      conversation: conversations[index % conversations.length],
      text: textOf(index),
    }),
  );
  return `${lines.join('\n')}\n`;
}
