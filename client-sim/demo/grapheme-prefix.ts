// Whether a shortened text was cut where a reader would cut it (SPEC.md section 9).

const graphemes = new Intl.Segmenter('und', { granularity: 'grapheme' });
/** Text looked at beyond the cut, in UTF-16 units: more than the longest grapheme that anybody writes. */
const LOOK_AHEAD = 256;

/** Whether `prefix` is shorter than the text and ends at a grapheme border of it. */
export function isGraphemePrefix(prefix: string, text: string): boolean {
  const whole = text.toWellFormed();
  if (prefix.length >= whole.length || !whole.startsWith(prefix)) return false;
  // One grapheme more than the prefix has, looked at in the whole text: a border must stand where the prefix ends.
  let end = 0;
  for (const { segment, index } of graphemes.segment(whole.slice(0, prefix.length + LOOK_AHEAD))) {
    if (index >= prefix.length) break;
    end = index + segment.length;
  }
  return end === prefix.length;
}
