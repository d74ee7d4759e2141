// Which texts of a run are searched for in what others saw: some that chance would not bring about.
import type { PlannedMessage } from './messages-file.ts';

const SAMPLES_MAX = 10;
const CHARACTERS_MIN = 16;
const CHARACTERS_MAX = 200;
/** A text of fewer different characters could stand in somebody's padding. */
const DIFFERENT_CHARACTERS_MIN = 8;

/** At most ten texts, spread over the run. */
export function sampleTexts(messages: readonly PlannedMessage[]): readonly string[] {
  const telling = [...new Set(messages.map(({ text }) => text))].filter(isTelling);
  const step = Math.max(1, Math.floor(telling.length / SAMPLES_MAX));
  return telling.filter((_, index) => index % step === 0).slice(0, SAMPLES_MAX);
}

function isTelling(text: string): boolean {
  const enough = text.length >= CHARACTERS_MIN && text.length <= CHARACTERS_MAX;
  return enough && new Set(text).size >= DIFFERENT_CHARACTERS_MIN;
}
