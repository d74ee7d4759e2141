// How many steps of code a call takes, by V8's own counters: every function entered and every block run through is one.
// Unlike a time, it is the same on every machine.
import { type Profiler, Session } from 'node:inspector';

const COUNTED = ['/protocol/', '/node_modules/zod/'];

/** A counter that is on until it is closed. */
export interface StepCounter {
  /** Steps in the library and in the schemas' package while it runs. */
  count(run: () => void): number;
  close(): void;
}

export function openStepCounter(): StepCounter {
  const session = new Session();
  session.connect();
  session.post('Profiler.enable');
  session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  return {
    count(run) {
      take(session);
      run();
      return take(session);
    },
    close() {
      session.post('Profiler.stopPreciseCoverage');
      session.disconnect();
    },
  };
}

/** What was counted since it was last taken. */
function take(session: Session): number {
  let scripts: Profiler.ScriptCoverage[] = [];
  session.post('Profiler.takePreciseCoverage', (error, { result }) => {
    if (error !== null) throw error;
    scripts = result;
  });
  let steps = 0;
  for (const { url, functions } of scripts) {
    if (!COUNTED.some((part) => url.includes(part))) continue;
    for (const { ranges } of functions) for (const range of ranges) steps += range.count;
  }
  return steps;
}
